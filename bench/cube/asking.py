"""The question that is put to a long table, the same to every rival that keeps one."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.cube.figures import FILED


def grouped(
    rows: Callable[[str], np.ndarray],
    table: str,
    codes: Sequence[str],
    keys: Sequence[str],
    measures: Sequence[str],
    where: str,
) -> np.ndarray:
    """Rows of indicator (its place among `codes`), keys and measures, as one table of integers.

    `rows` asks the rival: SQL in, a table of 64-bit integers out.
    """
    numbers = [FILED.index(code) for code in codes]
    groups = ", ".join(["indicator", *keys])
    found = rows(
        f"SELECT {groups}, {', '.join(f'({one})::int8' for one in measures)} FROM {table}"
        f" WHERE indicator IN ({', '.join(map(str, numbers))}) AND {where} GROUP BY {groups}"
    )
    places = np.full(len(FILED), -1)
    places[numbers] = np.arange(len(numbers))
    found[:, 0] = places[found[:, 0]]
    return found
