"""Totals in which organisations count with a share: every cell counts with that of its day, and is added up by the
indicator's own rules.

A share changes what is added up over organisations; what is averaged, least or greatest among them is counted whole.
Weighted means weigh with weight × share. A month counts with the mean share of its days on which the organisation
counted; where the indicator takes the first or last value over time, with that of the first or last of these days.

Groups are split into pieces of one share, the engine adds these up as ever, and the pieces are put together exactly.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from gangmu.figures.cube.columns import missing
from gangmu.figures.cube.groups import Grouping, Reach, Segment, columns
from gangmu.figures.cube.measure import Measure
from gangmu.figures.cube.settled import adjustments, summed
from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.totals import Totals
from gangmu.figures.indicators.exact.aggregating import Grouping as Members
from gangmu.figures.indicators.exact.aggregating import aggregate
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import evaluate_now
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step

if TYPE_CHECKING:
    from gangmu.figures.cube.engine import Engine

Stake = tuple[int, int, Fraction]  # from a day, to before another, with a share
LAST_MONTH = 10_000 * 12
_WHOLE = Fraction(1)
_VALUE, _WEIGHT = Leaf("value"), Leaf("weight")
_PRODUCT = Program(
    (Step(Op.LEAF, (), _VALUE), Step(Op.LEAF, (), _WEIGHT), Step(Op.MULTIPLY, (0, 1))), (_VALUE, _WEIGHT)
)
_QUOTIENT = Program((Step(Op.LEAF, (), _VALUE), Step(Op.LEAF, (), _WEIGHT), Step(Op.DIVIDE, (0, 1))), (_VALUE, _WEIGHT))


class Shares:
    """By organisation: the days on which it counts, with the share of each; in order and apart."""

    def __init__(self, stakes: dict[int, list[Stake]]) -> None:
        self._stakes = stakes
        self.whole = all(share == _WHOLE for found in stakes.values() for _low, _high, share in found)
        self._months: dict[tuple[int, str], list[Stake]] = {}

    def organisations(self) -> Iterable[int]:
        return self._stakes

    def days(self, organisation: int) -> list[Stake]:
        return self._stakes.get(organisation, [])

    def cut(self, grouping: Grouping) -> Grouping:
        """The grouping with what the scope counts of it."""
        segments = [
            Segment(one.group, one.organisation, max(one.start, low), min(one.end, high))
            for one in grouping.segments
            for low, high in self._held(one.organisation)
            if max(one.start, low) < min(one.end, high)
        ]
        return Grouping(grouping.labels, tuple(segments), grouping.now, grouping.today, None if self.whole else self)

    def _held(self, organisation: int) -> Iterator[Stretch]:
        """The days on which it counts, whatever the share: stretches that touch are one."""
        begin = end = None
        for low, high, _share in self.days(organisation):
            if begin is not None and low == end:
                end = high
                continue
            if begin is not None and end is not None:
                yield begin, end
            begin, end = low, high
        if begin is not None and end is not None:
            yield begin, end

    def within(self, organisation: int, days: Stretch) -> list[Stake]:
        """Its shares on some days."""
        found = [(max(low, days[0]), min(high, days[1]), share) for low, high, share in self.days(organisation)]
        return [one for one in found if one[0] < one[1]]

    def on_axis(self, organisation: int, grain: Grain, rule: str) -> list[Stake]:
        """Its shares on the axis of a grain, for what is taken over time by `rule`."""
        if grain is Grain.DAY:
            return self.days(organisation)
        kept = rule if rule in ("first", "last") else ""
        if (organisation, kept) not in self._months:
            self._months[organisation, kept] = self._by_month(organisation, kept)
        return self._months[organisation, kept]

    def _by_month(self, organisation: int, rule: str) -> list[Stake]:
        stakes = self.days(organisation)
        found: list[Stake] = []
        edges: set[int] = set()
        for low, high, share in stakes:
            first, after = 0, LAST_MONTH
            if low > 0:
                edges.add(first := _month(low))
                first += 1
            if high <= date.max.toordinal():
                edges.add(after := _month(high - 1))
            if first < after:  # the months wholly inside
                found.append((first, after, share))
        return sorted([*found, *((month, month + 1, _of_month(stakes, month, rule)) for month in edges)])


def _month(day: int) -> int:
    return Grain.MONTH.index(date.fromordinal(day))


def _of_month(stakes: list[Stake], month: int, rule: str) -> Fraction:
    begin = Grain.MONTH.first_day(month).toordinal()
    after = Grain.MONTH.first_day(month + 1).toordinal() if month + 1 < LAST_MONTH else date.max.toordinal() + 1
    inside = [(max(low, begin), min(high, after), share) for low, high, share in stakes if low < after and high > begin]
    if rule:
        return inside[0 if rule == "first" else -1][2]
    days = sum(high - low for low, high, _share in inside)
    return sum(((high - low) * share for low, high, share in inside), Fraction(0)) / days


def totals(
    engine: "Engine", measure: Measure, grouping: Grouping, periods: Sequence[Stretch], *, last: bool = False
) -> Totals:
    """As the engine's, with shares. Coverage and state are of whole cells."""
    plain = _plain(grouping)
    base = engine.totals(measure, plain, periods, last=last)
    if measure.over_organisations == "weighted":
        return replace(base, values=_weighted(engine, measure, grouping, plain, periods, base))
    if measure.over_organisations != "sum":
        return base
    rule = "last" if last else measure.over_time
    values = _summed(engine, measure, grouping, plain, periods, base, rule, last=last)
    if base.months is None:
        return replace(base, values=values)
    adjustment = _adjusted(engine, measure, grouping, plain, periods, base)
    return replace(base, values=summed(values, adjustment), adjustment=adjustment)


