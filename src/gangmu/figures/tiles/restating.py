"""Which figures of a page were corrected after approval: one query for all its tiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gangmu.figures.filing.queries.restated import Restatement, restatements
from gangmu.figures.indicators.queries import catalogue
from gangmu.figures.tiles.wanting import so_far
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.tiles import Asked

MOST = 50


@dataclass(frozen=True)
class Restated:
    """Wants the restatements of an organisation and all below it, of periods that begin within [first, last]."""

    inside: frozenset[int]
    first: date
    last: date


@dataclass(frozen=True)
class Restatements:
    """The newest ones, how many there are, and every indicator that they move, derived ones too."""

    newest: Sequence[Restatement] = ()
    count: int = 0
    moved: frozenset[str] = frozenset()


def restated(asked: Asked) -> Restated:
    """What a tile wants that tells of restatements."""
    period = so_far(asked.period)
    inside = frozenset(place.pk for place in (asked.organisation, *asked.places.below(asked.organisation)))
    return Restated(inside, period.start, period.end)


def fetch_restated(wanted: Sequence[Restated], scope: Scope) -> Mapping[Restated, Restatements]:
    """What the asker's row security shows of them."""
    return {one: _fetched(one) for one in wanted}


def _fetched(one: Restated) -> Restatements:
    newest, count = restatements(one.inside, one.first, one.last, MOST)
    if not newest:
        return Restatements()
    codes = {each.indicator for each in newest}
    return Restatements(newest, count, frozenset(codes | catalogue().dependants(codes)))
