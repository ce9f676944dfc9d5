"""The derived indicators in NumPy as one would write it by hand: whole arrays in memory, integers, nothing twice."""

from collections.abc import Callable

import numpy as np

from bench.cube.figures import MONTHS, PRODUCTS, RATIOS, REGION, months, values
from bench.cube.sums import Sums, half_up, same
from bench.measure import Result, compare
from bench.world import REGIONS

ORDER = np.argsort(REGION, kind="stable")
BEGINS = np.searchsorted(REGION[ORDER], np.arange(REGIONS))
MONTH_BEGINS = np.flatnonzero(np.diff(months(), prepend=-1))
EXPECTED = np.diff(np.append(MONTH_BEGINS, len(months())))[:, None] * np.bincount(REGION)
INPUTS = [f"energy{number:02d}" for number in range(1, 14)]


def case(name: str, ours: Callable[[], Sums]) -> Result:
    for code in [*INPUTS, "price1", "price2"]:
        values(code)  # made before anything is timed
    same(ours(), derived(), name)
    note = f"{len(RATIOS)} ratios and balances, {len(PRODUCTS)} products cell by cell × 8 regions × 60 months"
    return compare(name, "NumPy", ours, derived, goal="≤ 2", runs=11, note=note)


def by_region_and_month(cells: np.ndarray) -> np.ndarray:
    by_month = np.add.reduceat(cells, MONTH_BEGINS, axis=0)
    return np.add.reduceat(by_month[:, ORDER], BEGINS, axis=1)


def counted(present: np.ndarray) -> np.ndarray:
    by_month = np.add.reduceat(present.view(np.uint8), MONTH_BEGINS, axis=0)  # 31 at most
    return np.add.reduceat(by_month[:, ORDER].astype(np.int64), BEGINS, axis=1)


def derived() -> Sums:
    """The formulas of `figures.py`, their inputs added up once."""
    total = {code: by_region_and_month(values(code)[0]) for code in INPUTS}
    count = {code: counted(values(code)[1]) for code in INPUTS}
    e = [total[code] for code in INPUTS]
    found = [
        half_up(e[1] * 10_000, e[0]),
        half_up(e[3] * 10_000, e[2]),
        half_up((e[4] + e[5]) * 10_000, e[6] + e[7]),
        e[0] - e[1],
        e[2] - e[3] - e[4],
        half_up(e[5] * 10_000, e[5] + e[6] + e[7]),
        half_up((e[8] - e[9]) * 10_000, e[8]),
        half_up((3 * e[10] + e[11]) * 10_000, e[12]),
    ]
    used = [(1, 0), (3, 2), (4, 5, 6, 7), (0, 1), (2, 3, 4), (5, 6, 7), (8, 9), (10, 11, 12)]
    reported = [np.min([count[INPUTS[one]] for one in those], axis=0) for those in used]
    for energy, price in (("energy01", "price1"), ("energy02", "price2")):
        (amounts, filed), (prices, known) = values(energy), values(price)
        found.append(by_region_and_month(amounts * prices))
        reported.append(counted(filed & known))
    return Sums(np.stack(found), np.stack(reported), np.broadcast_to(EXPECTED, (len(found), len(MONTHS), REGIONS)))
