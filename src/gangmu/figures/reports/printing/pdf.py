"""A report as PDF, and its brief as a picture, set by Typst in Noto Sans SC."""

import json
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gangmu.figures.reports import brief, showing
from gangmu.figures.reports.content import Content, is_chinese
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.figures.reports.models import Edition
from gangmu.figures.reports.printing import charts
from gangmu.figures.reports.printing.workbook import edition_words, foot
from gangmu.foundation.ui.assets import BUILT

FONTS = BUILT / "fonts"
PICTURE = 144  # pixels an inch: 540 × 720 points are 1080 × 1440 pixels
TONES = {
    "green": "#2fb344", "lime": "#74b816", "azure": "#4299e1", "yellow": "#f59f00", "red": "#d63939", "gray": "#9aa7b6",
    "orange": "#f76707", "teal": "#0ca678", "primary": "#1f5fa8", "": "#9aa7b6",
}  # fmt: skip


class FontsMissing(RuntimeError):
    """The front end has not been built, so there is nothing to set text with."""


def write(content: Content, edition: Edition | None = None) -> bytes:
    """The PDF file in the active language; the same content gives the same bytes."""
    made = _compile("report.typ", _page(content, edition), content, format="pdf")
    return made


def picture(report: ReportDefinition, content: Content) -> bytes:
    """The brief as a PNG of 1080 × 1440 pixels, for a phone."""
    shown = {one.code: one for one in showing.shown_sections(content)}
    strip = next((block for one in shown.values() for block in one.blocks if block.kind == "figures"), None)
    trend = next((block for one in shown.values() for block in one.blocks if block.chart), None)
    data = {
        **_head(content, None),
        "brief": pgettext("report", "Morning brief"),
        "sentences": brief.sentences(report, content),
        "figures": [_line(line) for line in strip.lines] if strip else [],
        "trend_title": trend.title if trend else "",
        "trend": charts.line_chart(trend.chart, width=500, height=150, size=11) if trend and trend.chart else "",
    }
    return _compile("brief.typ", data, content, format="png", ppi=PICTURE)


def _compile(template: str, data: dict[str, Any], content: Content, **how: Any) -> bytes:
    source = resources.files(__name__.rpartition(".")[0]).joinpath("typst", template).read_bytes()
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    timestamp = int(datetime.fromisoformat(content.made_at).timestamp())
    made = typst.Compiler(font_paths=fonts(), ignore_system_fonts=True, sys_inputs=inputs).compile(
        source, timestamp=timestamp, **how
    )
    assert isinstance(made, bytes)  # one page as a picture, or a file
    return made


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Read once a process.

    Raises:
        FontsMissing: the front end has not been built.
    """
    if not any(FONTS.glob("*.ttf")):
        raise FontsMissing(_("The fonts of printed reports are missing. Build the front end: npm ci && npm run build."))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _head(content: Content, edition: Edition | None) -> dict[str, Any]:
    return {
        "lang": "zh" if is_chinese() else "en",
        "title": str(content.title),
        "organisation": str(content.organisation_name),
        "period": showing.period_label(content),
        "number": showing.issue_number(content.of_period),
        "edition": " · ".join(edition_words(edition)),
        "made": _("At %(at)s") % {"at": showing.made_at(content)},
        "standing": showing.standing_words(content),
        "late": showing.late_words(content),
        "is_final": content.standing.is_final,
        "demonstration": _("Demonstration: made figures") if settings.DEMONSTRATION else "",
        "foot": foot(content),
        "on_year": pgettext("change", "on year"),
    }


def _page(content: Content, edition: Edition | None) -> dict[str, Any]:
    sections = []
    for section in showing.shown_sections(content):
        blocks = []
        for block in section.blocks:
            svg = ""
            if block.chart:
                svg = charts.line_chart(block.chart)
            elif block.kind == "states":
                svg = charts.bar([(line.part, TONES.get(line.tone, TONES[""])) for line in block.lines])
            blocks.append(
                {
                    "kind": block.kind,
                    "title": block.title,
                    "first": block.first,
                    "heads": [{"label": label, "unit": unit} for label, unit in block.heads],
                    "compared": block.compared,
                    "note": block.note,
                    "svg": svg,
                    "lines": [] if block.chart else [_line(line) for line in block.lines],
                }
            )
        sections.append({"title": section.title, "blocks": blocks})
    return {**_head(content, edition), "sections": sections, "unit": _("Unit")}


def _line(line: showing.ShownLine) -> dict[str, Any]:
    return {
        "label": line.label,
        "unit": line.unit,
        "coverage": line.coverage,
        "total": line.is_total,
        "low": line.is_low,
        "tone": TONES.get(line.tone, TONES[""]),
        "cells": [
            {
                "value": cell.value,
                "rate": cell.rate,
                "moved": cell.moved,
                "provisional": cell.is_provisional,
            }
            if cell
            else None
            for cell in line.cells
        ],
    }
