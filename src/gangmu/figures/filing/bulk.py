"""Figures of years in arrays: the history that a group brings along 历史数据, a demonstration.

    record_blocks(blocks, source="history of the old system")

What is checked is what a load of a file checks (`staging`), set by set: the organisation stands in the tree on that
day, nobody above or below it has a figure for the same, nothing is filed twice, every value fits. One fault refuses
all.

Into an empty table the rows go by PostgreSQL's binary COPY while the table has no keys; the keys are made at the end,
in the same transaction (`first_load`). Otherwise they go the way of a file's lines, through the same comparison.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Batch, Mark, State
from gangmu.figures.filing.scenarios import scenario_id
from gangmu.figures.filing.staging import WRITERS_LOCK, Staged, compare, store
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

Bools = npt.NDArray[np.bool_]
ROWS_AT_ONCE = 100_000
TOLD = 5  # examples of a fault
_EPOCH = date(2000, 1, 1).toordinal()  # binary dates count from here
HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
FACT = (
    ("indicator_id", ">i8"), ("scenario_id", ">i2"), ("organisation_id", ">i8"), ("period", ">i4"),
    ("batch_id", ">i8"), ("value", ">i8"), ("state", ">i2"), ("mark", ">i2"),
)  # fmt: skip
_STAGED = (
    ("line", ">i4"), ("indicator_id", ">i8"), ("scenario_id", ">i2"), ("organisation_id", ">i8"), ("period", ">i4"),
    ("value", ">i8"), ("mark", ">i2"),
)  # fmt: skip


class Block(Protocol):
    """Daily figures of one indicator, for some organisations over consecutive days."""

    @property
    def indicator(self) -> str: ...  # code
    @property
    def organisations(self) -> Sequence[str]: ...  # codes, rows of the arrays
    @property
    def first(self) -> date: ...  # the day of column 0
    @property
    def values(self) -> npt.NDArray[np.int64]: ...  # scaled by the indicator's scale; organisations × days
    @property
    def present(self) -> Bools: ...  # same shape; False: not filed
    @property
    def out(self) -> Bools: ...  # same shape; True: out of service, where a figure is filed


class BlocksRefused(FilingError):
    """Figures that must not be recorded; nothing was."""


@dataclass(frozen=True)
class BulkResult:
    """What was recorded, under which batch (none: every figure stood already)."""

    recorded: int
    unchanged: int
    batch_id: int | None


def record_blocks(
    blocks: Iterable[Block],
    *,
    source: str,
    scenario: str = "actual",
    by: User | None = None,
    step: Callable[[int], None] = lambda facts: None,
) -> BulkResult:
    """Record figures as locked, all or none; those that stand already stay as they are.

    Args:
        source: where they come from, as everybody reads it who asks for a figure's origin.
        step: told now and then how many more were sent; what it raises undoes everything.

    Raises:
        BlocksRefused: says which figures and why.
    """
    with transaction.atomic():
        rows = _Rows(scenario_id(scenario), step)
        batch = Batch(kind=Batch.Kind.IMPORT, source=source[:255], key=_key(source), recorded_at=clock.now())
        batch.recorded_by = by
        with _told(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])
            first = begin_first_load()
            world = _World.read(cursor)
            if not first:
                return _append(batch, world, rows, blocks)
            batch.save()
            with cursor.copy(copy_statement("filing_fact", FACT, "FORMAT binary, FREEZE")) as copy:
                copy.write(HEAD)
                for cells in rows.of(blocks, world):
                    copy.write(packed(FACT, {**cells, "batch_id": batch.pk, "state": int(State.LOCKED)}))
                copy.write(TAIL)
            world.refuse_overlaps()
            end_first_load()
        Batch.objects.filter(pk=batch.pk).update(facts_count=rows.sent)
    return BulkResult(rows.sent, 0, batch.pk)


def _append(batch: Batch, world: "_World", rows: "_Rows", blocks: Iterable[Block]) -> BulkResult:
    outcome = compare(_StagedBlocks(world, rows, blocks), correcting=False)
    if outcome.problems:
        raise BlocksRefused("\n".join(problem.message for problem in outcome.problems[:TOLD]))
    if not outcome.to_add:
        return BulkResult(0, outcome.unchanged, None)
    batch.facts_count = outcome.to_add
    batch.save()
    store(batch, State.LOCKED)
    return BulkResult(outcome.to_add, outcome.unchanged, batch.pk)


class _StagedBlocks(Staged):
    """Blocks on their way into the table in which the lines of a file are compared with what stands."""

    def __init__(self, world: "_World", rows: "_Rows", blocks: Iterable[Block]) -> None:
        super().__init__()
        self._world, self._cells = world, rows.of(blocks, world)

    def send(self, cursor: Any) -> None:
        line = 0
        with cursor.copy(copy_statement("pg_temp.staging", _STAGED, "FORMAT binary")) as copy:
            copy.write(HEAD)
            for cells in self._cells:
                count = len(cells["value"])
                copy.write(packed(_STAGED, {**cells, "line": np.arange(line, line + count)}))
                line += count
            copy.write(TAIL)
        cursor.execute("UPDATE pg_temp.staging SET days = daterange(period, period, '[]')")

    def original(self, line: int) -> list[str]:
        return []


# The first load -------------------------------------------------------------------------------------------------------


def begin_first_load() -> bool:
    """While there are no facts at all: take the table's keys away until `end_first_load`, in this transaction.

    What is inserted in between enters unchecked but for the value's size: the caller has checked it, and the keys will
    refuse what is twice. False when there are facts; the keys stay then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT filing_begin_first_load()")
        return cursor.fetchone()[0]