def _adjusted(
    engine: "Engine", measure: Measure, grouping: Grouping, plain: Grouping, periods: Sequence[Stretch], base: Totals
) -> Cells:
    """The adjustments of closed months, each with the share of its month."""
    pieces = _pieces(engine, grouping, plain, Grain.MONTH, "sum")
    found = adjustments(engine, measure, pieces.grouping, periods) if pieces.shares else None
    if found is None:
        return missing(base.values.size)
    count, groups = len(periods), base.groups
    counted = _times(found.amount, Exact.of_fractions(list(pieces.shares * count)))
    target = (np.arange(count)[:, None] * groups + pieces.group).ravel()
    return aggregate("sum", counted, Members.of(target, count * groups), count * groups)


def _plain(grouping: Grouping) -> Grouping:
    """The same without shares; one object for each grouping, since the engine remembers by it."""
    found = grouping._pieces.get(("plain", Grain.DAY))
    if found is None:
        plain = Grouping(grouping.labels, grouping.segments, grouping.now, grouping.today)
        found = grouping._pieces["plain", Grain.DAY] = _Pieces(plain, [], np.empty(0, np.int64), np.empty(0, np.int64))
    return found.grouping


class _Pieces:
    """Groups split so that each has one share (`by` share), or one organisation and share (`by` cell).

    `group` is the group of each piece, `pair` numbers group and organisation (by cell).
    """

    def __init__(self, grouping: Grouping, shares: list[Fraction], group: Int64s, pair: Int64s) -> None:
        self.grouping, self.shares, self.group, self.pair = grouping, shares, group, pair


def _pieces(engine: "Engine", grouping: Grouping, plain: Grouping, grain: Grain, rule: str) -> _Pieces:
    """Split on the grain's axis. For sums over time pieces may hold many organisations; else one, in order of time."""
    by_share = rule == "sum"
    key = ("share" if by_share else rule), grain
    found = grouping._pieces.get(key)
    if found is not None:
        return found
    assert grouping.shares is not None
    reach = engine.tree.reach(plain, grain)
    rows: list[tuple[tuple[int, int, int, Fraction], int, int, int]] = []
    for pair, low, high in zip(
        reach.segment_pair.tolist(), reach.segment_low.tolist(), reach.segment_high.tolist(), strict=True
    ):
        group, organisation = int(reach.group[pair]), int(reach.organisation[pair])
        for start, end, share in grouping.shares.on_axis(organisation, grain, rule):
            first, after = max(low, start), min(high, end)
            if first < after:
                piece = (group, 0, 0, share) if by_share else (group, organisation, first, share)
                rows.append((piece, organisation, first, after))
    names = sorted({piece for piece, *_rest in rows})
    place = {piece: number for number, piece in enumerate(names)}
    pairs = sorted({(place[piece], organisation) for piece, organisation, *_rest in rows})
    at = {pair: number for number, pair in enumerate(pairs)}
    segments = sorted((at[place[piece], organisation], low, high) for piece, organisation, low, high in rows)
    split = Grouping(tuple("" for _ in names), (), grouping.now, grouping.today)
    split._reaches[grain] = Reach(len(names), *columns(pairs, 2), *columns(segments, 3), *columns([], 3))
    owners = sorted({name[:2] for name in names})
    owner = {one: number for number, one in enumerate(owners)}
    found = grouping._pieces[key] = _Pieces(
        split,
        [name[3] for name in names],
        np.array([name[0] for name in names], np.int64),
        np.array([owner[name[:2]] for name in names], np.int64),
    )
    return found


