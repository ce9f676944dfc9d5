"""Cells on the line between the server and the grid: short, since lines are slow. `frontend/src/grid/page.ts` reads it.

A cell is `[key, text, mark, version, by, at, mine, fault, rounding]`, without what is empty at its end; a key is
`organisation:indicator`, as the inputs are named.
"""

import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, RawPostDataException
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import may
from gangmu.figures.filing.entry import read_entry, show
from gangmu.figures.filing.models import Cell, Mark, Sheet
from gangmu.figures.filing.queries import Beside, CellView, Column, Key
from gangmu.figures.filing.queries.checking import Examined, examine, explains
from gangmu.figures.filing.queries.sheets import remarks
from gangmu.figures.filing.services import Edit, Saved
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.clock import BUSINESS_ZONE

COMPACT = {"ensure_ascii": False, "separators": (",", ":")}
LARGEST = 4 * 1024 * 1024
MOST_EDITS = 20_000


def key(one: Key) -> str:
    return f"{one[0]}:{one[1]}"


def read_key(text: str) -> Key:
    """The cell that a key names.

    Raises:
        BadRequest: it is none.
    """
    organisation, _colon, code = text.partition(":")
    if not (organisation.isascii() and organisation.isdigit() and len(organisation) < 19 and code):
        raise BadRequest(_("“%(text)s” names no cell. Reload the page.") % {"text": text[:60]})
    return int(organisation), code


def account(user: User) -> str:
    """By what the browser tells the drafts and copies of one account from another's."""
    return str(user.pk)


def moment(at: datetime | None) -> str:
    """07:32, or with its day when that is not today."""
    if at is None:
        return ""
    here = at.astimezone(BUSINESS_ZONE)
    return here.strftime("%H:%M" if here.date() == clock.today() else "%m-%d %H:%M")


def packed(data: Any) -> SafeString:
    """JSON for the text of an element or for an attribute in single quotes: quotes stay as they are, which is most."""
    text = json.dumps(data, **COMPACT)
    return mark_safe(escape(text).replace("&quot;", '"'))  # noqa: S308 (escaped; a double quote ends neither)


# A cell ---------------------------------------------------------------------------------------------------------------


def shown(view: CellView, column: Column | None) -> str:
    """What stands in a cell, in the reader's language where it is a word."""
    if view.mark == Mark.OUT_OF_SERVICE:
        return str(_("out of service"))
    if column is not None and column.item.choices and view.value is not None:
        return show(int(view.value.scaleb(column.indicator.scale)), column)
    return view.text


def wire(one: Key, view: CellView, column: Column | None, *, mine: bool, fault: str = "") -> list[Any]:
    rounding = ""
    problem = fault or view.fault
    if view.fault and column is not None:
        unread = read_entry(view.text, column).fault
        rounding = unread.rounded if unread else ""
    at, by = moment(view.edited_at), view.edited_by_name
    made = [key(one), shown(view, column), int(view.mark), view.version, by, at, int(mine), problem, rounding]
    while not made[-1] and len(made) > 7:
        made.pop()
    return made


def _edited_by(sheets: Sequence[Sheet], user: User, after: int = 0) -> set[tuple[int, str]]:
    rows = Cell.objects.filter(sheet__in=sheets, edited_by=user, version__gt=after)
    return set(rows.values_list("organisation_id", "indicator__code"))


def _findings(examined: Examined) -> list[list[Any]]:
    found = []
    for one in examined.findings:
        cells = [key(cell) for cell in one.cells]
        explained = explains(examined.explanations.get(one.key), one)
        found.append(
            [one.rule, int(one.strength == "error"), int(explained), f"{one.text} {one.advice}".strip(), cells]
        )
    return found


# The page -------------------------------------------------------------------------------------------------------------


def known(
    sheets: Sequence[Examined],
    besides: Mapping[int, Mapping[Key, Beside]],
    scope: Scope,
    user: User,
) -> dict[str, Any]:
    """All that the grid must know about its cells and that is not written into them."""
    mine = _edited_by([one.sheet for one in sheets], user)
    made: dict[str, Any] = {"sheets": [], "items": {}, "cells": [], "proposed": [], "findings": [], "remarks": {}}
    for examined in sheets:
        sheet, layout = examined.sheet, examined.layout
        made["sheets"].append(
            {
                "id": sheet.pk,
                "version": sheet.version,
                "editable": "edit" in may(sheet, scope),
                "organisations": sorted({organisation for organisation, _code in layout.cells}),
                "absent": [row.organisation_id for row in layout.rows.values() if not row.in_service],
            }
        )
        for one, column in layout.cells.items():
            item = column.item
            made["items"][column.code] = {"required": item.required, "idle": item.out_of_service}
            view = examined.cells[one]
            if view.version or view.text or view.mark:
                made["cells"].append(wire(one, view, column, mine=one in mine))
            near = besides[sheet.pk].get(one)
            if near and near.proposed:
                offered = near.proposed
                made["proposed"].append([key(one), offered.text, int(offered.mark), str(offered.source)])
        made["findings"] += _findings(examined)
        for remark in remarks(sheet):
            if remark.indicator:
                name = key((remark.organisation_id, remark.indicator.code))
                made["remarks"][name] = made["remarks"].get(name, 0) + 1
    return made


