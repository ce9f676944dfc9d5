"""Freezing a baseline, and one as it was frozen."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.duties.norms import queries, services, showing
from gangmu.duties.norms.asked import asked
from gangmu.duties.norms.comparing import Comparison, Difference
from gangmu.duties.norms.errors import ClausesGone, NormsError
from gangmu.duties.norms.forms import FreezeForm
from gangmu.duties.norms.models import Baseline
from gangmu.duties.norms.rights import FREEZE, VIEW
from gangmu.duties.norms.views.clauses import trail
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once


@require_http_methods(["GET", "POST"])
@submit_once
def freeze(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze what holds in a cell for a subject."""
    this = asked(request, slug)
    if not request.scope.may(FREEZE):
        raise PermissionDenied(_("Your roles do not let you freeze baselines."))
    gone = tuple(request.POST.getlist("dropping")) if request.method == "POST" else ()
    initial = {name: this.given.get(name, "") for name in ("organisation", "subject", "cell", "also")}
    initial |= {f"choice-{code}": one for code, one in this.choices.items()}
    form = FreezeForm(request.POST or None, standard=this.standard, gone=gone, initial=initial)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = services.freeze_baseline(
                asker(request), given["organisation"], given["subject"], this.edition, form.cell, form.choices,
                dropping=given.get("dropping", ()), scope=request.scope,
            )  # fmt: skip
        except ClausesGone as error:
            form = FreezeForm(request.POST, standard=this.standard, gone=(*gone, *error.keys))
            form.is_valid()
            form.add_error("dropping", str(error))
        except NormsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The baseline is frozen: %(n)d clauses.") % {"n": made.size})
            return redirect("norms:baseline", pk=made.pk)
    back = reverse("norms:clauses", args=[slug])
    context = {
        "title": _("Freeze a baseline"),
        "breadcrumbs": trail((this.standard.number, back), (_("Freeze a baseline"), "")),
        "cancel": back,
        "standard": this.standard,
    }
    return show_form(request, "norms/freeze.html", form, context)


@require_GET
def baseline(request: HttpRequest, pk: int) -> HttpResponse:
    """A baseline as it was frozen, what it followed, and what the current edition would change."""
    if not request.scope.may(VIEW):
        raise PermissionDenied(_("Your roles do not let you read standards."))
    shown = get_object_or_404(
        Baseline.objects.select_related("organisation", "edition__standard", "previous", "frozen_by"), pk=pk
    )
    standard = queries.standard_of(shown.edition)
    resolved = queries.frozen(shown)
    newer = queries.against_current(shown)
    following = Baseline.objects.filter(previous=shown).first()
    origins: dict[str, int] = {}
    for one in resolved.held:
        origins[one.origin] = origins.get(one.origin, 0) + 1
    context: dict[str, Any] = {
        "title": shown.subject,
        "breadcrumbs": [(_("Baselines"), reverse("norms:baselines")), (shown.subject, "")],
        "baseline": shown,
        "standard": standard,
        "cell": ", ".join(showing.cell_name(standard, code) for code in shown.cell.split(",") if code),
        "choices": [
            (str(name), f"{shown.choices[code]} {standard.alternatives[shown.choices[code]]}")
            for code, name in standard.subjects.items()
            if code in shown.choices
        ],
        "sections": showing.by_section(standard, resolved.held, origins=bool(shown.cell)),
        "origins": [(showing.named("origin", code), origins[code]) for code in showing.ORIGIN_TONES if code in origins],
        "following": following,
        "current": queries.current_edition(standard.code) if newer else None,
        "changes": len(newer.differences) if newer else 0,
        "newer": [_change(newer, one) for one in newer.differences] if newer else [],
    }
    return render(request, "norms/baseline.html", context)


def _change(newer: Comparison, one: Difference) -> dict[str, Any]:
    """What the current edition would change, under the topic's name in the edition that has it."""
    standard = newer.b.standard if one.topic in newer.b.standard.topics else newer.a.standard
    return {
        "name": str(standard.topics[one.topic].name),
        "entries": one.entries,
        **showing.told(standard, one),
    }
