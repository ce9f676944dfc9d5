"""Handing in: what stands in the cells becomes facts, and the sheet goes on its way."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import require, scope_for
from gangmu.figures.filing.errors import FaultsRemain, FilingError, NotReady, WordsNeeded
from gangmu.figures.filing.models import Mark, Revision, Sheet, SheetEvent, State
from gangmu.figures.filing.queries.checking import Examined, examine
from gangmu.figures.filing.queries.content import content_hashes, just_read
from gangmu.figures.filing.queries.sheets import remarks_counts
from gangmu.figures.filing.services.events import event, log, name_of
from gangmu.figures.filing.services.recording import Figure, Recorded, act_key, entered, record, scaled
from gangmu.figures.filing.services.saving import locked
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

KIND = "filing.sheet"


@transaction.atomic
def submit_sheet(sheet: Sheet, *, by: User, key: str, scope: Scope | None = None, words: str = "") -> Case:
    """Record the sheet's figures as filed and put it on its way through the tiers.

    Only figures that differ from those that stand become new revisions; a cell that has been emptied since takes its
    figure back. Idempotent: the same key again gives the same case.

    Raises:
        FaultsRemain, WordsNeeded: what has to be put right or explained first, with the cells.
        NotOpen, NotAllowed: the sheet is at another stage, or `by` may not file here.
        ApprovalError: its route cannot be gone; says whom it lacks.
    """
    sheet = locked(sheet)
    before = _sent_before([sheet], key)
    if before:
        return before[sheet.pk]
    require("submit", sheet, scope_for(by, scope))
    examined = examine([sheet])[sheet.pk]
    require_sound(examined)
    (recorded,) = _record([examined], by, key).values()
    _close([examined], {sheet.pk: recorded}, by=by, key=key, words=words)
    (case,) = _send([examined], by=by, key=key, words=words)
    return case


def _sent_before(sheets: Sequence[Sheet], key: str) -> dict[int, Case]:
    """The cases of the same act, when a slow line sends it twice."""
    sent = SheetEvent.objects.filter(sheet__in=[one.pk for one in sheets], what="submitted", data__key=key)
    found = set(sent.values_list("sheet_id", flat=True)) if key else set()
    return approvals.cases_of(KIND, found) if found else {}


def require_sound(examined: Examined) -> None:
    """See that nothing stands in the way of a sheet.

    Raises:
        FaultsRemain: errors; they come first.
        WordsNeeded: warnings that nobody has explained with these figures.
    """
    if errors := examined.errors:
        raise FaultsRemain(errors)
    if not any(view.is_answered for view in examined.cells.values()):
        raise NotReady(_("The sheet is empty. Fill it in before you submit it."))
    if unexplained := examined.unexplained:
        raise WordsNeeded(unexplained)


def submit_many(
    sheets: Sequence[Sheet], *, by: User, key: str, scope: Scope | None = None, words: str = ""
) -> dict[int, Case | FilingError | ApprovalError]:
    """Submit many sheets: examined and recorded together. What keeps one back is said of it and keeps no other."""
    held = scope_for(by, scope)
    answers: dict[int, Case | FilingError | ApprovalError] = {}
    with transaction.atomic():
        rows = Sheet.objects.select_for_update(of=("self",)).select_related("form", "organisation").order_by("pk")
        found = list(rows.filter(pk__in=[one.pk for one in sheets]))
        answers.update(_sent_before(found, key))
        ready = []
        for sheet in found:
            if sheet.pk not in answers:
                try:
                    require("submit", sheet, held)
                except FilingError as error:
                    answers[sheet.pk] = error
                else:
                    ready.append(sheet)
        sound: list[Examined] = []
        for pk, examined in examine(ready).items() if ready else ():
            try:
                require_sound(examined)
            except FilingError as error:
                answers[pk] = error
            else:
                sound.append(examined)
        answers |= _together(sound, by=by, key=key, words=words) if sound else {}
    return answers


def _together(
    sound: Sequence[Examined], *, by: User, key: str, words: str
) -> dict[int, Case | FilingError | ApprovalError]:
    """Submit all at once; when the database or a route refuses one, each by itself, to learn which."""
    try:
        with transaction.atomic():
            recorded = _record(sound, by, key)
            hashes = _close(sound, recorded, by=by, key=key, words=words)
            with just_read(hashes):
                return {case.subject_id: case for case in _send(sound, by=by, key=key, words=words)}
    except (FilingError, ApprovalError) as error:
        if len(sound) == 1:
            return {sound[0].sheet.pk: error}
    answers: dict[int, Case | FilingError | ApprovalError] = {}
    for one in sound:
        one.sheet.refresh_from_db(fields=["status", "state", "revision", "submitted_at", "first_submitted_at"])
        answers |= _together([one], by=by, key=key, words=words)
    return answers


# The parts ------------------------------------------------------------------------------------------------------------


def figures_of(examined: Examined) -> list[Figure]:
    """Every cell of a sheet as it is to be recorded; blank ones take back what stands."""
    return [
        Figure(
            examined.sheet.pk,
            key[0],
            column.id,
            scaled(examined.cells[key], column),
            int(examined.cells[key].mark),
            entered(examined.cells[key], column),
        )
        for key, column in examined.layout.cells.items()
    ]


def _record(sound: Sequence[Examined], by: User, key: str) -> dict[int, Recorded]:
    now = clock.now()
    for one in sound:
        sheet = one.sheet
        sheet.status, sheet.state, sheet.submitted_at = Sheet.Status.SUBMITTED, State.FILED, now
        sheet.first_submitted_at = sheet.first_submitted_at or now
        sheet.revision += 1
    Sheet.objects.filter(pk__in=[one.sheet.pk for one in sound]).update(
        status=Sheet.Status.SUBMITTED,
        state=State.FILED,
        submitted_at=now,
        first_submitted_at=Coalesce("first_submitted_at", now),
        revision=F("revision") + 1,
    )
    keys = {one.sheet.pk: act_key(KIND, one.sheet.pk, key or one.sheet.revision) for one in sound}
    return record(keys, (figure for one in sound for figure in figures_of(one)), kind="sheet", by=by, at=now)


def _close(
    sound: Sequence[Examined], recorded: Mapping[int, Recorded], *, by: User, key: str, words: str
) -> dict[int, str]:
    """Revision, history and record of a submission; the hashes of what was submitted."""
    hashes = content_hashes([one.sheet.pk for one in sound], at_submission=True)
    said = remarks_counts([one.sheet.pk for one in sound])
    Revision.objects.bulk_create(
        Revision(
            sheet=one.sheet,
            organisation_id=one.sheet.organisation_id,
            number=one.sheet.revision,
            kind=Revision.Kind.SUBMISSION,
            batch_id=recorded[one.sheet.pk].batch_id,
            content_hash=hashes[one.sheet.pk],
            findings=[finding.as_json() for finding in one.findings],
            words=words,
            remarks_count=said.get(one.sheet.pk, 0),
            cells_count=sum(view.is_answered for view in one.cells.values()),
            changed_count=recorded[one.sheet.pk].touched,
            recorded_at=clock.now(),
            recorded_by=by,
            recorded_by_name=name_of(by),
        )
        for one in sound
    )
    log(
        event(
            one.sheet,
            "submitted",
            by=by,
            words=words,
            key=key,
            revision=one.sheet.revision,
            late=bool(one.sheet.due_at and clock.now() > one.sheet.due_at),
        )
        for one in sound
    )
    for one in sound:
        data = {"form": one.sheet.form_code, "period": one.layout.period.code, "revision": one.sheet.revision}
        note("filing.submitted", by=by, organisation=one.sheet.organisation, subject=one.sheet, data=data)
    return hashes


def _send(sound: Sequence[Examined], *, by: User, key: str, words: str) -> list[Case]:
    """Put sheets on their way; those of one route with the same to tell of them in one act."""
    alike: dict[str, tuple[str, dict[str, Any], list[Examined]]] = {}
    for one in sound:
        route, facts = one.layout.definition.route, facts_for_route(one)
        name = json.dumps([route, facts, len(one.findings)], sort_keys=True)
        alike.setdefault(name, (route, facts, []))[2].append(one)
    cases: list[Case] = []
    for route, facts, group in alike.values():
        cases += approving.submit_many(
            KIND,
            {one.sheet.pk: one.sheet.organisation_id for one in group},
            route=route,
            by=by,
            key=key or act_key(KIND, *((one.sheet.pk, one.sheet.revision) for one in group)),
            words=words,
            facts=facts,
            exceptions=len(group[0].findings),
        )
    return cases


def facts_for_route(examined: Examined) -> dict[str, Any]:
    """What the conditions of a route's nodes may compare."""
    sheet, row = examined.sheet, examined.layout.organisation
    return {
        "form": sheet.form_code,
        "grain": examined.layout.definition.grain,
        "kind": row.kind,
        "fuel": row.fuel,
        "warnings": len(examined.findings) > 0,
        "late": bool(sheet.due_at and clock.now() > sheet.due_at),
        "again": sheet.revision > 1,
        "out_of_service": any(view.mark == Mark.OUT_OF_SERVICE for view in examined.cells.values()),
    }


@transaction.atomic
def recall_sheet(sheet: Sheet, *, by: User, key: str, scope: Scope | None = None, reason: str = "") -> Sheet:
    """Take back a sheet that has been submitted; it is filled in again.

    Raises:
        NotOpen, NotAllowed: it is not under approval, or `by` may not file here.
        ApprovalError: somebody else submitted it.
    """
    sheet = Sheet.objects.select_related("form", "organisation").get(pk=sheet.pk)
    require("recall", sheet, scope_for(by, scope))
    case = approvals.case_of(KIND, sheet.pk)
    if case is None:
        raise NotReady(_("There is no approval to withdraw from. Reload the page."))
    approving.withdraw(case.pk, by=by, key=key, reason=reason)
    sheet.refresh_from_db()
    return sheet
