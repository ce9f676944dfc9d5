"""Half-open stretches of whole numbers: days, or periods of a grain."""

from collections.abc import Iterable

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
