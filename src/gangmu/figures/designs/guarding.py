"""What of a workbook no design needs and openpyxl would choke on: refused before it is opened.

The house's guard of workbooks comes first (zip bombs, macros, entities, files of other kinds); this looks at what it
unpacked for what is small in the file and large in memory, and for whatever fetches from elsewhere.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.designs.errors import DesignRefused
from gangmu.foundation.documents.workbooks.columns import column_of
from gangmu.foundation.documents.workbooks.guarding import Archive, open_archive
from gangmu.foundation.documents.workbooks.scanning import scan

LARGEST_DESIGN = 8 * 1024 * 1024
MOST_CELLS = 100_000  # with or without content, in all worksheets
MOST_ROWS = 20_000
MOST_SHEETS = 50
MOST_MERGED = 200_000  # cells under merged ranges and links
MOST_RULES = 5_000  # conditional formats and validations
MOST_BRACKETS = 64  # in one formula: its cutting up looks at each
MOST_STYLES = 20_000
LONGEST_FORMULA = 8_192
MOST_FORMULA_TEXT = 2_000_000  # characters of all formulas
MOST_SHARED_TEXT = 4_000_000  # characters of a shared formula times the cells that share it

PREFIX = rb"<(?:[^\s<>/:!?]+:)?"
CELLS = re.compile(PREFIX + rb"c[\s/>]")
ROWS = re.compile(PREFIX + rb"row[\s/>]")
RANGES = re.compile(PREFIX + rb"""(?:mergeCell|hyperlink)\s(?:[^<>]*?\s)?ref=["']([^"'<>]*)["']""")
RULES = re.compile(PREFIX + rb"(?:cfRule|dataValidation|conditionalFormatting|col|brk|protectedRange)[\s/>]")
FORMULAS = re.compile(PREFIX + rb"(?:f|formula|formula1|formula2)(?:\s[^<>]*)?(?<!/)>([^<]*)")
SHARED = re.compile(PREFIX + rb"f\s[^<>]*t=[\"']shared[\"']")
STYLES = re.compile(PREFIX + rb"(?:xf|font|fill|border|numFmt|dxf|cellStyle)[\s/>]")
AREA = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}):\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
ELSEWHERE = re.compile(r"^xl/(externalLinks/|connections\.xml|queryTables/|webextensions/|model/|customData/)", re.I)
LOST = (
    (re.compile(r"^xl/(diagrams/|drawings/vmlDrawing)", re.I), "drawings"),
    (re.compile(r"^xl/(slicers|slicerCaches|timelines|timelineCaches)/", re.I), "slicers"),
    (re.compile(r"^xl/(activeX|ctrlProps|embeddings)/", re.I), "controls"),
    (re.compile(r"^xl/(threadedComments|persons)/", re.I), "threads"),
    (re.compile(r"^xl/pivot", re.I), "pivots"),
    (re.compile(r"^xl/charts/(chartEx|style|colors)", re.I), "chart looks"),
    (re.compile(r"^xl/chartsheets/", re.I), "chart sheets"),
    (re.compile(r"^xl/media/", re.I), "pictures"),
    (re.compile(r"^xl/drawings/drawing", re.I), "shapes"),
)


@dataclass(frozen=True)
class Guarded:
    """A workbook that may be opened; `lost` names what openpyxl may not keep in it."""

    path: Path
    name: str
    lost: tuple[str, ...]


def guard(path: Path, name: str = "") -> Guarded:
    """See that a workbook may be opened as a design.

    Raises:
        WorkbookRefused: it is none, or none that is taken (as the house's guard; `DesignRefused` for designs' own).
    """
    name = name or path.name
    if path.exists() and path.stat().st_size > LARGEST_DESIGN:
        raise DesignRefused(
            _("%(file)s is larger than %(most)d MB; a design holds no data. Delete what is not needed.")
            % {"file": name, "most": LARGEST_DESIGN >> 20}
        )
    archive = open_archive(path, name)
    if any(ELSEWHERE.match(one) for one in archive.names):
        raise DesignRefused(
            _(
                "%(file)s refers to other workbooks or data sources. A report tells the house's figures alone: break "
                "the links (Data, Edit Links) and delete connections and queries."
            )
            % {"file": name}
        )
    scan(archive, name)  # damaged markup, cells far away, more than can be read
    _refuse_large(archive, name)
    lost = [what for pattern, what in LOST if any(pattern.match(one) for one in archive.names)]
    if any(b"<extLst" in content for part, content in archive.parts.items() if "/worksheets/" in part):
        lost.append("extensions")
    return Guarded(path, name, tuple(lost))


def _refuse_large(archive: Archive, name: str) -> None:
    sheets = [content for part, content in archive.parts.items() if "/worksheets/" in part.casefold()]
    counts = {
        _("worksheets"): (len(sheets), MOST_SHEETS),
        _("cells, formatted ones included"): (_count(CELLS, sheets), MOST_CELLS),
        _("rows"): (_count(ROWS, sheets), MOST_ROWS),
        _("rules and column formats"): (_count(RULES, sheets), MOST_RULES),
        _("cells that are merged or linked"): (sum(map(_area, sheets)), MOST_MERGED),
        _("formats"): (_count(STYLES, [archive.parts.get("xl/styles.xml", b"")]), MOST_STYLES),
    }
    for what, (count, most) in counts.items():
        if count > most:
            raise DesignRefused(
                _("%(file)s has %(count)d %(what)s; a design may have %(most)d. Delete what is not needed.")
                % {"file": name, "count": count, "what": what, "most": most}
            )
    _refuse_formulas([*sheets, archive.parts.get("xl/workbook.xml", b"")], name)


def _count(pattern: re.Pattern[bytes], contents: list[bytes]) -> int:
    return sum(len(pattern.findall(content)) for content in contents)


def _area(content: bytes) -> int:
    total = 0
    for found in RANGES.findall(content):
        area = AREA.fullmatch(found.decode("ascii", "replace"))
        if area:
            left, top, right, bottom = area.groups()
            total += (abs(column_of(right) - column_of(left)) + 1) * (abs(int(bottom) - int(top)) + 1)
    return total


def _refuse_formulas(contents: list[bytes], name: str) -> None:
    total, longest, shared = 0, 0, 0
    for content in contents:
        for formula in FORMULAS.findall(content):
            total += len(formula)
            longest = max(longest, len(formula.decode("utf-8", "replace")))
            if formula.count(b"[") > MOST_BRACKETS:
                longest = LONGEST_FORMULA + 1
        shared += len(SHARED.findall(content))
    if longest > LONGEST_FORMULA or total > MOST_FORMULA_TEXT or (shared and longest * shared > MOST_SHARED_TEXT):
        raise DesignRefused(
            _("%(file)s holds formulas longer than a spreadsheet allows or a report needs.") % {"file": name}
        )
