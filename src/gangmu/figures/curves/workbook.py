"""Curves as a workbook: the points of every curve side by side, and what their days come to."""

import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gangmu.figures.curves.asking import CurveRow, DayCurve
from gangmu.figures.curves.points import LABELS, POINTS
from gangmu.foundation.ui.exports import IN_MEMORY, live

INK, SOFT, LINE = "#1F2937", "#EEF3F9", "#CBD5E1"
FIRST = 4  # the row of the first point


def workbook(rows: Sequence[CurveRow], names: Mapping[str | None, str], title: str) -> IO[bytes]:
    """The file; what a day comes to are living formulas over its points."""
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (whoever sends it closes it)
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:  # type: ignore[arg-type]
        _write(book, rows, names, title)
    target.seek(0)
    return target


def columns_of(rows: Sequence[CurveRow], names: Mapping[str | None, str]) -> list[tuple[str, DayCurve]]:
    """What stands side by side: each curve, and the one it is compared with."""
    found: list[tuple[str, DayCurve]] = []
    for row in rows:
        name = names.get(row.group) or row.organisation
        found += [(f"{name} {one.day.isoformat()}", one) for one in (row.curve, row.compare) if one is not None]
    return found


def _write(book: xlsxwriter.Workbook, rows: Sequence[CurveRow], names: Mapping[str | None, str], title: str) -> None:
    columns = columns_of(rows, names)
    digits = rows[0].curve.decimals
    make = lambda **more: book.add_format({"font_size": 10, "bottom": 4, "bottom_color": LINE, **more})  # noqa: E731
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14, "font_color": INK}),
        "soft": book.add_format({"font_color": "#475569"}),
        "head": book.add_format({"bold": True, "bg_color": SOFT, "bottom": 1, "text_wrap": True}),
        "text": make(), "number": make(num_format=pattern), "percent": make(num_format="0.00%"),
        "total": make(num_format=pattern + ("00" if digits else ".00"), bold=True, bg_color=SOFT),
        "total_text": make(bold=True, bg_color=SOFT),
    }  # fmt: skip
    sheet = book.add_worksheet(_("Points"))
    sheet.write_string(0, 0, title, formats["title"])
    sheet.write_string(1, 0, rows[0].curve.unit.value, formats["soft"])
    for column, (head, width) in enumerate([(_("Point"), 8), (_("Time"), 10), *((name, 22) for name, _one in columns)]):
        sheet.set_column(column, column, width)
        sheet.write_string(FIRST - 1, column, head, formats["head"])
    for point in range(POINTS):
        sheet.write_number(FIRST + point, 0, point + 1, formats["text"])
        sheet.write_string(FIRST + point, 1, LABELS[point], formats["text"])
    for column, (_name, curve) in enumerate(columns, 2):
        _column(sheet, column, curve, formats)
    _labels(sheet, formats)
    sheet.freeze_panes(FIRST, 2)
    sheet.hide_gridlines(2)


def _labels(sheet: Worksheet, formats: Mapping[str, Any]) -> None:
    for offset, text in enumerate((_("Energy (MWh)"), _("Peak load (MW)"), _("Valley load (MW)"), _("Mean load (MW)"),
                                   _("Daily load factor"))):  # fmt: skip
        sheet.write_string(FIRST + POINTS + offset, 0, text, formats["total_text"])
        sheet.write_blank(FIRST + POINTS + offset, 1, None, formats["total_text"])


def _column(sheet: Worksheet, column: int, curve: DayCurve, formats: Mapping[str, Any]) -> None:
    for point, text in enumerate(curve.points):
        if text is None:
            sheet.write_blank(FIRST + point, column, None, formats["number"])
        else:
            sheet.write_number(FIRST + point, column, float(Decimal(text)), formats["number"])
    told = curve.comes_to
    if told is None:
        return
    letter = xl_col_to_name(column)
    cells = f"{letter}{FIRST + 1}:{letter}{FIRST + POINTS}"
    energy, power = ("", "*4") if curve.unit == "MWh" else ("/4", "")
    last = FIRST + POINTS
    for offset, (formula, name) in enumerate(
        ((f"=SUM({cells}){energy}", "energy"), (f"=MAX({cells}){power}", "highest"),
         (f"=MIN({cells}){power}", "lowest"), (f"=AVERAGE({cells}){power}", "mean"))
    ):  # fmt: skip
        live(sheet, last + offset, column, formula, formats["total"], float(told[name] or 0))
    if told["load_factor"] is not None:
        formula = f"={letter}{last + 4}/{letter}{last + 2}"
        live(sheet, last + 4, column, formula, formats["percent"], float(told["load_factor"]))
