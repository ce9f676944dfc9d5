"""Charts of printed reports as SVG, drawn here: a page that is printed has no script."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil, floor, log10
from typing import Any
from xml.sax.saxutils import escape

MAIN, BEFORE, GRID, WORDS = "#1f5fa8", "#9aa7b6", "#e2e8f0", "#475569"
FONT = "Noto Sans SC"


def line_chart(data: dict[str, Any], *, width: int = 720, height: int = 210, size: int = 11) -> str:
    """One or two lines over time: the second dashed. Blank where there is no figure."""
    left, right, top, bottom = size * 6, 8, size * 2, size * 2
    known = [value for one in data["series"] for value in one["values"] if value is not None]
    low, high, step = scale(known)
    count = max(len(data["labels"]) - 1, 1)

    def x(place: int) -> float:
        return left + (width - left - right) * place / count

    def y(value: float) -> float:
        return top + (height - top - bottom) * (1 - (value - low) / (high - low))

    parts = []
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        parts.append(_line(left, y(value), width - right, y(value), GRID))
        parts.append(_text(left - 6, y(value) + size * 0.35, f"{value:,.10g}", size, "end"))
    every = max(1, ceil(len(data["labels"]) * size * 5.5 / (width - left - right)))
    for place, label in enumerate(data["labels"]):
        if (len(data["labels"]) - 1 - place) % every == 0:
            parts.append(_text(x(place), height - size * 0.5, label, size, "end" if place == count else "middle"))
    looks = {"main": (MAIN, 2.2, ""), "before": (BEFORE, 1.5, ' stroke-dasharray="5 4"')}
    start = left
    for one in data["series"]:
        colour, thick, dash = looks.get(one["role"], looks["main"])
        for run in _runs(one["values"]):
            points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in run)
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{thick}" '
                f'stroke-linejoin="round"{dash}/>'
            )
        parts.append(_line(start, size * 0.8, start + 18, size * 0.8, colour, thick, dash))
        parts.append(_text(start + 24, size * 1.15, one["name"], size))
        start += 44 + sum(size if ord(letter) > 0x2E7F else size * 0.6 for letter in one["name"])
    return _svg(width, height, parts)


def bar(parts: Sequence[tuple[float, str]], *, width: int = 720, height: int = 14) -> str:
    """Shares of a whole, side by side."""
    total = sum(value for value, _colour in parts) or 1.0
    drawn, start = [], 0.0
    for value, colour in parts:
        wide = width * value / total
        if wide:
            drawn.append(f'<rect x="{start:.2f}" y="0" width="{wide:.2f}" height="{height}" fill="{colour}"/>')
        start += wide
    return _svg(width, height, drawn)


def scale(values: Sequence[float]) -> tuple[float, float, float]:
    """Round bounds for an axis, and the step between its lines: about four of them."""
    if not values:
        return 0.0, 1.0, 1.0
    low, high = min(values), max(values)
    if low >= 0 and low < high * 0.6:
        low = 0.0
    if high == low:
        high, low = high + 1, low - 1
    rough = (high - low) / 4
    power = 10 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if rough <= power * factor)
    return floor(low / step) * step, ceil(high / step) * step, step


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    numbered = enumerate(values)
    grouped = groupby(numbered, key=lambda one: one[1] is not None)
    return [[(place, value) for place, value in run if value is not None] for is_known, run in grouped if is_known]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, thick: float = 1, more: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{thick}"{more}/>'
    )


def _text(x: float, y: float, text: str, size: int, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size}" fill="{WORDS}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{''.join(parts)}</svg>"
    )
