"""What figures say against a change: approved ones, ones that would count twice, ones that would be nobody's."""

from datetime import date

import pytest
from django.db import connection, transaction

from gangmu.figures.filing.consistency import findings
from gangmu.figures.filing.models import Fact
from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties import changes, services
from gangmu.foundation.parties.changes import structure
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import New
from gangmu.shell.testing.worlds import make_user

DAY = date(2026, 11, 10)


def one(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


@pytest.fixture
def filed(world):
    """Locked figures on either side of `DAY` at units of P1 (in R2) and P2 (in R1), and a month of P2 itself."""
    world(
        "P1U1,gen,2026-11-01,actual,1", "P1U1,gen,2026-11-12,actual,2", "P1U1,aux,2026-11-13,actual,3",
        "P2U1,gen,2026-11-12,actual,4", "P2U1,gen,2026-11-19,actual,5", "P2,staff,2026-10,actual,7",
    )  # fmt: skip
    return world


def objections(planner: changes.Planner) -> list[tuple[str, bool]]:
    _plan, spoken = changes.preview(planner)
    return [(each.key, each.final) for each in spoken]


def moving(code: str, to: str, day: date = DAY) -> changes.Planner:
    return lambda world: structure.move(world, one(code).pk, one(to).pk, day)


def test_a_day_before_approved_figures_must_be_said_to_be_known(filed):
    with pytest.raises(services.Objected, match="2 figures of 1 organisation from 2026-11-10 on") as refused:
        services.move(one("P1"), one("R1"), DAY)
    assert [each.key for each in refused.value.objections] == ["approved"]
    assert services.move(one("P1"), one("R1"), DAY, although={"approved"})


def test_a_day_after_the_last_approved_figure_needs_nothing(filed):
    assert objections(moving("P1", "R1", date(2026, 11, 14))) == []
    assert objections(moving("P1", "R1", date(2027, 1, 1))) == []
    assert objections(moving("P2", "R2", date(2026, 11, 1))) == [("approved", False)]
    assert objections(moving("P2", "R2", date(2026, 11, 20))) == []


def test_figures_that_are_only_filed_have_not_been_approved(filed):
    Fact.objects.filter(organisation=one("P1U1")).update(state=1)
    assert objections(moving("P1", "R1")) == []


def test_a_parameter_is_part_of_approved_figures_too(filed):
    unit = one("P2U1").pk
    planner = lambda world: structure.parameters(world, [(unit, "capacity_mw", "60", DAY)])  # noqa: E731
    assert objections(planner) == [("approved", False)]
    above = one("P2").pk  # a fuel is inherited by what stands below
    planner = lambda world: structure.parameters(world, [(above, "fuel", "gas", DAY)])  # noqa: E731
    assert objections(planner) == [("approved", False)]
    planner = lambda world: structure.rename(world, unit, "二号")  # noqa: E731
    assert objections(planner) == []


def test_what_would_count_twice_is_refused_whatever_is_said(filed):
    filed("R2,gen,2026-11-12,plan,9", "P2U1,gen,2026-11-12,plan,8")
    with pytest.raises(services.Objected, match="P2U1 and R2 above it have both filed gen, from 2026-11-12") as refused:
        services.move(one("P2"), one("R2"), DAY, although=changes.EVERYTHING)
    assert refused.value.objections[0].final
    assert services.move(one("P2"), one("R2"), date(2026, 11, 13), although=changes.EVERYTHING)
    assert findings() == []


def test_what_stood_below_it_already_does_not_count_anew(filed):
    filed("R2,gen,2026-11-12,plan,9")
    assert objections(moving("P1U1", "P3", date(2026, 11, 14))) == []


def test_figures_without_an_organisation_are_refused(filed):
    for verb in (
        lambda: services.close(one("P2U1"), date(2026, 11, 18), although=changes.EVERYTHING),
        lambda: services.merge([one("P2U1")], New("N", "unit", "新"), DAY, although=changes.EVERYTHING),
    ):
        with pytest.raises(services.ChangeRefused, match="P2U1 has facts on 2026-11-1"), transaction.atomic():
            verb()
    services.close(one("P2U1"), date(2026, 11, 19), although=changes.EVERYTHING)
    assert findings() == []


@pytest.mark.req("M-5.8.1.3")
def test_figures_that_the_administrator_may_not_see_speak_all_the_same_and_of_others_nothing_is_told(filed):
    Role.objects.create(code="builder", name_zh="b", name_en="b", site="office", permissions=["parties:view,structure"])
    builder = make_user("builder", "R2", "builder")
    with acting_as(builder, site="office"):
        assert not Fact.objects.exists()
        assert objections(moving("P1", "P3")) == [("approved", False)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT facts FROM moving_approved(%s, '2020-01-01')", [[one("P1U1").pk]])
            assert cursor.fetchone() == (3,)
    other = one("P2U1").pk
    with acting_as(builder, site="office"), connection.cursor() as cursor:
        cursor.execute("SELECT facts FROM moving_approved(%s, '2020-01-01')", [[other]])
        assert cursor.fetchone() == (0,)
