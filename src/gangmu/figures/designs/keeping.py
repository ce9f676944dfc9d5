"""What a report showed, as JSON: an edition keeps it and shows it again for ever."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from gangmu.figures.designs.filling import Filled
from gangmu.figures.designs.showing import Box, Sheet
from gangmu.figures.designs.template import At
from gangmu.figures.designs.tree import Shows
from gangmu.figures.designs.values import Origin


def as_json(sheet: Sheet) -> dict[str, Any]:
    return {
        "title": sheet.title,
        "boxes": [_told(box) for box in sheet.boxes],
        "widths": list(map(list, sheet.widths.items())),
        "heights": list(map(list, sheet.heights.items())),
        "rows": list(sheet.rows),
        "title_rows": list(sheet.title_rows) if sheet.title_rows else None,
        "landscape": sheet.landscape,
        "breaks": list(sheet.breaks),
    }


def sheet_of(told: Mapping[str, Any]) -> Sheet:
    """The same again."""
    title_rows = told["title_rows"]
    return Sheet(
        told["title"],
        [_box(one) for one in told["boxes"]],
        {int(column): width for column, width in told["widths"]},
        {int(row): height for row, height in told["heights"]},
        tuple(told["rows"]),
        (title_rows[0], title_rows[1]) if title_rows else None,
        told["landscape"],
        tuple(told["breaks"]),
    )


def _told(thing: Box | Origin) -> dict[str, Any]:
    """The fields that say something besides what is usual."""
    found: dict[str, Any] = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.default is not MISSING and value == field.default:
            continue
        if field.name == "origins":
            value = [_told(one) for one in value]
        elif isinstance(value, frozenset):
            value = sorted(value)
        found[field.name] = value
    return found


def _box(told: Mapping[str, Any]) -> Box:
    given = dict(told)
    origins = tuple(Origin(**{**one, "shows": Shows(one["shows"])}) for one in given.pop("origins", ()))
    return Box(**{**given, "borders": frozenset(given.get("borders", ())), "origins": origins})


def digest(made: Iterable[tuple[Filled, Iterable[Sheet]]]) -> str:
    """Of everything that is told, except the number of the edition and the time of printing."""
    told = [
        [sheet.title, box.row, box.column, box.text, [[one.state, one.reported, one.expected] for one in box.origins]]
        for filled, sheets in made
        for sheet in sheets
        for box in sheet.boxes
        if box.text and At(sheet.title, box.row, box.column) not in filled.volatile
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
