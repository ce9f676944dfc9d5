"""Who must file what, and how that stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.db import connection

from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.deadlines import due_at
from gangmu.figures.filing.layouts import Row, defined, matches, standing_rows
from gangmu.figures.filing.models import Duty, Form, Sheet
from gangmu.figures.filing.queries.forms import current_forms
from gangmu.foundation.access import permissions
from gangmu.foundation.access.models import Role
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

ROOM = "figures"
DONE = ("submitted", "approved", "locked")


class Scope(Protocol):
    """What of a scope matters here."""

    @property
    def everything(self) -> bool: ...
    def ids(self, room: str) -> Collection[int]: ...


@dataclass(frozen=True)
class Party:
    """An organisation by its names."""

    pk: int
    code: str
    names: Words
    kind: str = ""
    sort_key: str = ""

    @property
    def name(self) -> str:
        return str(self.names)

    @property
    def search_text(self) -> str:
        """What a search looks into."""
        return f"{self.code} {self.names.zh} {self.names.en}".casefold()


@dataclass(frozen=True)
class Filing:
    """A form that an organisation must file for a period, and who does it: itself, or a control centre 集控."""

    form: Form
    organisation: Party
    filer: Party


@dataclass(frozen=True)
class Person:
    """Somebody who can be called about a sheet."""

    name: str
    phone: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class Standing:
    """How a form of an organisation stands for a period.

    `status`: not_opened, open, returned, submitted, approved, locked; late: due, and begun but not submitted; missing:
    due, and nobody has begun. `holders`: who has to act now: whoever files it, or those who hold its approval.
    """

    form: Form
    organisation: Party
    filer: Party
    due_at: datetime | None
    sheet: Sheet | None
    status: str
    holders: tuple[Any, ...] = ()

    @property
    def holder(self) -> Any:
        """The first of the holders; None where nobody has to act, or nobody is known."""
        return self.holders[0] if self.holders else None

    @property
    def is_late(self) -> bool:
        return self.status in ("late", "missing")


def filing_organisations(form: Form, day: date, scope: Scope) -> list[Filing]:
    """Who must file a form on a day, of the organisations in the scope, in the order of their names."""
    return _filings([form], day, scope)


def _filings(forms: Sequence[Form], day: date, scope: Scope) -> list[Filing]:
    definitions = {form.code: defined(form) for form in forms}
    kinds = {kind for definition in definitions.values() for kind in definition.kinds}
    anyone = any(not definition.kinds for definition in definitions.values())
    candidates = Organisation.objects.all() if anyone else Organisation.objects.filter(kind__in=kinds)
    ids = list(candidates.order_by().values_list("pk", flat=True))
    if not scope.everything:
        mine = set(scope.ids(ROOM))
        ids = [pk for pk in ids if pk in mine]
    found = standing_rows([(pk, day) for pk in ids], [], deepest=0)
    rows = sorted((lines[0] for lines in found.values()), key=lambda row: (row.sort_key, row.code))
    others = _others(list(definitions), day)
    return [
        Filing(form, party(row), others.get((form.code, row.organisation_id)) or party(row))
        for form in forms
        for row in rows
        if matches(definitions[form.code], row)
    ]


def party(row: Row) -> Party:
    return Party(row.organisation_id, row.code, row.name, row.kind, row.sort_key)


def _others(codes: Collection[str], day: date) -> dict[tuple[str, int], Party]:
    """Who files for somebody else on a day, by form and organisation."""
    duties = Duty.objects.filter(form_code__in=codes, valid__contains=day)
    found: dict[tuple[str, int], Party] = {}
    filers = Organisation.objects.in_bulk({duty.filer_id for duty in duties})
    for duty in duties:
        filer = filers.get(duty.filer_id)
        if filer is not None:  # outside the asker's scope it is not named
            names = Words(filer.name_zh or filer.name_en, filer.name_en or filer.name_zh)
            found[duty.form_code, duty.organisation_id] = Party(filer.pk, filer.code, names, filer.kind, filer.sort_key)
    return found


def standings(
    scope: Scope,
    grain: str,
    period: Period,
    forms: Sequence[Form] | None = None,
    *,
    with_holders: bool = True,
) -> list[Standing]:
    """How everything that must be filed for a period stands, in the scope: a handful of queries for hundreds of plants
    and several forms. Sheets that exist though nobody must file them any more are listed too.

    Args:
        forms: only these; all of the grain that are in force when left out.
        with_holders: whether to look up who has to act; counts and inboxes can do without.
    """
    asked = list(forms) if forms is not None else current_forms(grain)
    filings = _filings(asked, period.end, scope)
    codes = [form.code for form in asked]
    rows = Sheet.objects.filter(period=period.start, form_code__in=codes).select_related("form", "organisation")
    sheets = {
        (sheet.form_code, sheet.organisation_id): sheet
        for sheet in (rows if with_holders else rows.defer("form__definition"))
        if scope.everything or sheet.organisation_id in scope.ids(ROOM)
    }
    made = [_standing(one, period, sheets.pop((one.form.code, one.organisation.pk), None)) for one in filings]
    for sheet in sheets.values():
        organisation = sheet.organisation
        names = Words(organisation.name_zh or organisation.name_en, organisation.name_en or organisation.name_zh)
        own = Party(organisation.pk, organisation.code, names, organisation.kind, organisation.sort_key)
        made.append(_standing(Filing(sheet.form, own, own), period, sheet))
    return _with_holders(made) if with_holders else made


def _standing(filing: Filing, period: Period, sheet: Sheet | None) -> Standing:
    due = sheet.due_at if sheet else due_at(defined(filing.form), period)
    return Standing(filing.form, filing.organisation, filing.filer, due, sheet, status_of(sheet, due))


def status_of(sheet: Sheet | None, due: datetime | None) -> str:
    """How a form stands, as lists call it."""
    late = due is not None and clock.now() > due
    if sheet is None:
        return "missing" if late else "not_opened"
    if sheet.status == Sheet.Status.OPEN and late and sheet.first_submitted_at is None:
        return "late"
    return str(sheet.status)


def _with_holders(made: Sequence[Standing]) -> list[Standing]:
    cases = _cases([one.sheet.pk for one in made if one.sheet and one.status == "submitted"])
    approvals.read(list(cases.values()))
    people = filing_people({pk for one in made if one.status not in DONE for pk in (one.filer.pk, one.organisation.pk)})
    found = []
    for one in made:
        holders: tuple[Any, ...] = ()
        if one.status == "submitted" and one.sheet and one.sheet.pk in cases:
            holders = tuple(approvals.holders(cases[one.sheet.pk]))
        elif one.status not in DONE:
            holders = tuple(people.get(one.filer.pk) or people.get(one.organisation.pk, ()))
        found.append(Standing(one.form, one.organisation, one.filer, one.due_at, one.sheet, one.status, holders))
    return found


def _cases(sheets: Collection[int]) -> dict[int, Case]:
    rows = Case.objects.filter(kind="filing.sheet", subject_id__in=list(sheets), state="open").select_related("route")
    return {case.subject_id: case for case in rows}


def filing_people(organisations: Collection[int]) -> Mapping[int, list[Person]]:
    """Who files at organisations: people with a role there that lets them, with their numbers."""
    if not organisations:
        return {}
    roles = [role.pk for role in Role.objects.all() if permissions.any_implies(role.permissions, FILE)]
    found: dict[int, list[Person]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM filing_people(%s::bigint[], %s::bigint[], %s)", [list(organisations), roles, clock.today()]
        )
        for organisation_id, user_id, name, phone in sorted(cursor.fetchall(), key=lambda row: row[2]):
            found.setdefault(organisation_id, []).append(Person(name, phone, user_id))
    return found
