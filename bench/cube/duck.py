"""DuckDB on one file: a long table (a row for each figure) and a wide one (a column for each indicator)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import duckdb
import numpy as np

from bench.cube import asking
from bench.cube.figures import DAYS, FILED, FIRST, PLANT, REGION, UNIT, UNITS, months, values
from bench.cube.postgres import MONTH_BASE

KEYS = "day DATE, month SMALLINT, unit SMALLINT, plant SMALLINT, region SMALLINT"
_EMPTY = -(2**40)  # stands for nothing until the row is in


def build(path: Path) -> None:
    """Both tables, in the order of the days; the long one indicator by indicator."""
    with duckdb.connect(str(path)) as own:
        own.execute("SET threads = 2")
        own.execute(f"CREATE TABLE wide ({KEYS}, {', '.join(f'{code} BIGINT' for code in FILED)})")
        own.execute(f"CREATE TABLE long (indicator UTINYINT, {KEYS}, value BIGINT)")
        for first in range(0, DAYS, 365):
            own.register("block", _block(slice(first, min(first + 365, DAYS))))
            columns = ", ".join(f"nullif({code}, {_EMPTY})" for code in FILED)
            keys = f"DATE '{FIRST}' + day::INTEGER, month, unit, plant, region"
            own.execute(f"INSERT INTO wide SELECT {keys}, {columns} FROM block")
            own.unregister("block")
        for number, code in enumerate(FILED):
            own.execute(
                f"INSERT INTO long SELECT {number}, day, month, unit, plant, region, {code} FROM wide"
                f" WHERE {code} IS NOT NULL ORDER BY day, unit"
            )
        own.execute("CHECKPOINT")


def _block(days: slice) -> dict[str, np.ndarray]:
    length = days.stop - days.start
    found = {
        "day": np.repeat(np.arange(days.start, days.stop), UNITS),
        "month": np.repeat(months()[days] - MONTH_BASE, UNITS),
        **{name: np.tile(one, length) for name, one in (("unit", UNIT), ("plant", PLANT), ("region", REGION))},
    }
    for code in FILED:
        scaled, reported = values(code)
        found[code] = np.where(reported[days], scaled[days], _EMPTY).ravel()
    return found


class Long:
    """The long table; asked as PostgreSQL is."""

    name = "DuckDB (long)"

    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect(str(path), read_only=True)
        self.connection.execute("SET threads = 2")

    def grouped(
        self, codes: Sequence[str], keys: Sequence[str], measures: Sequence[str], where: str = "true"
    ) -> np.ndarray:
        return asking.grouped(partial(_table, self.connection), "long", codes, keys, measures, where)

    def close(self) -> None:
        self.connection.close()


class Wide(Long):
    """The wide table: one pass for all indicators, a column for each of their measures."""

    name = "DuckDB (wide)"

    def grouped(
        self, codes: Sequence[str], keys: Sequence[str], measures: Sequence[str], where: str = "true"
    ) -> np.ndarray:
        columns = [
            f"coalesce({one.replace('value', code).replace('count(*)', f'count({code})')}, 0)::BIGINT"
            for code in codes
            for one in measures
        ]
        groups = ", ".join(keys)
        found = _table(
            self.connection, f"SELECT {groups}, {', '.join(columns)} FROM wide WHERE {where} GROUP BY {groups}"
        )
        key, width = found[:, : len(keys)], len(measures)
        parts = []
        for place in range(len(codes)):
            begin = len(keys) + place * width
            parts.append(np.hstack([np.full((len(found), 1), place), key, found[:, begin : begin + width]]))
        return np.vstack(parts)


def _table(own: duckdb.DuckDBPyConnection, query: str) -> np.ndarray:
    """The rows as a table of integers."""
    columns = own.execute(query).fetchnumpy()
    return np.stack([np.asarray(column, np.int64) for column in columns.values()], axis=1)
