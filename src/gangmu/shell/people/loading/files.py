"""The files that go out: the template to fill in, and the sheet of one-time passwords."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.foundation.ui import exports
from gangmu.shell.people.loading.reading import COLUMNS


def notes() -> list[tuple[str, str]]:
    """What each column means, for whoever fills the template in."""
    return [
        ("username", _("User name: Latin letters, digits and . _ @ -. It never changes; a line is known by it.")),
        ("name_zh", _("Chinese name. A new person needs one of the two names.")),
        ("name_en", _("English name.")),
        ("organisation", _("Code of the organisation where the person works.")),
        ("post", _("Code or name of a post there; one that does not exist is made. One line for each post.")),
        ("part", _("primary (also when blank) or backup.")),
        ("telephone", _("Telephone number. Who holds a post needs one, or an e-mail address.")),
        ("mail", _("E-mail address.")),
        ("valid_from", _("First day in the post, such as 2026-11-20; blank: today.")),
        ("valid_to", _("Last day of account and post; blank: no end.")),
        ("", _("A blank field changes nothing. Values only: no formulas.")),
    ]


def template(kind: str) -> FileResponse:
    """An empty file of people: as CSV its first line alone, as a workbook with a worksheet of notes."""
    if kind == "csv":
        return exports.file_response([], headers=COLUMNS, name="people", kind="csv")
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as book:
        head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_("People"))
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, 16, text)
            sheet.write_string(0, column, name, head)
        sheet.freeze_panes(1, 1)
        words = book.add_worksheet(_("Notes"))
        words.set_column(0, 0, 16)
        words.set_column(1, 1, 90)
        for row, (name, meaning) in enumerate(notes()):
            words.write_string(row, 0, name)
            words.write_string(row, 1, meaning)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename="people.xlsx", content_type=exports.CONTENT_TYPES["xlsx"])


SHEET = (
    gettext_lazy("User name"),
    gettext_lazy("Person"),
    gettext_lazy("Organisation"),
    gettext_lazy("One-time password"),
)


def write_sheet(path: Path, passwords: Sequence[Sequence[str]]) -> None:
    """The one-time passwords of new accounts as a CSV file that its owner alone can read; none is written over."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        exports.write_csv(file, passwords, [str(one) for one in SHEET])


def sheet(passwords: Sequence[Sequence[str]]) -> FileResponse:
    """The one-time passwords of new accounts, to cut into slips."""
    return exports.file_response(passwords, headers=SHEET, name="one-time-passwords", kind="xlsx")