@dataclass(frozen=True)
class Known:
    """What a form without script was shown; it says itself, so it decides nothing but what counts as an edit."""

    versions: Mapping[int, int]
    texts: Mapping[str, str]

    def version(self, sheet: int) -> int:
        return self.versions.get(sheet, 0)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")


def read_known(text: str) -> Known:
    """Read back what `known` wrote.

    Raises:
        BadRequest: it is not what a page of ours sends.
    """
    try:
        given = json.loads(text)
        versions = {int(one["id"]): int(one["version"]) for one in given["sheets"]}
        return Known(versions, {str(one[0]): str(one[1]) for one in given["cells"]})
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise BadRequest(_("The form is not complete. Reload the page and send it again.")) from error


# An exchange ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the grid sends about one sheet: the version it has seen, and its edits under their idempotency key."""

    sheet: int
    seen: int
    key: str
    edits: list[Edit] = field(default_factory=list)


@dataclass(frozen=True)
class Request:
    account: str
    sheets: list[Asked]


def read_request(request: HttpRequest) -> Request:
    """Read an exchange; bodies may come packed with gzip.

    Raises:
        BadRequest: it is not what a page of ours sends, or larger than any grid.
    """
    try:
        body = request.body
    except RawPostDataException as error:  # a form, not an exchange
        raise BadRequest(_("The cells cannot be read. Reload the page.")) from error
    if request.headers.get("Content-Encoding") == "gzip":
        try:
            body = gzip.GzipFile(fileobj=io.BytesIO(body)).read(LARGEST + 1)
        except (OSError, EOFError) as error:
            raise BadRequest(_("The packed cells cannot be read. Reload the page.")) from error
    if len(body) > LARGEST:
        raise BadRequest(_("These are more cells than a page has. Reload the page."))
    try:
        given = json.loads(body)
        sheets = [_asked(one) for one in given["sheets"]]
        asked = Request(str(given["account"]), sheets)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadRequest(_("The cells cannot be read. Reload the page.")) from error
    if sum(len(one.edits) for one in sheets) > MOST_EDITS:
        raise BadRequest(_("These are more cells than a page has. Reload the page."))
    return asked


def _asked(given: Mapping[str, Any]) -> Asked:
    edits = []
    for name, text, mark, base in given["edits"]:
        if not isinstance(text, str) or "\x00" in text:
            raise ValueError(text)
        organisation, code = read_key(str(name))
        edits.append(Edit(organisation, code, text, int(Mark(int(mark))), int(base)))
    return Asked(int(given["id"]), int(given["seen"]), f"{str(given['key'])[:40]}:{int(given['id'])}", edits)


def news(sheet: Sheet, asked: Asked, saved: Saved, user: User) -> dict[str, Any]:
    """What the grid does not know yet: cells that others changed, and its own that stand otherwise than it sent them.

    Cells that were simply taken are not repeated: 1,200 pasted cells cost an answer of a few bytes.
    """
    examined = examine([sheet])[sheet.pk]
    mine = _edited_by([sheet], user, asked.seen)
    sent = {edit.key: edit for edit in asked.edits}
    changed, disputed = [], []
    for one, view in examined.cells.items():
        column, edit = examined.layout.cells[one], sent.get(one)
        if one in saved.conflicts:
            disputed.append(wire(one, view, column, mine=False))
        elif edit is not None:
            fault = saved.faults.get(one, "")
            taken = (shown(view, column), view.mark) == (edit.text, edit.mark) and not fault and not view.fault
            if not taken:
                changed.append(wire(one, view, column, mine=one in mine, fault=fault))
        elif view.version > asked.seen:
            changed.append(wire(one, view, column, mine=one in mine))
    made: dict[str, Any] = {"findings": _findings(examined)}
    return made | ({"cells": changed} if changed else {}) | ({"conflicts": disputed} if disputed else {})
