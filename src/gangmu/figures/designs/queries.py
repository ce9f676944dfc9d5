"""Designs as pages ask for them, and this room as a maker of editions."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from gangmu.figures.designs.issuing import address, title
from gangmu.figures.designs.models import Design
from gangmu.figures.reports.models import Edition
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.settings import clock

ROOM = "figures"


def designs(scope: Scope) -> QuerySet[Design]:
    """Shipped ones, those of organisations in scope, and those issued for kinds that may be seen."""
    rows = Design.objects.select_related("organisation")
    if scope.everything:
        return rows
    return rows.filter(Q(organisation=None) | Q(organisation_id__in=scope.ids(ROOM)) | Q(is_retired=False))


class Designed:
    """What the reports' room asks of this one."""

    def titles(self) -> Mapping[str, Words]:
        return {one.code: title(one) for one in Design.objects.only("code", "name_zh", "name_en")}

    def address(self, edition: Edition, **more: str) -> str:
        code = str(edition.organisation.code)
        return address(edition.report, code, edition.period, edition=str(edition.number), **more)

    def readers(self, edition: Edition) -> Iterable[User]:
        """Who holds one of the design's roles at the organisation, or above it where nobody does there."""
        design = Design.objects.filter(code=edition.report).first()
        if design is None or not design.reader_roles:
            return []
        today = clock.today()
        rows = Assignment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=today),
            organisation=edition.organisation,
            role__code__in=design.reader_roles,
            valid_from__lte=today,
        )
        return [one.user for one in rows.select_related("user")]
