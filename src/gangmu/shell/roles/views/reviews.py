"""The entitlement review: the quarters, a branch's lines one by one, and its signature."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Assignment, Review, ReviewLine, ReviewPart, Role
from gangmu.foundation.access.needs import needs, require
from gangmu.foundation.accounts.proof import fresh_proof_required
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui import exports
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.roles import refusing
from gangmu.shell.roles.words import last_day, reach_words

REVIEW = "access:review"
PAGE = 50
PATIENCE = timedelta(days=30)
TONES = {"shrunk": "danger", "closed": "danger", "dormant": "warning", "power": "info", "endless": "secondary"}


def _trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(_("Entitlement review"), reverse("roles:reviews")), *rest]


@require_GET
@needs("access:view")
def every_review(request: HttpRequest) -> HttpResponse:
    """The quarters with their branches: which are signed, by whom, and which are not."""
    parts = (
        ReviewPart.objects.select_related("organisation", "review")
        .annotate(total=Count("lines"), open=Count("lines", filter=Q(lines__decision="")))
        .order_by("-review__quarter", "organisation__sort_key")
    )
    quarters: dict[Review, list[ReviewPart]] = {review: [] for review in Review.objects.order_by("-quarter")}
    for part in parts:
        quarters[part.review].append(part)
    today = clock.today()
    present = str(Period.of(Kind.QUARTER, today).code)
    context = {
        "title": _("Entitlement review"),
        "breadcrumbs": [(_("Entitlement review"), "")],
        "quarters": [
            (review, parts, sum(part.signed_at is None for part in parts), review.due < today)
            for review, parts in quarters.items()
        ],
        "may_open": request.scope.may("access:assign") and present not in {one.quarter for one in quarters},
        "present": present,
    }
    return render(request, "roles/reviews.html", context)


@require_POST
@needs("access:assign")
@fresh_proof_required
@submit_once
def open_review(request: HttpRequest) -> HttpResponse:
    """Open the review of this quarter."""
    today = clock.today()
    try:
        review = services.open_review(str(Period.of(Kind.QUARTER, today).code), today + PATIENCE)
    except services.Refused as refused:
        messages.error(request, refusing.noted(request, refused))
    else:
        messages.success(request, _("The review of %(quarter)s is open.") % {"quarter": review.quarter})
    return redirect("roles:reviews")


@require_GET
@needs("access:view")
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """A branch's lines; where they are not signed, with what can be decided."""
    one = get_object_or_404(ReviewPart.objects.select_related("organisation", "review"), pk=pk)
    return _show(request, one)


def _show(request: HttpRequest, one: ReviewPart, status: int = 200) -> HttpResponse:
    lines = _lines(one)
    counted = lines.aggregate(open=Count("pk", filter=Q(decision="")), total=Count("pk"))
    pages = Paginator(lines, PAGE)
    me = signed_in(request)
    context = {
        "title": f"{one.organisation.name} · {one.review.quarter}",
        "breadcrumbs": _trail((f"{one.organisation.name} · {one.review.quarter}", "")),
        "part": one,
        "page": pages.get_page(request.GET.get("page")),
        "shown": [(line, _marks(line), line.user_id == me.pk) for line in pages.get_page(request.GET.get("page"))],
        "counted": counted,
        "decides": one.signed_at is None and request.scope.may_at(REVIEW, one.organisation_id),
        "seen": _digest(one),
        "choices": [(value, label) for value, label in ReviewLine.Decision.choices if value],
        "roles": Role.objects.order_by("site", "code"),
        "reaches": Assignment.Reach.choices,
        "today": clock.today(),
        "late": one.signed_at is None and one.review.due < clock.today(),
    }
    return render(request, "roles/part.html", context, status=status)


def _lines(one: ReviewPart) -> Any:
    rows = one.lines.select_related("user", "role", "organisation", "new_role", "decided_by", "assignment__given_by")
    return rows.order_by("user__name", "role__code", "pk")


def _marks(line: ReviewLine) -> list[tuple[str, str]]:
    labels = dict(ReviewLine.Mark.choices)
    return [(str(labels[mark]), TONES[mark]) for mark in line.marks]


def _digest(one: ReviewPart) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_review_digest(%s)", [one.pk])
        return cursor.fetchone()[0]


