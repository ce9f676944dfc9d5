"""Reports as files: a workbook and a PDF in each language, and the brief as a picture."""

import re

from django.utils import translation
from django.utils.translation import gettext as _

from gangmu.figures.reports.content import Content
from gangmu.figures.reports.models import Edition
from gangmu.figures.reports.printing import pdf, workbook

LANGUAGES = ("zh-hans", "en")
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "png": "image/png",
}


def printed(content: Content, language: str, kind: str, edition: Edition | None = None) -> bytes:
    """The report as `xlsx` or `pdf`; the same content gives the same bytes."""
    with translation.override(language):
        return {"xlsx": workbook.write, "pdf": pdf.write}[kind](content, edition)


def file_name(content: Content, language: str, kind: str, edition: Edition | None = None) -> str:
    """What the file is called in its language: 经营日报-集团-2026-11-19-第1版.pdf."""
    with translation.override(language):
        parts = [str(content.title), str(content.organisation_name), content.period]
        if edition is not None:
            parts.append(_("edition %(number)d") % {"number": edition.number})
        return re.sub(r'[\\/:*?"<>|\s]+', "_", "-".join(parts)) + f".{kind}"


__all__ = ["CONTENT_TYPES", "LANGUAGES", "file_name", "printed"]
