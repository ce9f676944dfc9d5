"""What the database itself lets nobody do with sheets and their facts."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from gangmu.figures.filing.models import (
    Batch,
    Correction,
    CorrectionCell,
    Explanation,
    Fact,
    Remark,
    Revision,
    Sheet,
    SheetEvent,
)
from gangmu.figures.filing.tests.small import (
    NOW,
    Small,
    approved,
    filled,
    make_small,
    opened,
    organisation,
    states,
    submit,
)
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

RECORD = (
    "SELECT * FROM filing_record(%s::bigint[], %s::text[], %s, %s, %s, now(), %s::bigint[], %s::bigint[], %s::bigint[],"
    " %s::bigint[], %s::smallint[], %s::text[])"
)


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


def record(
    user: User, sheet: Sheet, at: Organisation, *, kind: str = "sheet", by: int | None = None, reason: str = ""
) -> None:
    """Ask the writer of facts directly, as somebody with SQL of their own would."""
    gen = Indicator.objects.get(code="gen").pk
    who = user.pk if by is None else by
    values = [[sheet.pk], ["k"], kind, reason, who, [sheet.pk], [at.pk], [gen], [1], [0], [""]]
    with acting_as(user), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RECORD, values)


@pytest.mark.req("M-5.8.1.3")
def test_facts_of_a_sheet_that_is_not_under_submission_are_refused(small: Small):
    sheet, unit = opened(small), organisation("P1U1")
    for status in ("open", "returned", "approved", "locked"):
        Sheet.objects.filter(pk=sheet.pk).update(status=status)
        with pytest.raises(DatabaseError, match="not under submission"):
            record(small.clerk, sheet, unit)
    with pytest.raises(DatabaseError, match="not under submission"):
        record(small.clerk, sheet, unit, kind="correction", reason="x")
    assert not Fact.objects.exists()


@pytest.mark.req("M-5.8.1.3")
def test_facts_outside_the_scope_or_the_sheet_or_in_anothers_name_are_refused(small: Small):
    sheet = opened(small)
    Sheet.objects.filter(pk=sheet.pk).update(status="submitted", state=1)
    with pytest.raises(DatabaseError, match="outside the scope"):
        record(small.world.former, sheet, organisation("P1U1"))
    with pytest.raises(DatabaseError, match="outside the scope"):
        record(small.clerk, sheet, organisation("P2U1"))
    with pytest.raises(DatabaseError, match="has no row in sheet"):
        record(small.group_manager, sheet, organisation("P2U1"))
    with pytest.raises(DatabaseError, match="another user"):
        record(small.clerk, sheet, organisation("P1U1"), by=small.colleague.pk)
    assert not Fact.objects.exists()


@pytest.mark.req("M-5.8.1.3")
def test_states_are_raised_within_the_scope_and_as_the_sheet_says_alone(small: Small):
    sheet = filled(small)
    submit(small, sheet)

    def raise_(user: User) -> None:
        with acting_as(user), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT filing_raise(%s::bigint[])", [[sheet.pk]])

    with pytest.raises(DatabaseError, match="outside the scope"):
        raise_(small.world.former)
    Sheet.objects.filter(pk=sheet.pk).update(state=5)
    with pytest.raises(DatabaseError, match="does not fit"):
        raise_(small.clerk)
    Sheet.objects.filter(pk=sheet.pk).update(state=3, status="returned")
    with pytest.raises(DatabaseError, match="does not fit"):
        raise_(small.clerk)
    assert set(Fact.objects.values_list("state", flat=True)) == {1}


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE filing_fact SET state = 5",
        "UPDATE filing_fact SET value = 1",
        "DELETE FROM filing_fact",
        "INSERT INTO filing_change (id, batch_id) VALUES (1000, 1)",
        "SELECT filing_append(ARRAY[1]::bigint[])",
        "SELECT filing_refuse_overlaps()",
        "UPDATE filing_revision SET content_hash = 'x'",
        "DELETE FROM filing_revision",
        "UPDATE filing_sheetevent SET words = 'x'",
        "DELETE FROM filing_explanation",
        "UPDATE filing_remark SET words = 'x'",
    ],
)
def test_the_web_role_changes_no_fact_and_no_history(small: Small, statement: str):
    approved(small)
    with (
        acting_as(small.group_manager),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_fact_at_a_plant_and_at_its_unit_is_refused(small: Small):
    """The plant's figure for its units stands: the sheet's figures of the units would count twice."""
    from gangmu.figures.filing.errors import NotReady
    from gangmu.figures.filing.models import Batch, Scenario

    batch = Batch.objects.create(kind="import", key="i", recorded_at=clock.now())
    Fact.objects.create(
        indicator=Indicator.objects.get(code="gen"),
        scenario=Scenario.objects.get(code="actual"),
        organisation=organisation("P1"),
        period="2026-11-19",
        batch=batch,
        value=1,
        state=5,
    )
    sheet = filled(small)
    with pytest.raises(NotReady, match=r"gen is filed at P1U\d and at P1 above it"):
        submit(small, sheet)
    sheet.refresh_from_db()
    assert (sheet.status, Fact.objects.count()) == ("open", 1)


def at_commit(user: User, *statements: tuple[str, list[Any]]) -> None:
    """Write as somebody with SQL of their own would, up to the commit."""
    with acting_as(user), transaction.atomic(), connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize(
    ("status", "state"),
    [("approved", 4), ("approved", 1), ("submitted", 2), ("submitted", 4), ("locked", 5), ("returned", 1), ("open", 1)],
)
def test_nobody_moves_a_sheet_by_writing_that_it_has_moved(small: Small, status: str, state: int):
    sheet = filled(small)
    submit(small, sheet)
    move = "UPDATE filing_sheet SET status = %s, state = %s WHERE id = %s"
    steps = [(move, [status, state, sheet.pk]), ("SELECT filing_raise(%s::bigint[])", [[sheet.pk]])]
    with pytest.raises(DatabaseError, match="not at the stage of its case"):
        at_commit(small.clerk, *steps)
    assert states() == {1}


@pytest.mark.req("M-5.8.1.3")
def test_figures_that_the_form_does_not_ask_for_are_refused(small: Small):
    sheet = opened(small)
    Sheet.objects.filter(pk=sheet.pk).update(status="submitted", state=1)
    other = Indicator.objects.create(
        code="other", name_zh="别的", name_en="Other", over_time="sum", over_organisations="sum", level="unit"
    )
    who, unit = small.clerk.pk, organisation("P1U1").pk
    values = [[sheet.pk], ["k"], "sheet", "", who, [sheet.pk], [unit], [other.pk], [1], [0], [""]]
    with pytest.raises(DatabaseError, match="does not ask for other"):
        at_commit(small.clerk, (RECORD, values))
    Sheet.objects.filter(pk=sheet.pk).update(state=2)
    with pytest.raises(DatabaseError, match="not under submission"):
        record(small.clerk, sheet, organisation("P1U1"))
    assert not Fact.objects.exists()


@pytest.mark.req("M-5.8.1.3")
def test_a_correction_is_in_force_by_its_approval_alone(small: Small):
    sheet = approved(small)
    row = {"sheet": sheet, "organisation_id": sheet.organisation_id, "number": 1, "reason": "because"}
    correction = Correction.objects.create(**row, asked_at=clock.now(), asked_by=small.clerk)
    gen, unit = Indicator.objects.get(code="gen"), organisation("P1U1")
    CorrectionCell.objects.create(correction=correction, organisation=unit, indicator=gen, old=120000, new=110000)
    force = ("UPDATE filing_correction SET status = 'applied' WHERE id = %s", [correction.pk])

    def forged(value: int) -> tuple[str, list[Any]]:
        who = small.clerk.pk
        return RECORD, [
            [sheet.pk], ["k"], "correction", "because", who, [sheet.pk], [unit.pk], [gen.pk], [value], [0], [""]
        ]  # fmt: skip

    with pytest.raises(DatabaseError, match="that nobody approved"):
        at_commit(small.clerk, force, forged(110000))
    with pytest.raises(DatabaseError, match="not in the correction"):
        at_commit(small.clerk, force, forged(1))
    Correction.objects.filter(pk=correction.pk).update(status="submitted")
    with pytest.raises(DatabaseError, match="only while it is filled in"):
        at_commit(small.clerk, ("UPDATE filing_correctioncell SET new = 1 WHERE correction_id = %s", [correction.pk]))
    assert not Batch.objects.filter(kind="correction").exists()


@pytest.mark.req("M-5.8.1.3")
def test_a_revision_of_figures_of_another_sheet_is_refused(small: Small):
    sheet, other = approved(small), opened(small, Period.day(date(2026, 11, 18)))
    batch = Batch.objects.get()
    assert sheet.pk != other.pk
    revision = Revision(
        sheet=other, organisation_id=other.organisation_id, number=1, kind="submission", batch=batch, content_hash="x",
        recorded_at=clock.now(),
    )  # fmt: skip
    with acting_as(small.clerk), pytest.raises(DatabaseError, match="another sheet"), transaction.atomic():
        revision.save()


def test_nobody_speaks_in_anothers_name(small: Small):
    sheet = opened(small)
    said = {"sheet": sheet, "organisation_id": sheet.organisation_id}
    rows = (
        Remark(**said, words="x", said_at=clock.now(), said_by=small.colleague),
        Explanation(**said, finding="f", words="x", said_at=clock.now(), said_by=small.colleague),
        SheetEvent(**said, what="approved", happened_at=clock.now(), by=small.colleague),
        SheetEvent(**said, what="locked", happened_at=clock.now()),
    )
    for row in rows:
        with acting_as(small.clerk), pytest.raises(DatabaseError, match="another user"), transaction.atomic():
            row.save()
