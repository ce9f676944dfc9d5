"""Figures of years in arrays: as fast as the table takes them, and checked as the lines of a file are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import InternalError, connection, transaction
from django.utils import translation

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.check import check
from gangmu.figures.filing import bulk, importing
from gangmu.figures.filing.bulk import BlocksRefused, begin_first_load, first_load, record_blocks
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Batch, Fact, Mark
from gangmu.figures.filing.staging import decimal_text
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock
from gangmu.shell.testing.plugin import LEASE
from gangmu.shell.testing.worlds import ORGANISATIONS

FIRST = date(2026, 1, 1)
UNITS = ("P1U1", "P1U2", "P2U1", "P3U1")


@dataclass(frozen=True)
class Figures:
    """A block of figures."""

    indicator: str
    organisations: Sequence[str]
    first: date
    values: np.ndarray
    present: np.ndarray

    @property
    def out(self) -> np.ndarray:
        """Out of service is what says 0."""
        return self.present & (self.values == 0)


def figures(indicator: str = "gen", organisations: Sequence[str] = UNITS, days: int = 20, **given: Any) -> Figures:
    """Figures that differ, some of them not filed."""
    values = np.arange(len(organisations) * days, dtype=np.int64).reshape(-1, days) * 7 - 105
    present = (np.arange(values.size).reshape(values.shape) % 5) != 3
    first = given.get("first", FIRST)
    return Figures(indicator, organisations, first, given.get("values", values), given.get("present", present))


def one(value: int, organisation: str = "P1U1", indicator: str = "gen", day: date = FIRST) -> Figures:
    return Figures(indicator, (organisation,), day, np.array([[value]]), np.array([[True]]))


def lines_of(*blocks: Figures) -> list[str]:
    """The same as lines of a file."""
    lines = []
    for block in blocks:
        precision = {"gen": 2, "coal": 0}.get(block.indicator, 0)
        for row, column in np.argwhere(block.present).tolist():
            day = block.first + timedelta(days=column)
            value = decimal_text(int(block.values[row, column]), precision)
            lines.append(f"{block.organisations[row]},{block.indicator},{day},actual,{value}")
    return lines


@pytest.fixture
def world(committed, tmp_path):
    """The world of two regions with two indicators by day, one by month, one that is computed; no facts."""
    path = tmp_path / "world.csv"
    path.write_text(ORGANISATIONS, "utf-8")
    with clock.frozen("2026-11-20T12:00+08:00"), translation.override("en"):
        load_organisations(path)
        rules = {"over_time": "sum", "over_organisations": "sum", "unit": "MWh"}
        for code, more in (
            ("gen", {"precision": 2}),
            ("coal", {"precision": 0}),
            ("staff", {"precision": 0, "grain": "month"}),
            ("double", {"precision": 2, "formula": "gen + gen"}),
        ):
            Indicator.objects.create(code=code, name_zh=code, name_en=code, **{"grain": "day", **rules, **more})
        yield committed


def load(folder: Path, *blocks: Figures) -> importing.LoadResult:
    path = folder / "facts.csv"
    path.write_text("\n".join(["organisation,indicator,period,scenario,value", *lines_of(*blocks)]) + "\n", "utf-8")
    return load_facts(path)


def standing() -> set[tuple]:
    facts = Fact.objects.filter(superseded_by=None)
    return set(facts.values_list("indicator_id", "scenario_id", "organisation_id", "period", "value", "state", "mark"))


def guards() -> list[tuple]:
    """All that keeps the table of facts: keys, constraints, triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'filing_fact'"
            " UNION ALL SELECT conname::text || pg_get_constraintdef(oid) FROM pg_constraint"
            "  WHERE conrelid = 'filing_fact'::regclass"
            " UNION ALL SELECT tgname::text || tgenabled::text FROM pg_trigger WHERE tgrelid = 'filing_fact'::regclass"
            " ORDER BY 1"
        )
        return cursor.fetchall()


@pytest.mark.req("M-7.2.3")
def test_a_first_load_leaves_what_a_file_leaves_and_every_key(world, tmp_path):
    """The same facts one way and the other; the cube agrees; the keys, constraints and triggers are those of before."""
    before, blocks = guards(), (figures(), figures("coal", UNITS[:2]))
    load(tmp_path, *blocks)
    by_file = {(*fact[:6], int(fact[4] == 0)) for fact in standing()}  # a file has no marks
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE filing_fact")
    sent: list[int] = []
    result = record_blocks(blocks, source="history of the old system", step=sent.append)
    assert (result.recorded, sum(sent)) == (len(by_file), len(by_file))
    assert standing() == by_file
    assert guards() == before
    batch = Batch.objects.get(pk=result.batch_id)
    assert (batch.source, batch.facts_count) == ("history of the old system", len(by_file))
    cube.rebuild()
    assert check() == []


