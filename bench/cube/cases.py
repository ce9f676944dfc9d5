"""The cases of the cube: the same question to the cube and to its rivals, in turn, after both gave the same."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from bench.cube import building, by_hand, duck, export, folding
from bench.cube.figures import (
    AGED,
    DERIVED,
    GREATEST,
    LEAST,
    MONTHS,
    PLANT,
    REGION,
    SUMMED,
    months,
    offset,
)
from bench.cube.postgres import PostgreSQL
from bench.cube.sums import Sums, half_up, same
from bench.measure import Result, compare
from bench.world import PLANTS, REGIONS
from gangmu.figures.cube.arrays import arrays
from gangmu.figures.cube.question import Question
from gangmu.foundation.access.scope import SYSTEM

TODAY, YEAR_AGO, NEW_YEAR = date(2025, 12, 30), date(2024, 12, 30), date(2025, 1, 1)
REGION_CODES = [f"R{number}" for number in range(REGIONS)]
PLANT_CODES = [f"P{number:03d}" for number in range(PLANTS)]
SHOWN = 31  # plants on the home page, beside the group and its regions: 40 organisations × 20 indicators
HOME = SUMMED[:16]
HOME_RATIOS = {  # over sums of HOME, by places
    "rate1": ([1], [0]),
    "rate2": ([3], [2]),
    "rate3": ([4, 5], [6, 7]),
    "share": ([5], [5, 6, 7]),
}
TEN = SUMMED[:10]
UNITS_OF_REGION = np.bincount(REGION, minlength=REGIONS)
UNITS_OF_PLANT = np.bincount(PLANT, minlength=PLANTS)
MONTH_DAYS = np.unique(months(), return_counts=True)[1]
PG_RUNS = 5


class Rival(Protocol):
    """Who is asked for sums by keys."""

    name: str

    def grouped(
        self, codes: Sequence[str], keys: Sequence[str], measures: Sequence[str], where: str = "true"
    ) -> np.ndarray: ...


@dataclass(frozen=True)
class Case:
    """One question to the cube, and the same one to a rival that knows SQL."""

    name: str
    ours: Callable[[], Sums]
    theirs: Callable[[Rival], Sums]
    goals: dict[str, str]
    note: str


def cases() -> Iterator[Result]:
    """All of them, on a cube, a PostgreSQL table and a DuckDB file of their own."""
    with tempfile.TemporaryDirectory(prefix="gangmu-duck-") as folder:
        building.prepare(Path(folder))
        building.build()
        path = Path(folder) / "rival.duckdb"
        duck.build(path)
        postgres = PostgreSQL()
        rivals: list[Rival] = [postgres, duck.Long(path), duck.Wide(path)]
        try:
            postgres.build()
            for case in CASES:
                yield from beside(case, rivals)
        finally:
            postgres.close()
        yield from export.cases()
        yield by_hand.case("derived-month", lambda: region_months(DERIVED))
        yield history_growth()
        yield folding.case(Path(folder))  # adds days after those that the others ask for


def beside(case: Case, rivals: Sequence[Rival]) -> Iterator[Result]:
    """The case against each rival."""
    for rival in rivals:
        same(case.ours(), case.theirs(rival), f"{case.name}, {rival.name}")
        runs = PG_RUNS if rival.name == PostgreSQL.name else 7
        goal = case.goals.get(rival.name, "—")
        theirs = partial(case.theirs, rival)
        yield compare(case.name, rival.name, case.ours, theirs, goal=goal, runs=runs, note=case.note, warm=True)


def history_growth() -> Result:
    """The last five of twenty years beside five years: the same figures."""
    old = lambda: region_months(AGED)  # noqa: E731
    same(old(), region_months(TEN), "history-growth")
    return compare(
        "history-growth",
        "five years",
        old,
        lambda: region_months(TEN),
        goal="≤ 1.3",
        runs=21,
        warm=True,
        note="region-month asked of the last five of twenty years; theirs: of a cube of five",
    )


# Ours -----------------------------------------------------------------------------------------------------------------


def asked(*questions: Question) -> Sums:
    """What the cube answers, through the gateway's checks: nothing is remembered from one question to the next."""
    found = arrays(questions, SYSTEM)
    return Sums(*(_periods([getattr(one, name) for one in found]) for name in ("scaled", "reported", "expected")))


