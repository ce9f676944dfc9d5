"""Figures asked by everybody: what each may know is computed here, cell by cell, and not by the product.

Every cell is a power of two, so that a total says which cells are in it. All cells have a day on either side of 1 June
2026, when plant P1 leaves region R1 for R2.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from django.utils import translation

from gangmu.figures.cube import services
from gangmu.figures.cube.gateway import CannotAnswer, Question, ask, explain
from gangmu.figures.cube.question import Row
from gangmu.figures.cube.visibility import Visibility
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.settings import clock
from matrix.people import EVERYBODY, PLACES, People, make_people

MOVED = date(2026, 6, 1)
TODAY = date(2026, 11, 20)
UNITS = {"P1U1": "P1", "P1U2": "P1", "P2U1": "P2", "P3U1": "P3"}
FUELS = {"P1": "coal", "P2": "wind", "P3": "hydro"}
CODES = ("G", "R1", "R2", "P1", "P2", "P3", *UNITS)
DAYS = [date(2025, 5, 31), date(2025, 6, 1), date(2026, 4, 30), date(2026, 5, 31), MOVED, date(2026, 11, 19)]
Cell = tuple[str, date]
CELLS: list[Cell] = list(product(UNITS, DAYS))

Span = tuple[date, date]  # first and last day
ASKED = {
    "2026-05": (date(2026, 5, 1), date(2026, 5, 31)),
    "2026-06": (date(2026, 6, 1), date(2026, 6, 30)),
    "2026": (date(2026, 1, 1), date(2026, 12, 31)),
}
BASES: dict[tuple[str, str], Span] = {
    ("2026-05", "previous"): (date(2026, 4, 1), date(2026, 4, 30)),
    ("2026-06", "previous"): (date(2026, 5, 1), date(2026, 5, 31)),
    ("2026", "previous"): (date(2025, 1, 1), date(2025, 12, 31)),
    ("2026-05", "year-ago"): (date(2025, 5, 1), date(2025, 5, 31)),
    ("2026-06", "year-ago"): (date(2025, 6, 1), date(2025, 6, 30)),
    ("2026", "year-ago"): (date(2025, 1, 1), date(2025, 12, 31)),
    ("2026-05", "to-date"): (date(2026, 1, 1), date(2026, 5, 31)),
    ("2026-06", "to-date"): (date(2026, 1, 1), date(2026, 6, 30)),
    ("2026", "to-date"): (date(2026, 1, 1), date(2026, 12, 31)),
}


def above(code: str, day: date) -> list[str]:
    """An organisation and those above it on a day."""
    region = {"P1": "R1" if day < MOVED else "R2", "P2": "R1", "P3": "R2"}
    line = [code]
    while line[-1] != "G":
        line.append(UNITS.get(line[-1]) or region.get(line[-1]) or "G")
    return line


@dataclass(frozen=True)
class Knows:
    """What somebody at a place may know."""

    place: str | None

    def present(self, code: str) -> bool:
        return self.place is not None and self.place in above(code, TODAY)

    def organisation(self, code: str) -> bool:
        """Now or once."""
        return self.present(code) or (self.place is not None and self.place in above(code, DAYS[0]))

    def cell(self, cell: Cell) -> bool:
        unit, day = cell
        return self.present(unit) or (self.place is not None and self.place in above(unit, day))

    def below(self, asked: str, span: Span, structure: str) -> set[Cell]:
        """The cells of a figure as the asker may know it."""
        if structure == "now" and not self.present(asked):
            return set()
        return {
            (unit, day)
            for unit, day in CELLS
            if span[0] <= day <= span[1]
            and asked in above(unit, TODAY if structure == "now" else day)
            and self.cell((unit, day))
        }


def cells(value: str | None) -> set[Cell]:
    number = int(value or 0)
    return {cell for place, cell in enumerate(CELLS) if number >> place & 1}


def group_of(by: str, asked: str, cell: Cell, structure: str) -> str:
    line = above(cell[0], TODAY if structure == "now" else cell[1])
    if by == "fuel":
        return next(FUELS[code] for code in line if code in FUELS)
    return line[line.index(asked) - 1]


@pytest.fixture
def people(committed: str, tmp_path: Path) -> Iterator[People]:
    with clock.frozen("2026-11-20T07:30"), translation.override("en"):
        people = make_people(tmp_path)
        rules = {"over_time": "sum", "over_organisations": "sum", "unit": "MWh"}
        Indicator.objects.create(code="gen", name_zh="电量", name_en="Energy", **rules)
        for day in DAYS:
            lines = [f"{unit},gen,{day},actual,{1 << CELLS.index((unit, day))}" for unit in UNITS]
            path = tmp_path / f"{day}.csv"
            path.write_text("\n".join(["organisation,indicator,period,scenario,value", *lines]) + "\n", "utf-8")
            assert not load_facts(path).problems
        services.fold()
        yield people


def faults(people: People, names: tuple[str, ...] = EVERYBODY) -> list[str]:
    """Figures that hold what the asker may not know, or lack what they may."""
    found = []
    for name in names:
        knows = Knows(PLACES.get(name))
        with acting_as(people.users[name]) as scope:
            for code, period, structure in product(CODES, ASKED, ("then", "now")):
                for by, compare in product((None, "children", "fuel"), (None, "previous", "year-ago", "to-date")):
                    asked = f"{name}: {code} {period} {structure} by {by} with {compare}"
                    question = Question(("gen",), (code,), (period,), by, compare, structure)
                    try:
                        rows = ask(question, scope).rows
                    except CannotAnswer:
                        found += [f"{asked}: refused"] if knows.organisation(code) else []
                        continue
                    if not knows.organisation(code):
                        found.append(f"{asked}: answered")
                        continue
                    found += [f"{asked}: {fault}" for fault in wrong(rows, knows, question)]
    return found


def wrong(rows: list[Row], knows: Knows, question: Question) -> Iterator[str]:
    [asked], [period], by, structure = question.organisations, question.periods, question.by, question.structure
    spans: list[tuple[Span, Callable[[Row], str | None]]] = [(ASKED[period], lambda row: row.value)]
    if question.compare:
        base = BASES[period, question.compare]
        spans.append((base, lambda row: row.compare.value if row.compare else None))
    for span, value in spans:
        whole = knows.below(asked, span, structure)
        for row in rows:
            told = cells(value(row))
            should = {one for one in whole if not by or _grouped(by, asked, one, structure) == row.group}
            if told != should:
                yield f"{row.group} tells {sorted(told ^ should)}"
        missed = {_grouped(by, asked, one, structure) for one in whole} - {row.group for row in rows} if by else set()
        if missed - {None} and span == ASKED[period]:
            yield f"has no row for {missed}"
    for row in rows:
        if row.reported != len(cells(row.value)):
            yield f"{row.group} counts {row.reported}"
        if by == "children" and row.group and not knows.organisation(row.group):
            yield f"names {row.group}"


def _grouped(by: str, asked: str, cell: Cell, structure: str) -> str | None:
    """The group of a cell; of a unit asked for by children there is none."""
    return None if by == "children" and cell[0] == asked else group_of(by, asked, cell, structure)


@contextmanager
def everything_visible(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(Visibility, "windows", lambda self, organisation: None)
        yield


@contextmanager
def own_days_forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was once in the scope is taken for what is in it."""
    windows = Visibility.windows
    with monkeypatch.context() as patched:
        patched.setattr(Visibility, "windows", lambda self, one: None if windows(self, one) else windows(self, one))
        yield


