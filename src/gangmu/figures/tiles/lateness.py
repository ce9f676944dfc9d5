"""How the filing of a day stands, for tiles: one row a form and organisation, in the asker's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gangmu.figures.filing.queries import Standing, standings
from gangmu.figures.filing.queries.filers import Person, filing_people
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.periods.period import Period


@dataclass(frozen=True)
class Filed:
    """Wants how everything that must be filed for a day stands."""

    period: str


@dataclass(frozen=True)
class FiledSheet:
    """One form of one organisation. `holder` is who has to act, with a number to call."""

    organisation_id: int
    organisation: str
    form: str
    status: str
    is_late: bool
    due_at: datetime | None
    holder: str
    phone: str

    @property
    def is_done(self) -> bool:
        return self.status in ("submitted", "approved", "locked")

    @property
    def is_approved(self) -> bool:
        return self.status in ("approved", "locked")


def fetch_filed(wanted: Sequence[Filed], scope: Scope) -> Mapping[Filed, list[FiledSheet]]:
    """The standings of each day, the longest due first. Who can be called is looked up for late ones alone."""
    found: dict[Filed, list[FiledSheet]] = {}
    for one in wanted:
        standing = standings(scope, "day", Period.parse(one.period), with_holders=False)
        people = filing_people({each.filer.pk for each in standing if each.is_late})
        sheets = [_sheet(each, people.get(each.filer.pk, ())) for each in standing]
        found[one] = sorted(sheets, key=lambda sheet: (not sheet.is_late, str(sheet.due_at or "")))
    return found


def _sheet(one: Standing, people: Sequence[Person]) -> FiledSheet:
    first = people[0] if people else Person("")
    return FiledSheet(
        one.organisation.pk,
        one.organisation.name,
        one.form.name,
        one.status,
        one.is_late,
        one.due_at,
        first.name,
        first.phone,
    )
