#!/usr/bin/env python3
# ruff: noqa: T201, S314 (a program of its own, which prints; XML of a file that one was handed on purpose)
"""Checks an export of Gangmu's record, with nothing but Python's standard library (3.8 or newer).

    python3 check_export.py EXPORT [--seals seals.log]

EXPORT is the file as it was handed over: .jsonl, or .zip with a CSV or Excel file in it. Every record's text is hashed
anew and looked for in the leaves of its seal, every seal's head computed anew. What nobody but the
installation can vouch for is that a head is one of its chain: give --seals its seals.log, or a copy of it
that lay elsewhere, and the heads are compared with that. The exit code is 0 when everything holds, else 1.

检查纲目系统导出的审计记录：逐条重算哈希并与封印比对；用 --seals 给出 seals.log 的副本，可再核对封印本身。
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import sys
import zipfile
from xml.etree import ElementTree

COLUMNS = {
    "history": "id model row operation before after changed by_id organisation_id role request at written_at "
    "fixed_clock xact",
    "event": "id kind refused subject data ip by_id organisation_id role request at written_at fixed_clock xact",
}
LEAF = 40  # bytes: the number of a record and its SHA-256
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠'")
ESCAPES = str.maketrans({"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"})
TOO_LONG = "#too long for a cell#"
NULL = "\\N"  # in the text that is sealed
NOTHING = "␀"  # in a cell


def text_of(values):
    """The sealed text of a record: as PostgreSQL's COPY prints it."""
    return ("\t".join(NULL if value is None else value.translate(ESCAPES) for value in values) + "\n").encode()


def canonical(header):
    return json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


class Seals:
    """The seals of an export, each recomputed."""

    def __init__(self, say, log):
        self.say, self.log, self.leaves, self.heads = say, log, {}, {}

    def add(self, line):
        header, number = line["header"], line["header"]["number"]
        leaves = base64.b64decode(line["leaves"])
        count, digest = header[line["table"]]
        if hashlib.sha256(canonical(header)).hexdigest() != line["head"]:
            self.say(f"seal {number}: its head is not that of its header")
        if hashlib.sha256(leaves).hexdigest() != digest or len(leaves) != LEAF * count:
            self.say(f"seal {number}: its leaves are not those that it sealed")
        before = self.heads.get(number - 1)
        if before is not None and header["previous"] != before:
            self.say(f"seal {number}: it does not follow seal {number - 1}")
        if self.log is not None and self.log.get(number) != (line["head"], line["mac"]):
            self.say(f"seal {number}: seals.log has another head, or none")
        self.heads[number] = line["head"]
        # one seal is looked at at a time: records come in the order of seals
        starts = range(0, len(leaves), LEAF)
        held = {int.from_bytes(leaves[at : at + 8], "big"): leaves[at + 8 : at + LEAF] for at in starts}
        self.leaves = {number: held}

    def has(self, number, row, digest):
        return self.leaves.get(number, {}).get(row) == digest


