"""What else of figures a change of the tree touches: sheets under way, duties to file, published rankings, reports."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.figures.filing.models import Duty, Form, Sheet
from gangmu.figures.moving.objections import concerned
from gangmu.figures.publications.models import Publication
from gangmu.figures.reports.definitions import report as report_of
from gangmu.figures.reports.models import Edition
from gangmu.foundation.parties.changes.lines import TOP
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.days import OPEN, Days
from gangmu.foundation.parties.dependents import Section, Told
from gangmu.foundation.parties.queries import among
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.here import here

MOST = 12
UNDER_WAY = (Sheet.Status.OPEN, Sheet.Status.SUBMITTED, Sheet.Status.RETURNED)


def sheets(plan: Plan, _scope: object) -> Section | None:
    """Sheets that are being filled in or approved: who approves them is asked anew from the day of the change on."""
    if not plan.moving:
        return None
    rows = Sheet.objects.filter(among("organisation_id", concerned(plan)), status__in=UNDER_WAY)
    names = _form_names()
    lines = [
        Told(
            f"{names.get(one.form_code, one.form_code)} · {one.organisation.name} · {one.period}",
            str(one.get_status_display()),
            here("filing:sheet", one.pk),
        )
        for one in rows.select_related("organisation").order_by("-period", "form_code")[:MOST]
    ]
    summary = _(
        "A sheet that is submitted on or after the day goes to whoever approves there. One under approval goes on "
        "along its own way; whoever loses sight of it cannot decide on it."
    )
    return _section(_("Sheets that are not locked"), _counts(plan).sheets, summary, lines)


def duties(plan: Plan, _scope: object) -> Section | None:
    """Who files for one of them, or for whom one of them files, from the day on."""
    if not plan.moving:
        return None
    ones = concerned(plan)
    rows = Duty.objects.filter(
        Q(among("organisation_id", ones)) | Q(among("filer_id", ones)), valid__overlap=_since(plan)
    )
    names = _form_names()
    lines = [
        Told(
            _("%(filer)s files %(form)s for %(organisation)s")
            % {
                "filer": plan.world.name(one.filer_id),
                "form": names.get(one.form_code, one.form_code),
                "organisation": plan.world.name(one.organisation_id),
            },
            str(Days.of(one.valid)),
            here("filing:duties"),
            "warning" if one.organisation_id in plan.leaving or one.filer_id in plan.leaving else "",
        )
        for one in rows.order_by("organisation__sort_key", "form_code")[:MOST]
    ]
    summary = _(
        "A duty stays as it is: whoever files needs a role at the organisation, or above it, where it stands then."
    )
    return _section(_("Who files for whom"), _counts(plan).duties, summary, lines)


def publications(plan: Plan, _scope: object) -> Section | None:
    """Rankings of whoever the change concerns, and rankings that are published to them."""
    if not plan.moving:
        return None
    ones = {*concerned(plan), *_parents(plan)}
    rows = Publication.objects.filter(valid__overlap=_since(plan)).filter(
        Q(among("organisation_id", ones)) | Q(grants__organisation__in=ones)
    )
    lines = [
        Told(one.name, plan.world.name(one.organisation_id), here("publications:one", one.pk))
        for one in rows.distinct().order_by("name_zh")[:MOST]
    ]
    summary = _(
        "A ranking takes in whoever stands below its organisation on each day, and is shown to whoever stands "
        "below those to whom it is published."
    )
    return _section(_("Published rankings"), _counts(plan).publications, summary, lines)


def reports(plan: Plan, _scope: object) -> Section | None:
    """Editions that were issued for those whose totals change, of days from the change on."""
    if not plan.moving or plan.from_date is None or plan.from_date > clock.today():
        return None
    ones = {*concerned(plan), *_parents(plan)}
    rows = Edition.objects.filter(among("organisation_id", ones), last_day__gte=plan.from_date)
    lines = [
        Told(
            f"{_report_name(one.report)} · {one.organisation.name} · {one.period}",
            _("edition %(n)d") % {"n": one.number},
        )
        for one in rows.select_related("organisation").defer("content").order_by("-last_day", "-number")[:MOST]
    ]
    summary = _("What was issued stays as it was issued. The next edition of such a period tells the figures anew.")
    return _section(_("Issued reports"), _counts(plan).editions, summary, lines)


class Counts(NamedTuple):
    """How much there is, whether or not the asker sees each of it."""

    sheets: int
    duties: int
    publications: int
    editions: int


def _counts(plan: Plan) -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sheets, duties, publications, editions FROM moving_affected(%s, %s, %s)",
            [concerned(plan), sorted({*_parents(plan)}), plan.from_date or clock.today()],
        )
        return Counts(*cursor.fetchone())


def _section(title: str, count: int, summary: str, lines: list[Told]) -> Section | None:
    if not count:
        return None
    if not lines:
        lines = [Told(_("Your roles do not list them."))]
    elif count > len(lines):
        more = count - len(lines)
        lines.append(Told(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}))
    return Section(title, count, summary, lines)


def _parents(plan: Plan) -> Iterable[int]:
    """Everybody above those that are placed elsewhere, before and after."""
    day = plan.from_date or clock.today()
    for one in plan.moving:
        for world in (plan.world, plan.after):
            for days, parent in world.line(one):
                if parent > TOP and days.end > day:
                    yield parent
                    yield from (above for above in world.above(parent, day) if above > 0)


def _since(plan: Plan) -> object:
    return Days(plan.from_date or clock.today(), OPEN).valid


def _form_names() -> dict[str, str]:
    rows: QuerySet[Form] = Form.objects.filter(is_current=True)
    return {one.code: one.name for one in rows}


def _report_name(code: str) -> str:
    found = report_of(code)
    return str(found.title) if found else code
