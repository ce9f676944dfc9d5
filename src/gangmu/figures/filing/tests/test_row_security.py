"""Whose a fact is when its organisation moved, as SELECT of the web role."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from gangmu.figures.filing.models import Batch, Fact, Scenario
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import close, create, move
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def world(db, tmp_path):
    with clock.frozen("2026-11-20T07:30"):
        yield make_world(tmp_path)


def file(organisation: Organisation, grain: str, *days: str) -> None:
    rules = {"over_time": "sum", "over_organisations": "sum", "grain": grain}
    indicator = Indicator.objects.create(code=f"of_{grain}", name_zh=grain, name_en=grain, **rules)
    batch, _made = Batch.objects.get_or_create(kind="import", key="facts", defaults={"recorded_at": NOW})
    for day in days:
        cell = {"organisation": organisation, "period": day, "indicator": indicator}
        Fact.objects.create(**cell, batch=batch, scenario=Scenario.objects.get(code="actual"), value=1, state=5)


def seen(user: User) -> list[str]:
    with acting_as(user):
        return [str(day) for day in Fact.objects.order_by("period").values_list("period", flat=True)]


@pytest.mark.req("M-5.8.1.3")
def test_a_fact_of_a_month_is_of_whoever_had_the_plant_on_its_last_day(world):
    """P3 leaves R2 for R1 in the middle of August: the whole month is R1's, of the days each branch has its own."""
    plant = Organisation.objects.get(code="P3")
    move(plant, Organisation.objects.get(code="R1"), date.fromisoformat("2026-08-15"))
    file(plant, "month", "2026-07-01", "2026-08-01", "2026-09-01")
    assert seen(world.present) == ["2026-07-01"]
    assert seen(world.former) == ["2026-07-01", "2026-08-01", "2026-09-01"]  # R1 has it now, with all its history
    file(plant, "day", "2026-08-14", "2026-08-15")
    assert seen(world.present) == ["2026-07-01", "2026-08-14"]


@pytest.mark.req("M-5.8.1.3")
def test_of_a_month_in_which_it_left_the_tree_its_last_day_there_counts(world):
    """The unit stands under P2 until 10 June, nowhere for a while, and under P3 from July: June was R1's."""
    plant = Organisation.objects.get(code="P2")
    unit = create(code="X", kind="unit", name_en="X", parent=plant, from_date=date.fromisoformat("2026-01-01"))
    close(unit, date.fromisoformat("2026-06-10"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parties_placement (child_id, parent_id, valid) VALUES (%s, %s, '[2026-07-05,)')",
            [unit.pk, Organisation.objects.get(code="P3").pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    file(unit, "month", "2026-05-01", "2026-06-01", "2026-07-01")
    assert seen(make_user("of-r1", "R1")) == ["2026-05-01", "2026-06-01"]
    assert seen(world.other) == ["2026-05-01", "2026-06-01"]
    assert len(seen(world.present)) == 3


def test_the_day_of_a_fact_is_told_of_ones_own_alone(world):
    unit = Organisation.objects.get(code="P1U1")
    file(unit, "month", "2026-05-01")
    for user, told in ((world.former, True), (world.other, False)):
        with acting_as(user), connection.cursor() as cursor:
            cursor.execute(
                "SELECT filing_day(id, %s, '2026-05-01') IS NOT NULL FROM indicators_indicator WHERE code = 'of_month'",
                [unit.pk],
            )
            assert bool((cursor.fetchone() or (None,))[0]) == told
