"""Saving cells: people's edits merged one by one, so that two in a sheet, or one who was offline, lose nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import require, scope_for
from gangmu.figures.filing.entry import LONGEST_TEXT, Entry, read_entry
from gangmu.figures.filing.layouts import Column, Key, Layout, layout
from gangmu.figures.filing.models import Cell, Mark, Saving, Sheet, State
from gangmu.figures.filing.proposals import Proposed, proposals
from gangmu.figures.filing.queries.cells import CellView, view
from gangmu.figures.filing.queries.facts import FactRow, facts_of
from gangmu.figures.filing.services.events import name_of
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

PROPOSED = (Mark.CARRIED, Mark.RECEIVED, Mark.DERIVED)
STANDSTILL = "out of service"


@dataclass(frozen=True)
class Edit:
    """What somebody typed into a cell, and the version of the sheet, or of the cell, that they had before them.

    `mark`: OUT_OF_SERVICE marks the cell whatever was typed; ROUNDED accepts the rounding of too many decimals;
    CARRIED, RECEIVED, DERIVED say that a proposal was taken over, which counts as long as it is the proposed value.
    """

    organisation_id: int
    indicator_code: str
    text: str = ""
    mark: int = Mark.NONE
    base_version: int = 0

    @property
    def key(self) -> Key:
        return self.organisation_id, self.indicator_code


@dataclass(frozen=True)
class Conflict:
    """Two people's entries for one cell. Theirs stands; nothing is decided. Whoever saves mine again, based on the
    version of theirs, decides."""

    mine: str
    theirs: CellView
    their_name: str
    at: datetime | None


@dataclass
class Saved:
    """What became of edits: `accepted` as they stand now, `conflicts` not stored, `faults` stored as typed where they
    are entries that cannot be read, not stored where there is no such cell or its figure is locked."""

    accepted: dict[Key, CellView] = field(default_factory=dict)
    conflicts: dict[Key, Conflict] = field(default_factory=dict)
    faults: dict[Key, str] = field(default_factory=dict)
    sheet_version: int = 0


@transaction.atomic
def save_cells(sheet: Sheet, edits: Sequence[Edit], *, by: User | None, key: str, scope: Scope | None = None) -> Saved:
    """Merge edits into the sheet, cell by cell.

    Idempotent: the same key again gives the same answer and changes nothing.

    Raises:
        NotAllowed: `by` may not file here.
        NotOpen: the sheet is under approval, approved or locked; says what to do.
    """
    held = scope_for(by, scope)
    sheet = locked(sheet)
    before = Saving.objects.filter(sheet=sheet, key=key).first() if key else None
    if before is not None:
        return _read_answer(before.answer)
    require("edit", sheet, held)
    laid_out = layout(sheet)
    saved = _merge(sheet, laid_out, edits, by)
    if key:
        answer = _written_answer(saved)
        Saving.objects.create(
            sheet=sheet, organisation_id=sheet.organisation_id, key=key, answer=answer, saved_at=clock.now()
        )
    return saved


def locked(sheet: Sheet) -> Sheet:
    """The sheet as it stands, held for this transaction.

    Raises:
        Sheet.DoesNotExist: it lies outside the scope in which one may change.
    """
    return Sheet.objects.select_for_update(of=("self",)).select_related("form", "organisation").get(pk=sheet.pk)


# Merging --------------------------------------------------------------------------------------------------------------


@dataclass
class _Standing:
    """What the edited cells hold before the merge."""

    cells: dict[Key, Cell]
    facts: dict[Key, FactRow]

    def seen(self, key: Key, column: Column) -> CellView:
        return view(column, self.cells.get(key), self.facts.get(key))


def _merge(sheet: Sheet, laid_out: Layout, edits: Sequence[Edit], by: User | None) -> Saved:
    saved = Saved(sheet_version=sheet.version)
    keys = laid_out.keys_by_id
    stored = Cell.objects.filter(sheet=sheet)
    standing = _Standing(
        {one: cell for cell in stored if (one := keys.get((cell.organisation_id, cell.indicator_id)))},
        facts_of({sheet.pk: laid_out})[sheet.pk],
    )
    offered = proposals(sheet, laid_out) if any(edit.mark in PROPOSED for edit in edits) else {}
    written: dict[Key, Cell] = {}
    for edit in {edit.key: edit for edit in edits}.values():  # of several for a cell the last
        column = laid_out.cells.get(edit.key)
        if column is None:
            saved.faults[edit.key] = _("This cell is not part of the sheet (any more). Reload the page.")
            continue
        entry, text = read_edit(edit, column)
        mark = mark_of(edit, entry, column, offered.get(edit.key))
        now = standing.seen(edit.key, column)
        if _same(now, text, entry, mark, column):
            saved.accepted[edit.key] = now
        elif now.version > edit.base_version:
            saved.conflicts[edit.key] = Conflict(edit.text, now, now.edited_by_name, now.edited_at)
            continue
        elif now.fact_state == State.LOCKED and entry.value != standing.facts[edit.key].value:
            saved.faults[edit.key] = _(
                "The figure %(value)s is locked. Ask for a correction once the sheet is approved."
            ) % {"value": now.fact_value}
            continue
        else:
            written[edit.key] = standing.cells[edit.key] = Cell(
                sheet=sheet,
                organisation_id=edit.organisation_id,
                indicator_id=column.id,
                text=text,
                value=entry.value,
                mark=mark,
                version=sheet.version + 1,
                edited_by=by,
                edited_by_name=name_of(by),
                edited_at=clock.now(),
            )
        if entry.fault is not None:
            saved.faults[edit.key] = entry.fault.text
    if written:
        write_cells(list(written.values()))
        sheet.version += 1
        Sheet.objects.filter(pk=sheet.pk).update(version=sheet.version)
        for one in written:
            saved.accepted[one] = standing.seen(one, laid_out.cells[one])
    saved.sheet_version = sheet.version
    return saved


def read_edit(edit: Edit, column: Column) -> tuple[Entry, str]:
    """What an edit says, and the text to keep of it."""
    text = edit.text.strip()[:LONGEST_TEXT]
    if edit.mark == Mark.OUT_OF_SERVICE:
        return read_entry(STANDSTILL, column), text if read_entry(text, column).mark == Mark.OUT_OF_SERVICE else ""
    return read_entry(edit.text, column, accept_rounding=edit.mark == Mark.ROUNDED), text


def mark_of(edit: Edit, entry: Entry, column: Column, offered: Proposed | None) -> Mark:
    """The mark that a cell gets: what the entry says, or that of the proposal which was taken over unchanged."""
    if entry.mark:
        return entry.mark
    if edit.mark not in PROPOSED or offered is None or offered.mark != edit.mark or entry.value is None:
        return Mark.NONE
    taken = Decimal(entry.value).scaleb(-column.indicator.scale) == offered.value
    return offered.mark if taken else Mark.NONE


def _same(now: CellView, text: str, entry: Entry, mark: Mark, column: Column) -> bool:
    """Whether an entry says what stands: the same number and mark, or the same text that nobody can read."""
    if mark != now.mark and (mark != Mark.NONE or now.mark == Mark.OUT_OF_SERVICE):
        return False
    if entry.fault is not None or now.fault:
        return entry.fault is not None and bool(now.fault) and text == now.text
    value = None if entry.value is None else Decimal(entry.value).scaleb(-column.indicator.scale)
    if value is None and now.value is None:
        return mark == now.mark
    return value == now.value


_UPSERT = """
    INSERT INTO filing_cell (sheet_id, organisation_id, indicator_id, text, value, mark, version, edited_by_id,
                             edited_by_name, edited_at)
    SELECT c.*, %s, %s, %s FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
                                       %s::smallint[], %s::integer[]) AS c
    ON CONFLICT (sheet_id, organisation_id, indicator_id) DO UPDATE SET
        text = EXCLUDED.text, value = EXCLUDED.value, mark = EXCLUDED.mark, version = EXCLUDED.version,
        edited_by_id = EXCLUDED.edited_by_id, edited_by_name = EXCLUDED.edited_by_name, edited_at = EXCLUDED.edited_at
