"""Dated values as a strip: boxes along time, drawn as SVG, with the same in words below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from gangmu.foundation.parties.days import EVER, OPEN, Days
from gangmu.foundation.parties.queries import Stretch

WIDTH = 1000
THINNEST = 4
SHADES = ("strip-box", "strip-box-next")


@dataclass(frozen=True)
class Box:
    """One stretch, from `x` with `width`, in thousandths of the strip; neighbours differ in their shade."""

    x: int
    width: int
    shade: str
    text: str
    href: str
    days: Days
    holds: bool


@dataclass(frozen=True)
class Strip:
    """One row: what is dated, its stretches, and where the day shown lies."""

    label: str | Promise
    unit: str
    boxes: list[Box]
    cursor: int


def strip(
    label: str | Promise,
    pieces: Sequence[tuple[Stretch, str, str]],
    span: tuple[date, date],
    day: date,
    unit: str = "",
) -> Strip:
    """Lay stretches, each with its text and address, along the time between the two days of `span`."""
    first, last = (one.toordinal() for one in span)
    scale = WIDTH / max(last - first, 1)

    def at(one: date) -> int:
        if one == EVER:
            return 0
        if one == OPEN:
            return WIDTH
        return round(min(max((one.toordinal() - first) * scale, 0), WIDTH))

    boxes = []
    for number, (stretch, text, href) in enumerate(pieces):
        x = min(at(stretch.days.start), WIDTH - THINNEST)
        width = max(at(stretch.days.end) - x, THINNEST)
        boxes.append(Box(x, width, SHADES[number % 2], text, href, stretch.days, day in stretch.days))
    return Strip(label, unit, boxes, min(at(day), WIDTH - THINNEST))
