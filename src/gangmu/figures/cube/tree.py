"""The dated tree of organisations as the cube reads it: who belongs to which group on which days.

The tree is the same for everybody; it is kept in a file beside the arrays, which the folder writes and every process
of the node reads. Whose figures a user may see is decided afterwards, by cutting the segments to their windows.

Days are proleptic ordinals, stretches half-open: `[start, end)`. `EVER` and `OPEN` stand for no bound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gangmu.figures.cube.groups import Capacities, Grouping, Reach, Segment, columns
from gangmu.figures.cube.lineage import Lineage
from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import Stretch, common, joined, without

if TYPE_CHECKING:
    from gangmu.figures.cube.shares import Shares

EVER = 0
OPEN = date.max.toordinal() + 1
_FIRST_MONTH, _LAST_MONTH = 0, 10_000 * 12


@dataclass(frozen=True)
class OrganisationRow:
    id: int
    code: str
    name_zh: str
    name_en: str
    kind: str


@dataclass(frozen=True)
class AttributeRow:
    organisation: int
    name: str
    value: str
    start: int
    end: int


class Tree:
    """All organisations with their placements, memberships and attributes, of all days."""

    def __init__(
        self,
        organisations: Iterable[OrganisationRow],
        memberships: Int64s,
        placements: Int64s,
        attributes: Iterable[AttributeRow],
        inherited: Iterable[str],
    ) -> None:
        """`memberships` has rows (ancestor, organisation, depth, start, end), `placements` (child, parent or 0, start,
        end); both as the database keeps them, with open ends as `EVER` and `OPEN`."""
        self.organisations = {row.id: row for row in organisations}
        self.by_code = {row.code: row for row in self.organisations.values()}
        self.memberships = memberships
        self.placements = placements
        self.attributes = tuple(attributes)
        self.inherited = frozenset(inherited)
        self._below: dict[int, list[tuple[int, int, int, int]]] = {}
        self._above: dict[int, list[tuple[int, int, int, int]]] = {}
        for ancestor, organisation, depth, start, end in memberships.tolist():
            self._below.setdefault(ancestor, []).append((organisation, depth, start, end))
            self._above.setdefault(organisation, []).append((depth, ancestor, start, end))
        for rows in self._above.values():
            rows.sort()
        self._children: dict[int, list[tuple[int, int, int]]] = {}
        for child, parent, start, end in placements.tolist():
            if parent:
                self._children.setdefault(parent, []).append((child, start, end))
        self._attributes: dict[tuple[int, str], list[tuple[int, int, str]]] = {}
        for row in self.attributes:
            self._attributes.setdefault((row.organisation, row.name), []).append((row.start, row.end, row.value))
        for stretches in self._attributes.values():
            stretches.sort()
        self.strangers: dict[tuple[str, int, str] | None, Int64s] = {}  # kept by the engine, a few for each slab
        self.counted: dict[Any, Shares] = {}  # by statistical scopes: kept by `counting`
        self._kinds: dict[str, Int64s] = {}
        self.group = lru_cache(maxsize=512)(self._group)
        self._alone = lru_cache(maxsize=128)(self._alone_uncached)
        self._branches = lru_cache(maxsize=64)(self._branches_uncached)
        self._effective = lru_cache(maxsize=200_000)(self._effective_uncached)

    # Questions about one organisation --------------------------------------------------------------------------------

    def kind(self, organisation: int) -> str:
        row = self.organisations.get(organisation)
        return row.kind if row else ""

    def of_kind(self, kind: str) -> Int64s:
        """All organisations of a kind."""
        if kind not in self._kinds:
            ids = sorted(row.id for row in self.organisations.values() if row.kind == kind)
            self._kinds[kind] = np.array(ids, np.int64)
        return self._kinds[kind]

    def existence(self, organisation: int) -> list[Stretch]:
        """The days on which it was in the tree, in order."""
        return [(start, end) for depth, _above, start, end in self._above.get(organisation, ()) if depth == 0]

    def exists_on(self, organisation: int, day: int) -> bool:
        return any(start <= day < end for start, end in self.existence(organisation))

    def above(self, organisation: int, day: int) -> list[int]:
        """Itself and those above it on a day, the nearest first; empty when it was not in the tree."""
        return [ancestor for _depth, ancestor, start, end in self._above.get(organisation, ()) if start <= day < end]

    def below(self, organisation: int) -> list[tuple[int, int, int]]:
        """Who stood below it, and when: (organisation, start, end)."""
        return [(other, start, end) for other, depth, start, end in self._below.get(organisation, ()) if depth]

    def placed_below(self, organisation: int) -> list[tuple[int, int, int]]:
        """Who was placed directly below it, and when: (child, start, end)."""
        return self._children.get(organisation, [])

    def attribute(self, organisation: int, name: str) -> list[tuple[int, int, str]]:
        """The stretches on which it has a value, its own or an inherited one: (start, end, value)."""
        if name == "kind":
            return [(start, end, self.kind(organisation)) for start, end in self.existence(organisation)]
        return self._effective(organisation, name)

    def own_attribute(self, organisation: int, name: str) -> list[tuple[int, int, str]]:
        """The values written at the organisation itself: (start, end, value)."""
        return self._attributes.get((organisation, name), [])

    def _effective_uncached(self, organisation: int, name: str) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        uncovered = self.existence(organisation)
        for depth, ancestor, start, end in self._above.get(organisation, ()):
            if depth and name not in self.inherited:
                break
            for first, last, value in self._attributes.get((ancestor, name), ()):
                hole = (max(first, start), min(last, end))
                if hole[0] >= hole[1]:
                    continue
                found += [(*stretch, value) for stretch in common(uncovered, [hole])]
                uncovered = without(uncovered, hole)
        return sorted(found)

    # Groups ----------------------------------------------------------------------------------------------------------

    def _group(self, asked: int, by: str = "", now: bool = False, today: int = 0) -> Grouping:
        """The groups of one asked organisation: itself and all below it, divided by children or an attribute.

        `by` is empty, "children", "kind" or an attribute's name. With `now`, today's tree and attributes hold for
        the cells of all days; pass today's ordinal, else 0.
        """
        if by == "children":
            found = self._by_children(asked)
        elif by:
            found = self._by_attribute(asked, by)
        else:
            found = [("", other, start, end) for other, _depth, start, end in self._below.get(asked, ())]
        if now:
            found = [(label, other, EVER, OPEN) for label, other, start, end in found if start <= today < end]
        labels = sorted({label for label, *_rest in found}, key=lambda label: (label is None, label or ""))
        if not by:
            labels = [""]
        elif by == "children":
            known = [self.organisations[child].code for child, _s, _e in self._children.get(asked, ())]
            labels = sorted({*known, *(label for label in labels if label is not None)})
        place = {label: index for index, label in enumerate(labels)}
        segments = sorted({(place[label], other, start, end) for label, other, start, end in found})
        branches = None
        if not now and by in ("", "children"):
            branches = self._as_branches(labels, segments) if by else (asked,)
        return Grouping(tuple(labels), tuple(Segment(*one) for one in segments), now, today, branches=branches)

    def _as_branches(
        self, labels: Sequence[str | None], segments: Iterable[tuple[int, int, int, int]]
    ) -> tuple[int, ...] | None:
        """The children of an organisation, where none of them ever stood elsewhere."""
        held: dict[int, set[tuple[int, int, int]]] = {}
        for group, *segment in segments:
            held.setdefault(group, set()).add((segment[0], segment[1], segment[2]))
        ids = [self.by_code[label].id for label in labels if label is not None]
        whole = [{(other, low, high) for other, _depth, low, high in self._below.get(one, ())} for one in ids]
        return tuple(ids) if all(held.get(group, set()) == one for group, one in enumerate(whole)) else None

    def _by_children(self, asked: int) -> list[tuple[str | None, int, int, int]]:
        found: list[tuple[str | None, int, int, int]] = []
        for child, first, last in self._children.get(asked, ()):
            code = self.organisations[child].code
            for other, _depth, start, end in self._below.get(child, ()):
                low, high = max(first, start), min(last, end)
                if low < high:
                    found.append((code, other, low, high))
        return found

    def _by_attribute(self, asked: int, name: str) -> list[tuple[str | None, int, int, int]]:
        found: list[tuple[str | None, int, int, int]] = []
        for other, _depth, start, end in self._below.get(asked, ()):
            rest: list[Stretch] = [(start, end)]
            for first, last, value in self.attribute(other, name):
                low, high = max(first, start), min(last, end)
                if low < high:
                    found.append((value, other, low, high))
                    rest = without(rest, (low, high))
            found += [(None, other, low, high) for low, high in rest]
        return found

    def alone(self, organisations: Iterable[int], now: bool, today: int) -> Grouping:
        """Each organisation as a group of its own, without those below it. Labels are codes."""
        return self._alone(tuple(organisations), now, today)

    def branches(self, organisations: Iterable[int], now: bool, today: int) -> Grouping:
        """Each organisation with all below it as a group. Labels are codes."""
        return self._branches(tuple(organisations), now, today)

    def _alone_uncached(self, ids: tuple[int, ...], now: bool, today: int) -> Grouping:
        segments = []
        for group, organisation in enumerate(ids):
            if not now:
                segments += [Segment(group, organisation, *stretch) for stretch in self.existence(organisation)]
            elif self.exists_on(organisation, today):
                segments.append(Segment(group, organisation, EVER, OPEN))
        return Grouping(tuple(self.organisations[one].code for one in ids), tuple(segments), now, today)

    def _branches_uncached(self, ids: tuple[int, ...], now: bool, today: int) -> Grouping:
        segments = [
            Segment(group, one.organisation, one.start, one.end)
            for group, organisation in enumerate(ids)
            for one in self.group(organisation, "", now, today).segments
        ]
        labels = tuple(self.organisations[one].code for one in ids)
        return Grouping(labels, tuple(segments), now, today, branches=None if now else ids)

    @cached_property
    def lineage(self) -> Lineage:
        """Who stood below whom, for totals of branches."""
        return Lineage(self.memberships, self.on_axis)

    # On the axis of a grain ------------------------------------------------------------------------------------------

    def reach(self, grouping: Grouping, grain: Grain) -> Reach:
        """The grouping on the grain's axis. A month belongs where its last day in the tree belongs."""
        found = grouping._reaches.get(grain)
        if found is None:
            found = grouping._reaches[grain] = self._reach(grouping, grain)
        return found

    def _reach(self, grouping: Grouping, grain: Grain) -> Reach:
        segments: list[tuple[int, int, int, int]] = []
        service: list[tuple[int, int, int, int]] = []
        for one in grouping.segments:
            low, high = self.on_axis(one.organisation, one.start, one.end, grain)
            if low >= high:
                continue
            segments.append((one.group, one.organisation, low, high))
            service += [
                (one.group, one.organisation, *stretch)
                for stretch in common(self.service(one.organisation, grain), [(low, high)])
            ]
        segments.sort()
        service.sort()
        pairs = sorted({(group, organisation) for group, organisation, _low, _high in segments})
        place = {pair: index for index, pair in enumerate(pairs)}
        return Reach(
            len(grouping.labels),
            *columns(pairs, 2),
            *columns([(place[group, one], low, high) for group, one, low, high in segments], 3),
            *columns([(place[group, one], low, high) for group, one, low, high in service], 3),
        )

    def line_of(self, reach: Reach) -> Int64s:
        """Whoever it holds, and whoever stood above one of them on any day."""
        if not reach._line:
            held = set(reach.organisation.tolist())
            above = {ancestor for one in held for _depth, ancestor, *_days in self._above.get(one, ())}
            reach._line.append(np.array(sorted(held | above), np.int64))
        return reach._line[0]

    def service(self, organisation: int, grain: Grain) -> list[Stretch]:
        """The periods in which the organisation was in the tree on at least one day."""
        days = self.existence(organisation)
        if grain is Grain.DAY:
            return joined(days)
        return joined([(_month_of(start), _month_of(end - 1) + 1) for start, end in days])

    def on_axis(self, organisation: int, start: int, end: int, grain: Grain) -> Stretch:
        """The periods whose cells of this organisation belong to the days [start, end)."""
        if grain is Grain.DAY:
            return start, end
        return self._first_month(organisation, start), self._first_month(organisation, end)

    def _first_month(self, organisation: int, day: int) -> int:
        """The first month whose last day in the tree is `day` or later."""
        if day <= EVER:
            return _FIRST_MONTH
        if day >= OPEN:
            return _LAST_MONTH
        month = _month_of(day)
        last = self._last_day_in(organisation, month)
        return month if last is None or last >= day else month + 1

    def _last_day_in(self, organisation: int, month: int) -> int | None:
        first = Grain.MONTH.first_day(month).toordinal()
        after = OPEN if month + 1 >= _LAST_MONTH else Grain.MONTH.first_day(month + 1).toordinal()
        inside = [min(end, after) - 1 for start, end in self.existence(organisation) if start < after and end > first]
        return max(inside, default=None)

    # Capacity --------------------------------------------------------------------------------------------------------

    def megawatt_days(
        self, grouping: Grouping, kind: str | None, periods: Sequence[Stretch], *, last: bool = False
    ) -> list[list[Fraction | None]]:
        """Σ over days of the capacity in service, by period and group; None where there is none.

        `kind` limits to organisations of that kind (None: all). Periods are stretches of days. A day counts for an
        organisation that was in the tree, with that day's capacity (with `now`: today's). With `last`, only the last
        day that counts in the period, organisation by organisation.
        """
        found: list[list[Fraction | None]] = [[None] * len(grouping.labels) for _ in periods]
        rows = self.capacities(grouping, kind)
        if not len(rows.group):
            return found
        for place, (first, after) in enumerate(periods):
            days = np.minimum(rows.high, after) - np.maximum(rows.low, first)
            counting = np.flatnonzero(days > 0)
            if last:  # rows are sorted by group, organisation and day
                of = np.stack((rows.group[counting], rows.organisation[counting]))
                ends = np.append((of[:, 1:] != of[:, :-1]).any(axis=0), True) if len(counting) else counting > 0
                counting, days = counting[ends], np.ones_like(days)
            sums: dict[int, int] = {}
            for group, number, length in zip(
                rows.group[counting].tolist(),
                rows.capacity[counting].tolist(),
                days[counting].tolist(),
                strict=True,
            ):
                sums[group] = sums.get(group, 0) + number * length
            for group, number in sums.items():
                found[place][group] = Fraction(number, rows.below)
        return found

    def capacities(self, grouping: Grouping, kind: str | None) -> "Capacities":
        """The capacities of the grouping's organisations with the days on which they count."""
        known = grouping._capacities.get(kind)
        if known is None:
            known = grouping._capacities[kind] = Capacities.of(self._capacities(grouping, kind))
        return known

    def _capacities(self, grouping: Grouping, kind: str | None) -> list[tuple[int, int, int, int, Fraction]]:
        """Group, organisation, first day, day after the last, and capacity: sorted."""
        found = []
        for segment in grouping.segments:
            if kind is not None and self.kind(segment.organisation) != kind:
                continue
            days = common(self.existence(segment.organisation), [(segment.start, segment.end)])
            for first, after, value in self.own_attribute(segment.organisation, "capacity_mw"):
                if not grouping.now:
                    stretches = common(days, [(first, after)])
                else:
                    stretches = days if first <= grouping.today < after else []
                for one in stretches:
                    stakes = grouping.shares.within(segment.organisation, one) if grouping.shares else [(*one, 1)]
                    found += [
                        (segment.group, segment.organisation, low, high, Fraction(value) * share)
                        for low, high, share in stakes
                    ]
        return sorted(found)

    # The file --------------------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write everything to one file."""
        rows, values = list(self.organisations.values()), self.attributes
        arrays: dict[str, Any] = {
            "id": np.array([row.id for row in rows], np.int64),
            "memberships": self.memberships,
            "placements": self.placements,
            "attribute_days": np.array([(row.organisation, row.start, row.end) for row in values], np.int64).reshape(
                -1, 3
            ),
            "inherited": np.array(sorted(self.inherited), np.str_),
        }
        for name in ("code", "name_zh", "name_en", "kind"):
            arrays[name] = np.array([getattr(row, name) for row in rows], np.str_)
        for name in ("name", "value"):
            arrays[f"attribute_{name}"] = np.array([getattr(row, name) for row in values], np.str_)
        with path.open("wb") as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Tree":
        """The tree that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            organisations = map(
                OrganisationRow, *(stored[name].tolist() for name in ("id", "code", "name_zh", "name_en", "kind"))
            )
            days = stored["attribute_days"].tolist()
            named = zip(stored["attribute_name"].tolist(), stored["attribute_value"].tolist(), days, strict=True)
            attributes = [AttributeRow(one, name, value, start, end) for name, value, (one, start, end) in named]
            return cls(
                organisations, stored["memberships"], stored["placements"], attributes, stored["inherited"].tolist()
            )


def load_tree(path: Path) -> Tree:
    """The tree of a file, the same one for as long as that is the same."""
    return _loaded(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _loaded(path: Path, _written_at: int) -> Tree:
    return Tree.load(path)


def _month_of(day: int) -> int:
    if day >= OPEN - 1:
        return _LAST_MONTH - 1
    return Grain.MONTH.index(date.fromordinal(day)) if day > EVER else _FIRST_MONTH
