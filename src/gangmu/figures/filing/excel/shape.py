"""The shape that templates have and that reading looks for.

Every worksheet of a section has one hidden row of ids: `@gangmu:FORM:VERSION:SECTION` over the organisations' codes,
`@period` over the periods' codes, `@name` and `@day` over what people read, indicator codes over the cells to fill in,
`@out` and `@words` over the row's mark and explanation. Reading finds columns by these ids, wherever they have moved.
"""

import re
from dataclasses import dataclass

from gangmu.foundation.documents.workbooks.columns import column_of, letters

META = "_gangmu"  # a worksheet that no program shows
FORMAT = 1
MARKER = "@gangmu:"
PERIOD, NAME, DAY, OUT, WORDS = "@period", "@name", "@day", "@out", "@words"
CHECK = "@gangmu-check"  # stands in A1 of the first worksheet of a marked return; reading passes that over
OUT_OF_SERVICE = ("停运", "out of service")
LAST_COLUMN, LAST_ROW = 16_384, 1_048_576

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
PLAIN_NAME = re.compile(r"[A-Za-z_一-鿿][A-Za-z0-9_一-鿿]*")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A cell of a workbook; row and column count from 0, and row -1 is the worksheet as a whole."""

    sheet: str
    row: int = -1
    column: int = 0

    @property
    def cell(self) -> str:
        """`B7`; nothing for a worksheet as a whole."""
        return f"{letters(self.column)}{self.row + 1}" if self.row >= 0 else ""

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


def place_of(sheet: str, address: str) -> Place | None:
    """The place that `B7` names; None for anything else."""
    found = ADDRESS.fullmatch(address)
    return Place(sheet, int(found[2]) - 1, column_of(found[1])) if found else None


def quoted(sheet: str) -> str:
    """A worksheet's name as formulas and links write it."""
    return sheet if PLAIN_NAME.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"


def marker(form: str, version: int, section: str) -> str:
    """What stands over the organisations' codes."""
    return f"{MARKER}{form}:{version}:{section}"


def read_marker(text: str) -> tuple[str, int, str] | None:
    """Form, version and section of a marker; None when it is none."""
    parts = text.strip().removeprefix(MARKER).split(":")
    if not text.strip().startswith(MARKER) or len(parts) != 3 or not parts[1].isdecimal():
        return None
    return parts[0], int(parts[1]), parts[2]


def worksheet_names(names: list[str]) -> list[str]:
    """Names as worksheets may have them: at most 31 characters, none of []:*?/\\, no two alike."""
    made: list[str] = []
    for name in names:
        clean = re.sub(r"[\[\]:*?/\\]", " ", name).strip().strip("'")[:31].strip() or "Sheet"
        number = 2
        chosen = clean
        while chosen.casefold() in {one.casefold() for one in (*made, META)}:
            chosen = f"{clean[:27]} {number}"
            number += 1
        made.append(chosen)
    return made