@pytest.mark.req("M-5.8.1.3")
def test_everybody_is_told_the_figures_that_they_may_know_and_no_others(people, monkeypatch):
    assert faults(people) == []
    for leak, name in ((everything_visible, "other"), (everything_visible, "nobody"), (own_days_forgotten, "former")):
        with leak(monkeypatch):
            assert faults(people, (name,)), (leak.__name__, name)


NAMES = {
    "G": "Example Group",
    "R1": "East Company",
    "R2": "West Company",
    "P1": "Plant Alpha",
    "P2": "Plant Beta",
    "P3": "Plant Gamma",
    "P1U1": "Alpha 1",
    "P1U2": "Alpha 2",
    "P2U1": "Beta 1",
    "P3U1": "Gamma 1",
}


def faults_of_explanations(people: People, names: tuple[str, ...] = EVERYBODY) -> list[str]:
    """Explanations that name what the asker does not know, or count other batches than those of their cells."""
    found = []
    for name in names:
        knows = Knows(PLACES.get(name))
        known = [code for code in CODES if knows.organisation(code)]
        with acting_as(people.users[name]) as scope:
            for code, period, structure in product(known, ASKED, ("then", "now")):
                [row] = explain(Question(("gen",), (code,), (period,), structure=structure), scope)["rows"]
                asked = f"{name}: {code} {period} {structure}"
                text = json.dumps(row, ensure_ascii=False, default=str)
                told = {one for one in CODES if re.search(rf"\b{one}\b", text) or NAMES[one] in text}
                found += [f"{asked} names {one}" for one in told - set(known)]
                days = {day for _unit, day in knows.below(code, ASKED[period], structure)}
                if row["sources"]["batches_count"] != len(days):
                    found.append(f"{asked}: {row['sources']['batches_count']} batches of {len(days)}")
    return found


@pytest.mark.req("M-5.8.1.3")
def test_an_explanation_tells_of_nothing_that_the_asker_does_not_know(people, monkeypatch):
    assert faults_of_explanations(people) == []
    with own_days_forgotten(monkeypatch):
        assert faults_of_explanations(people, ("former",))
