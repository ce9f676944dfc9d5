"""A sheet follows its case: the state of its figures rises with every tier that passes, and falls on a return."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from gangmu.figures.filing.models import Sheet, SheetEvent, State
from gangmu.foundation.approvals.actions import Action, CaseState
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import Moved
from gangmu.foundation.settings import clock

STATES = {"plant": State.PLANT, "region": State.REGION, "group": State.GROUP}
STATUSES = {
    CaseState.OPEN: Sheet.Status.SUBMITTED,
    CaseState.RETURNED: Sheet.Status.RETURNED,
    CaseState.WITHDRAWN: Sheet.Status.OPEN,
    CaseState.APPROVED: Sheet.Status.APPROVED,
}
WHAT = {Action.RETURN: "returned", Action.WITHDRAW: "withdrawn"}


def moved(case: Case, move: Moved) -> None:
    """Let one sheet follow its case."""
    moved_many([(case, move)])


def moved_many(moves: Sequence[tuple[Case, Moved]]) -> None:
    """Let sheets follow their cases: one statement each for sheets, facts and history, however many there are."""
    sheets = {
        sheet.pk: sheet
        for sheet in Sheet.objects.select_for_update(of=("self",))
        .filter(pk__in=[case.subject_id for case, _move in moves])
        .order_by("pk")
    }
    now = clock.now()
    lines: list[SheetEvent] = []
    changed: list[Sheet] = []
    raised: list[int] = []
    for case, move in moves:
        sheet = sheets.get(case.subject_id)
        status = STATUSES.get(CaseState(case.state))
        if sheet is None or status is None or sheet.status == Sheet.Status.LOCKED:
            continue
        state = STATES.get(move.stage, State.FILED)
        if sheet.state != state:
            raised.append(sheet.pk)
        elif sheet.status == status:
            continue
        sheet.status, sheet.state = status, state
        sheet.approved_at = now if status == Sheet.Status.APPROVED else None
        changed.append(sheet)
        if move.action != Action.SUBMIT:
            what = "approved" if status == Sheet.Status.APPROVED else WHAT.get(move.action, "passed")
            lines.append(_line(sheet, what, move))
    alike: dict[tuple[str, int, datetime | None], list[int]] = {}
    for sheet in changed:
        alike.setdefault((sheet.status, sheet.state, sheet.approved_at), []).append(sheet.pk)
    for (status, state, at), pks in alike.items():
        Sheet.objects.filter(pk__in=pks).update(status=status, state=state, approved_at=at)
    raise_facts(raised)
    SheetEvent.objects.bulk_create(lines)


def raise_facts(sheet_ids: Sequence[int]) -> None:
    """Bring the facts of sheets to their sheets' states."""
    if sheet_ids:
        with connection.cursor() as cursor:
            cursor.execute("SELECT filing_raise(%s::bigint[])", [list(sheet_ids)])


def _line(sheet: Sheet, what: str, move: Moved) -> SheetEvent:
    return SheetEvent(
        sheet=sheet,
        organisation_id=sheet.organisation_id,
        what=what,
        words=move.reason,
        data={"from": move.from_node, "to": move.to_node, "state": int(sheet.state)},
        happened_at=clock.now(),
        by_id=move.by,
        by_name=move.by_name,
    )
