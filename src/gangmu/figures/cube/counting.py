"""Whom a statistical scope counts, on which days, and with which share: from its definition and the tree.

Everything is worked out for all organisations, whoever asks. What a figure then counts is the part of this that lies
inside the asker's own groups: a scope cuts groups and never adds to one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Self

from django.utils.translation import gettext as _

from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.cube.shares import Shares, Stake
from gangmu.figures.cube.stretches import Stretch, common, joined, without
from gangmu.figures.cube.tree import EVER, OPEN, Tree
from gangmu.figures.scopes.definitions import WHOLE, NewPlants, Part, ScopeDefinition, Version, circle
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.period import Period

Days = dict[int, list[Stretch]]
Stakes = dict[int, list[Stake]]
_MOST_REMEMBERED = 24


class TooMuch(CannotAnswer):
    """The parts of a scope count an organisation with more than 100 %. Whom is for those who keep scopes to see."""

    def __init__(self, scope: str, version: int, organisation: str, day: int, share: Fraction) -> None:
        words = {"scope": scope, "day": date.fromordinal(max(day, 1)).isoformat()}
        super().__init__(
            _("The statistical scope “%(scope)s” counts somebody with more than 100 %% on %(day)s. Its page says whom.")
            % words
        )
        self.scope, self.version, self.organisation, self.day, self.share = scope, version, organisation, day, share

    def told(self) -> str:
        """For those who keep scopes."""
        words = {
            "code": self.organisation,
            "share": f"{float(self.share * 100):g}",
            "day": date.fromordinal(self.day).isoformat() if self.day > EVER else _("its first day"),
        }
        return (
            _("the parts count %(code)s with %(share)s %% together from %(day)s; at most 100 %% are possible.") % words
        )


@dataclass(frozen=True)
class Counting:
    """By which tree a scope is counted, and for a period that begins on which day: that says who is new (0: nobody)."""

    now: bool
    today: int = 0
    begins: int = 0

    @classmethod
    def of(
        cls, scope: ScopeDefinition, book: Mapping[str, ScopeDefinition], period: Period, now: bool, today: int
    ) -> Self:
        """How a period is counted by a scope: alike for all periods between which neither it nor a scope that it
        names makes a difference."""
        rules = {book[code].new_plants for code in _reached(scope, book)}
        begins = 0
        if NewPlants.PERIOD in rules:
            begins = period.start.toordinal()
        elif rules != {NewPlants.IN}:
            begins = date(period.start.year, 1, 1).toordinal()
        return cls(now, today if now else 0, begins)

    def limit(self, rule: NewPlants) -> int:
        """The day from which on organisations are new."""
        if not self.begins or rule is NewPlants.IN:
            return OPEN
        begins = date.fromordinal(self.begins)
        match rule:
            case NewPlants.PERIOD:
                return self.begins
            case NewPlants.YEAR:
                return date(begins.year, 1, 1).toordinal()
            case _:
                return date(max(begins.year - 1, 1), 1, 1).toordinal()


def _reached(scope: ScopeDefinition, book: Mapping[str, ScopeDefinition]) -> set[str]:
    """The scope and all that it names, through others too."""
    found, open_ = {scope.code}, [scope]
    while open_:
        for code in open_.pop().scopes - found:
            if code in book:
                found.add(code)
                open_.append(book[code])
    return found


def shares(tree: Tree, book: Mapping[str, ScopeDefinition], stamp: str, code: str, counting: Counting) -> Shares:
    """Whom a scope counts; the same object for as long as tree and scopes stay the same.

    Raises:
        TooMuch: parts come to more than 100 %.
    """
    key = stamp, code, counting
    found = tree.counted.get(key)
    if found is None:
        if len(tree.counted) >= _MOST_REMEMBERED:
            tree.counted.clear()
        found = tree.counted[key] = Shares(_Counter(tree, book, counting).stakes(code))
    return found


def faults(tree: Tree, book: Mapping[str, ScopeDefinition], today: int) -> list[tuple[tuple[str, ...], str]]:
    """Where parts come to more than 100 %, on any day: scope and version, and what to say."""
    found = []
    for code in book:
        if circle(code, book):
            continue
        for now in (False, True):
            try:
                _Counter(tree, book, Counting(now, today if now else 0)).stakes(code)
            except TooMuch as error:
                if error.scope == code:
                    found.append(((code, str(error.version), "count", "0"), f"{code}: {error.told()}"))
                    break
    return found


class _Counter:
    def __init__(self, tree: Tree, book: Mapping[str, ScopeDefinition], counting: Counting) -> None:
        self.tree, self.book, self.counting = tree, book, counting
        self._found: dict[str, Stakes] = {}
        self._first = min((start for one in tree.organisations for start, _end in tree.existence(one)), default=EVER)

    def stakes(self, code: str) -> Stakes:
        """By organisation: when it counts and with which share, in order and apart."""
        if code not in self._found:
            self._found[code] = {}  # a scope that contained itself would find nobody; none is kept that does
            self._found[code] = self._stakes(self.book[code])
        return self._found[code]

    def _stakes(self, scope: ScopeDefinition) -> Stakes:
        found: Stakes = {}
        now, today = self.counting.now, self.counting.today
        for number, version in enumerate(scope.versions):
            days = _days(version)
            if now and not days[0] <= today < days[1]:
                continue
            for organisation, stakes in self._version(scope.code, number, version).items():
                for low, high, share in stakes:
                    if now:
                        if low <= today < high:
                            found[organisation] = [(EVER, OPEN, share)]
                    elif max(low, days[0]) < min(high, days[1]):
                        cut = max(low, days[0]), min(high, days[1]), share
                        found.setdefault(organisation, []).append(cut)
        limit = self.counting.limit(scope.new_plants)
        if limit < OPEN:
            found = {one: stakes for one, stakes in found.items() if self.commissioned(one) < limit}
        return {one: _tidy(stakes) for one, stakes in found.items()}

    def _version(self, code: str, number: int, version: Version) -> Stakes:
        parts: Stakes = {}
        for part in version.count:
            for organisation, stakes in self._part(part).items():
                parts.setdefault(organisation, []).extend(stakes)
        out: Days = {}
        for part in version.exceptions:
            for organisation, stakes in self._part(part).items():
                out.setdefault(organisation, []).extend((low, high) for low, high, _share in stakes)
        found: Stakes = {}
        for organisation, stakes in parts.items():
            holes = joined(out.get(organisation, ()))
            left = [(*rest, share) for low, high, share in stakes for rest in _outside((low, high), holes)]
            added = _added(left)
            for low, high, share in added:
                concerns = low <= self.counting.today < high if self.counting.now else low < _days(version)[1]
                if share > WHOLE and concerns and (self.counting.now or high > _days(version)[0]):
                    first = max(low, _days(version)[0])
                    raise TooMuch(code, number, self.tree.organisations[organisation].code, first, share)
            found[organisation] = added
        return found

    def _part(self, part: Part) -> Stakes:
        """Whom a part counts, with its share."""
        found: Stakes = (
            {one: list(stakes) for one, stakes in self.stakes(part.scope).items()}
            if part.scope
            else {one: [(*days, WHOLE) for days in self.tree.existence(one)] for one in self.tree.organisations}
        )
        conditions: list[Days] = []
        if part.organisations:
            conditions.append(
                self._below([row.id for code in part.organisations if (row := self.tree.by_code.get(code))])
            )
        if part.kinds:
            wanted = set(part.kinds)
            conditions.append(self._below([row.id for row in self.tree.organisations.values() if row.kind in wanted]))
        for name, values in part.attributes:
            conditions.append(self._with(name, values, found))
        for condition in conditions:
            found = {
                one: [
                    (*days, share)
                    for low, high, share in stakes
                    for days in common([(low, high)], condition.get(one, ()))
                ]
                for one, stakes in found.items()
                if one in condition
            }
        return {one: cut for one, stakes in found.items() if (cut := self._shared(one, stakes, part.share))}

    def _below(self, organisations: Iterable[int]) -> Days:
        found: Days = {}
        for organisation in organisations:
            found.setdefault(organisation, []).extend(self.tree.existence(organisation))
            for other, start, end in self.tree.below(organisation):
                found.setdefault(other, []).append((start, end))
        return {one: joined(days) for one, days in found.items()}

    def _with(self, name: str, values: tuple[str, ...], among: Iterable[int]) -> Days:
        attribute, wanted = kinds.attributes().get(name), set(values)
        found: Days = {}
        for organisation in among:
            for start, end, value in self.tree.attribute(organisation, name):
                known = attribute.choice(value) if attribute else None
                if (known.code if known else value) in wanted:
                    found.setdefault(organisation, []).append((start, end))
        return found

    def _shared(self, organisation: int, stakes: list[Stake], share: Fraction | str) -> list[Stake]:
        if not isinstance(share, str):
            return [(low, high, part * share) for low, high, part in stakes if low < high]
        held = self.tree.attribute(organisation, share)
        found: list[Stake] = []
        for low, high, part in stakes:
            rest = [(low, high)]
            for first, after, text in held:
                inside = max(low, first), min(high, after)
                if inside[0] < inside[1]:
                    rest = without(rest, inside)
                    found += [(*inside, part * number / 100)] if (number := _number(text)) else []
            found += [(*days, part) for days in rest]
        return sorted(found)

    def commissioned(self, organisation: int) -> int:
        """The day on which it went into service: its own date; else the later of its first day in the tree (where
        that is not the tree's own) and the nearest date above it."""
        own = _day(self.tree.own_attribute(organisation, "commissioned"))
        if own is not None:
            return own
        days = self.tree.existence(organisation)
        first = days[0][0] if days and days[0][0] > self._first else EVER
        for above in self.tree.above(organisation, max(days[0][0], 1) if days else 1)[1:]:
            found = _day(self.tree.own_attribute(above, "commissioned"))
            if found is not None:
                return max(first, found)
        return first


def _days(version: Version) -> Stretch:
    first = version.first.toordinal() if version.first else EVER
    return first, version.last.toordinal() + 1 if version.last else OPEN


def _outside(days: Stretch, holes: Iterable[Stretch]) -> list[Stretch]:
    rest = [days]
    for hole in holes:
        rest = without(rest, hole)
    return rest


def _added(stakes: list[Stake]) -> list[Stake]:
    """Shares of the same day added up."""
    if len(stakes) < 2:
        return stakes
    edges = sorted({day for low, high, _share in stakes for day in (low, high)})
    found = []
    for low, high in pairwise(edges):
        share = sum((share for start, end, share in stakes if start <= low and high <= end), Fraction(0))
        if share:
            found.append((low, high, share))
    return found


def _tidy(stakes: list[Stake]) -> list[Stake]:
    """In order, stretches with one share that touch made one."""
    found: list[Stake] = []
    for low, high, share in sorted(stakes):
        if found and found[-1][1] == low and found[-1][2] == share:
            found[-1] = (found[-1][0], high, share)
        else:
            found.append((low, high, share))
    return found


def _number(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ValueError:
        return Fraction(0)


def _day(values: list[tuple[int, int, str]]) -> int | None:
    for _start, _end, text in values:
        try:
            return date.fromisoformat(text).toordinal()
        except ValueError:
            continue
    return None


def listed(shares: Shares, day: int) -> Iterator[tuple[int, Fraction]]:
    """Who counts on a day, and with which share."""
    for organisation in shares.organisations():
        for low, high, share in shares.days(organisation):
            if low <= day < high:
                yield organisation, share
