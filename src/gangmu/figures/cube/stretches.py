"""Half-open stretches of whole numbers: days, or periods of a grain."""

from collections.abc import Iterable
from datetime import date

from gangmu.figures.cube.storage import Grain

Stretch = tuple[int, int]


def common(ones: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    """The days that both have."""
    others = list(others)
    found = [(max(a, c), min(b, d)) for a, b in ones for c, d in others]
    return sorted((low, high) for low, high in found if low < high)


def without(ones: Iterable[Stretch], hole: Stretch) -> list[Stretch]:
    found = []
    for low, high in ones:
        found += [(low, min(high, hole[0])), (max(low, hole[1]), high)]
    return [(low, high) for low, high in found if low < high]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same days with touching and overlapping stretches made one."""
    joined: list[Stretch] = []
    for low, high in sorted(stretches):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def on_axis(days: Stretch, grain: Grain) -> Stretch:
    """The grain's periods that lie wholly inside a stretch of days."""
    if grain is Grain.DAY:
        return days
    first, after = date.fromordinal(days[0]), date.fromordinal(days[1])
    low = grain.index(first) + (first.day > 1)
    return low, max(low, grain.index(after))


def days_of(index: int, grain: Grain) -> Stretch:
    """The days of one period of the grain."""
    return grain.first_day(index).toordinal(), grain.first_day(index + 1).toordinal()
