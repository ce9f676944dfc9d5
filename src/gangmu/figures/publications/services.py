"""Publishing, and ending what is published. Both are recorded."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.indicators.models import Indicator
from gangmu.figures.publications.errors import NotAllowed, NotReady
from gangmu.figures.publications.models import Grant, Publication
from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

ISSUE = "figures:issue"


@transaction.atomic
def publish(
    publication: Publication,
    to: Sequence[Organisation],
    roles: Sequence[Role] = (),
    *,
    by: User | None,
    scope: Scope,
) -> Publication:
    """Publish a ranking to the people of organisations and of all below them; with `roles`, to those who hold one.

    Raises:
        NotAllowed: `by` may not issue figures of the organisation whose plants are ranked.
        NotReady: an indicator does not exist, there is nobody to publish to, or it would end before it begins.
    """
    _require(scope, publication.organisation)
    unknown = set(publication.indicators) - {
        str(one.code) for one in Indicator.objects.filter(code__in=publication.indicators)
    }
    if unknown:
        raise NotReady(_("There is no indicator %(codes)s.") % {"codes": ", ".join(sorted(unknown))})
    if not to:
        raise NotReady(_("Say to whose people it is published."))
    publication.made_at, publication.made_by = clock.now(), by
    publication.made_by_name = by.name if by else ""
    publication.save()
    for organisation in dict.fromkeys(to):
        for role in roles or (None,):
            Grant.objects.create(publication=publication, organisation=organisation, role=role)
    note("publications.published", by=by, organisation=publication.organisation, data=_data(publication, to, roles))
    return publication


@transaction.atomic
def end(publication: Publication, last_day: date, *, by: User, scope: Scope) -> None:
    """Let a publication end with a day; with the day before it began, or an earlier one, it was never published.

    Raises:
        NotAllowed: `by` may not issue figures of the organisation whose plants are ranked.
    """
    _require(scope, publication.organisation)
    first = publication.valid.lower
    data = {"publication": publication.pk, "name": publication.name_zh, "last_day": last_day.isoformat()}
    note("publications.ended", by=by, organisation=publication.organisation, data=data)
    if first is not None and last_day < first:
        publication.delete()
    else:
        publication.valid = Days.until(first, last_day).valid
        publication.save(update_fields=["valid"])


def _require(scope: Scope, organisation: Organisation) -> None:
    if not scope.may_at(ISSUE, organisation.pk):
        raise NotAllowed(
            _("Your roles do not let you publish figures of %(organisation)s.") % {"organisation": organisation.name}
        )


def _data(publication: Publication, to: Sequence[Organisation], roles: Sequence[Role]) -> dict[str, Any]:
    return {
        "publication": publication.pk,
        "name": publication.name_zh,
        "indicators": list(publication.indicators),
        "columns": list(publication.columns),
        "grains": list(publication.grains),
        "to": [str(one.code) for one in to],
        "roles": [str(role.code) for role in roles],
        "days": str(Days.of(publication.valid)),
    }
