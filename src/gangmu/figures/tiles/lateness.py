"""How the filing of a day stands, for tiles: one row a form and organisation, in the asker's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gangmu.figures.filing.queries.filers import Person, filing_people
from gangmu.figures.filing.queries.statuses import Obligations, Status, basis, obligations, statuses
from gangmu.figures.tiles.state import tree_version
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.keeping import Kept
from gangmu.foundation.boards.places import seen
from gangmu.foundation.periods.period import Period

_kept = Kept(most=200_000)  # obligations


@dataclass(frozen=True)
class Filed:
    """Wants how everything that must be filed for a day stands."""

    period: str


@dataclass(frozen=True)
class FiledSheet:
    """One form of one organisation. `holder` is who has to act, with a number to call."""

    organisation_id: int
    form: str
    is_late: bool
    is_done: bool
    is_approved: bool
    due_at: datetime | None
    holder: str
    phone: str


def fetch_filed(wanted: Sequence[Filed], scope: Scope) -> Mapping[Filed, list[FiledSheet]]:
    """How each day stands, the longest due first. Who can be called is looked up for late ones alone."""
    found: dict[Filed, list[FiledSheet]] = {}
    for one in wanted:
        period = Period.parse(one.period)
        standing = statuses(_obligations(period, scope), period, scope)
        people = filing_people({each.filer_id for each in standing if each.is_late})
        sheets = [_sheet(each, people.get(each.filer_id, ())) for each in standing]
        found[one] = sorted(sheets, key=lambda sheet: (not sheet.is_late, str(sheet.due_at or "")))
    return found


def _obligations(period: Period, scope: Scope) -> Obligations:
    """Who must file, worked out once while nothing of that changes."""
    key = period.code, tree_version(), basis(period), seen(scope)
    found = _kept.get(key)
    if found is None:
        found = obligations("day", period, scope)
        _kept.put(key, found, len(found.filers) + 1)
    return found


def _sheet(one: Status, people: Sequence[Person]) -> FiledSheet:
    first = people[0] if people and one.is_late else Person("")
    return FiledSheet(
        one.organisation_id,
        str(one.form),
        one.is_late,
        one.is_done,
        one.is_approved,
        one.due_at,
        first.name,
        first.phone,
    )
