"""Who must file what, what is late, missing or returned, and whom to call."""

from datetime import date

import pytest

from gangmu.figures.filing.models import Duty
from gangmu.figures.filing.queries import filing_organisations, progress, standings
from gangmu.figures.filing.services import load_forms
from gangmu.figures.filing.tests.small import (
    DAY,
    FORM,
    NOW,
    Small,
    approve,
    approved,
    filled,
    make_small,
    opened,
    organisation,
    send_back,
    submit,
)
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.changes import EVERYTHING
from gangmu.foundation.parties.services import create, set_attribute
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import settle


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        small = make_small(tmp_path)
        User.objects.filter(pk=small.clerk.pk).update(name="Clerk", phone="0512-1")
        yield small


def told(small: Small, user: User | None = None, period=DAY):
    with acting_as(user or small.group_manager) as scope:
        return standings(scope, "day", period, [small.form])


def statuses(small: Small, user: User | None = None) -> list[tuple[str, str]]:
    return [(one.organisation.code, one.status) for one in told(small, user)]


def test_who_files_is_told_by_kind_and_fuel_of_the_day(small: Small):
    names = [one.organisation.code for one in filing_organisations(small.form, DAY.end, SYSTEM)]
    assert names == ["P1"]
    set_attribute(organisation("P2"), "fuel", "coal", date(2026, 11, 19))
    codes = {one.organisation.code for one in filing_organisations(small.form, DAY.end, SYSTEM)}
    assert codes == {"P1", "P2"}
    assert len(filing_organisations(small.form, date(2026, 11, 18), SYSTEM)) == 1


def test_a_fuel_of_the_branch_counts_where_the_plant_has_none(small: Small):
    region = create(
        code="R3", kind="region", name_en="R3", parent=organisation("G"), attributes={"fuel": "coal"},
        from_date=date(2026, 1, 1),
    )  # fmt: skip
    create(code="P7", kind="plant", name_en="P7", parent=region, from_date=date(2026, 1, 1))
    settle()
    codes = {one.organisation.code for one in filing_organisations(small.form, DAY.end, SYSTEM)}
    assert codes == {"P1", "P7"}


@pytest.mark.req("M-7.2.3")
def test_every_stage_has_its_word(small: Small):
    assert statuses(small) == [("P1", "not_opened")]
    with clock.frozen("2026-11-20T09:01"):
        assert statuses(small) == [("P1", "missing")]
    sheet = filled(small)
    assert statuses(small) == [("P1", "open")]
    with clock.frozen("2026-11-20T09:01"):
        (one,) = told(small)
        assert (one.status, one.is_late, one.due_at) == ("late", True, sheet.due_at)
    case = submit(small, sheet)
    assert statuses(small) == [("P1", "submitted")]
    send_back(case, small.plant_reviewer)
    with clock.frozen("2026-11-20T09:01"):
        assert statuses(small) == [("P1", "returned")]
    submit(small, sheet, key="s2")
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        approve(case, user)
    assert statuses(small) == [("P1", "approved")]


def test_whom_to_call_is_told_although_their_account_is_not_to_be_seen(small: Small):
    with acting_as(small.region_reviewer):
        assert not User.objects.filter(pk=small.clerk.pk).exists()
    (one,) = told(small, small.region_reviewer)
    assert [(person.name, person.phone) for person in one.holders] == [("Clerk", "0512-1"), ("colleague", "")]
    case = submit(small, filled(small))
    (one,) = told(small, small.region_reviewer)
    assert [person.name for person in one.holders] == ["plant-reviewer"]
    approve(case, small.plant_reviewer)
    (one,) = told(small, small.region_reviewer)
    assert [person.name for person in one.holders] == ["region-reviewer"]


def test_strangers_and_former_branches_are_told_nothing(small: Small):
    opened(small)
    assert statuses(small, small.world.other) == []
    assert statuses(small, small.world.former) == []
    assert statuses(small, small.world.present) == [("P1", "open")]


def test_a_control_centre_is_named_as_who_files(small: Small):
    centre = organisation("R2")
    Duty.objects.create(
        form_code="small_daily", organisation=organisation("P1"), filer=centre, valid=("2026-11-01", None)
    )
    (one,) = told(small)
    assert (one.filer.code, one.organisation.code) == ("R2", "P1")
    (one,) = told(small, period=Period.parse("2026-10-31"))
    assert one.filer.code == "P1"


def test_a_sheet_stays_in_the_list_when_its_plant_changes_its_fuel(small: Small):
    approved(small)
    set_attribute(organisation("P1"), "fuel", "gas", date(2026, 11, 1), although=EVERYTHING)
    assert statuses(small) == [("P1", "approved")]


def test_standings_of_hundreds_cost_as_many_queries_as_those_of_one(small: Small, django_assert_max_num_queries):
    forms = [small.form, load_forms([{**FORM, "code": "second_daily"}])["second_daily"]]
    for number in range(12):
        create(
            code=f"N{number}", kind="plant", name_en=f"N{number}", parent=organisation("R1"),
            from_date=date(2026, 1, 1), attributes={"fuel": "coal"},
        )  # fmt: skip
    settle()
    with acting_as(small.group_manager) as scope, django_assert_max_num_queries(8):
        assert len(standings(scope, "day", DAY, forms)) == 26


def test_progress_counts_answers(small: Small):
    sheet = opened(small)
    assert vars(progress([sheet])[sheet.pk]) == {"filled": 0, "total": 10, "missing": 3}
    filled(small)
    assert vars(progress([sheet])[sheet.pk]) == {"filled": 7, "total": 10, "missing": 0}
