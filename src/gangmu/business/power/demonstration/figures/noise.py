"""Random numbers that belong to a thing and a day, not to the order in which they are drawn.

Each is a hash (SplitMix64's finaliser) of seed, name, stream and day. So the figures of a day do not depend on the
window that is asked for, nor on which other plants are.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
ROOT_3 = 3**0.5  # uniform numbers from -√3 to √3 have a standard deviation of 1


def keys(seed: int, names: Sequence[str]) -> Keys:
    """One key for each name."""
    return np.array([key(seed, name) for name in names], np.uint64)


def key(seed: int, name: str) -> int:
    return int.from_bytes(blake2b(f"{seed}:{name}".encode(), digest_size=8).digest(), "big")


def uniform(of: Keys, stream: str, days: Ints) -> Floats:
    """From 0 to 1, for each key (rows) and day (columns)."""
    stirred = _mix(of ^ np.uint64(key(0, stream)))[:, None]
    return _fraction(_mix(stirred + days.astype(np.uint64)[None, :] * GOLDEN))


def own(of: Keys, stream: str) -> Floats:
    """From 0 to 1, one number for each key."""
    return _fraction(_mix(_mix(of ^ np.uint64(key(0, stream))) + GOLDEN))


def between(of: Keys, stream: str, low: float, high: float) -> Floats:
    """One number for each key."""
    return low + (high - low) * own(of, stream)


def white(of: Keys, stream: str, days: Ints) -> Floats:
    """Mean 0, standard deviation 1, never beyond √3: nothing is so far off that it would need words."""
    return (uniform(of, stream, days) * 2 - 1) * ROOT_3


def persistent(of: Keys, stream: str, days: Ints, memory: float) -> Floats:
    """As `white`, but a day resembles the one before: an autoregression that begins on the first of the days.

    Args:
        memory: the correlation of one day with the next.
    """
    steps = np.ascontiguousarray(white(of, stream, days).T)
    steps[1:] *= (1 - memory**2) ** 0.5
    for day in range(1, len(steps)):
        steps[day] += memory * steps[day - 1]
    return np.ascontiguousarray(steps.T)


def _mix(numbers: Keys) -> Keys:
    with np.errstate(over="ignore"):
        mixed = (numbers ^ (numbers >> np.uint64(30))) * FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * SECOND
        return mixed ^ (mixed >> np.uint64(31))


def _fraction(numbers: Keys) -> Floats:
    return (numbers >> np.uint64(11)).astype(np.float64) * 2.0**-53
