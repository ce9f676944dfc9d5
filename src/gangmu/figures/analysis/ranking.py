"""Rankings 排名: ties share a place, and as many places after them stay empty (1, 2, 2, 4).

What a reader sees as equal ties: figures are compared as they are shown. A figure that not all have reported for is
marked, and either ranked all the same or set apart.

Source: the usage of Chinese tables of ranks (并列名次占位), the same as sports' "standard competition ranking".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from gangmu.figures.analysis.rounding import half_up
from gangmu.figures.analysis.words import Words, ordinal


class Better(StrEnum):
    """Which end of a ranking is the first place."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Entry:
    """One that is ranked; `value` is None without a figure. `reported` of `expected` cells stand behind it."""

    key: str
    value: Fraction | None
    reported: int = 1
    expected: int = 1


@dataclass(frozen=True)
class Ranked:
    """An entry's place: 1 is the first, None is not ranked (no figure, or set apart).

    `tied`: others share the place. `partial`: not all have reported. `count`: how many are ranked.
    """

    key: str
    value: Fraction | None
    place: int | None
    tied: bool
    partial: bool
    count: int

    def words(self) -> Words:
        """The place in words."""
        if self.place is None:
            said = Words("未排名", "not ranked")
        else:
            place = ordinal(self.place)
            said = Words(
                f"{'并列' if self.tied else ''}{place.zh}名（共{self.count}个）",
                f"{'tied ' if self.tied else ''}{place.en} of {self.count}",
            )
        return Words(f"{said.zh}，数据不全", f"{said.en}, incomplete") if self.partial else said


def ranking(
    entries: Sequence[Entry], better: Better, digits: int | None = None, *, partial_apart: bool = False
) -> list[Ranked]:
    """All entries, best first; tied ones in the order given; those without a place last.

    Args:
        digits: the decimals that are shown, so that what looks equal ties; None compares exactly.
        partial_apart: figures with partial coverage get no place.
    """
    ranked: list[tuple[Fraction, Entry]] = []
    apart: list[Entry] = []
    for entry in entries:
        if entry.value is None or (partial_apart and _is_partial(entry)):
            apart.append(entry)
        else:
            seen = entry.value if digits is None else Fraction(half_up(entry.value, digits))
            ranked.append((seen if better is Better.LOWER else -seen, entry))
    ranked.sort(key=lambda one: one[0])
    found: list[Ranked] = []
    for _seen, group in groupby(ranked, key=lambda one: one[0]):
        tied = [entry for _value, entry in group]
        place = len(found) + 1
        found += [
            Ranked(entry.key, entry.value, place, len(tied) > 1, _is_partial(entry), len(ranked)) for entry in tied
        ]
    found += [Ranked(entry.key, entry.value, None, False, _is_partial(entry), len(ranked)) for entry in apart]
    return found


def moves(now: Sequence[Ranked], before: Sequence[Ranked]) -> dict[str, int | None]:
    """How many places each of `now` rose (positive) or fell since `before`; None without a place in one of them."""
    places = {one.key: one.place for one in before}
    return {
        one.key: None if one.place is None or (old := places.get(one.key)) is None else old - one.place for one in now
    }


def _is_partial(entry: Entry) -> bool:
    return entry.reported < entry.expected
