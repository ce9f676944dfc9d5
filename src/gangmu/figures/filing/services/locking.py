"""Locking: from then on figures change by a correction alone."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from gangmu.figures.filing.access import require, scope_for
from gangmu.figures.filing.deadlines import locks_at
from gangmu.figures.filing.layouts import as_period, defined, period_of
from gangmu.figures.filing.models import Cell, Form, Saving, Sheet, State
from gangmu.figures.filing.services.events import event, log
from gangmu.figures.filing.services.following import raise_facts
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

AT_A_TIME = 500


@transaction.atomic
def lock_sheets(sheets: Sequence[Sheet], *, by: User | None, scope: Scope | None = None) -> list[Sheet]:
    """Lock approved sheets: their figures are settled, and the working copies of their cells go.

    Sheets that are locked already are left alone.

    Raises:
        NotOpen, NotAllowed: one is not approved, or `by` may not lock there; then none is locked.
    """
    held = scope_for(by, scope)
    rows = Sheet.objects.select_for_update(of=("self",)).select_related("form", "organisation").order_by("pk")
    found = [one for one in rows.filter(pk__in=[one.pk for one in sheets]) if one.status != Sheet.Status.LOCKED]
    for sheet in found:
        require("lock", sheet, held)
    return _lock(found, by)


def lock_due() -> int:
    """Lock every approved sheet whose form says that its time has come; how many. The system's own work."""
    locked = 0
    due = _due()
    for begin in range(0, len(due), AT_A_TIME):
        with transaction.atomic():
            rows = Sheet.objects.select_for_update(of=("self",), skip_locked=True)
            rows = rows.select_related("form", "organisation").order_by("pk")
            still = rows.filter(pk__in=due[begin : begin + AT_A_TIME], status=Sheet.Status.APPROVED)
            locked += len(_lock(list(still), None))
    return locked


def _due() -> list[int]:
    """Approved sheets of forms that lock, of periods whose moment has passed."""
    found: list[int] = []
    approved = Sheet.objects.filter(status=Sheet.Status.APPROVED)
    for form in Form.objects.filter(pk__in=approved.order_by().values("form_id").distinct()):
        definition = defined(form)
        if definition.locks is None:
            continue
        waiting = approved.filter(form=form, period__lte=clock.today()).order_by("pk").values_list("pk", "period")
        passed: dict[date, bool] = {}
        for pk, start in waiting:
            if start not in passed:
                at = locks_at(definition, as_period(start, definition.grain))
                passed[start] = at is not None and at <= clock.now()
            if passed[start]:
                found.append(pk)
    return found


def _lock(sheets: Sequence[Sheet], by: User | None) -> list[Sheet]:
    now = clock.now()
    for sheet in sheets:
        sheet.status, sheet.state, sheet.locked_at = Sheet.Status.LOCKED, State.LOCKED, now
    pks = [sheet.pk for sheet in sheets]
    Sheet.objects.filter(pk__in=pks).update(status=Sheet.Status.LOCKED, state=State.LOCKED, locked_at=now)
    raise_facts(pks)
    # cells that are out of service without a figure stay: no fact says so
    Cell.objects.filter(sheet__in=pks, value__isnull=False).delete()
    Cell.objects.filter(sheet__in=pks, mark=0).delete()
    Saving.objects.filter(sheet__in=pks).delete()
    log(event(sheet, "locked", by=by) for sheet in sheets)
    for sheet in sheets:
        data = {"form": sheet.form_code, "period": period_of(sheet).code}
        note("filing.locked", by=by, organisation=sheet.organisation, subject=sheet, data=data)
    return list(sheets)
