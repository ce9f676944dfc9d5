"""A report as PDF: set by Typst as the sheet is laid out, fitted to the width of the page."""

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.designs.grid import Cell, Line, between, lines, points
from gangmu.figures.designs.models import Design
from gangmu.figures.designs.showing import Sheet
from gangmu.figures.reports.printing.pdf import fonts
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period

MARGIN = 34.0  # points
PORTRAIT, LANDSCAPE = 595.3, 841.9
NARROWEST = 0.55  # of the size wanted; below, the page is turned
TINTS = {
    "red": "d63939",
    "blue": "206bc4",
    "green": "2fb344",
    "yellow": "b8860b",
    "magenta": "ae3ec9",
    "cyan": "0c8599",
    "white": "ffffff",
    "black": "000000",
}


def head(
    design: Design, organisation: Organisation, period: str, edition: int | None = None, standing: str = ""
) -> dict[str, Any]:
    """What stands around the sheets, in the active language."""
    language = get_language() or "zh-hans"
    name = organisation.name_zh if language.startswith("zh") else organisation.name_en
    told = [str(name or organisation.name), design.named(language), Period.parse(period).label(language)]
    if edition is not None:
        told.append(_("edition %(number)d") % {"number": edition})
    return {
        "lang": "zh" if language.startswith("zh") else "en",
        "title": " ".join(told[:3]),
        "author": told[0],
        "foot": "  ·  ".join(told),
        "standing": standing,
        "demonstration": _("Demonstration: made figures") if settings.DEMONSTRATION else "",
    }


def write(sheets: Sequence[Sheet], around: Mapping[str, Any]) -> bytes:
    """The PDF file; the same sheets give the same bytes.

    Raises:
        FontsMissing: the front end has not been built.
    """
    data = {**around, "sheets": [_sheet(one) for one in sheets]}
    source = resources.files(__package__ or "").joinpath("typst", "sheets.typ").read_bytes()
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made = typst.Compiler(font_paths=fonts(), ignore_system_fonts=True, sys_inputs=inputs).compile(
        source, timestamp=0, format="pdf"
    )
    assert isinstance(made, bytes)
    return made


def _sheet(sheet: Sheet) -> dict[str, Any]:
    widths = points(sheet)
    total = sum(widths) or 1
    turned = sheet.landscape or (PORTRAIT - 2 * MARGIN) / total < NARROWEST
    scale = min(1, ((LANDSCAPE if turned else PORTRAIT) - 2 * MARGIN) / total)
    found = lines(sheet)
    top = [line for line in found if sheet.title_rows and line.row <= sheet.title_rows[1]]
    parts = list(between(found[len(top) :], sheet.breaks))
    return {
        "landscape": turned,
        "widths": [width * scale for width in widths],
        "parts": [
            {
                "header": len(top),
                "heights": [line.height * scale for line in (*top, *part)],
                "cells": [cell for at, line in enumerate((*top, *part)) for cell in _cells(line, at, scale)],
            }
            for part in (parts or [[]])
        ],
    }


def _cells(line: Line, at: int, scale: float) -> list[dict[str, Any]]:
    return [_cell(cell, at, scale) for cell in line.cells if _shows(cell)]


def _shows(cell: Cell) -> bool:
    return bool(cell.box.text or cell.box.fill or cell.box.borders or cell.box.rows > 1 or cell.box.columns > 1)


def _cell(cell: Cell, at: int, scale: float) -> dict[str, Any]:
    box = cell.box
    is_figure = box.align == "right"
    return {
        "x": cell.column,
        "y": at,
        "cs": box.columns,
        "rs": box.rows,
        "text": box.text,
        "align": {"center": "center", "right": "right"}.get(box.align, "left"),
        "vertical": {"top": "top", "center": "horizon"}.get(box.vertical, "bottom"),
        "bold": box.bold,
        "italic": box.italic,
        "size": (cell.shrunk if is_figure else box.size) * scale * 0.94,
        "ink": TINTS.get(box.colour, box.ink) if box.colour else box.ink,
        "fill": box.fill,
        "borders": sorted(box.borders),
        "indent": box.indent * 6 * scale,
        "spills": cell.spills and not is_figure and box.align == "left",
    }
