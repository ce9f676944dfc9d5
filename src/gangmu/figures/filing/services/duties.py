"""Who files for whom 填报责任: beginning and ending it."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.errors import NotAllowed, NotReady
from gangmu.figures.filing.models import Duty
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note

CONFIGURE = "figures:configure"


@transaction.atomic
def begin_duties(
    form_code: str,
    organisations: Sequence[Organisation],
    filer: Organisation,
    first_day: date,
    last_day: date | None = None,
    *,
    by: User,
    scope: Scope,
) -> list[Duty]:
    """Let `filer` file a form for organisations from a day on; all of them or none.

    Raises:
        NotAllowed: `by` may not configure the figures of one of them.
        NotReady: somebody else files for one of them on some of these days, or the days end before they begin.
    """
    days = Days.until(first_day, last_day)
    if last_day is not None and last_day < first_day:
        raise NotReady(_("The last day lies before the first."))
    for one in organisations:
        _require(scope, one)
    taken = Duty.objects.filter(form_code=form_code, organisation__in=organisations, valid__overlap=days.valid)
    if told := [_told(duty) for duty in taken.select_related("organisation")[:5]]:
        raise NotReady(
            _("Somebody files already on some of these days: %(duties)s. End that first.") % {"duties": "; ".join(told)}
        )
    made = [Duty(form_code=form_code, organisation=one, filer=filer, valid=days.valid) for one in organisations]
    for duty in made:
        duty.save()
        note("filing.duty-begun", by=by, organisation=duty.organisation, data=_data(duty))
    return made


@transaction.atomic
def end_duty(duty: Duty, last_day: date, *, by: User, scope: Scope) -> None:
    """Let a duty end with a day; one that would end before it began is taken away.

    Raises:
        NotAllowed: `by` may not configure the figures of the organisation.
    """
    _require(scope, duty.organisation)
    if duty.valid.lower is not None and last_day < duty.valid.lower:
        duty.delete()
    else:
        duty.valid = Days.until(duty.valid.lower, last_day).valid
        duty.save(update_fields=["valid"])
    data = _data(duty) | {"last_day": last_day.isoformat()}
    note("filing.duty-ended", by=by, organisation=duty.organisation, data=data)


def _require(scope: Scope, organisation: Organisation) -> None:
    if not scope.may_at(CONFIGURE, organisation.pk):
        raise NotAllowed(
            _("Your roles do not let you say who files for %(organisation)s.") % {"organisation": organisation.name}
        )


def _told(duty: Duty) -> str:
    return f"{duty.organisation.name} ({Days.of(duty.valid)})"


def _data(duty: Duty) -> dict[str, str]:
    return {"form": duty.form_code, "filer": str(duty.filer_id), "days": str(Days.of(duty.valid))}
