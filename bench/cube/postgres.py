"""PostgreSQL at its best: lean rows, a partition for each indicator in the order of days, a covering index, analysed.

Region, plant and month stand in every row, so that nothing is joined; the table is not logged and fully vacuumed. What
the product needs besides (states, revisions, who filed) is left out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg

from bench.cube import asking
from bench.cube.figures import DAYS, FILED, FIRST, PLANT, REGION, UNIT, months, values
from bench.halves import in_two_processes, parameters
from gangmu.figures.filing import bulk

COLUMNS = (
    ("value", ">i8"), ("day", ">i4"), ("month", ">i2"), ("unit", ">i2"), ("plant", ">i2"), ("region", ">i2"),
    ("indicator", ">i2"),
)  # fmt: skip
TABLE = """
    CREATE SCHEMA rival;
    CREATE TABLE rival.fact (value int8 NOT NULL, day date NOT NULL, month int2 NOT NULL, unit int2 NOT NULL,
        plant int2 NOT NULL, region int2 NOT NULL, indicator int2 NOT NULL) PARTITION BY LIST (indicator)"""
SETTINGS = {
    "work_mem": "256MB",
    "effective_cache_size": "8GB",
    "max_parallel_workers_per_gather": "2",
    "min_parallel_table_scan_size": "1MB",
    "min_parallel_index_scan_size": "64kB",
    "parallel_setup_cost": "10",
    "enable_partitionwise_aggregate": "on",
    "maintenance_work_mem": "512MB",
}


class PostgreSQL:
    """The table and a connection to ask it."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self.connection = connected()

    def build(self) -> None:
        """Two processes copy; each partition's index is made at the end."""
        self.connection.execute("DROP SCHEMA IF EXISTS rival CASCADE")
        self.connection.execute(TABLE)
        in_two_processes(_fill, "PostgreSQL's table could not be filled")
        self.connection.execute("VACUUM ANALYZE rival.fact")

    def close(self) -> None:
        self.connection.execute("DROP SCHEMA rival CASCADE")
        self.connection.close()

    def grouped(
        self, codes: Sequence[str], keys: Sequence[str], measures: Sequence[str], where: str = "true"
    ) -> np.ndarray:
        return asking.grouped(self._rows, "rival.fact", codes, keys, measures, where)

    def _rows(self, query: str) -> np.ndarray:
        return np.array(self.connection.execute(query.encode(), binary=True).fetchall(), np.int64)


def connected() -> psycopg.Connection:
    own = psycopg.connect(**parameters(), autocommit=True)
    for name, value in SETTINGS.items():
        own.execute(f"SET {name} = '{value}'".encode())
    return own


def _fill(dsn: dict[str, Any], half: int) -> None:
    with psycopg.connect(**dsn, autocommit=True) as own:
        own.execute("SET maintenance_work_mem = '512MB'")
        own.execute("SET max_parallel_maintenance_workers = 0")
        for number, code in list(enumerate(FILED))[half::2]:
            name = f"rival.fact{number}"
            with own.transaction():
                own.execute(f"CREATE UNLOGGED TABLE {name} (LIKE rival.fact)".encode())
                copy = f"COPY {name} FROM STDIN (FORMAT binary, FREEZE)".encode()
                with own.cursor() as cursor, cursor.copy(copy) as into:
                    into.write(bulk.HEAD)
                    for first in range(0, DAYS, 365):
                        into.write(_rows(number, code, slice(first, min(first + 365, DAYS))))
                    into.write(bulk.TAIL)
            own.execute(
                f"CREATE UNIQUE INDEX ON {name} (day, unit) INCLUDE (value, region, plant, month, indicator)".encode()
            )
            own.execute(f"ALTER TABLE {name} ADD CHECK (indicator = {number})".encode())
            own.execute(f"ALTER TABLE rival.fact ATTACH PARTITION {name} FOR VALUES IN ({number})".encode())


def _rows(number: int, code: str, days: slice) -> bytes:
    scaled, reported = values(code)
    day, unit = np.nonzero(reported[days])
    since = (FIRST - type(FIRST)(2000, 1, 1)).days + days.start
    return bulk.packed(
        COLUMNS,
        {
            "value": scaled[days][day, unit],
            "day": day + since,
            "month": months()[days][day] - MONTH_BASE,
            "unit": UNIT[unit],
            "plant": PLANT[unit],
            "region": REGION[unit],
            "indicator": number,
        },
    )


MONTH_BASE = FIRST.year * 12
