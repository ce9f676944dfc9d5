"""Where figures come from: the acts that recorded them, the life of one cell, and whom to call about one that lacks.

Everything is read in the asker's scope. Of a batch that brought nothing of their present scope its number alone is
told; sheets, corrections and people are those of their present scope.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Q

from gangmu.figures.filing.layouts import as_period, defined
from gangmu.figures.filing.models import (
    Correction,
    CorrectionCell,
    Duty,
    Explanation,
    Form,
    Mark,
    Received,
    Remark,
    Revision,
    Sheet,
    SheetEvent,
    State,
)
from gangmu.figures.filing.queries.filers import Person, filing_people
from gangmu.figures.filing.queries.forms import current_forms
from gangmu.figures.filing.rules import Finding
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals.models import Case

SHEET_KIND, CORRECTION_KIND = "filing.sheet", "filing.correction"
STATES = {state: state.name.lower() for state in State}
MARKS = {mark: mark.name.lower() for mark in Mark if mark}
ORIGINS = {Mark.RECEIVED: "interface", Mark.DERIVED: "event_log", Mark.CARRIED: "carried"}

_BATCHES = """
    SELECT b.id, b.kind, b.source, b.reason, b.recorded_at, u.name FROM filing_batch b
    LEFT JOIN accounts_user u ON u.id = b.recorded_by_id WHERE b.id = ANY(%s)"""
_BATCHES_IN_SCOPE = "SELECT id, kind, source, reason, recorded_at, recorded_by FROM filing_batches(%s)"
_REVISIONS = """
    SELECT f.batch_id, f.value, f.state, f.mark, f.entered, f.superseded_by_id FROM filing_fact f
    WHERE f.indicator_id = %s AND f.scenario_id = %s AND f.organisation_id = %s AND f.period = %s
    ORDER BY f.batch_id"""


def batches_told(wanted: Collection[int]) -> dict[int, dict[str, Any]]:
    """What is known of batches; of those that brought nothing of the asker's present scope, their numbers."""
    found: dict[int, dict[str, Any]] = {batch: {"id": batch} for batch in sorted(wanted)}
    if not found:
        return found
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('filing_batch', 'SELECT')")
        cursor.execute(_BATCHES if cursor.fetchone()[0] else _BATCHES_IN_SCOPE, [list(found)])
        for batch, kind, source, reason, recorded_at, recorded_by in cursor.fetchall():
            found[batch].update(
                kind=kind,
                source=source,
                reason=reason,
                recorded_at=recorded_at.isoformat(),
                recorded_by=recorded_by,
            )
    return found


# Whom to call ---------------------------------------------------------------------------------------------------------


def whom_to_call(chains: Mapping[int, Sequence[int]], indicator: str, grain: str, day: date) -> dict[int, list[Person]]:
    """Who files an indicator for organisations on a day, as lists of what is late name them.

    `chains` are each organisation and those above it, the nearest first: units are filed for by their plant, and by a
    control centre where it has the duty to.
    """
    codes = [form.code for form in current_forms(grain) if indicator in defined(form).items]
    near = {one: list(chain[:3]) for one, chain in chains.items()}
    held = {pk for chain in near.values() for pk in chain}
    duties = Duty.objects.filter(form_code__in=codes, organisation__in=held, valid__contains=day) if codes else ()
    others = {duty.organisation_id: duty.filer_id for duty in duties}
    people = filing_people(held | set(others.values()))
    found: dict[int, list[Person]] = {}
    for one, chain in near.items():
        asked = [pk for above in chain for pk in (others.get(above), above) if pk]
        found[one] = next((people[pk] for pk in asked if people.get(pk)), [])
    return found


# One cell -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CellKey:
    """One cell: an indicator of an organisation in a period of a scenario. `above` holds the organisation and those
    above it in that period, the nearest first: among them is whose sheet it stands in."""

    indicator: int
    code: str
    grain: str
    scenario: int
    organisation: int
    period: date
    above: tuple[int, ...]


