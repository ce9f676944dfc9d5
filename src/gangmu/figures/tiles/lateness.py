"""How the filing of a day stands, for tiles: one row a form and organisation, in the asker's scope."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

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
    """Wants how everything that must be filed for a day stands. `tree`: the version of the tree, where it is known."""

    period: str
    tree: Hashable = None


@dataclass(frozen=True)
class Day:
    """How everything stands, and who can be called about what is late, by the organisation that files."""

    standing: Sequence[Status]
    people: Mapping[int, Sequence[Person]]

    def whom(self, one: Status) -> Person:
        """The first who can be called."""
        return next(iter(self.people.get(one.filer_id, ())), NOBODY)


NOBODY = Person("")


def fetch_filed(wanted: Sequence[Filed], scope: Scope) -> Mapping[Filed, Day]:
    """How each day stands. Who can be called is looked up for late ones alone."""
    found: dict[Filed, Day] = {}
    for one in wanted:
        period = Period.parse(one.period)
        standing = statuses(_obligations(period, one.tree, scope), period, scope)
        found[one] = Day(standing, filing_people({each.filer_id for each in standing if each.is_late}))
    return found


def _obligations(period: Period, tree: Hashable, scope: Scope) -> Obligations:
    """Who must file, worked out once while nothing of that changes."""
    key = period.code, tree_version() if tree is None else tree, basis(period), seen(scope)
    found = _kept.get(key)
    if found is None:
        found = obligations("day", period, scope)
        _kept.put(key, found, len(found.filers) + 1)
    return found