def _summed(
    engine: "Engine",
    measure: Measure,
    grouping: Grouping,
    plain: Grouping,
    periods: Sequence[Stretch],
    base: Totals,
    rule: str,
    *,
    last: bool = False,
) -> Cells:
    """Σ over organisations of what their cells × share come to over time."""
    pieces = _pieces(engine, grouping, plain, measure.grain, rule)
    if not pieces.shares:
        return missing(base.values.size)
    found = engine.totals(measure, pieces.grouping, periods, last=last)
    count, width, groups = len(periods), len(pieces.shares), base.groups
    if rule == "mean":
        # Σ value · share ÷ cells, from the means of the pieces: each counts with its part of the organisation's cells
        of_pair = np.zeros((count, int(pieces.pair.max()) + 1), np.int64)
        np.add.at(of_pair, (np.arange(count)[:, None], pieces.pair), found.reported)
        factors = [
            share * int(number) / int(whole) if whole else None
            for numbers, wholes in zip(found.reported, of_pair[:, pieces.pair], strict=True)
            for share, number, whole in zip(pieces.shares, numbers, wholes, strict=True)
        ]
    else:
        factors = pieces.shares * count
    counted = _times(found.values, Exact.of_fractions(list(factors)))
    if rule in ("first", "last", "min", "max"):
        pairs = int(pieces.pair.max()) + 1
        owner = (np.arange(count)[:, None] * pairs + pieces.pair).ravel()
        counted = aggregate(rule, counted, Members.of(owner, count * pairs), count * pairs)
        group_of = np.zeros(pairs, np.int64)
        group_of[pieces.pair] = pieces.group
        target = (np.arange(count)[:, None] * groups + group_of).ravel()
    else:
        assert width == len(pieces.group)
        target = (np.arange(count)[:, None] * groups + pieces.group).ravel()
    return aggregate("sum", counted, Members.of(target, count * groups), count * groups)


def _weighted(
    engine: "Engine", measure: Measure, grouping: Grouping, plain: Grouping, periods: Sequence[Stretch], base: Totals
) -> Cells:
    """Σ value · weight · share ÷ Σ weight · share, over the cells that have both."""
    value, weight = Leaf(measure.code), Leaf(measure.weight)
    leaves = (value, weight)
    head = (Step(Op.LEAF, (), value), Step(Op.LEAF, (), weight))
    above = Program((*head, Step(Op.MULTIPLY, (0, 1))), leaves)
    below = Program(
        (*head, Step(Op.CONSTANT, (), Fraction(0)), Step(Op.MULTIPLY, (0, 2)), Step(Op.ADD, (3, 1))), leaves
    )
    # The measure's own formulas, each with its days, stay with the leaf of its code.
    sums = replace(measure, since=(), over_time="sum", over_organisations="sum")
    parts = [
        _summed(
            engine,
            replace(sums, code=f"{measure.code}·{name}", program=program),
            grouping,
            plain,
            periods,
            base,
            "sum",
        )
        for name, program in (("weighted", above), ("weight", below))
    ]
    return evaluate_now(_QUOTIENT, {_VALUE: parts[0], _WEIGHT: parts[1]}, base.values.size)


def _times(values: Cells, factors: Exact) -> Cells:
    return evaluate_now(_PRODUCT, {_VALUE: values, _WEIGHT: factors}, values.size)
