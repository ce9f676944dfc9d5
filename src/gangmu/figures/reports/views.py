"""The pages of reports: the report, its brief, its files, its editions beside each other."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.figures.cube.gateway import CannotAnswer
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.reports import asking, queries, services, showing
from gangmu.figures.reports import brief as briefs
from gangmu.figures.reports.asking import Asked
from gangmu.figures.reports.content import Content
from gangmu.figures.reports.models import Edition, EditionFile, Subscription
from gangmu.figures.reports.printing import CONTENT_TYPES, LANGUAGES, file_name, printed
from gangmu.figures.reports.printing.pdf import picture as drawn
from gangmu.foundation.boards.places import places
from gangmu.foundation.documents.services import download
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.records.services import note
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once

REFUSED = (CannotAnswer, PeriodError, FormulaError)
ISSUE = "figures:issue"
EXPORT = "figures:export"


@require_GET
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The report as it stands now, or as an edition told it."""
    asked = asking.asked(request, code)
    context = _frame(request, asked)
    try:
        content = asked.content
    except REFUSED as error:
        return render(request, "reports/report.html", {**context, "problem": str(error)}, status=422)
    editions = list(queries.editions_of(asked.report.code, asked.organisation, asked.period))
    last = editions[0] if editions else None
    context |= {
        "content": content,
        "sections": showing.shown_sections(content),
        "number": showing.issue_number(asked.period),
        "standing": showing.standing_words(content),
        "late": showing.late_words(content),
        "made_at": showing.made_at(content),
        "editions": [(one, asked.address(edition=str(one.number))) for one in editions],
        "edition": asked.edition,
        "current": asked.address(edition=""),
        "has_changed": asked.edition is None and last is not None and last.digest != content.digest,
        "last": last,
    }
    return render(request, "reports/report.html", context)


@require_GET
def brief(request: HttpRequest, code: str) -> HttpResponse:
    """The morning brief: words to copy, and a picture."""
    asked = asking.asked(request, code)
    context = _frame(request, asked) | {"back": asked.address(), "picture": asked.address("picture")}
    context["breadcrumbs"] = [*context["breadcrumbs"][:-1], (str(asked.report.title), asked.address()),
                              (pgettext("report", "Morning brief"), "")]  # fmt: skip
    try:
        content = asked.content
    except REFUSED as error:
        return render(request, "reports/brief.html", {**context, "problem": str(error)}, status=422)
    context |= {
        "content": content,
        "heading": briefs.title(content),
        "sentences": briefs.sentences(asked.report, content),
        "words": briefs.words(asked.report, content),
        "picture_name": file_name(content, get_language() or "", "png", asked.edition),
    }
    return render(request, "reports/brief.html", context)


@require_GET
def picture(request: HttpRequest, code: str) -> HttpResponse:
    """The brief as one picture in the reader's language."""
    asked = asking.asked(request, code)
    return _sent(_made(lambda: drawn(asked.report, asked.content)), "png")


@require_GET
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The report as a workbook or PDF in the reader's language; that it left is recorded.

    Of an edition it is the file that was kept when it was issued, where one was kept.
    """
    asked = asking.asked(request, code)
    if not request.scope.may_at(EXPORT, asked.organisation.pk):
        raise PermissionDenied(_("Your roles do not include the export of figures."))
    kind, language = request.GET.get("kind", "pdf"), request.GET.get("language", get_language() or "")
    if kind not in EditionFile.Kind.values or language not in LANGUAGES:
        raise BadRequest(_("A report is exported as xlsx or pdf, in zh-hans or en."))
    if asked.edition is not None:
        rows = EditionFile.objects.filter(edition=asked.edition, kind=kind, language=language)
        kept = rows.select_related("document__organisation").first()
        if kept is not None:
            return download(kept.document, by=asker(request))
    made = _made(lambda: printed(asked.content, language, kind, asked.edition))
    data = {"report": code, "kind": kind, "language": language, "period": asked.period.code}
    note("reports.exported", by=asker(request), organisation=asked.organisation, data=data, request=request)
    return _sent(made, kind, file_name(asked.content, language, kind, asked.edition))


@require_GET
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Which figures changed from one edition to another, or to what stands now."""
    later = asking.asked(request, code)
    rows = queries.editions_of(later.report.code, later.organisation, later.period)
    number = request.GET.get("from", "")
    before = next((one for one in rows if str(one.number) == number), None)
    if before is None:
        raise Http404(_("There is no such edition, or you may not see it."))
    context = _frame(request, later)
    try:
        old, new = queries.kept(Edition.objects.get(pk=before.pk)), later.content
    except REFUSED as error:
        return render(request, "reports/compare.html", {**context, "problem": str(error)}, status=422)
    lines = [_difference(old, new, one) for one in queries.differences(old, new)]
    lines.sort(key=lambda line: not line["moved"])
    context |= {
        "content": new,
        "before": before,
        "edition": later.edition,
        "lines": lines,
        "figures": sum(bool(line["moved"]) for line in lines),
        "back": later.address(),
    }
    context["breadcrumbs"] = [*context["breadcrumbs"][:-1], (str(later.report.title), later.address()),
                              (_("What changed"), "")]  # fmt: skip
    return render(request, "reports/compare.html", context)