class CellLife:
    """All that is known of a cell, in a fixed number of queries."""

    def __init__(self, key: CellKey) -> None:
        self.key = key
        with connection.cursor() as cursor:
            cursor.execute(_REVISIONS, [key.indicator, key.scenario, key.organisation, key.period])
            self.rows = cursor.fetchall()
        ended = {row[5] for row in self.rows if row[5]}
        self.batches = batches_told({row[0] for row in self.rows} | ended)

    def as_json(self) -> dict[str, Any]:
        sheet = self.sheet
        revisions = self._revisions()
        newest = revisions[-1] if revisions else None
        stands = newest if newest and not newest["until"] else None
        told: dict[str, Any] = {
            "value": stands["value"] if stands else None,
            "state": stands["state"] if stands else None,
            "mark": stands["mark"] if stands else None,
            "origin": self._origin(stands),
            "sheet": self._sheet() if sheet else None,
            "revisions": revisions,
            "approvals": self._approvals(),
            "explanations": self._explanations(),
            "remarks": self._remarks(),
            "corrections": self._corrections(),
            "received": self._received(),
            "events": self._events(),
        }
        return told

    # Figures ---------------------------------------------------------------------------------------------------------

    def _revisions(self) -> list[dict[str, Any]]:
        """Every figure that ever stood here, the oldest first; `until` is when another took its place, or none did."""
        own = {row[0] for row in self.rows}
        found = []
        for batch, value, state, mark, entered, ended in self.rows:
            found.append(
                {
                    "value": value,
                    "state": STATES[State(state)],
                    "mark": MARKS.get(Mark(mark)),
                    "entered": entered or "",
                    "batch": self.batches[batch],
                    "sheet_revision": self._of_batch[batch].number if batch in self._of_batch else None,
                    "until": self.batches[ended].get("recorded_at") or True if ended else None,
                    "taken_back": bool(ended) and ended not in own,
                }
            )
        return found

    def _origin(self, stands: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """By which way the figure that stands came in: an interface, the event log, a workbook, by hand, a load."""
        if stands is None:
            return None
        kind = stands["batch"].get("kind")
        mark = next((one for one, name in MARKS.items() if name == stands["mark"]), Mark.NONE)
        how = ORIGINS.get(mark) or {"import": "load", "correction": "correction"}.get(kind, "")
        found = {"how": how, "source": stands["batch"].get("source", ""), "file": ""}
        if kind == "sheet" and not how:
            book = self._workbook(stands["batch"]["recorded_at"])
            found |= {"how": "workbook", "file": book.data.get("file", "")} if book else {"how": "sheet"}
        return found

    def _workbook(self, before: str) -> SheetEvent | None:
        """The workbook from which the sheet's figures were last taken before they were submitted."""
        until = datetime.fromisoformat(before)
        books = [one for one in self._sheet_events if one.what == "imported" and one.happened_at <= until]
        return books[-1] if books else None

    # The sheet -------------------------------------------------------------------------------------------------------

    @cached_property
    def _sheet_revisions(self) -> list[Revision]:
        return list(Revision.objects.filter(sheet=self.sheet).order_by("number")) if self.sheet else []

    @cached_property
    def _of_batch(self) -> dict[int, Revision]:
        return {one.batch_id: one for one in self._sheet_revisions if one.batch_id}

    @cached_property
    def sheet(self) -> Sheet | None:
        """The sheet in which the cell stands: that whose revision recorded it, else one whose form asks for it."""
        rows = Sheet.objects.filter(period=self.key.period, organisation__in=self.key.above)
        asking = [
            one
            for one in rows.select_related("form", "organisation")
            if defined(one.form).grain == self.key.grain and self.key.code in defined(one.form).items
        ]
        if len(asking) < 2:
            return asking[0] if asking else None
        recorded = Revision.objects.filter(batch__in=[row[0] for row in self.rows], sheet__in=asking)
        of = set(recorded.values_list("sheet_id", flat=True))
        nearest = sorted(asking, key=lambda one: (one.pk not in of, self.key.above.index(one.organisation_id)))
        return nearest[0]

    def _sheet(self) -> dict[str, Any]:
        sheet = self.sheet
        assert sheet is not None
        form: Form = sheet.form
        newest = self._sheet_revisions[-1] if self._sheet_revisions else None
        return {
            "id": sheet.pk,
            "form": {
                "code": form.code,
                "version": form.version,
                "name": {"zh": form.name_zh, "en": form.name_en},
                "source": form.source,
            },
            "organisation": sheet.organisation.code,
            "name": {"zh": sheet.organisation.name_zh, "en": sheet.organisation.name_en},
            "period": as_period(sheet.period, self.key.grain).code,
            "status": sheet.status,
            "due_at": _moment(sheet.due_at),
            "filed_by": newest.recorded_by_name if newest else None,
            "filed_at": _moment(newest.recorded_at) if newest else None,
            "approved_at": _moment(sheet.approved_at),
            "locked_at": _moment(sheet.locked_at),
        }

    @cached_property
    def _sheet_events(self) -> list[SheetEvent]:
        return list(SheetEvent.objects.filter(sheet=self.sheet).order_by("happened_at", "pk")) if self.sheet else []

    def _events(self) -> list[dict[str, Any]]:
        return [
            {
                "at": one.happened_at.isoformat(),
                "what": one.what,
                "by": one.by_name,
                "words": one.words,
                "file": one.data.get("file", ""),
            }
            for one in self._sheet_events
        ]

    # What people decided and said ------------------------------------------------------------------------------------

    @cached_property
    def _corrected(self) -> list[CorrectionCell]:
        if self.sheet is None:
            return []
        rows = CorrectionCell.objects.filter(
            correction__sheet=self.sheet, organisation=self.key.organisation, indicator=self.key.indicator
        )
        return list(rows.select_related("correction").order_by("correction__number"))

    def _approvals(self) -> list[dict[str, Any]]:
        """Every decision on the sheet and on the corrections of this cell, the oldest first."""
        if self.sheet is None:
            return []
        numbers = {one.correction_id: one.correction.number for one in self._corrected}
        own = Q(kind=SHEET_KIND, subject_id=self.sheet.pk)
        of_corrections = Q(kind=CORRECTION_KIND, subject_id__in=list(numbers))
        cases = Case.objects.select_related("route").filter(own | of_corrections if numbers else own).in_bulk()
        told = approvals.histories(list(cases.values()))
        steps = [
            {
                "at": step.at.isoformat(),
                "action": str(step.action),
                "text": step.text,
                "by": step.by,
                "on_behalf_of": step.on_behalf_of,
                "node": step.node,
                "reason": step.reason,
                "words": step.words,
                "round": step.round,
                "correction": numbers[case.subject_id] if case.kind == CORRECTION_KIND else None,
            }
            for case in cases.values()
            for step in told[case.pk]
        ]
        return sorted(steps, key=lambda one: one["at"])

    def _explanations(self) -> list[dict[str, Any]]:
        """What the clerk said of warnings that speak of this cell."""
        if self.sheet is None:
            return []
        here = (self.key.organisation, self.key.code)
        findings = [Finding.from_json(one) for revision in self._sheet_revisions for one in revision.findings]
        told = {one.key: one for one in findings if here in one.cells}
        if not told:
            return []
        said = Explanation.objects.filter(sheet=self.sheet, finding__in=list(told)).order_by("said_at", "pk")
        return [
            {
                "at": one.said_at.isoformat(),
                "by": one.said_by_name,
                "words": one.words,
                "finding": told[one.finding].text,
                "rule": told[one.finding].rule,
            }
            for one in said
        ]

    def _remarks(self) -> list[dict[str, Any]]:
        """What was said of this cell, and of the sheet as a whole."""
        if self.sheet is None:
            return []
        own = (self.key.organisation, self.key.indicator)
        return [
            {
                "at": one.said_at.isoformat(),
                "by": one.said_by_name,
                "words": one.words,
                "about": "cell" if one.indicator_id else "sheet",
            }
            for one in Remark.objects.filter(sheet=self.sheet).order_by("said_at", "pk")
            if one.indicator_id is None or (one.organisation_id, one.indicator_id) == own
        ]

    def _corrections(self) -> list[dict[str, Any]]:
        found = []
        for cell in self._corrected:
            one: Correction = cell.correction
            found.append(
                {
                    "id": one.pk,
                    "number": one.number,
                    "status": one.status,
                    "reason": one.reason,
                    "old": cell.old,
                    "new": cell.new,
                    "asked_by": one.asked_by_name,
                    "asked_at": one.asked_at.isoformat(),
                    "applied_at": _moment(one.applied_at),
                }
            )
        return found

    def _received(self) -> list[dict[str, Any]]:
        """What interfaces gave for this cell."""
        rows = Received.objects.filter(
            organisation=self.key.organisation, indicator=self.key.indicator, period=self.key.period
        )
        return [
            {"source": one.source, "value": one.value, "at": one.received_at.isoformat()}
            for one in rows.order_by("received_at")
        ]


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