def test_what_comes_later_is_compared_with_what_stands(world, tmp_path):
    record_blocks([figures(days=10)], source="a")
    cube.fold()
    again = record_blocks([figures(days=10)], source="b")
    assert (again.recorded, again.batch_id) == (0, None)
    longer = figures(days=10)
    both = record_blocks([longer, figures("coal", days=5), one(5, day=date(2026, 3, 1))], source="c")
    assert both.unchanged == int(longer.present.sum())
    assert Fact.objects.get(indicator__code="coal", value=0).mark == Mark.OUT_OF_SERVICE
    assert both.recorded == int(figures(days=5).present.sum()) + 1
    assert check() == []
    with pytest.raises(BlocksRefused, match=r"-1\.05"):
        record_blocks([one(7777), one(1, day=date(2026, 6, 7))], source="d")
    assert not Fact.objects.filter(period="2026-06-07").exists()


REFUSED = {
    "an organisation that nobody knows": ([one(1, "P9")], "P9"),
    "an indicator that nobody knows": ([one(1, indicator="wind")], "wind"),
    "an indicator that is computed": ([one(1, indicator="double")], "formula"),
    "an indicator by month": ([one(1, indicator="staff")], "staff"),
    "more than can be recorded": ([one(LARGEST_SCALED_VALUE + 1)], "larger"),
    "less than can be recorded": ([one(-LARGEST_SCALED_VALUE - 1)], "larger"),
    "before the organisation stood": ([one(1, day=date(2019, 12, 31))], "2019-12-31"),
    "a plant and its unit": ([one(1, "P1"), one(1, "P1U1")], "twice"),
    "a unit and its group": ([one(1, "P1U2"), one(1, "G")], "twice"),
    "a plant and the region that it has moved to": (
        [one(1, "P1", day=date(2026, 6, 1)), one(1, "R2", day=date(2026, 6, 1))],
        "twice",
    ),
    "the same cell, other values": ([one(1), one(2)], "twice"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_what_a_file_may_not_say_blocks_may_not(world, tmp_path, name, first):
    """One fault refuses all, into an empty table and into one with facts; the file's line is refused too."""
    blocks, words = REFUSED[name]
    if not first:
        record_blocks([one(1, "P3U1", "coal", date(2026, 2, 2))], source="before")
    before, kept = guards(), standing()
    with pytest.raises(BlocksRefused, match=words if first else None):
        record_blocks([figures("coal", UNITS[2:], 3), *blocks], source="wrong")
    assert (guards(), standing()) == (before, kept)
    assert not Batch.objects.filter(source="wrong").exists()
    assert load(tmp_path, *blocks).rejected == 1


def test_a_plant_and_a_region_that_it_does_not_belong_to_file_both(world):
    """P1 stands under R2 from June on: before, neither counts the other's figures."""
    record_blocks([one(1, "P1", day=date(2026, 5, 31)), one(1, "R2", day=date(2026, 5, 31))], source="a")
    assert len(standing()) == 2


def test_a_file_that_is_the_first_and_long_goes_without_keys_too(world, tmp_path, monkeypatch):
    begun: list[bool] = []
    monkeypatch.setattr(bulk, "begin_first_load", lambda: begun.append(begin_first_load()) or begun[-1])
    monkeypatch.setattr(importing, "first_load", lambda facts: first_load(facts, worth=10))
    before = guards()
    assert load(tmp_path, figures()).problems == []
    assert load(tmp_path, figures("coal")).problems == []
    assert begun == [True, False]  # the second time there are facts
    assert guards() == before
    cube.fold()
    assert check() == []


def test_nobody_commits_a_table_without_keys(world):
    before = guards()
    with pytest.raises(InternalError, match="begun and not ended"), transaction.atomic():
        assert begin_first_load()
    assert guards() == before


def test_what_facts_refer_to_must_exist_after_a_first_load_too(world):
    with pytest.raises(Exception, match="does not exist"), transaction.atomic():
        assert begin_first_load()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO filing_fact (indicator_id, scenario_id, organisation_id, period, batch_id, value, state)"
                " VALUES (9999, 1, 9999, '2026-01-01', 9999, 1, 5)"
            )
        bulk.end_first_load()


def test_a_snapshot_from_before_the_lock_begins_no_first_load(world):
    """It would not see facts that were committed meanwhile, and take the table for empty."""
    with psycopg.connect(**LEASE.dsn("system", world)) as system:
        system.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        system.execute("SELECT 1 FROM filing_batch")
        record_blocks([one(1)], source="meanwhile")
        assert system.execute("SELECT filing_begin_first_load()").fetchone() == (False,)


@pytest.mark.req("M-5.8.1.3")
def test_the_way_without_keys_gives_nobody_the_owners_rights(world):
    """It is the system role's; and what makes the keys again cannot be put there by it."""
    with psycopg.connect(**LEASE.dsn("web", world)) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("SELECT filing_begin_first_load()")
    with psycopg.connect(**LEASE.dsn("system", world)) as system:
        system.execute("CREATE TEMPORARY TABLE filing_key (name text, is_constraint boolean, statement text)")
        system.execute("INSERT INTO filing_key VALUES ('x', false, 'ALTER ROLE gangmu_system SUPERUSER')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no first load"):
            system.execute("SELECT filing_end_first_load()")
    with psycopg.connect(**LEASE.dsn("system", world)) as system:
        assert system.execute("SELECT filing_begin_first_load()").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            system.execute("UPDATE pg_temp.filing_key SET statement = 'ALTER ROLE gangmu_system SUPERUSER'")
