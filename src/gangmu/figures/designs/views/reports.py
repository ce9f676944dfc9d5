"""The pages of a report designed in Excel: the report, its files, its editions and who was sent them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.designs import comparing, designing, issuing, pages, printing_pdf
from gangmu.figures.designs.designing import may_change
from gangmu.figures.designs.errors import DesignRefused
from gangmu.figures.designs.forms import ApplyForm
from gangmu.figures.designs.issuing import HeldBack
from gangmu.figures.designs.naming import file_name
from gangmu.figures.designs.pages import Asked
from gangmu.figures.filing.models import State
from gangmu.figures.reports import distributing
from gangmu.figures.reports import services as subscriptions
from gangmu.figures.reports.models import Edition, EditionFile, Subscription
from gangmu.figures.reports.printing import CONTENT_TYPES
from gangmu.foundation.documents.services import download
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.records.services import note
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once

REFUSED = (CannotAnswer, PeriodError, WorkbookRefused)
ISSUE, EXPORT = "figures:issue", "figures:export"
T = TypeVar("T")


@require_GET
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The report as it stands now, as an edition told it, or as a version being tried out would."""
    one = pages.asked(request, code)
    context = pages.frame(request, one) | _rights(request, one)
    try:
        sheets = pages.shown_sheets(one.sheets)
        guard = issuing.guard(one.design, one.organisation, one.period, one.scope) if one.design.standing else None
    except REFUSED as error:
        return render(request, "designs/report.html", {**context, "problem": str(error)}, status=422)
    receipt = distributing.opened(one.edition, asker(request)) if one.edition is not None else None
    context |= {
        "sheets": sheets,
        "standing": guard.words() if guard and one.edition is None else _kept_standing(one.edition),
        "is_complete": guard.holds if guard and one.edition is None else bool(one.edition and one.edition.is_final),
        "receipt": receipt,
        "apply_form": ApplyForm() if one.version is not None and one.version.valid_from is None else None,
        "warnings": designing.faults_of(one.version) if one.version is not None else (),
    }
    return render(request, "designs/report.html", context)


def _kept_standing(edition: Edition | None) -> str:
    """What an edition lacked when it was issued."""
    if edition is None or not edition.content.get("expected"):
        return ""
    expected, missing = edition.content["expected"], edition.content["missing"]
    told = _("%(filed)d of %(expected)d had filed.") % {"filed": expected - missing, "expected": expected}
    place = 0 if (get_language() or "zh").startswith("zh") else 1
    late = [names[place] for names in edition.content["late"]]
    return f"{told} {_('Not reported: %(names)s') % {'names': _(', ').join(late)}}" if late else told


def _rights(request: HttpRequest, one: Asked) -> dict[str, Any]:
    scope, pk = request.scope, one.organisation.pk
    return {
        "may_export": scope.may_at(EXPORT, pk),
        "may_issue": scope.may_at(ISSUE, pk) and one.organisation.kind in one.design.kinds,
        "may_change": may_change(one.design, scope),
        "links": {
            **{view: one.address(view) for view in ("file", "compare", "issue", "subscribe", "confirm", "receipts")},
            "since": one.address("compare", edition=""),
        },
        "is_subscribed": Subscription.objects.filter(
            user=asker(request), report=one.design.code, organisation=one.organisation
        ).exists(),
    }


@require_GET
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The report as a filled workbook or PDF; that it left is recorded. Of an edition it is the file that was kept."""
    one = pages.asked(request, code)
    if not request.scope.may_at(EXPORT, one.organisation.pk):
        raise PermissionDenied(_("Your roles do not include the export of figures."))
    kind = request.GET.get("kind", "xlsx")
    if kind not in EditionFile.Kind.values:
        raise BadRequest(_("A report is exported as xlsx or pdf."))
    number = one.edition.number if one.edition else None
    if one.edition is not None:
        rows = EditionFile.objects.filter(edition=one.edition, kind=kind).select_related("document__organisation")
        kept = rows.filter(language=one.language).first() or rows.first()
        if kept is not None:
            return download(kept.document, by=asker(request))
        if kind == EditionFile.Kind.XLSX:
            raise Http404(_("No workbook was kept with this edition."))
    made = _or_bad_request(lambda: _printed(one, kind, number))
    data = {"report": code, "kind": kind, "language": one.language, "period": one.period.code}
    note("reports.exported", by=asker(request), organisation=one.organisation, data=data, request=request)
    response = HttpResponse(made, content_type=CONTENT_TYPES[kind])
    response["Cache-Control"] = "private, no-store"
    name = file_name(one.design, one.organisation, one.period.code, one.language, kind, number)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _printed(one: Asked, kind: str, number: int | None) -> bytes:
    if kind == EditionFile.Kind.XLSX:
        return one.made.workbook()
    if sum(len(sheet.boxes) for sheet in one.sheets) > issuing.MOST_PRINTED:
        raise DesignRefused(
            _("The report has more than %(most)d cells; take it as a workbook.") % {"most": issuing.MOST_PRINTED}
        )
    with override(one.language):
        standing = _kept_standing(one.edition)
        if one.edition is None and one.design.standing:
            guard = issuing.guard(one.design, one.organisation, one.period, one.scope)
            standing = "" if guard.holds else guard.words()
        return printing_pdf.write(
            one.sheets, printing_pdf.head(one.design, one.organisation, one.period.code, number, standing)
        )


@require_GET
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Which figures changed from one edition to another, or to what stands now."""
    one = pages.asked(request, code)
    rows = Edition.objects.filter(report=code, organisation=one.organisation, period=one.period.code)
    number = request.GET.get("from", "")
    before = next((each for each in rows if str(each.number) == number), None)
    if before is None:
        raise Http404(_("There is no such edition, or you may not see it."))
    context = pages.frame(request, one)
    context["breadcrumbs"] = [*context["breadcrumbs"], (_("What changed"), "")]
    try:
        found = comparing.differences(issuing.kept(before, one.language), one.sheets)
    except REFUSED as error:
        return render(request, "designs/compare.html", {**context, "problem": str(error)}, status=422)
    found.sort(key=lambda each: not each.moved)
    context |= {
        "before": before,
        "lines": [_difference(each) for each in found],
        "figures": sum(each.moved for each in found),
        "back": one.address(),
    }
    return render(request, "designs/compare.html", context)


