"""Rows out of PostgreSQL at the speed of its binary COPY, as numpy arrays.

All columns must be integers or dates that are never null: then every row has the same width, and a whole buffer of
them is one array. The rows come through libpq one by one, hence no Python object is made for any of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Connection, DataError, OperationalError, pq

Rows = npt.NDArray[Any]  # structured

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_BLOCK_BYTES = 1 << 22
EPOCH = date(2000, 1, 1).toordinal()  # binary dates count from here
WIDTHS = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "date": ">i4"}


class CopyFailed(OperationalError):
    """PostgreSQL broke off the COPY, or is gone: like any other statement that it did not finish."""


def copied(connection: Connection[Any], query: str, columns: Sequence[tuple[str, str]]) -> Iterator[Rows]:
    """The rows of `query`, some ten thousand at a time.

    Args:
        columns: name and type (int2, int4, int8, date) of each column of the query, in order. Dates come as days
            since `EPOCH`.

    Raises:
        CopyFailed: the query failed. DataError: a value was null.
    """
    connector = connection.pgconn
    result = connector.exec_(f"COPY ({query}) TO STDOUT (FORMAT binary)".encode())
    if result.status != pq.ExecStatus.COPY_OUT:
        raise CopyFailed(result.error_message.decode("utf-8", "replace"))
    wire = _wire_type(columns)
    for block in _blocks(connector):
        if len(block) % wire.itemsize:
            raise DataError(f"a row of the COPY has a null or another width than {wire.itemsize} bytes")
        rows = np.frombuffer(block, wire)
        if (rows["fields"] != len(columns)).any() or any((rows[f"{name} length"] < 0).any() for name, _ in columns):
            raise DataError("a row of the COPY has a null")
        yield rows


def _wire_type(columns: Sequence[tuple[str, str]]) -> np.dtype[Any]:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns:
        fields += [(f"{name} length", ">i4"), (name, WIDTHS[kind])]
    return np.dtype(fields)


def _blocks(connector: Any) -> Iterator[bytes]:
    """The stream without its header and trailer, in blocks of whole rows.

    Every row is a message of its own, and so is the trailer. Rows are appended to one buffer at once: keeping them as
    objects would have Python's garbage collector walk over all of them again and again.
    """
    block = bytearray()
    take = connector.get_copy_data
    length, data = take(0)
    if length > 0:
        block += _without_header(bytes(data))
        length, data = take(0)
    while length > 0:
        block += data
        if len(block) > _BLOCK_BYTES:
            yield bytes(block)
            block.clear()
        length, data = take(0)
    while (result := connector.get_result()) is not None:
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise CopyFailed(result.error_message.decode("utf-8", "replace"))
    if block[-2:] == b"\xff\xff":
        del block[-2:]
    if block:
        yield bytes(block)


def _without_header(data: bytes) -> bytes:
    if not data.startswith(_SIGNATURE):
        raise DataError("this is not a binary COPY")
    return data[len(_SIGNATURE) :]


def integers(rows: Rows, name: str) -> npt.NDArray[np.int64]:
    """One column, in the machine's own order."""
    return rows[name].astype(np.int64)
