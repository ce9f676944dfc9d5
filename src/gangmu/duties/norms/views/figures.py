"""The figures of a standard by cell."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.duties.norms import showing
from gangmu.duties.norms.asked import asked
from gangmu.duties.norms.figures import parameters
from gangmu.duties.norms.naming import named
from gangmu.duties.norms.views.clauses import trail


@require_GET
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """Every figure, choice and citation; those alone that differ, when asked."""
    this = asked(request, slug)
    standard = this.standard
    differing = this.given.get("differing") == "1"
    rows = [
        {
            "name": str(row.name),
            "title": str(row.parameter.title),
            "unit": named("unit", row.parameter.unit),
            "differs": row.differs,
            "address": reverse("norms:clause", args=[slug, next(iter(row.values))]),
            "cells": [" / ".join(row.by_cell.get(code, ())) for code in standard.cells],
            "is_placed": bool(row.by_cell),
            "clauses": [(key, str(row.parameter.shown(value))) for key, value in row.values.items()],
        }
        for row in parameters(standard, every=not differing)
    ]
    context = {
        "title": _("Clause figures"),
        "breadcrumbs": trail((standard.number, reverse("norms:clauses", args=[slug])), (_("Clause figures"), "")),
        "this": this,
        "standard": standard,
        "tabs": showing.tabs(standard, "figures", this.named_edition),
        "cells": list(standard.cells),
        "rows": rows,
        "differing": differing,
    }
    return render(request, "norms/figures.html", context)