def _difference(old: Content, new: Content, one: queries.Difference) -> dict[str, Any]:
    """A figure that differs, in words."""
    cell = one.after or one.before
    return {
        "section": one.section,
        "line": one.line,
        "head": one.head,
        "before": old.shown(one.before),
        "after": new.shown(one.after),
        "unit": new.unit(cell.unit).name if cell else "",
        "before_state": showing.state_word(one.before) if one.before else "",
        "after_state": showing.state_word(one.after) if one.after else "",
        "url": showing.url(new, one.after) if one.after else "",
        "moved": one.before is None or one.after is None or one.before.value != one.after.value,
    }


@require_POST
@submit_once
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Issue an edition of what stands now, by hand."""
    asked = asking.asked(request, code)
    if not request.scope.may_at(ISSUE, asked.organisation.pk):
        raise PermissionDenied(_("Your roles do not include the issuing of reports."))
    before = queries.last_edition(asked.report.code, asked.organisation, asked.period)
    try:
        edition = services.issue(
            asked.report,
            asked.organisation,
            asked.period,
            Edition.Reason.MANUAL,
            by=asker(request),
            scope=request.scope,
        )
    except REFUSED as refusal:
        messages.error(request, str(refusal))
        return redirect(asked.address())
    if before is not None and before.pk == edition.pk:
        messages.info(request, _("No figure has changed since edition %(number)d.") % {"number": edition.number})
    else:
        messages.success(request, _("Edition %(number)d is issued.") % {"number": edition.number})
    return redirect(queries.address(edition))


@require_POST
@submit_once
def subscribe(request: HttpRequest, code: str) -> HttpResponse:
    """Be told of every edition of an organisation's report, or no longer."""
    asked = asking.asked(request, code)
    verb = services.unsubscribe if request.POST.get("wish") == "leave" else services.subscribe
    verb(asker(request), asked.report, asked.organisation)
    return redirect(asked.address())


def _frame(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """What every page of a report needs."""
    known = places(request.scope)
    further = [one for one in known if one.kind in asked.report.kinds]
    name = asked.organisation.name
    return {
        "title": f"{name} · {asked.report.title}",
        "breadcrumbs": [(_("Reports"), "../"), (str(asked.report.title), "")],
        "report": asked.report,
        "organisation": asked.organisation,
        "period": asked.period,
        "period_label": asked.period.label(get_language() or ""),
        "before_period": asked.neighbour("previous"),
        "after_period": asked.neighbour("next"),
        "last_day": asking.last_period(asked.report).end.isoformat(),
        "others": [(one, asked.address(organisation=one.code, edition="")) for one in further],
        "may_export": request.scope.may_at(EXPORT, asked.organisation.pk),
        "may_issue": asked.organisation.kind in asked.report.kinds
        and request.scope.may_at(ISSUE, asked.organisation.pk),
        "links": {view: asked.address(view) for view in ("file", "brief", "compare", "issue", "subscribe")},
        "is_subscribed": Subscription.objects.filter(
            user=asker(request), report=asked.report.code, organisation=asked.organisation
        ).exists(),
    }


def _made(make: Any) -> bytes:
    """A file, or the reason why there is none as a bad request."""
    try:
        return make()
    except REFUSED as error:
        raise BadRequest(str(error)) from error


def _sent(content: bytes, kind: str, name: str = "") -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["Cache-Control"] = "private, no-store"
    if name:
        response["Content-Disposition"] = content_disposition_header(True, name)
    return response
