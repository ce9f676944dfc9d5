"""Who stood below whom, as arrays: what totals of branches are made and asked by."""

from collections.abc import Callable
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import Stretch

OnAxis = Callable[[int, int, int, Grain], Stretch]  # of an organisation's days: the periods that belong to them


class Segments(NamedTuple):
    """Who belongs to whose branch, and when, on a grain's axis: place in `Lineage.ids`, organisation, first period and
    the one after the last."""

    branch: Int64s
    organisation: Int64s
    low: Int64s
    high: Int64s


class Lineage:
    """The history of a tree."""

    def __init__(self, memberships: Int64s, on_axis: OnAxis) -> None:
        """`memberships` has rows (ancestor, organisation, depth, start, end)."""
        self._memberships, self._on_axis = memberships, on_axis
        self._segments: dict[Grain, Segments] = {}
        self._by_organisation: dict[Grain, Segments] = {}

    @cached_property
    def mark(self) -> int:
        """A number that is another one as soon as somebody stood elsewhere on any day."""
        rows = self._memberships[np.lexsort(self._memberships.T)]
        return int.from_bytes(blake2b(rows.tobytes(), digest_size=7).digest(), "big")

    @cached_property
    def ids(self) -> Int64s:
        """Everybody below whom somebody ever stood, ascending."""
        return np.unique(self._memberships[self._memberships[:, 2] > 0, 0])

    def places_of(self, organisations: Int64s) -> Int64s | None:
        """The place of each organisation in `ids`; None where one has none, since nothing ever stood below it."""
        ids = self.ids
        place = np.searchsorted(ids, organisations)
        if not len(ids) or int(place.max(initial=0)) >= len(ids) or (ids[place] != organisations).any():
            return None
        return place

    def segments(self, grain: Grain) -> Segments:
        """In the order of the branches."""
        if grain not in self._segments:
            rows = self._memberships[np.isin(self._memberships[:, 0], self.ids)]
            if grain is not Grain.DAY:
                months = [self._on_axis(one, start, end, grain) for _, one, _, start, end in rows.tolist()]
                rows = rows.copy()
                rows[:, 3:] = np.array(months, np.int64).reshape(-1, 2)
            branch = np.searchsorted(self.ids, rows[:, 0])
            order = np.lexsort((rows[:, 1], branch))
            self._segments[grain] = Segments(branch[order], rows[order, 1], rows[order, 3], rows[order, 4])
        return self._segments[grain]

    def by_organisation(self, grain: Grain) -> Segments:
        """In the order of the organisations."""
        if grain not in self._by_organisation:
            parts = self.segments(grain)
            order = np.argsort(parts.organisation, kind="stable")
            self._by_organisation[grain] = Segments(*(part[order] for part in parts))
        return self._by_organisation[grain]
