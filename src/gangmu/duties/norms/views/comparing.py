"""Two cells side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.duties.norms import showing
from gangmu.duties.norms.asked import Asked, asked
from gangmu.duties.norms.comparing import Comparison, compare
from gangmu.duties.norms.errors import NormsError
from gangmu.duties.norms.naming import DIFFERENCES, named
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.views.clauses import trail


@require_GET
def compare_cells(request: HttpRequest, slug: str) -> HttpResponse:
    """What differs between two cells, statement by statement; all of it, or the differences alone."""
    this = asked(request, slug)
    standard = this.standard
    a, b = this.cell("a"), this.cell("b")
    comparison, refused = _compared(this, a, b) if a and b else (None, "")
    every = this.given.get("every") == "1"
    pairs = []
    counts: dict[str, int] = {}
    if comparison:
        for one in comparison.differences:
            counts[one.kind] = counts.get(one.kind, 0) + 1
        for pair in comparison.pairs:
            if every or pair.differences:
                pairs.append(
                    {
                        "name": str(standard.topics[pair.topic].name),
                        "a": showing.shown(standard, pair.a) if pair.a else None,
                        "b": showing.shown(standard, pair.b) if pair.b else None,
                        "differences": [showing.told(standard, one) for one in pair.differences],
                    }
                )
    subjects = standard.subjects if standard.alternatives else {}
    context = {
        "title": _("Compare two cells"),
        "breadcrumbs": trail((standard.number, reverse("norms:clauses", args=[slug])), (_("Compare"), "")),
        "this": this,
        "standard": standard,
        "tabs": showing.tabs(standard, "compare", this.named_edition),
        "cells": [(code, showing.cell_name(standard, code)) for code in standard.cells],
        "a": a,
        "b": b,
        "names": [showing.cell_name(standard, a), showing.cell_name(standard, b)],
        "subjects": [
            {"code": code, "name": str(name), "chosen": this.given.get(f"choice-{code}", "")}
            for code, name in subjects.items()
        ],
        "alternatives": list(standard.alternatives.items()),
        "every": every,
        "compared": comparison is not None,
        "counts": [
            {"name": named("difference", kind), "tone": showing.DIFFERENCE_TONES[kind], "n": counts[kind]}
            for kind in DIFFERENCES
            if kind in counts
        ],
        "pairs": pairs,
        "refused": refused,
    }
    return render(request, "norms/compare.html", context)


def _compared(this: Asked, a: str, b: str) -> tuple[Comparison | None, str]:
    try:
        sides = (resolve(this.standard, cell, this.choices, spare=True) for cell in (a, b))
        return compare(*sides), ""
    except NormsError as error:
        return None, str(error)