"""


def write_cells(written: Sequence[Cell]) -> None:
    """Store cells, new ones and those that replace others; one statement for all that somebody wrote at one time."""
    acts: dict[tuple[int | None, str, datetime], list[Cell]] = {}
    for cell in written:
        acts.setdefault((cell.edited_by_id, cell.edited_by_name, cell.edited_at), []).append(cell)
    with connection.cursor() as cursor:
        for who, cells in acts.items():
            rows = [
                (one.sheet_id, one.organisation_id, one.indicator_id, one.text, one.value, one.mark, one.version)
                for one in cells
            ]
            cursor.execute(_UPSERT, [*who, *(list(column) for column in zip(*rows, strict=True))])


# Answers that are kept ------------------------------------------------------------------------------------------------


def _written_answer(saved: Saved) -> dict[str, Any]:
    return {
        "version": saved.sheet_version,
        "accepted": [[*key, _view_json(one)] for key, one in saved.accepted.items()],
        "conflicts": [[*key, one.mine, _view_json(one.theirs)] for key, one in saved.conflicts.items()],
        "faults": [[*key, fault] for key, fault in saved.faults.items()],
    }


def _read_answer(answer: dict[str, Any]) -> Saved:
    conflicts = {(one, code): (mine, _view_from(theirs)) for one, code, mine, theirs in answer["conflicts"]}
    return Saved(
        accepted={(one, code): _view_from(shown) for one, code, shown in answer["accepted"]},
        conflicts={
            key: Conflict(mine, theirs, theirs.edited_by_name, theirs.edited_at)
            for key, (mine, theirs) in conflicts.items()
        },
        faults={(one, code): fault for one, code, fault in answer["faults"]},
        sheet_version=answer["version"],
    )


def _view_json(one: CellView) -> list[Any]:
    return [
        one.text,
        None if one.value is None else str(one.value),
        int(one.mark),
        one.version,
        one.edited_by_name,
        one.edited_at.isoformat() if one.edited_at else None,
        None if one.fact_value is None else str(one.fact_value),
        one.fact_state,
        one.fault,
    ]


def _view_from(given: Sequence[Any]) -> CellView:
    text, value, mark, version, name, at, fact_value, fact_state, fault = given
    return CellView(
        text,
        None if value is None else Decimal(value),
        Mark(mark),
        version,
        name,
        datetime.fromisoformat(at) if at else None,
        None if fact_value is None else Decimal(fact_value),
        fact_state,
        fault,
    )