def _periods(parts: list[np.ndarray]) -> np.ndarray:
    """The periods of several answers one after the other."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def home() -> Sums:
    codes = (*HOME, *HOME_RATIOS)
    places = ("G", *REGION_CODES, *PLANT_CODES[:SHOWN])
    found = asked(*(Question(codes, places, (TODAY.isoformat(),), compare=one) for one in ("year-ago", "to-date")))
    wanted = [0, 1, 3]  # the day stands in both answers
    return Sums(found.value[:, wanted], found.reported[:, wanted], found.expected[:, wanted])


def region_months(codes: Sequence[str]) -> Sums:
    return asked(Question(tuple(codes), ("G",), tuple(MONTHS), by="children"))


def plants_of_a_year() -> Sums:
    return asked(Question(tuple(TEN), tuple(PLANT_CODES), ("2025",)))


# Theirs ---------------------------------------------------------------------------------------------------------------


def home_by(rival: Rival) -> Sums:
    """By plant, region and period in one query; regions, the group and the ratios are a handful of additions."""
    conditions = (
        f"day = DATE '{TODAY}'",
        f"day = DATE '{YEAR_AGO}'",
        f"day BETWEEN DATE '{NEW_YEAR}' AND DATE '{TODAY}'",
    )
    measures = [f"{one} FILTER (WHERE {when})" for when in conditions for one in ("sum(value)", "count(*)")]
    measures = [f"coalesce({one}, 0)" for one in measures]
    table = rival.grouped(HOME, ("plant", "region"), measures, f"({conditions[2]} OR {conditions[1]})")
    value, reported = np.zeros((2, len(HOME), 3, PLANTS), np.int64)
    for period in range(3):
        value[table[:, 0], period, table[:, 1]] = table[:, 3 + 2 * period]
        reported[table[:, 0], period, table[:, 1]] = table[:, 4 + 2 * period]
    days = np.array([1, 1, (TODAY - NEW_YEAR).days + 1])
    expected = np.broadcast_to(days[:, None] * UNITS_OF_PLANT, value.shape)
    sums = Sums(*(_up_the_tree(one) for one in (value, reported, expected)))
    ratios = [_ratio(sums, tops, belows) for tops, belows in HOME_RATIOS.values()]
    return Sums(
        np.concatenate([sums.value, [one.value for one in ratios]]),
        np.concatenate([sums.reported, [one.reported for one in ratios]]),
        np.concatenate([sums.expected, [one.expected for one in ratios]]),
    )


def _up_the_tree(plants: np.ndarray) -> np.ndarray:
    """The group, its regions and the plants that are shown."""
    region = np.arange(PLANTS) % REGIONS
    regions = np.stack([plants[..., region == number].sum(axis=-1) for number in range(REGIONS)], axis=-1)
    return np.concatenate([plants.sum(axis=-1, keepdims=True), regions, plants[..., :SHOWN]], axis=-1)


def _ratio(sums: Sums, tops: list[int], belows: list[int]) -> Sums:
    """In per cent with two decimals; its coverage is that of the input covered least, the first of several."""
    shown = half_up(sums.value[tops].sum(axis=0) * 10_000, sums.value[belows].sum(axis=0))
    inputs = [*tops, *belows]
    return Sums(shown, sums.reported[inputs].min(axis=0), sums.expected[inputs[0]])


def region_months_by(rival: Rival, codes: Sequence[str] = TEN) -> Sums:
    value, reported = np.zeros((2, len(codes), len(MONTHS), REGIONS), np.int64)
    table = rival.grouped(codes, ("month", "region"), ("sum(value)", "count(*)"))
    at = table[:, 0], table[:, 1], table[:, 2]
    value[at], reported[at] = table[:, 3], table[:, 4]
    return Sums(value, reported, np.broadcast_to(MONTH_DAYS[:, None] * UNITS_OF_REGION, value.shape))


def extremes_by(rival: Rival) -> Sums:
    """Both in one query; the one that is not wanted of each is thrown away."""
    table = rival.grouped((LEAST, GREATEST), ("month", "region"), ("min(value)", "max(value)", "count(*)"))
    value, reported = np.zeros((2, 2, len(MONTHS), REGIONS), np.int64)
    at = table[:, 0], table[:, 1], table[:, 2]
    value[at], reported[at] = np.where(table[:, 0] == 0, table[:, 3], table[:, 4]), table[:, 5]
    return Sums(value, reported, np.broadcast_to(MONTH_DAYS[:, None] * UNITS_OF_REGION, value.shape))


def plants_by(rival: Rival) -> Sums:
    where = "day BETWEEN DATE '2025-01-01' AND DATE '2025-12-31'"
    table = rival.grouped(TEN, ("plant",), ("sum(value)", "count(*)"), where)
    value, reported = np.zeros((2, len(TEN), 1, PLANTS), np.int64)
    value[table[:, 0], 0, table[:, 1]], reported[table[:, 0], 0, table[:, 1]] = table[:, 2], table[:, 3]
    days = offset(date(2025, 12, 31)) - offset(date(2025, 1, 1)) + 1
    return Sums(value, reported, np.broadcast_to(days * UNITS_OF_PLANT, value.shape))


CASES = (
    Case(
        "home-page",
        home,
        home_by,
        {},
        "40 organisations × 20 indicators, four of them ratios, on a day, a year ago and to date; goal: 5 ms",
    ),
    Case(
        "region-month",
        lambda: region_months(TEN),
        region_months_by,
        {"PostgreSQL": "≤ 0.01", "DuckDB (wide)": "≤ 0.05"},
        "10 indicators × 8 regions × 60 months",
    ),
    Case("plant-ranking", plants_of_a_year, plants_by, {}, "10 indicators × 240 plants, a year"),
    Case(
        "min and max",
        lambda: region_months((LEAST, GREATEST)),
        extremes_by,
        {},
        "one indicator each × 8 regions × 60 months; goal: 20 ms",
    ),
)