class Check:
    """Goes through an export once, in constant memory but for one seal."""

    def __init__(self, log=None):
        self.faults, self.records, self.unsealed, self.unread = [], 0, 0, 0
        self.compared = log is not None
        self.seals = Seals(self.faults.append, log)

    def record(self, table, number, values):
        self.records += 1
        row = values[0]
        if TOO_LONG in values:
            self.unread += 1
            return
        if number is None:
            self.unsealed += 1
            return
        if not self.seals.has(number, int(row), hashlib.sha256(text_of(values)).digest()):
            self.faults.append(f"{table} {row} is not what seal {number} sealed")

    def jsonl(self, file):
        running, ended = hashlib.sha256(), False
        for raw in file:
            line = json.loads(raw)
            if ended:
                self.faults.append("something follows the end")
            if line["record"] == "seal":
                self.seals.add(line)
            elif line["record"] in COLUMNS:
                names = COLUMNS[line["record"]].split()
                self.record(line["record"], line["seal"], [line["values"][name] for name in names])
            elif line["record"] == "end":
                ended = True
                if line["records"] != self.records or line["sha256"] != running.hexdigest():
                    self.faults.append("the end does not fit: lines are missing or were changed")
            running.update(raw)
        if not ended:
            self.faults.append("the end is missing: the file was cut")

    def archive(self, path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            table = "history" if any("history" in name for name in names) else "event"
            sheet = next(name for name in names if name.startswith("records-"))
            seals = self._seal_lines(archive)
            digest = hashlib.sha256()
            with archive.open(sheet) as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    digest.update(block)
            columns = COLUMNS[table].split()
            present = -1  # number of the seal that is looked at
            line = next(seals)
            with archive.open(sheet) as file:
                for row in (csv_rows if sheet.endswith(".csv") else xlsx_rows)(file):
                    number = int(row["seal"]) if row.get("seal") else None
                    while number is not None and number > present and line["record"] == "seal":
                        self.seals.add(line)
                        present = int(line["header"]["number"])
                        line = next(seals)
                    values = [row.get(name, "") for name in columns]
                    self.record(table, number, [None if value == NOTHING else value for value in values])
            for rest in [line, *seals]:
                if rest["record"] == "end" and (
                    rest["records"] != self.records or rest["sha256"] != digest.hexdigest()
                ):
                    self.faults.append("the end does not fit: the file was changed")

    def _seal_lines(self, archive):
        running = hashlib.sha256()
        with archive.open("seals.jsonl") as file:
            for raw in file:
                line = json.loads(raw)
                if line["record"] == "end" and line["seals_sha256"] != running.hexdigest():
                    self.faults.append("seals.jsonl was changed")
                running.update(raw)
                if line["record"] in ("seal", "end"):
                    yield line
        yield {"record": "over", "header": {"number": 0}}


def plain(cell):
    """A cell without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def csv_rows(file):
    for row in csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", newline="")):
        yield {name: plain(cell) for name, cell in row.items()}


def xlsx_rows(file):
    """Rows of all sheets in order; cells are read as text."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(file.read())) as book:
        sheets = sorted(
            (name for name in book.namelist() if name.startswith("xl/worksheets/sheet")),
            key=lambda name: int("".join(filter(str.isdigit, name))),
        )
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")):
                shared.append("".join(part.text or "" for part in item.iter(main + "t")))
        for name in sheets:
            headers = None
            with book.open(name) as sheet:
                for _event, row in ElementTree.iterparse(sheet):
                    if row.tag != main + "row":
                        continue
                    cells = {}
                    for cell in row:
                        letters = "".join(filter(str.isalpha, cell.get("r", "")))
                        value = cell.find(main + "v")
                        text = "".join(part.text or "" for part in cell.iter(main + "t"))
                        if cell.get("t") == "s" and value is not None:
                            text = shared[int(value.text or 0)]
                        elif value is not None:
                            text = value.text or ""
                        cells[letters] = unescaped(text)
                    if headers is None:
                        headers = cells
                    else:
                        yield {title: cells.get(letters, "") for letters, title in headers.items()}
                    row.clear()


def unescaped(text):
    """Excel writes characters that XML cannot hold as _x000D_."""
    parts, at = [], 0
    while True:
        found = text.find("_x", at)
        if found < 0 or len(text) < found + 7:
            return "".join(parts) + text[at:]
        code = text[found + 2 : found + 6]
        if text[found + 6] == "_" and all(one in "0123456789ABCDEFabcdef" for one in code):
            parts += [text[at:found], chr(int(code, 16))]
            at = found + 7
        else:
            parts.append(text[at : found + 2])
            at = found + 2


def read_log(path):
    """Number → (head, mac) of a copy of seals.log."""
    found = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            text, head, mac = line.rstrip("\n").rsplit(" ", 2)
            found[json.loads(text)["number"]] = (head, mac)
    return found


def check(path, log=None):
    """Check one file; the `Check` tells what was found."""
    done = Check(read_log(log) if log else None)
    try:
        if zipfile.is_zipfile(path):
            done.archive(path)
        else:
            with open(path, "rb") as file:
                done.jsonl(file)
    except (KeyError, ValueError, TypeError, StopIteration, IndexError) as problem:
        done.faults.append(f"this is no whole export: {problem!r}")
    return done


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check an export of Gangmu's record. 检查纲目系统导出的审计记录。")
    parser.add_argument("export")
    parser.add_argument("--seals", help="seals.log of the installation, or a copy of it from elsewhere")
    given = parser.parse_args(arguments)
    done = check(given.export, given.seals)
    for fault in done.faults[:100]:
        print(fault)
    print(f"{done.records} records, {len(done.seals.heads)} seals")
    if done.unsealed:
        print(f"{done.unsealed} records were not sealed yet when the export was made")
    if done.unread:
        print(f"{done.unread} records were too long for a cell: check them in an export as JSON lines")
    if not done.compared:
        print("the heads of the seals were not compared: give --seals with a copy of seals.log")
    print("Something does not hold. 有不符之处。" if done.faults else "Everything holds. 全部相符。")
    return 1 if done.faults else 0


if __name__ == "__main__":
    sys.exit(main())
