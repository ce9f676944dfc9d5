"""How the filing of a period stands, in few numbers: for home pages, which say it of hundreds of plants at once.

The same as `standings` says, without sheets, forms and people in between. Who must file what changes rarely: a caller
may keep `obligations` for as long as the tree, `basis` and the asker's scope stay what they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, DateTimeField, F, Q, Value, When

from gangmu.figures.filing.deadlines import due_at
from gangmu.figures.filing.layouts import defined
from gangmu.figures.filing.models import Duty, Form, Sheet
from gangmu.figures.filing.queries.filers import DONE, ROOM, Scope, _filings
from gangmu.figures.filing.queries.forms import current_forms
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

Key = tuple[str, int]  # a form's code, an organisation's id


@dataclass(frozen=True)
class Obligations:
    """Which organisations must file which forms for a period. `forms`: names and when they are due, by code;
    `filers`: who files, by form and organisation."""

    forms: Mapping[str, tuple[Words, datetime | None]]
    filers: Mapping[Key, int]


@dataclass(frozen=True)
class Status:
    """How a form of an organisation stands; `status` as in `standings`."""

    form: Words
    organisation_id: int
    filer_id: int
    due_at: datetime | None
    status: str

    @property
    def is_late(self) -> bool:
        return self.status in ("late", "missing")

    @property
    def is_done(self) -> bool:
        return self.status in DONE

    @property
    def is_approved(self) -> bool:
        return self.status in ("approved", "locked")


def basis(period: Period) -> tuple[tuple[Any, ...], ...]:
    """What besides the tree decides who must file what for a period: the forms in force, and who files for others."""
    forms = Form.objects.filter(is_current=True).order_by("pk").values_list("pk", "digest", "name_zh", "name_en")
    duties = Duty.objects.filter(valid__contains=period.end).order_by("pk")
    return (*forms, *duties.values_list("form_code", "organisation_id", "filer_id"))


def obligations(grain: str, period: Period, scope: Scope) -> Obligations:
    """Everything that must be filed for a period, of the organisations in the scope."""
    forms = current_forms(grain)
    return Obligations(
        {str(one.code): (Words(one.name_zh, one.name_en), due_at(defined(one), period)) for one in forms},
        {(str(one.form.code), one.organisation.pk): one.filer.pk for one in _filings(forms, period.end, scope)},
    )


def statuses(must: Obligations, period: Period, scope: Scope) -> list[Status]:
    """How they stand: one query. Sheets that exist though nobody must file them any more are listed too."""
    now, sheets = clock.now(), _sheets(must, period, scope)
    found = []
    for (code, organisation_id), filer_id in must.filers.items():
        name, due = must.forms[code]
        status, due = sheets.pop((code, organisation_id), None) or (
            "missing" if due is not None and now > due else "not_opened",
            due,
        )
        found.append(Status(name, organisation_id, filer_id, due, status))
    for (code, organisation_id), (status, due) in sheets.items():
        found.append(Status(must.forms[code][0], organisation_id, organisation_id, due, status))
    return found


def _sheets(must: Obligations, period: Period, scope: Scope) -> dict[Key, tuple[str, datetime | None]]:
    """The status of each sheet of a period; when it was due, of those still open."""
    is_open = Q(status=Sheet.Status.OPEN)
    late = is_open & Q(due_at__lt=clock.now(), first_submitted_at__isnull=True)
    rows = Sheet.objects.filter(period=period.start, form_code__in=list(must.forms)).annotate(
        is_late=Case(When(late, then=Value(True)), default=Value(False), output_field=BooleanField()),
        was_due=Case(When(is_open, then=F("due_at")), output_field=DateTimeField()),
    )
    mine = scope.ids(ROOM)
    return {
        (code, organisation_id): ("late" if is_late else status, due)
        for code, organisation_id, status, is_late, due in rows.order_by().values_list(
            "form_code", "organisation_id", "status", "is_late", "was_due"
        )
        if scope.everything or organisation_id in mine
    }