@require_POST
@needs(REVIEW)
@submit_once
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was chosen for the lines of one page, or keep everything that is not decided."""
    one = get_object_or_404(ReviewPart.objects.select_related("organisation", "review"), pk=pk)
    back = f"{reverse('roles:part', args=[pk])}?page={request.POST.get('page', '1')[:6]}"
    if "keep_all" in request.POST:
        rest = list(one.lines.filter(decision="").exclude(user=signed_in(request)))
        return _keep_all(request, rest, back)
    sent = {int(value) for value in request.POST.getlist("line") if value.isascii() and value.isdigit()}
    done, problems = 0, []
    for line in one.lines.filter(pk__in=sent).select_related("user", "role"):
        chosen = _Chosen(request.POST, line)
        if not chosen.differs:
            continue
        try:
            services.decide(line, chosen.decision, **chosen.more)
        except services.Refused as refused:
            problems.append(f"{line.user} · {line.role.name}: {refusing.noted(request, refused)}")
        else:
            done += 1
    if done:
        messages.success(request, ngettext("%(n)d line was decided.", "%(n)d lines were decided.", done) % {"n": done})
    for problem in problems[:10]:
        messages.error(request, problem)
    return redirect(back)


def _keep_all(request: HttpRequest, rest: list[ReviewLine], back: str) -> HttpResponse:
    """What somebody should look at, because it is marked red, is not kept in the lump."""
    plain = [line for line in rest if not {"shrunk", "closed"} & set(line.marks)]
    try:
        done = services.decide_all(plain, ReviewLine.Decision.KEEP)
    except services.Refused as refused:
        messages.error(request, refusing.noted(request, refused))
        return redirect(back)
    messages.success(request, ngettext("%(n)d line was decided.", "%(n)d lines were decided.", done) % {"n": done})
    if left := len(rest) - len(plain):
        text = ngettext("%(n)d line is marked and wants a look.", "%(n)d lines are marked and want a look.", left)
        messages.warning(request, text % {"n": left})
    return redirect(back)


class _Chosen:
    """What a page's form says about one line."""

    def __init__(self, data: Any, line: ReviewLine) -> None:
        def sent(name: str) -> str:
            return data.get(f"{name}.{line.pk}", "").strip()

        self.decision = sent("decision")
        role, instead = sent("role"), None
        last = _day(sent("last"))
        reach = sent("reach")
        self.more: dict[str, Any] = {"words": sent("words")[:400]}
        if self.decision == ReviewLine.Decision.END:
            self.more["end_on"] = last + timedelta(days=1) if last else None
        if self.decision == ReviewLine.Decision.CHANGE:
            number = int(role) if role.isascii() and role.isdigit() and len(role) < 10 else 0
            instead = self.more["role"] = Role.objects.filter(pk=number).first()
            self.more["reach"] = reach if reach in Assignment.Reach.values else ""
        said = (
            self.decision,
            self.more.get("end_on"),
            instead.pk if instead else None,
            self.more.get("reach", ""),
            self.more["words"],
        )
        stands = (line.decision, line.end_on, line.new_role_id, line.new_reach, line.words)
        self.differs = said != stands


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


@require_POST
@needs(REVIEW)
@fresh_proof_required
@submit_once
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a branch: what was decided is done."""
    one = get_object_or_404(ReviewPart, pk=pk)
    try:
        services.sign(one, request.POST.get("seen", "")[:64])
    except services.Refused as refused:
        messages.error(request, refusing.noted(request, refused))
        return redirect("roles:part", pk)
    messages.success(request, _("Signed. What was decided is done."))
    return redirect("roles:reviews")


@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A branch's part as a workbook."""
    require(request, "access:view")
    one = get_object_or_404(ReviewPart.objects.select_related("organisation", "review"), pk=pk)
    lines = list(_lines(one))
    headers = [
        *(_("Quarter"), _("Branch"), _("Person"), _("User name"), _("Role"), _("Organisation"), _("Reach")),
        *(_("First day"), _("Last day"), _("Given by"), _("Marks"), _("Decision"), _("Ends with"), _("Instead")),
        *(_("Words"), _("Decided by"), _("Decided at"), _("Signed by"), _("Signed at"), "SHA-256"),
    ]
    name = f"review-{one.review.quarter}-{one.organisation.code}"
    response = exports.file_response((_cells(one, line) for line in lines), headers=headers, name=name, kind="xlsx")
    data = {"list": "roles.review", "format": "xlsx", "rows": len(lines), "quarter": one.review.quarter}
    note("ui.exported", by=signed_in(request), organisation=one.organisation, data=data, request=request)
    return response


def _cells(one: ReviewPart, line: ReviewLine) -> list[Any]:
    giver = line.assignment.given_by if line.assignment else None
    instead = " ".join(filter(None, [line.new_role.name if line.new_role else "", reach_words(line.new_reach)]))
    moment = line.decided_at.astimezone(clock.BUSINESS_ZONE) if line.decided_at else None
    signed = one.signed_at.astimezone(clock.BUSINESS_ZONE) if one.signed_at else None
    return [
        *(one.review.quarter, one.organisation.name, line.user.name, line.user.username, line.role.name),
        *(line.organisation.name, reach_words(line.reach), line.valid_from, last_day(line.valid_to)),
        *(giver.name if giver else "", ", ".join(text for text, _tone in _marks(line)), line.get_decision_display()),
        *(last_day(line.end_on), instead, line.words, line.decided_by.name if line.decided_by else ""),
        *(f"{moment:%Y-%m-%d %H:%M}" if moment else "", one.signed_by_name),
        *(f"{signed:%Y-%m-%d %H:%M}" if signed else "", one.digest),
    ]