def end_first_load() -> None:
    """Make the keys anew, sorting in memory and on two processors where there are two."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute("SELECT filing_end_first_load()")


@contextmanager
def first_load(facts: int, *, worth: int = 200_000) -> Iterator[None]:
    """Store `facts` facts inside, without keys when they are many and the first of all."""
    first = facts >= worth and begin_first_load()
    yield
    if first:
        end_first_load()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if isinstance(error.__cause__, errors.UniqueViolation):
            detail = error.__cause__.diag.message_detail or error
            raise BlocksRefused(
                _("A figure is given twice: %(cell)s. Nothing was recorded.") % {"cell": detail}
            ) from error
        raise


def copy_statement(table: str, columns: Sequence[tuple[str, str]], options: str) -> str:
    """COPY into some columns of a table; its rows are `HEAD`, what `packed` gives, `TAIL`."""
    return f"COPY {table} ({', '.join(name for name, _kind in columns)}) FROM STDIN ({options})"


def packed(columns: Sequence[tuple[str, str]], values: Mapping[str, Any]) -> bytes:
    """Rows as binary COPY reads them, of columns that are never null. Dates are days since 2000-01-01."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns:
        fields += [(f"{name} length", ">i4"), (name, kind)]
    rows = np.empty(len(values["value"]), np.dtype(fields))
    rows["fields"] = len(columns)
    for name, kind in columns:
        rows[f"{name} length"] = np.dtype(kind).itemsize
        rows[name] = values[name]
    return rows.tobytes()


def _key(source: str) -> str:
    return hashlib.sha256(f"{source}:{clock.now().isoformat()}:{os.urandom(16).hex()}".encode()).hexdigest()


# Checking -------------------------------------------------------------------------------------------------------------


