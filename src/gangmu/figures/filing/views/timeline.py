"""Everything that ever happened to a sheet, in one line of time: who did what, in their words, from which figure to
which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gangmu.figures.filing import queries
from gangmu.figures.filing.layouts import Key
from gangmu.figures.filing.models import Correction, Explanation, Remark, Revision, Sheet, SheetEvent
from gangmu.figures.filing.rules import Finding
from gangmu.figures.filing.views import tables
from gangmu.figures.filing.views.common import (
    CORRECTION_KIND,
    KIND,
    layout_of,
    sheet_or_404,
    sheet_title,
    sheet_trail,
    sheet_url,
)
from gangmu.figures.filing.views.revised import Changed, changes_of
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.panels import STEP_LOOKS

Text = str | Promise
MOST_CHANGES = 60

# What happened besides decisions, revisions and corrections, which tell themselves.
EVENTS: dict[str, tuple[Text, str, str, int]] = {
    "opened": (gettext_lazy("Sheet opened"), "plus", "", 0),
    "imported": (gettext_lazy("Figures taken from a workbook"), "file-spreadsheet", "info", 1),
    "locked": (gettext_lazy("Locked"), "lock", "success", 6),
    "correction withdrawn": (gettext_lazy("Correction given up"), "x", "secondary", 9),
}
SAID, FILED, DECIDED, BEGUN, CORRECTED, IN_FORCE = 2, 3, 4, 7, 8.5, 9  # the order of steps of the same moment


@dataclass(frozen=True)
class Step:
    """One step. `rank` orders steps of the same moment as one leads to the other."""

    at: datetime
    title: Text
    by: str = ""
    icon: str = "history"
    tone: str = ""
    words: str = ""
    note: str = ""
    href: str = ""
    changes: tuple[Changed, ...] = ()
    more: int = 0
    rank: float = 0


@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every step of a sheet, the latest first."""
    sheet = sheet_or_404(pk)
    steps = sorted(steps_of(sheet), key=lambda step: (step.at, step.rank), reverse=True)
    context = {
        "title": _("History"),
        "breadcrumbs": sheet_trail(sheet, (_("History"), "")),
        "sheet": sheet,
        "sheet_title": sheet_title(sheet),
        "back": sheet_url(sheet),
        "steps": steps,
    }
    return render(request, "filing/history.html", context)


def steps_of(sheet: Sheet) -> list[Step]:
    """Events, revisions, decisions, explanations, remarks and corrections of a sheet, in no order."""
    layout = layout_of(sheet)
    places = tables.places(layout) if layout else {}
    corrections = list(Correction.objects.filter(sheet=sheet))
    revisions = list(queries.revisions(sheet))
    found = {one["key"]: Finding.from_json(one).text for revision in revisions for one in revision.findings}
    return [
        *_events(queries.events(sheet)),
        *_revisions(revisions, changes_of(revisions, layout, places) if layout else {}),
        *_decisions(Case.objects.filter(kind=KIND, subject_id=sheet.pk), {}),
        *_decisions(
            Case.objects.filter(kind=CORRECTION_KIND, subject_id__in=[one.pk for one in corrections]),
            {one.pk: one for one in corrections},
        ),
        *_corrections(corrections),
        *_explanations(Explanation.objects.filter(sheet=sheet), found),
        *_remarks(queries.remarks(sheet), places),
    ]


def _events(events: Iterable[SheetEvent]) -> Iterable[Step]:
    for event in events:
        if event.what in EVENTS:
            title, icon, tone, rank = EVENTS[event.what]
            yield Step(event.happened_at, title, event.by_name, icon, tone, words=event.words, rank=rank)


def _revisions(revisions: Iterable[Revision], changed: Mapping[int, list[Changed]]) -> Iterable[Step]:
    for one in revisions:
        is_correction = one.kind == Revision.Kind.CORRECTION
        title = _("Revision %(n)d: corrected figures") if is_correction else _("Revision %(n)d: figures submitted")
        found = changed.get(one.batch_id or 0, [])
        yield Step(
            one.recorded_at,
            title % {"n": one.number},
            one.recorded_by_name,
            "refresh" if is_correction else "clipboard-list",
            "info",
            words=one.words,
            note=_("%(cells)d cells, %(changed)d of them new or changed")
            % {"cells": one.cells_count, "changed": one.changed_count},
            changes=tuple(found[:MOST_CHANGES]),
            more=max(len(found) - MOST_CHANGES, 0),
            rank=CORRECTED if is_correction else FILED,
        )


def _decisions(cases: Iterable[Case], corrections: Mapping[int, Correction]) -> Iterable[Step]:
    for case in cases:
        correction = corrections.get(case.subject_id)
        for number, step in enumerate(approvals.history(case)):
            icon, tone = STEP_LOOKS.get(step.action, ("history", ""))
            behalf = _("on behalf of %(name)s") % {"name": step.on_behalf_of} if step.on_behalf_of else ""
            told = "" if step.action == Action.SUBMIT and not correction else step.words  # the revision says them
            about = _("Correction %(n)d") % {"n": correction.number} if correction else ""
            yield Step(
                step.at,
                capfirst(step.text),
                step.by,
                icon,
                tone,
                words=" ".join(filter(None, (step.reason, told))),
                note=" · ".join(filter(None, (about, step.node, behalf))),
                href=reverse("filing:correction", args=[correction.pk]) if correction else "",
                rank=(BEGUN if correction else DECIDED) + (number + 1) / 1000,
            )


def _corrections(corrections: Iterable[Correction]) -> Iterable[Step]:
    for one in corrections:
        href = reverse("filing:correction", args=[one.pk])
        words = {"n": one.number}
        yield Step(
            one.asked_at,
            _("Correction %(n)d begun") % words,
            one.asked_by_name,
            "refresh",
            "warning",
            one.reason,
            href=href,
            rank=BEGUN,
        )
        if one.applied_at:
            yield Step(
                one.applied_at,
                _("Correction %(n)d is in force") % words,
                "",
                "circle-check",
                "success",
                href=href,
                rank=IN_FORCE,
            )


def _explanations(explanations: Iterable[Explanation], found: Mapping[str, str]) -> Iterable[Step]:
    for one in explanations:
        note = found.get(one.finding, "")
        yield Step(
            one.said_at, _("Warning explained"), one.said_by_name, "message-reply", "info", one.words, note, rank=SAID
        )


def _remarks(remarks: Iterable[Remark], places: Mapping[Key, str]) -> Iterable[Step]:
    for one in remarks:
        place = places.get((one.organisation_id, one.indicator.code), "") if one.indicator else ""
        yield Step(one.said_at, _("Remark"), one.said_by_name, "message-circle", "", one.words, place, rank=SAID)
