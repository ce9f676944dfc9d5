"""Opening a sheet: made when it is first asked for."""

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import FILE, scope_for
from gangmu.figures.filing.deadlines import due_at, locks_at
from gangmu.figures.filing.errors import CannotOpen, NotAllowed
from gangmu.figures.filing.layouts import Wanted, defined, lay_out, matches
from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.filing.services.events import event, log
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock


@transaction.atomic
def open_sheet(
    form: Form | str, organisation: Organisation, period: Period | str, *, by: User | None, scope: Scope | None = None
) -> Sheet:
    """The sheet of a form for an organisation and a period, made on first use; two at once get the same.

    A sheet that exists keeps the version of its form.

    Raises:
        NotAllowed: `by` may not file for the organisation.
        CannotOpen: the period has not begun or is of another kind, the organisation does not file this form then.
    """
    version = form if isinstance(form, Form) else Form.objects.get(code=form, is_current=True)
    asked = period if isinstance(period, Period) else Period.parse(period)
    found = _existing(version.code, organisation, asked)
    if found is not None:
        return found
    if not scope_for(by, scope).may_at(FILE, organisation.pk):
        raise NotAllowed(
            _("Your roles do not let you file for %(organisation)s. Ask whoever administers roles for it.")
            % {"organisation": organisation.name}
        )
    definition = defined(version)
    if asked.kind != definition.grain:
        grain = _("days") if definition.grain == "day" else _("months")
        words = {"form": version.name, "grain": grain, "period": asked.code}
        raise CannotOpen(_("“%(form)s” is filed for %(grain)s; %(period)s is none.") % words)
    if asked.start > clock.today():
        raise CannotOpen(_("%(period)s has not begun. Open its sheet when it has.") % {"period": asked.code})
    laid_out = lay_out([Wanted(version, organisation.pk, asked)])[0]
    if laid_out is None:
        words = {"organisation": organisation.name, "day": asked.end}
        raise CannotOpen(_("%(organisation)s did not stand in the organisation tree on %(day)s.") % words)
    if not matches(definition, laid_out.organisation):
        words = {"organisation": organisation.name, "form": version.name, "period": asked.code}
        raise CannotOpen(
            _("%(organisation)s does not file “%(form)s” for %(period)s: its kind, fuel or attributes differ.") % words
        )
    sheet, created = Sheet.objects.get_or_create(
        form_code=version.code,
        organisation=organisation,
        period=asked.start,
        defaults={"form": version, "due_at": due_at(definition, asked), "opened_at": clock.now()},
    )
    if created:
        log([event(sheet, "opened", by=by, form=version.version)])
    return sheet


def _existing(code: str, organisation: Organisation, period: Period) -> Sheet | None:
    sheets = Sheet.objects.select_related("form", "organisation")
    return sheets.filter(form_code=code, organisation=organisation, period=period.start, form__code=code).first()


__all__ = ["due_at", "locks_at", "open_sheet"]
