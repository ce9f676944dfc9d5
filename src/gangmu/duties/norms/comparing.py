"""What differs between two cells, or between two editions: by topic, so that other numbers are no difference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from gangmu.duties.norms.resolving import Held, Resolved
from gangmu.duties.norms.standard import QUANTITIES, Entry, Standard, Statement, Words

DifferenceKind = Literal["figure", "citation", "strength", "extended", "reduced", "new", "gone", "wording"]


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `values` are those of both sides; `parameter` is what varies, `unit` that of a figure."""

    kind: DifferenceKind
    topic: str
    entries: tuple[str | None, str | None]
    values: tuple[Any, Any] = (None, None)
    parameter: str = ""
    unit: str | None = None

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.kind, "topic": self.topic, "entries": list(self.entries)}
        if self.parameter:
            found["parameter"] = self.parameter
        if self.kind == "figure":
            found["unit"] = self.unit
        if self.values != (None, None):
            found["values"] = list(self.values)
        return found


@dataclass(frozen=True)
class Pair:
    """An entry on either side of one topic, or on one side alone, and what differs."""

    topic: str
    a: Held | None
    b: Held | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Comparison:
    """Two resolved cells side by side, in the reading order of the second."""

    a: Resolved
    b: Resolved
    pairs: tuple[Pair, ...]

    @property
    def differences(self) -> list[Difference]:
        return [one for pair in self.pairs for one in pair.differences]

    def as_json(self) -> dict[str, Any]:
        return {
            "standard": self.b.standard.code,
            "a": self.a.cell,
            "b": self.b.cell,
            "differences": [one.as_json() for one in self.differences],
        }


def compare(a: Resolved, b: Resolved) -> Comparison:
    """Compare what holds on two sides.

    References that are followed are transparent: what they bring in is compared. Open ones are not followed; two of
    one subject are alike.
    """
    left, right = _sides(a), _sides(b)
    partner: dict[str, Held] = {}
    for group, mine in right.items():
        for one, other in _paired(a.standard, b.standard, left.get(group, []), mine):
            partner[other.entry.key] = one
    taken = {one.entry.key for one in partner.values()}
    pairs: list[Pair] = []
    place: dict[str, int] = {}  # of an entry of the left: where the pair that shows it stands
    for other in (one for one in b.held if _counts(one)):
        one = partner.get(other.entry.key)
        pairs.append(_pair(a.standard, b.standard, one, other))
    for number, pair in enumerate(pairs):
        if pair.a:
            place[pair.a.entry.key] = number
    gone: dict[int, list[Pair]] = {}
    last = -1
    for one in (held for held in a.held if _counts(held)):
        if one.entry.key in taken:
            last = place[one.entry.key]
        else:
            gone.setdefault(last, []).append(_pair(a.standard, b.standard, one, None))
    ordered = gone.get(-1, [])
    for number, pair in enumerate(pairs):
        ordered += [pair, *gone.get(number, [])]
    return Comparison(a, b, tuple(ordered))


def _counts(held: Held) -> bool:
    """Whether an entry says something itself: it states something, or its choice is missing."""
    return held.origin == "open" or bool(held.entry.statements)


def _sides(resolved: Resolved) -> dict[str, list[Held]]:
    """Entries by what makes them comparable: the topic, or the subject of an open reference."""
    found: dict[str, list[Held]] = {}
    for one in resolved.held:
        if _counts(one):
            group = f"?{resolved.standard.topics[one.entry.topic].refers}" if one.origin == "open" else one.entry.topic
            found.setdefault(group, []).append(one)
    return found


def _paired(old: Standard, new: Standard, left: list[Held], right: list[Held]) -> Iterator[tuple[Held, Held]]:
    """Pairs of one topic: in order when there are equally many, else those that differ least."""
    if len(left) == len(right):
        yield from zip(left, right, strict=True)
        return
    costs = sorted(
        (len(list(_differences(old, new, one.entry, other.entry))), i, j)
        for i, one in enumerate(left)
        for j, other in enumerate(right)
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    for _cost, i, j in costs:
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            yield left[i], right[j]


def _pair(old: Standard, new: Standard, one: Held | None, other: Held | None) -> Pair:
    if one is None:
        assert other is not None
        return Pair(other.entry.topic, None, other, (Difference("new", other.entry.topic, (None, other.entry.key)),))
    if other is None:
        return Pair(one.entry.topic, one, None, (Difference("gone", one.entry.topic, (one.entry.key, None)),))
    if other.origin == "open":
        return Pair(other.entry.topic, one, other, ())
    return Pair(other.entry.topic, one, other, tuple(_differences(old, new, one.entry, other.entry)))


def _differences(old: Standard, new: Standard, a: Entry, b: Entry) -> Iterator[Difference]:
    """What differs between two entries of one topic."""
    at = (a.key, b.key)
    topic = b.topic
    left, right, both = _aligned(a.statements, b.statements)
    told = dict.fromkeys(name for one, other in both for name in (*one.inserts, *other.inserts))
    for name in told:
        if name in a.values and name in b.values:
            yield from _of_parameter(old, new, topic, at, name, a.values[name], b.values[name])
    for one, other in both:
        if one.strength != other.strength:
            yield Difference("strength", topic, at, (one.strength, other.strength))
        if (one.bound, one.trigger) != (other.bound, other.trigger):
            yield Difference("wording", topic, at, ([one.bound, one.trigger], [other.bound, other.trigger]))
        if one.text != other.text:
            yield Difference("wording", topic, at, (_plain(old.text(a, one)), _plain(new.text(b, other))))
    if right:
        yield Difference("extended", topic, at, (None, [_plain(new.text(b, one)) for one in right]))
    if left:
        yield Difference("reduced", topic, at, ([_plain(old.text(a, one)) for one in left], None))


def _of_parameter(
    old: Standard, new: Standard, topic: str, at: tuple[str, str], name: str, one: str | Words, other: str | Words
) -> Iterator[Difference]:
    before, after = old.topics[topic].parameters[name], new.topics[topic].parameters[name]
    values = (before.as_json(one)["value"], after.as_json(other)["value"])
    if after.kind in QUANTITIES:
        if Decimal(str(one)) != Decimal(str(other)) or before.unit != after.unit:
            yield Difference("figure", topic, at, values, name, after.unit)
    elif before.shown(one) != after.shown(other):
        kinds: Mapping[str, DifferenceKind] = {"standard": "citation", "choice": "figure"}
        shown = tuple(_plain(one) if one.zh != one.en else one.zh for one in (before.shown(one), after.shown(other)))
        yield Difference(kinds.get(after.kind, "wording"), topic, at, (shown[0], shown[1]), name)


def _aligned(
    a: tuple[Statement, ...], b: tuple[Statement, ...]
) -> tuple[list[Statement], list[Statement], list[tuple[Statement, Statement]]]:
    """Statements of the left alone, of the right alone, and of both: by equal text, then by place in the topic."""
    left, right = list(a), list(b)
    both = []
    for same in (lambda x, y: x.text == y.text, lambda x, y: x.number and x.number == y.number):
        for one in list(left):
            other = next((other for other in right if same(one, other)), None)
            if other is not None:
                both.append((one, other))
                left.remove(one)
                right.remove(other)
    return left, right, both


def _plain(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
