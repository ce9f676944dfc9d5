"""Which figures a user may see: the asked organisation must be in the scope, now or once.

An organisation that is in the scope now shows its whole history, as it was. One that was in it once shows the cells of
the days on which it was, and of those only what was in the scope itself. By today's structure it shows nothing: where
it stands today, with which fuel and capacity, is no longer the asker's to know. A row for a child shows what asking for
the child would show; a child that is not to be seen there has no row.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol

from gangmu.figures.cube.errors import NotVisible
from gangmu.figures.cube.stretches import Stretch, common
from gangmu.figures.cube.tree import EVER, OPEN, Grouping, OrganisationRow, Segment, Tree
from gangmu.foundation.access.scope import Former

ROOM = "figures"


class Scope(Protocol):
    """What the gateway needs of `gangmu.foundation.access.scope.Scope`."""

    @property
    def everything(self) -> bool: ...

    def ids(self, room: str) -> Iterable[int]: ...

    def former(self, room: str) -> Iterable[Former]: ...


class Visibility:
    """The scope of one question."""

    def __init__(self, tree: Tree, scope: Scope) -> None:
        self._tree = tree
        self._everything = scope.everything
        self._present = frozenset() if scope.everything else frozenset(scope.ids(ROOM))
        self._former: dict[int, list[Stretch]] = {}
        if not scope.everything:
            for one in scope.former(ROOM):
                start = one.start.toordinal() if one.start else EVER
                end = one.end.toordinal() if one.end else OPEN
                self._former.setdefault(one.organisation_id, []).append((start, end))
        self._groupings: dict[tuple[int, str, bool, int], Grouping] = {}
        self._children: dict[tuple[int, int, int, bool], list[str]] = {}

    def organisation(self, code: str) -> OrganisationRow:
        """The organisation with this code.

        Raises:
            NotVisible: there is none, or none that may be seen.
        """
        row = self._tree.by_code.get(code)
        if row is None or self.windows(row.id) == []:
            seen = [one.code for one in self._tree.organisations.values() if self.windows(one.id) != []]
            nearest = get_close_matches(code, seen, n=1, cutoff=0.7)
            raise NotVisible(code, nearest[0] if nearest else None)
        return row

    def windows(self, organisation: int) -> list[Stretch] | None:
        """The days on which the organisation may be seen; None: all; empty: never."""
        if self._everything or organisation in self._present:
            return None
        return self._former.get(organisation, [])

    def _counting(self, organisation: int, now: bool) -> list[Stretch] | None:
        """The days of its cells that may be seen by the tree of each day, or (`now`) by today's."""
        windows = self.windows(organisation)
        return windows if windows is None or not now else []

    def grouping(self, asked: OrganisationRow, by: str, now: bool, today: int) -> Grouping:
        """The groups of `asked`, without what may not be seen. The same ones whenever they are asked for."""
        key = asked.id, by, now, today
        if key not in self._groupings:
            self._groupings[key] = self._grouping(asked, by, now, today)
        return self._groupings[key]

    def _grouping(self, asked: OrganisationRow, by: str, now: bool, today: int) -> Grouping:
        whole: Grouping = self._tree.group(asked.id, by, now, today)
        if by == "children" and not self._everything:
            owners = [self._tree.by_code[label].id for label in whole.labels if label is not None]
        else:
            owners = [asked.id] * len(whole.labels)
        limits = {owner: self._counting(owner, now) for owner in {asked.id, *owners}}
        if all(limit is None for limit in limits.values()):
            return whole
        segments: list[Segment] = []
        for one in whole.segments:
            days = [(one.start, one.end)]
            for limit in (limits[asked.id], limits[owners[one.group]]):
                if limit is not None:
                    days = common(common(days, limit), self._own(one.organisation, now))
            segments += [Segment(one.group, one.organisation, *stretch) for stretch in days]
        return Grouping(whole.labels, tuple(segments), whole.now, whole.today)

    def _own(self, organisation: int, now: bool) -> list[Stretch]:
        windows = self._counting(organisation, now)
        return [(EVER, OPEN)] if windows is None else windows

    def children(self, asked: OrganisationRow, low: int, high: int, now: bool) -> list[str]:
        """The codes of those that stood directly below `asked` on a day of [low, high) on which both may be seen."""
        key = asked.id, low, high, now
        if key not in self._children:
            above = self._counting(asked.id, now)
            found = set()
            for child, first, after in self._tree.placed_below(asked.id):
                days = [(max(low, first), min(high, after))]
                for limit in (above, self._counting(child, now)):
                    if limit is not None:
                        days = common(days, limit)
                if any(start < end for start, end in days):
                    found.add(self._tree.organisations[child].code)
            self._children[key] = sorted(found)
        return self._children[key]

    def named(self, organisation: int) -> bool:
        """Whether the asker may know the organisation at all. A total may hold cells of one that they may not."""
        return self.windows(organisation) != []
