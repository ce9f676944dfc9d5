"""What each side of a case gives: sums (or extremes) and coverage as arrays, so that they can be held side by side."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sums:
    """Indicator × period × group: scaled integers, and how many cells were reported of how many expected."""

    value: np.ndarray
    reported: np.ndarray
    expected: np.ndarray


def same(ours: Sums, theirs: Sums, what: str) -> None:
    """Stop where two sides do not give the same: a bench of a wrong answer is worth nothing."""
    for name in ("value", "reported", "expected"):
        mine, other = getattr(ours, name), getattr(theirs, name)
        if mine.shape != other.shape:
            raise SystemExit(f"{what}: the two sides differ in shape: {mine.shape}, {other.shape}")
        places = np.argwhere(mine != other)
        if len(places):
            first = tuple(places[0].tolist())
            raise SystemExit(
                f"{what}: {name} differs in {len(places)} of {mine.size} places, first at {first}: "
                f"{mine[first]} beside {other[first]}"
            )


def half_up(top: np.ndarray, below: np.ndarray) -> np.ndarray:
    """top / below as the nearest integer, halves away from zero."""
    size = (2 * np.abs(top) + below) // (2 * below)
    return np.where(top < 0, -size, size)
