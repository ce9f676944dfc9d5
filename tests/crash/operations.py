"""What a writer of facts sends, one file after the other: the same for the writer and for whoever checks it.

A writer that is killed and started again counts forward to the operation at which it was; the check replays all of
them. Nothing here asks the product.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

UNITS = 4  # of each writer
INDICATORS = {"crash.output": 3, "crash.use": 2}  # with their precision
FIRST_DAY = date(1970, 1, 1)
DAYS = (1, 1, 1, 2, 2, 3, 5, 8, 60)  # how many days a file holds, drawn from
EVERY_FAULTY = 5  # each so-manyth file has lines that must be refused
CORRECTIONS = 0.25

Cell = tuple[str, str, date]  # organisation, indicator, day


@dataclass(frozen=True)
class Operation:
    """One file of facts. Values are integers at the indicator's precision; `faulty` are lines to be refused."""

    number: int
    source: str
    rows: dict[Cell, int]
    faulty: tuple[str, ...] = ()
    reason: str = ""

    def text(self) -> str:
        """The file."""
        lines = ["organisation,indicator,period,scenario,value"]
        for (organisation, indicator, day), value in self.rows.items():
            lines.append(f"{organisation},{indicator},{day},actual,{decimal(value, INDICATORS[indicator])}")
        return "\n".join([*lines, *self.faulty]) + "\n"


def decimal(value: int, precision: int) -> str:
    digits = str(abs(value)).rjust(precision + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-precision]}.{digits[-precision:]}"


def units_of(writer: str) -> list[str]:
    """The organisations whose facts this writer files, and nobody else."""
    return [f"{writer}.{number}" for number in range(1, UNITS + 1)]


def operations(writer: str, seed: int, *, corrections: bool = True) -> Iterator[Operation]:
    """Without end. A correction gives other values to some cells of an earlier file."""
    random = Random(f"{seed} {writer}")
    units = units_of(writer)
    stands: list[dict[Cell, int]] = []
    day = FIRST_DAY
    number = 0
    while True:
        number += 1
        source = f"{writer}-{number:06d}.csv"
        if corrections and stands and random.random() < CORRECTIONS:
            corrected = random.choice(stands)
            cells = random.sample(sorted(corrected), random.randint(1, len(corrected)))
            rows = {cell: corrected[cell] + random.randint(1, 10**6) for cell in cells}
            corrected.update(rows)
            yield Operation(number, source, rows, reason=f"correction {number}")
            continue
        days = [day + timedelta(one) for one in range(random.choice(DAYS))]
        day = days[-1] + timedelta(1)
        rows = {(u, i, d): random.randint(-(10**6), 10**9) for d in days for u in units for i in INDICATORS}
        faulty: tuple[str, ...] = ()
        if number % EVERY_FAULTY == 0:
            faulty = (f'{units[0]},crash.output,{day - timedelta(1)},plan,"1,000"', "NOBODY,crash.use,2020-01-01,,1")
        stands.append(dict(rows))
        yield Operation(number, source, rows, faulty)
