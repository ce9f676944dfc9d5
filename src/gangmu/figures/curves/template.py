"""The workbook in which a day's curves are handed in: a line for each organisation and indicator, 96 columns."""

import tempfile
from collections.abc import Sequence
from datetime import date
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from gangmu.figures.curves.models import Curve
from gangmu.figures.curves.points import LABELS
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.ui.exports import IN_MEMORY

HEADS = ("organisation", "indicator", "date", "unit")
SOFT, INK = "#EEF3F9", "#1F2937"


def template(lines: Sequence[tuple[Organisation, Curve]], day: date) -> IO[bytes]:
    """The file. Its first line is what the load reads; what may be written stands on a sheet behind."""
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (whoever sends it closes it)
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:  # type: ignore[arg-type]
        head = book.add_format({"bold": True, "bg_color": SOFT, "bottom": 1, "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_("Points"))
        for column, name in enumerate((*HEADS, *LABELS)):
            sheet.write_string(0, column, name, head)
        for row, (organisation, curve) in enumerate(lines, 1):
            written = (str(organisation.code), str(curve.indicator.code), day.isoformat(), str(curve.unit))
            for column, word in enumerate(written):
                sheet.write_string(row, column, word, text)
        sheet.set_column(0, 3, 16)
        sheet.freeze_panes(1, len(HEADS))
        _words(book.add_worksheet(_("How to fill it in")), lines, book.add_format({"bold": True, "font_color": INK}))
    target.seek(0)
    return target


def _words(sheet: xlsxwriter.worksheet.Worksheet, lines: Sequence[tuple[Organisation, Curve]], bold: object) -> None:
    texts = [
        _("A line for each organisation, indicator and business day; 00:15 is the first quarter, 24:00 ends the day."),
        _("Leave a cell blank where a value is missing. A day with all 96 points gives its daily figures."),
        _("Points of MW are mean powers of the quarter, points of MWh its energy; they are never mixed."),
    ]
    for row, words in enumerate(texts):
        sheet.write_string(row, 0, words)
    row = len(texts) + 1
    sheet.write_row(row, 0, [_("Organisation"), _("Name"), _("Indicator"), _("Name"), _("Unit"), _("Decimals")], bold)
    for place, (organisation, curve) in enumerate(lines, row + 1):
        named = [organisation.code, organisation.name, curve.indicator.code, curve.indicator.name, curve.unit]
        sheet.write_row(place, 0, [*map(str, named), int(curve.precision)])
    sheet.set_column(0, 5, 22)
