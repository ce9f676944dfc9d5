"""One sheet to read: what deserves a look first, then its figures, what was said, and what may be done now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gangmu.figures.filing import queries
from gangmu.figures.filing.models import Correction, Revision, Sheet, State
from gangmu.figures.filing.queries.checking import Examined, examine
from gangmu.figures.filing.views import remarked, tables
from gangmu.figures.filing.views.common import (
    ICONS,
    KIND,
    TONES,
    in_words,
    layout_of,
    sheet_or_404,
    sheet_period,
    sheet_title,
    trail,
)
from gangmu.figures.filing.views.revised import Changed, changes_of
from gangmu.foundation.approvals import panels

BEFORE_SUBMISSION = (Sheet.Status.OPEN, Sheet.Status.RETURNED)
MOST_CHANGES = 40


@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The read view, for whoever has the sheet in their scope."""
    shown = sheet_or_404(pk)
    examined = examine([shown])[shown.pk] if layout_of(shown) else None
    period = sheet_period(shown)
    may = queries.may(shown, request.scope)
    context = {
        "title": sheet_title(shown),
        "breadcrumbs": trail((f"{sheet_title(shown)} · {period.code}", "")),
        "sheet": shown,
        "period": period,
        "in_words": in_words(period),
        "tone": TONES[shown.status],
        "status_icon": ICONS[shown.status],
        "state": State(shown.state).label if shown.state else "",
        "may": may,
        "approval": panels.panel(request, KIND, shown.pk),
        "corrections": list(Correction.objects.filter(sheet=shown).order_by("-number")),
        "before_submission": shown.status in BEFORE_SUBMISSION,
    }
    if examined is not None:
        context |= _figures(examined, list(queries.revisions(shown)), choices="remark" in may)
    return render(request, "filing/sheet.html", context)


def _figures(examined: Examined, revisions: list[Revision], *, choices: bool) -> dict[str, object]:
    """All that needs the sheet's cells."""
    shown, layout = examined.sheet, examined.layout
    remarks = queries.remarks(shown)
    in_hand = shown.status in BEFORE_SUBMISSION
    found = [*(examined.faults if in_hand and shown.revision else ()), *examined.findings]
    about = tables.About(
        beside=queries.beside(shown, layout), remarks=tables.counted(remarks), tones=tables.tones_of(found)
    )
    figures = tables.figures(layout, examined.cells, about)
    changed = _changed(revisions, examined)
    return {
        "figures": figures,
        "exceptions": remarked.exceptions(found, examined.explanations, figures.places),
        "changed": changed[:MOST_CHANGES],
        "more_changed": max(len(changed) - MOST_CHANGES, 0),
        "remarks": remarked.notes(remarks, figures.places),
        "revisions": revisions[::-1],
        "cell_choices": [(f"{key[0]}-{key[1]}", text) for key, text in figures.places.items()] if choices else [],
    }


def _changed(revisions: list[Revision], examined: Examined) -> list[Changed]:
    """What the newest revision replaced in those before it."""
    if len(revisions) < 2:
        return []
    newest = revisions[-1]
    places = tables.places(examined.layout)
    return changes_of([newest], examined.layout, places).get(newest.batch_id or 0, [])
