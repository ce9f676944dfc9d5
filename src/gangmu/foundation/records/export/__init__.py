"""The record as a file that whoever receives it can check against the seals, without this product.

Records leave as the text that was sealed, column by column, with the seals that hold them: JSON lines in one file, or
CSV or Excel in an archive beside the seals and the program that checks (`check_export.py`, the standard library alone).
All of it is written in constant memory, by pages of records in the order of transactions.
"""

import base64
import csv
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from importlib import resources
from typing import IO, Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gangmu.foundation.records import chain
from gangmu.foundation.records.export import check_export
from gangmu.foundation.settings import clock

PAGE = 2_000
CELL = 32_000  # characters that a spreadsheet's cell holds, and a little less
FORMATS = ("jsonl", "csv", "xlsx")
UNESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


@dataclass(frozen=True)
class Row:
    """One record as it was sealed: its columns as text, and the SHA-256 of them all."""

    id: int
    xact: int
    values: list[str | None]
    digest: str


@dataclass(frozen=True)
class Holding:
    """A seal as an export hands it over."""

    number: int
    from_xact: int
    to_xact: int
    line: dict[str, Any]


def columns_of(table: str) -> list[str]:
    """The columns that are sealed of a table, in order."""
    return check_export.COLUMNS[table].split()


def split(line: bytes) -> list[str | None]:
    """The columns of a line of COPY."""
    cells = line.rstrip(b"\n").decode().split("\t")
    return [None if cell == check_export.NULL else _unescape(cell) for cell in cells]


def _unescape(cell: str) -> str:
    if "\\" not in cell:
        return cell
    parts, at = [], 0
    while (found := cell.find("\\", at)) >= 0:
        parts += [cell[at:found], UNESCAPES[cell[found + 1]]]
        at = found + 2
    return "".join(parts) + cell[at:]


def sealed_rows(table: str, records: QuerySet[Any]) -> Iterator[Row]:
    """The records of a query in the order of their transactions, as text that is hashed."""
    names, xact, last = columns_of(table), -1, 0
    while True:
        after = records.order_by("xact", "id").filter(Q(xact__gt=xact) | Q(xact=xact, id__gt=last))
        statement, params = after.values_list(*names)[:PAGE].query.sql_with_params()
        lines: list[bytes] = []
        with connection.cursor() as cursor:
            chain.stable_text(cursor)
            with cursor.copy(f"COPY ({statement}) TO STDOUT", params) as copy:
                lines += [bytes(line) for line in copy]
        for line in lines:
            values = split(line)
            yield Row(int(values[0] or 0), int(values[-1] or 0), values, hashlib.sha256(line).hexdigest())
        if len(lines) < PAGE:
            return
        end = split(lines[-1])
        last, xact = int(end[0] or 0), int(end[-1] or 0)


def seal_of(xact: int, table: str) -> Holding | None:
    """The seal that holds a transaction's records; None when they are not sealed yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM public.records_seal_of(%s)", [xact])
        row = cursor.fetchone()
    if row is None or row[3] > xact:
        return None
    number, form, previous, from_xact, to_xact, own_xact, taken_at, head, mac, counts, digests, history, event = row
    header = {
        "format": form,
        "number": number,
        "previous": previous,
        "from_xact": from_xact,
        "to_xact": to_xact,
        "own_xact": own_xact,
        "taken_at": taken_at.astimezone(UTC).isoformat(),
        "history": [counts[0] or 0, digests[0] or ""],
        "event": [counts[1] or 0, digests[1] or ""],
    }
    leaves = base64.b64encode(bytes({"history": history, "event": event}[table] or b"")).decode()
    line = {"record": "seal", "header": header, "head": head, "mac": mac, "table": table, "leaves": leaves}
    return Holding(number, from_xact, to_xact, line)


def with_seals(table: str, rows: Iterator[Row]) -> Iterator[tuple[Row, Holding | None, bool]]:
    """Each record with its seal, and whether that seal is another than the record's before."""
    held: Holding | None = None
    beyond = False  # nothing from here on is sealed
    for row in rows:
        if not beyond and (held is None or row.xact >= held.to_xact):
            held = seal_of(row.xact, table)
            beyond = held is None
            yield row, held, held is not None
        else:
            yield row, None if beyond else held, False