@dataclass
class _Rows:
    """Takes blocks apart into columns of rows, some hundred thousand at a time."""

    scenario: int
    step: Callable[[int], None]
    sent: int = 0

    def of(self, blocks: Iterable[Block], world: "_World") -> Iterator[dict[str, Any]]:
        for block in blocks:
            indicator, organisations = world.checked(block)
            days = np.arange(block.values.shape[1]) + (block.first.toordinal() - _EPOCH)
            at_once = max(1, ROWS_AT_ONCE // max(1, len(days)))
            for begin in range(0, len(organisations), at_once):
                present = block.present[begin : begin + at_once]
                row, column = np.nonzero(present)
                yield {
                    "indicator_id": indicator,
                    "scenario_id": self.scenario,
                    "organisation_id": organisations[begin : begin + at_once][row],
                    "period": days[column],
                    "value": block.values[begin : begin + at_once][row, column],
                    "mark": block.out[begin : begin + at_once][row, column] * int(Mark.OUT_OF_SERVICE),
                }
                self.sent += len(row)
                self.step(len(row))


@dataclass
class _World:
    """What figures are held against: indicators, organisations, the days on which they stand and under whom."""

    # id, grain, whether a formula, and for the part of a split one the first and the last of its days
    indicators: dict[str, tuple[int, str, bool, date | None, date | None]]
    organisations: dict[str, int]
    stands: dict[int, list[tuple[int, int]]]  # ordinals of the first day and of the day after the last
    below: dict[int, list[tuple[int, int, int]]]  # of an upper organisation: a lower one, from, until
    filed: dict[str, list[tuple[date, Sequence[str], npt.NDArray[np.uint8], int]]] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Any) -> "_World":
        cursor.execute(
            "SELECT ancestor_id, organisation_id, depth, coalesce(lower(valid) - '0001-01-01'::date + 1, 1),"
            " coalesce(upper(valid) - '0001-01-01'::date + 1, 4000000) FROM parties_membership"
        )
        stands: dict[int, list[tuple[int, int]]] = {}
        below: dict[int, list[tuple[int, int, int]]] = {}
        for upper, lower, depth, first, after in cursor.fetchall():
            if depth:
                below.setdefault(upper, []).append((lower, first, after))
            else:
                stands.setdefault(lower, []).append((first, after))
        indicators = {
            code: (pk, grain, bool(formula), begins, ends)
            for pk, code, grain, formula, begins, ends in Indicator.objects.values_list(
                "id", "code", "grain", "formula", "valid_from", "valid_to"
            )
        }
        return cls(indicators, dict(Organisation.objects.values_list("code", "id")), stands, below)

    def checked(self, block: Block) -> tuple[int, npt.NDArray[np.int64]]:
        """The ids of a block's indicator and organisations, when everything in it may be recorded by itself."""
        indicator = self.indicators.get(block.indicator)
        if indicator is None:
            raise _refused(_("“%(code)s” is not known.") % {"code": block.indicator})
        if indicator[2]:
            raise _refused(_("%(code)s is computed by a formula; it is not filed") % {"code": block.indicator})
        if indicator[1] != "day":
            raise _refused(_("%(code)s is not filed by day") % {"code": block.indicator})
        unknown = [code for code in block.organisations if code not in self.organisations]
        if unknown:
            raise _refused(_("“%(code)s” is not known.") % {"code": ", ".join(unknown[:TOLD])})
        shape = (len(block.organisations), block.values.shape[1])
        if not block.values.shape == block.present.shape == block.out.shape == shape:
            raise ValueError(f"{block.indicator}: arrays of other shapes than {shape}")
        organisations = np.array([self.organisations[code] for code in block.organisations], np.int64)
        self._refuse_large(block)
        self._refuse_absent(block, organisations)
        self._refuse_ended(block, indicator[3], indicator[4])
        packed_days = np.packbits(block.present, axis=1)
        self.filed.setdefault(block.indicator, []).append((block.first, block.organisations, packed_days, shape[1]))
        return indicator[0], organisations

    def _refuse_large(self, block: Block) -> None:
        large = block.present & ((block.values > LARGEST_SCALED_VALUE) | (block.values < -LARGEST_SCALED_VALUE))
        if large.any():
            raise _refused(_at(block, large, _("is larger than anything that can be recorded")))

    def _refuse_absent(self, block: Block, organisations: npt.NDArray[np.int64]) -> None:
        """A fact needs its organisation to stand in the tree on its day."""
        begin, days = block.first.toordinal(), block.values.shape[1]
        there = np.zeros((len(organisations), days), np.bool_)
        for row, organisation in enumerate(organisations.tolist()):
            for first, after in self.stands.get(organisation, ()):
                there[row, max(0, first - begin) : max(0, after - begin)] = True
        absent = block.present & ~there
        if absent.any():
            raise _refused(
                _at(block, absent, _("did not exist; check the day, or load the organisation's dates first"))
            )

    def _refuse_ended(self, block: Block, first: date | None, last: date | None) -> None:
        """The part of an indicator takes figures on the days of its category alone."""
        ended = block.present.copy()
        begin = max((first.toordinal() if first else 0) - block.first.toordinal(), 0)
        after = (last.toordinal() + 1 - block.first.toordinal()) if last else ended.shape[1]
        ended[:, begin : max(after, begin)] = False
        if ended.any():
            raise _refused(_at(block, ended, _("lies outside the days on which the category is used")))

    def refuse_overlaps(self) -> None:
        """Figures of one indicator and day at an organisation and at one below it count twice."""
        for indicator, parts in self.filed.items():
            lines = {}
            for first, codes, bits, days in parts:
                for row, code in enumerate(codes):
                    present = np.unpackbits(bits[row], count=days).view(np.bool_)
                    lines.setdefault(self.organisations[code], []).append((first.toordinal(), present, code))
            for upper in lines.keys() & self.below.keys():
                for lower, first, after in self.below[upper]:
                    for high in lines[upper] if lower in lines else ():
                        for low in lines[lower]:
                            self._refuse_overlap(indicator, high, low, first, after)

    def _refuse_overlap(
        self, indicator: str, high: tuple[int, Bools, str], low: tuple[int, Bools, str], first: int, after: int
    ) -> None:
        first = max(first, high[0], low[0])
        after = min(after, high[0] + len(high[1]), low[0] + len(low[1]))
        if after <= first:
            return
        twice = high[1][first - high[0] : after - high[0]] & low[1][first - low[0] : after - low[0]]
        if twice.any():
            words = {
                "indicator": indicator,
                "lower": low[2],
                "upper": high[2],
                "day": date.fromordinal(first + int(np.argmax(twice))),
            }
            raise _refused(
                _("%(indicator)s on %(day)s is given for %(lower)s and for %(upper)s above it; it would count twice")
                % words
            )


def _refused(message: str) -> BlocksRefused:
    return BlocksRefused(message + " " + _("Nothing was recorded."))


def _at(block: Block, wrong: Bools, message: str) -> str:
    """A fault with the first of its cells."""
    rows, columns = np.nonzero(wrong)
    cells = ", ".join(
        f"{block.organisations[row]} {date.fromordinal(block.first.toordinal() + column)}"
        for row, column in zip(rows[:TOLD].tolist(), columns[:TOLD].tolist(), strict=True)
    )
    return _("%(indicator)s, %(count)d figures (%(cells)s): %(fault)s") % {
        "indicator": block.indicator,
        "count": len(rows),
        "cells": cells,
        "fault": message,
    }
