"""What a report's page is asked for: which organisation, period, edition; and addresses that say so."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.figures.reports import definitions, queries
from gangmu.figures.reports.building import build
from gangmu.figures.reports.content import Content
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.figures.reports.models import Edition
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import Places, places
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

ROOM = "figures"


@dataclass(frozen=True)
class Asked:
    """One report as a page shows it: as it stands now, or as an edition told it."""

    report: ReportDefinition
    organisation: Organisation
    period: Period
    edition: Edition | None
    scope: Scope

    @cached_property
    def content(self) -> Content:
        """What the edition said, or what can be said now.

        Raises:
            CannotAnswer, PeriodError: as `building.build`.
        """
        if self.edition is not None:
            return queries.kept(self.edition)
        return build(self.report, self.organisation, self.period, self.scope)

    def address(self, view: str = "report", **changes: str) -> str:
        """The address of this, or of another view of it, with something changed; an empty text takes it out."""
        query = {"organisation": str(self.organisation.code), "period": self.period.code}
        if self.edition is not None:
            query["edition"] = str(self.edition.number)
        query |= changes
        said = urlencode({name: value for name, value in query.items() if value})
        return f"{reverse(f'reports:{view}', args=[self.report.code])}?{said}"

    def neighbour(self, move: str) -> str:
        """The address of the report before or after; empty where there is none yet."""
        try:
            period: Period = getattr(self.period, move)()
        except PeriodError:
            return ""
        return self.address(period=period.code, edition="") if period.end < clock.today() else ""


def asked(request: HttpRequest, code: str) -> Asked:
    """What the address asks for. Without an organisation the highest that may be seen, without a period the last.

    Raises:
        Http404: there is no such report, organisation or edition, or it may not be seen.
    """
    report = definitions.report(code)
    if report is None:
        raise Http404(_("There is no such report."))
    scope: Scope = request.scope
    period = _period(report, request.GET.get("period", ""))
    number = request.GET.get("edition", "")
    wanted = request.GET.get("organisation", "")
    if number:
        edition = _edition(report, wanted, period, number)
        return Asked(report, edition.organisation, period, edition, scope)
    return Asked(report, _organisation(report, wanted, scope), period, None, scope)


def _period(report: ReportDefinition, code: str) -> Period:
    """What is said wrong or not at all is the last that has ended."""
    try:
        period = Period.parse(code) if code else None
    except PeriodError:
        period = None
    return period if period is not None and period.kind == report.grain else last_period(report)


def last_period(report: ReportDefinition) -> Period:
    """The last period of the report's grain that has ended."""
    period = Period.of(report.grain, clock.today() - timedelta(days=1))
    return period if period.end < clock.today() else period.previous()


def _edition(report: ReportDefinition, organisation: str, period: Period, number: str) -> Edition:
    rows = Edition.objects.filter(report=report.code, organisation__code=organisation, period=period.code)
    found = rows.filter(number=int(number)).select_related("organisation").first() if _is_number(number) else None
    if found is None:
        raise Http404(_("There is no such edition, or you may not see it."))
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _organisation(report: ReportDefinition, code: str, scope: Scope) -> Organisation:
    known = places(scope)
    place = known.by_code.get(code) if code else first_place(report, known)
    if place is None:
        raise Http404(_("There is no such organisation, or you may not see its figures."))
    return Organisation.objects.get(pk=place.pk)


def first_place(report: ReportDefinition, known: Places):
    """The highest for whom the report is made; where there is none, the highest at all."""
    return next((one for one in known.tops if one.kind in report.kinds), next(iter(known.tops), None))
