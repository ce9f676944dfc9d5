"""Corrections 更正: proposals to replace approved figures. Facts change when the correction's own route has ended."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import FILE, require, scope_for
from gangmu.figures.filing.entry import show
from gangmu.figures.filing.errors import FactsChanged, FaultsRemain, NotAllowed, NotOpen, NotReady
from gangmu.figures.filing.layouts import Key, Layout, layout
from gangmu.figures.filing.models import (
    Cell,
    Correction,
    CorrectionCell,
    CorrectionFile,
    Mark,
    Revision,
    Sheet,
    SheetEvent,
)
from gangmu.figures.filing.queries.cells import CellView, cells_of
from gangmu.figures.filing.queries.checking import filled
from gangmu.figures.filing.queries.content import content_hashes
from gangmu.figures.filing.queries.facts import FactRow, as_decimal, facts_of
from gangmu.figures.filing.queries.sheets import remarks_counts
from gangmu.figures.filing.rules import Finding, load_context, rules_of
from gangmu.figures.filing.services.closing import require_open_months
from gangmu.figures.filing.services.events import event, log, name_of
from gangmu.figures.filing.services.recording import Figure, act_key, record
from gangmu.figures.filing.services.saving import Edit, Saved, locked, read_edit
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.actions import Action, CaseState
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import Moved
from gangmu.foundation.documents.models import Document
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

KIND = "filing.correction"
Status = Correction.Status
IN_HAND = (Status.OPEN, Status.RETURNED)
UNENDED = (*IN_HAND, Status.SUBMITTED)
STATUSES = {
    CaseState.OPEN: Status.SUBMITTED,
    CaseState.RETURNED: Status.RETURNED,
    CaseState.WITHDRAWN: Status.OPEN,
    CaseState.APPROVED: Status.APPLIED,
}


@transaction.atomic
def start_correction(sheet: Sheet, *, reason: str, by: User, key: str = "", scope: Scope | None = None) -> Correction:
    """Begin to correct an approved or locked sheet; its figures stand until the correction has been approved.

    Asked twice in the same words, the correction that was begun is given.

    Raises:
        NotOpen, NotAllowed: the sheet is not approved yet, or `by` may not file here.
        NotReady: no reason, or another correction is under way.
    """
    sheet = locked(sheet)
    require("correct", sheet, scope_for(by, scope))
    why = reason.strip()
    if not why:
        raise NotReady(_("Say what is wrong and why: everybody who approves the correction reads it."))
    last = Correction.objects.filter(sheet=sheet).order_by("-number").first()
    if last is not None and last.status in UNENDED:
        if last.reason == why and last.asked_by_id == by.pk and last.status == Status.OPEN:
            return last
        raise NotReady(
            _("Correction %(number)d of this sheet is under way (%(name)s). Finish or withdraw it first.")
            % {"number": last.number, "name": last.asked_by_name}
        )
    correction = Correction.objects.create(
        sheet=sheet,
        organisation_id=sheet.organisation_id,
        number=last.number + 1 if last else 1,
        reason=why,
        asked_at=clock.now(),
        asked_by=by,
        asked_by_name=name_of(by),
    )
    log([event(sheet, "correction begun", by=by, words=why, number=correction.number)])
    return correction


def held(correction: Correction, scope: Scope) -> Correction:
    """The correction as it stands, held for this transaction, as somebody who may change it.

    Raises:
        NotAllowed: their roles do not let them file here.
        NotOpen: it is under approval, in force or withdrawn.
    """
    row = Correction.objects.select_for_update(of=("self",)).select_related("sheet__form", "sheet__organisation")
    correction = row.get(pk=correction.pk)
    if not scope.may_at(FILE, correction.organisation_id):
        raise NotAllowed(_("Your roles do not let you correct figures here. Ask whoever administers roles for it."))
    if correction.status not in IN_HAND:
        raise NotOpen(
            _("This correction cannot be changed: it is %(status)s.") % {"status": Status(correction.status).label}
        )
    return correction


@transaction.atomic
def save_correction(
    correction: Correction, edits: Sequence[Edit], *, by: User, key: str = "", scope: Scope | None = None
) -> Saved:
    """Say what shall stand in cells. An empty text, or the figure that stands, takes a cell out of the correction.

    Nothing is kept of entries that cannot be read; `faults` says why.
    """
    correction = held(correction, scope_for(by, scope))
    laid_out = layout(correction.sheet)
    facts = facts_of({correction.sheet_id: laid_out})[correction.sheet_id]
    saved = Saved(sheet_version=correction.version)
    kept: list[CorrectionCell] = []
    gone: list[tuple[int, int]] = []
    for edit in {edit.key: edit for edit in edits}.values():
        column = laid_out.cells.get(edit.key)
        if column is None:
            saved.faults[edit.key] = _("This cell is not part of the sheet (any more). Reload the page.")
            continue
        entry, text = read_edit(edit, column)
        stands = facts.get(edit.key)
        if entry.fault is not None:
            saved.faults[edit.key] = entry.fault.text
        elif entry.mark == Mark.OUT_OF_SERVICE and entry.value is None:
            saved.faults[edit.key] = _(
                "A figure that stands cannot be taken back by a correction. Write the right one."
            )
        elif entry.value is None or _stands(stands, entry.value, entry.mark):
            gone.append((edit.organisation_id, column.id))
        else:
            kept.append(
                CorrectionCell(
                    correction=correction,
                    organisation_id=edit.organisation_id,
                    indicator_id=column.id,
                    old=stands.value if stands else None,
                    new=entry.value,
                    mark=entry.mark,
                    text=text,
                )
            )
            value = as_decimal(entry.value, column)
            saved.accepted[edit.key] = CellView(text, value, Mark(entry.mark), correction.version + 1)
    touched = [*gone, *((one.organisation_id, one.indicator_id) for one in kept)]
    for organisation_id, indicator_id in touched:
        correction.cells.filter(organisation_id=organisation_id, indicator_id=indicator_id).delete()
    CorrectionCell.objects.bulk_create(kept)
    if touched:
        correction.version += 1
        correction.save(update_fields=["version"])
    saved.sheet_version = correction.version
    return saved


def _stands(fact: FactRow | None, value: int, mark: int) -> bool:
    same_mark = fact is not None and (mark == Mark.OUT_OF_SERVICE) == (fact.mark == Mark.OUT_OF_SERVICE)
    return fact is not None and fact.value == value and same_mark


@transaction.atomic
def attach_file(correction: Correction, document: Document, *, by: User, scope: Scope | None = None) -> CorrectionFile:
    """Add a document that proves the correction."""
    correction = held(correction, scope_for(by, scope))
    file, _made = CorrectionFile.objects.get_or_create(
        correction=correction, document=document, defaults={"organisation_id": correction.organisation_id}
    )
    return file


@transaction.atomic
def submit_correction(
    correction: Correction, *, by: User, key: str, scope: Scope | None = None, words: str = ""
) -> Case:
    """Put a correction on its way. Idempotent: the same key again gives the same case.

    Raises:
        NotReady: it corrects nothing yet, or a figure of a closed month.
        FactsChanged: figures are not what they were when it was written.
        FaultsRemain: what shall stand breaks a rule that must hold.
        NotOpen, NotAllowed, ApprovalError.
    """
    sent = SheetEvent.objects.filter(sheet=correction.sheet_id, what="correction submitted", data__key=key)
    if key and sent.exists():
        case = approvals.case_of(KIND, correction.pk)
        if case is not None:
            return case
    correction = held(correction, scope_for(by, scope))
    sheet = correction.sheet
    laid_out = layout(sheet)
    cells = list(correction.cells.all())
    if not cells:
        raise NotReady(_("The correction changes no figure yet. Say what shall stand."))
    _require_unchanged(correction, cells, laid_out)
    require_open_months({(cell.indicator_id, cell.organisation_id) for cell in cells}, sheet.period)
    findings = _found(sheet, laid_out, cells)
    if errors := [one for one in findings if not one.needs_words]:
        raise FaultsRemain(errors)
    correction.status = Status.SUBMITTED
    correction.save(update_fields=["status"])
    log([event(sheet, "correction submitted", by=by, words=words, number=correction.number, key=key)])
    note("filing.correction-submitted", by=by, organisation=sheet.organisation, subject=correction)
    row = laid_out.organisation
    return approving.submit(
        KIND,
        correction.pk,
        route=laid_out.definition.correction_route,
        organisation=correction.organisation_id,
        by=by,
        key=key or act_key(KIND, correction.pk, correction.version),
        words=words,
        facts={"form": sheet.form_code, "kind": row.kind, "fuel": row.fuel, "locked": sheet.status == "locked"},
        exceptions=len(findings),
    )


def _require_unchanged(correction: Correction, cells: Sequence[CorrectionCell], laid_out: Layout) -> None:
    facts = facts_of({correction.sheet_id: laid_out})[correction.sheet_id]
    told = []
    for cell in cells:
        key = laid_out.keys_by_id.get((cell.organisation_id, cell.indicator_id))
        if key is None:
            raise FactsChanged(_("A figure of this correction is not part of the sheet any more. Write it anew."))
        fact, column = facts.get(key), laid_out.cells[key]
        if (fact.value if fact else None) != cell.old:
            words = {
                "place": f"{laid_out.rows[key[0]].name} · {column.name}",
                "old": _("nothing") if cell.old is None else show(cell.old, column),
                "now": show(fact.value, column) if fact else _("nothing"),
            }
            told.append(_("%(place)s is %(now)s, no longer %(old)s") % words)
    if told:
        raise FactsChanged(
            _("Figures changed since the correction was written: %(changes)s. Look at them and save it again.")
            % {"changes": "; ".join(told)}
        )


def _found(sheet: Sheet, laid_out: Layout, cells: Sequence[CorrectionCell]) -> list[Finding]:
    """What the rules find in the corrected figures; not what was so before."""
    views: dict[Key, CellView] = dict(cells_of([sheet], {sheet.pk: laid_out})[sheet.pk])
    corrected: set[Key] = set()
    for cell in cells:
        key = laid_out.keys_by_id[cell.organisation_id, cell.indicator_id]
        corrected.add(key)
        views[key] = CellView(cell.text, as_decimal(cell.new, laid_out.cells[key]), Mark(cell.mark))
    rules = rules_of(laid_out.form)
    given = filled(laid_out, views)
    return [one for one in rules.check(given, load_context(rules, [given])) if corrected & set(one.cells)]


@transaction.atomic
def withdraw_correction(correction: Correction, *, by: User, key: str = "", scope: Scope | None = None) -> Correction:
    """Give a correction up, at any stage before it is in force; the figures stay as they are.

    Raises:
        NotOpen: it has ended. NotAllowed, ApprovalError: it is somebody else's.
    """
    if not scope_for(by, scope).may_at(FILE, correction.organisation_id):
        raise NotAllowed(_("Your roles do not let you correct figures here. Ask whoever administers roles for it."))
    correction = Correction.objects.select_related("sheet__form", "sheet__organisation").get(pk=correction.pk)
    if correction.status not in UNENDED:
        raise NotOpen(_("This correction has ended: it is %(status)s.") % {"status": Status(correction.status).label})
    case = approvals.case_of(KIND, correction.pk)
    if case is not None and case.state in (CaseState.OPEN, CaseState.RETURNED):
        approving.withdraw(case.pk, by=by, key=key, reason=_("given up"))
    Correction.objects.filter(pk=correction.pk).update(status=Status.WITHDRAWN)
    correction.status = Status.WITHDRAWN
    log([event(correction.sheet, "correction withdrawn", by=by, number=correction.number)])
    return correction


# Following its case ---------------------------------------------------------------------------------------------------


def moved(case: Case, move: Moved) -> None:
    """Let a correction follow its case; at the end of the route it comes into force."""
    status = STATUSES.get(CaseState(case.state))
    rows = Correction.objects.select_for_update(of=("self",)).select_related("sheet__form", "sheet__organisation")
    correction = rows.filter(pk=case.subject_id).first()
    if correction is None or status is None or correction.status == status or correction.status not in UNENDED:
        return
    correction.status = status
    if status == Status.APPLIED:
        correction.applied_at = clock.now()
    correction.save(update_fields=["status", "applied_at"])
    if status == Status.APPLIED:
        _apply(correction, move)
    elif move.action == Action.RETURN:
        _log(correction, "correction returned", move)


def _apply(correction: Correction, move: Moved) -> None:
    """Let the corrected figures stand, at the state of those that they replace.

    Raises:
        FactsChanged: a figure is not what it was when the correction was written.
    """
    sheet = locked(correction.sheet)
    laid_out = layout(sheet)
    cells = list(correction.cells.all())
    _require_unchanged(correction, cells, laid_out)
    figures = [
        Figure(sheet.pk, cell.organisation_id, cell.indicator_id, cell.new, cell.mark, _entered(cell, laid_out))
        for cell in cells
    ]
    keys: Mapping[int, str] = {sheet.pk: act_key(KIND, correction.pk)}
    recorded = record(keys, figures, kind="correction", by=correction.asked_by, reason=correction.reason)[sheet.pk]
    for cell in cells:  # what was typed before is past
        Cell.objects.filter(sheet=sheet, organisation_id=cell.organisation_id, indicator_id=cell.indicator_id).delete()
    Sheet.objects.filter(pk=sheet.pk).update(revision=sheet.revision + 1, version=sheet.version + 1)
    Revision.objects.create(
        sheet=sheet,
        organisation_id=sheet.organisation_id,
        number=sheet.revision + 1,
        kind=Revision.Kind.CORRECTION,
        batch_id=recorded.batch_id,
        content_hash=content_hashes([sheet.pk], at_submission=True)[sheet.pk],
        remarks_count=remarks_counts([sheet.pk]).get(sheet.pk, 0),
        words=correction.reason,
        cells_count=len(cells),
        changed_count=recorded.touched,
        recorded_at=clock.now(),
        recorded_by=correction.asked_by,
        recorded_by_name=correction.asked_by_name,
    )
    _log(correction, "corrected", move)
    data = {"number": correction.number, "cells": len(cells), "reason": correction.reason}
    note("filing.corrected", organisation=sheet.organisation, subject=sheet, data=data)


def _entered(cell: CorrectionCell, laid_out: Layout) -> str:
    column = laid_out.columns_by_id[cell.indicator_id]
    return "" if cell.text == show(cell.new, column) and not column.item.choices else cell.text


def _log(correction: Correction, what: str, move: Moved) -> None:
    SheetEvent.objects.create(
        sheet=correction.sheet,
        organisation_id=correction.organisation_id,
        what=what,
        words=move.reason or (correction.reason if what == "corrected" else ""),
        data={"number": correction.number},
        happened_at=clock.now(),
        by_id=move.by,
        by_name=move.by_name,
    )
