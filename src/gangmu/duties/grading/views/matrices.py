"""The matrices of a scheme: what is printed, what is of the house and since when; changing the house's cells."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.duties.grading import services, showing
from gangmu.duties.grading.forms import MatrixForm
from gangmu.duties.grading.models import MatrixCell
from gangmu.duties.grading.scheme import Scheme, Step, place
from gangmu.duties.grading.services.matrices import may_configure
from gangmu.duties.grading.shipped import schemes
from gangmu.duties.grading.views.common import REFUSED, scheme_or_404, trail
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once


@require_GET
def matrices(request: HttpRequest, slug: str) -> HttpResponse:
    """The matrices of a scheme as they stand today, and what was changed."""
    scheme = scheme_or_404(slug)
    changed = MatrixCell.objects.filter(scheme=scheme.code, set_by_name__gt="").order_by("-set_at", "-pk")
    title = _("Matrices of %(scheme)s") % {"scheme": scheme.number}
    context = {
        "title": title,
        "breadcrumbs": trail((title, "")),
        "scheme": scheme,
        "schemes": list(schemes().values()),
        "matrices": showing.matrices(scheme),
        "has_house": {step.gives for step in scheme.matrices if step.house},
        "may_configure": may_configure(request.scope),
        "changes": [_change(scheme, cell) for cell in changed[:100]],
    }
    return render(request, "grading/matrices.html", context)


def _change(scheme: Scheme, cell: MatrixCell) -> dict[str, Any]:
    step = scheme.step(cell.step)
    known = step is not None and (cell.row, cell.column) in step.cells
    return {
        "cell": cell,
        "place": place(scheme, step, (cell.row, cell.column)) if step and known else f"{cell.row} × {cell.column}",
        "level": str(scheme.scale(cell.step).levels.get(cell.level, cell.level)) if step else cell.level,
    }


@require_http_methods(["GET", "POST"])
@submit_once
def edit(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """Change cells of the house from a day on."""
    scheme = scheme_or_404(slug)
    made = scheme.step(step)
    if made is None or not made.house or not may_configure(request.scope):
        raise PermissionDenied
    form = MatrixForm(request.POST or None, scheme=scheme, step=made)
    problem = ""
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            with transaction.atomic():
                services.change_cells(
                    scheme.code,
                    step,
                    form.levels,
                    from_day=form.day,
                    reason=reason,
                    by=asker(request),
                    scope=request.scope,
                )
        except REFUSED as error:
            problem = str(error)
        else:
            messages.success(request, _("The matrix was changed. Grades that are confirmed keep theirs."))
            return redirect("grading:matrices", slug=slug)
    return _edit_page(request, scheme, made, form, problem)


def _edit_page(request: HttpRequest, scheme: Scheme, step: Step, form: MatrixForm, problem: str) -> HttpResponse:
    matrix = showing.matrix(scheme, step)
    boxes = {
        cell.name: {
            "field": form[cell.name],
            "open": ", ".join(str(scheme.scale(step.gives).levels[level]) for level in cell.open),
        }
        for row in matrix.rows
        for cell in row.cells
        if not cell.is_printed
    }
    title = _("Change the matrix of “%(step)s”") % {"step": matrix.title}
    context = {
        "title": title,
        "breadcrumbs": trail((_("Matrices of %(scheme)s") % {"scheme": scheme.number}, "../../"), (title, "")),
        "scheme": scheme,
        "matrix": matrix,
        "form": form,
        "boxes": boxes,
        "problem": problem,
    }
    status = 422 if problem or (form.is_bound and form.errors) else 200
    return render(request, "grading/matrix_edit.html", context, status=status)