def json_line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Lines:
    """Writes lines and keeps the hash of all of them."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.digest = target, hashlib.sha256()

    def write(self, value: dict[str, Any]) -> None:
        line = json_line(value)
        self.digest.update(line)
        self.target.write(line)


def head_line(table: str, filters: dict[str, Any], by: str) -> dict[str, Any]:
    told = {"filters": filters, "by": by, "at": clock.now().isoformat(), "columns": columns_of(table)}
    return {"record": "export", "format": 1, "table": table, **told}


def write_jsonl(target: IO[bytes], table: str, records: QuerySet[Any], filters: dict[str, Any], by: str) -> int:
    """Everything in one file of JSON lines; how many records."""
    lines, names, count = Lines(target), columns_of(table), 0
    lines.write(head_line(table, filters, by))
    for row, held, is_new in with_seals(table, sealed_rows(table, records)):
        if is_new and held:
            lines.write(held.line)
        count += 1
        values = dict(zip(names, row.values, strict=True))
        lines.write({"record": table, "seal": held.number if held else None, "values": values})
    lines.write({"record": "end", "records": count, "sha256": lines.digest.hexdigest()})
    return count


class Readable:
    """What a record says beside its sealed text, in the reader's words: kind, person, organisation."""

    headers: Sequence[str] = ()

    def cells(self, values: Sequence[str | None]) -> list[str]:
        """More cells of a row of a spreadsheet."""
        return []


def write_archive(
    target: IO[bytes],
    kind: str,
    table: str,
    records: QuerySet[Any],
    filters: dict[str, Any],
    by: str,
    *,
    sheet: Any,
    readable: Readable,
) -> int:
    """A spreadsheet, its seals and the program that checks it, in an archive; how many records.

    Args:
        sheet: `sheet(target, rows, headers)` writes the spreadsheet, row by row.
    """
    with tempfile.TemporaryFile() as seals_file, tempfile.TemporaryFile() as sheet_file:
        seals, count = Lines(seals_file), 0
        seals.write(head_line(table, filters, by))

        def rows() -> Iterator[list[str]]:
            nonlocal count
            for row, held, is_new in with_seals(table, sealed_rows(table, records)):
                if is_new and held:
                    seals.write(held.line)
                count += 1
                cells = [check_export.NOTHING if cell is None else _fit(cell) for cell in row.values]
                number = str(held.number) if held else ""
                yield [*cells, number, row.digest, *readable.cells(row.values)]

        sheet(sheet_file, rows(), [*columns_of(table), "seal", "sha256", *readable.headers])
        sheet_file.seek(0)
        digest = hashlib.file_digest(sheet_file, "sha256").hexdigest()  # type: ignore[arg-type]
        end = {"record": "end", "records": count, "sha256": digest, "seals_sha256": seals.digest.hexdigest()}
        seals.write(end)
        program = resources.files("gangmu.foundation.records.export").joinpath("check_export.py").read_text("utf-8")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in ((f"records-{table}.{kind}", sheet_file), ("seals.jsonl", seals_file)):
                file.seek(0)
                with archive.open(name, "w", force_zip64=True) as into:
                    shutil.copyfileobj(file, into, 1 << 20)
            archive.writestr("check_export.py", program)
            archive.writestr("README.txt", _("Check this export with: python3 check_export.py FILE.zip") + "\n")
    return count


def _fit(cell: str) -> str:
    return cell if len(cell) <= CELL else check_export.TOO_LONG


def write_csv(target: IO[bytes], rows: Iterator[list[str]], headers: Sequence[str]) -> None:
    """CSV in which no cell is a formula: an apostrophe before it says so, which the checking program takes away."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(headers)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(check_export.FORMULA_STARTS) else cell