def _difference(one: comparing.Difference) -> dict[str, Any]:
    states = [box.origins[0].state if box is not None and box.origins else None for box in (one.before, one.after)]
    words = [str(State[state.upper()].label) if state else "" for state in states]
    return {
        "at": f"{one.sheet}!{one.cell}",
        "line": one.line,
        "head": one.head,
        "before": one.before.text if one.before else "",
        "after": one.after.text if one.after else "",
        "before_state": words[0],
        "after_state": words[1],
        "moved": one.moved,
    }


@require_GET
def receipts(request: HttpRequest, code: str) -> HttpResponse:
    """To whom an edition was sent, who has opened and who has confirmed it."""
    one = pages.asked(request, code)
    if one.edition is None:
        raise Http404(_("There is no such edition, or you may not see it."))
    if not request.scope.may_at(ISSUE, one.organisation.pk):
        raise PermissionDenied(_("Your roles do not include the issuing of reports."))
    rows = list(distributing.receipts(one.edition))
    context = pages.frame(request, one)
    context["breadcrumbs"] = [*context["breadcrumbs"], (_("Receipts"), "")]
    sent, opened, confirmed = distributing.counts(rows)
    context |= {"receipts": rows, "sent": sent, "opened": opened, "confirmed": confirmed, "back": one.address()}
    return render(request, "designs/receipts.html", context)


@require_POST
@submit_once
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Issue an edition of what stands now, by hand; though incomplete only when that is said."""
    one = pages.asked(request, code)
    if not request.scope.may_at(ISSUE, one.organisation.pk) or one.organisation.kind not in one.design.kinds:
        raise PermissionDenied(_("Your roles do not include the issuing of reports."))
    last = Edition.objects.filter(report=code, organisation=one.organisation, period=one.period.code)
    before = last.order_by("-number").values_list("pk", flat=True).first()
    try:
        edition = issuing.issue(
            one.design,
            one.organisation,
            one.period,
            Edition.Reason.MANUAL,
            by=asker(request),
            scope=request.scope,
            all_the_same=request.POST.get("all_the_same") == "1",
        )
    except HeldBack as held:
        messages.warning(request, _("Held back. %(why)s") % {"why": held})
        return redirect(one.address(held="1"))
    except REFUSED as refusal:
        messages.error(request, str(refusal))
        return redirect(one.address())
    if before == edition.pk:
        messages.info(request, _("No figure has changed since edition %(number)d.") % {"number": edition.number})
    else:
        messages.success(request, _("Edition %(number)d is issued.") % {"number": edition.number})
    return redirect(one.address(edition=str(edition.number)))


@require_POST
@submit_once
def subscribe(request: HttpRequest, code: str) -> HttpResponse:
    """Be told of every edition of an organisation's report, or no longer."""
    one = pages.asked(request, code)
    verb = subscriptions.unsubscribe if request.POST.get("wish") == "leave" else subscriptions.subscribe
    verb(asker(request), one.design, one.organisation)
    return redirect(one.address())


@require_POST
@submit_once
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm an edition that was sent to one."""
    one = pages.asked(request, code)
    if one.edition is None or not distributing.confirm(one.edition, asker(request)):
        messages.error(request, _("This edition was not sent to you; there is nothing to confirm."))
    else:
        messages.success(request, _("Confirmed."))
    return redirect(one.address())


def _or_bad_request(make: Callable[[], T]) -> T:
    try:
        return make()
    except REFUSED as error:
        raise BadRequest(str(error)) from error
