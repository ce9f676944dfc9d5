"""One statistical scope with whom it counts, and defining, changing and removing one."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.scopes import queries, services
from gangmu.figures.scopes.definitions import ScopeDefinition
from gangmu.figures.scopes.errors import ScopeRefused
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.figures.scopes.forms import ScopeForm, initial_of
from gangmu.shell.figures.scopes.permitting import may_define
from gangmu.shell.figures.scopes.preview import Preview, preview
from gangmu.shell.figures.scopes.telling import told

VIEW = "figures:view"


def _trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(_("Statistical scopes"), reverse("scopes:list")), *rest]


@require_GET
def scope(request: HttpRequest, code: str) -> HttpResponse:
    """Its rules, and whom it counts on a day."""
    if not request.scope.may(VIEW):
        raise PermissionDenied
    row = _row(code)
    book = queries.book()
    one = book[code]
    counted, problem = None, ""
    try:
        counted = preview(one, book, book.stamp, _day(request.GET.get("day", "")), request.scope)
    except CannotAnswer as error:
        problem = str(error)
    named = {code for version in one.versions for part in (*version.count, *version.exceptions)
             for code in part.organisations}  # fmt: skip
    names = {str(each.code): each.name for each in Organisation.objects.filter(code__in=named)}
    context = {
        "title": row.name,
        "breadcrumbs": _trail((row.name, "")),
        "row": row,
        "levels": _levels(one),
        "versions": told(one, names, {code: str(other.name) for code, other in book.items()}),
        "counted": counted,
        "problem": problem,
        "may_define": bool(here("scopes:edit", row.code)) and may_define(request.scope),
    }
    return render(request, "figures/scope.html", context)


def _levels(one: ScopeDefinition) -> str:
    return ", ".join(str(kind.name) for kind in kinds.all_kinds() if kind.code in one.levels) or _("all")


def _row(code: str) -> StatisticalScope:
    row = StatisticalScope.objects.filter(code=code).first()
    if row is None:
        raise Http404(_("There is no statistical scope “%(code)s”.") % {"code": code[:60]})
    return row


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today()


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Define a scope."""
    return _define(request, None)


@require_http_methods(["GET", "POST"])
@submit_once
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a scope."""
    _require(request)
    return _define(request, queries.definition_of(_row(code)))


def _require(request: HttpRequest) -> None:
    if not may_define(request.scope):
        raise PermissionDenied(_("Your roles do not let you define statistical scopes of the whole group."))


def _define(request: HttpRequest, standing: ScopeDefinition | None) -> HttpResponse:
    _require(request)
    book = queries.book()
    others = [(code, str(one.name)) for code, one in book.items() if standing is None or code != standing.code]
    initial = initial_of(standing) if standing else {}
    form = ScopeForm(request.POST or None, initial=initial, others=others, fixed=standing.code if standing else "")
    shown: Preview | None = None
    if form.is_valid():
        if standing is None and form.cleaned_data["code"].strip() in book:
            form.add_error("code", _("There is a scope with this code already."))
        elif "look" in request.POST:
            shown = _previewed(form, book, request)
        else:
            result = services.load_scopes(form.text(), by=asker(request))
            if not result.problems:
                messages.success(request, _("The statistical scope is kept."))
                return redirect("scopes:one", form.cleaned_data["code"].strip())
            _complain(form, result.problems)
    title = f"{_('Change')} · {standing.name}" if standing else _("Define a scope")
    cancel = reverse("scopes:one", args=[standing.code]) if standing else reverse("scopes:list")
    context = {"title": title, "breadcrumbs": _trail((title, "")), "cancel": cancel, "counted": shown}
    return show_form(request, "figures/scope_form.html", form, context)


def _previewed(form: ScopeForm, book: queries.Book, request: HttpRequest) -> Preview | None:
    result, one = services.judged(form.text())
    if result.problems or one is None:
        _complain(form, result.problems)
        return None
    try:
        day = form.cleaned_data["day"] or clock.today()
        return preview(one, book, f"{book.stamp}{one!r}", day, request.scope)
    except CannotAnswer as error:
        form.add_error(None, str(error))
        return None


def _complain(form: ScopeForm, problems: list[Any]) -> None:
    """In a text of several parts the place helps; in fields it says nothing."""
    if not form.cleaned_data.get("versions", "").strip():
        for one in problems[:20]:
            form.add_error(None, one.message)
        return
    last = form.cleaned_data["versions"].count("\n") + 2
    for one in problems[:20]:
        if one.line <= last:
            where = _("line %(line)d, column %(column)d: %(message)s")
            words = {"line": max(one.line - 1, 1), "column": max(one.column - 4, 1), "message": one.message}
            form.add_error("versions", where % words)
        else:
            form.add_error(None, one.message)


@require_http_methods(["GET", "POST"])
@submit_once
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take a scope away."""
    _require(request)
    row = _row(code)
    if request.method == "POST":
        try:
            services.remove_scope(code, by=asker(request))
        except ScopeRefused as error:
            messages.error(request, str(error))
            return redirect("scopes:one", code)
        messages.success(request, _("“%(name)s” is removed.") % {"name": row.name})
        return redirect("scopes:list")
    title = f"{_('Remove')} · {row.name}"
    context = {"title": title, "breadcrumbs": _trail((row.name, reverse("scopes:one", args=[code])), (title, "")),
               "row": row}  # fmt: skip
    return render(request, "figures/scope_remove.html", context)
