"""Colours of a workbook as rrggbb: written out, by number, or of its theme, lighter or darker."""

import colorsys
import re
from functools import cached_property
from typing import Any

from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.workbook import Workbook

THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink",
               "folHlink")  # fmt: skip
OFFICE = ("ffffff", "000000", "e7e6e6", "44546a", "4472c4", "ed7d31", "a5a5a5", "ffc000", "5b9bd5", "70ad47", "0563c1",
          "954f72")  # fmt: skip
SIX = re.compile(r"[0-9a-fA-F]{6}")


class Palette:
    """The colours that the cells of one workbook name."""

    def __init__(self, book: Workbook) -> None:
        self._book = book

    @cached_property
    def _theme(self) -> tuple[str, ...]:
        text = self._book.loaded_theme
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text or "")
        found = []
        for name, usual in zip(THEME_ORDER, OFFICE, strict=True):
            block = re.search(rf"<a:{name}>(.{{0,400}}?)</a:{name}>", text, re.S)
            colour = re.search(r'(?:lastClr|val)="([0-9a-fA-F]{6})"', block[1]) if block else None
            found.append(colour[1].lower() if colour else usual)
        return tuple(found)

    def rgb(self, colour: Any) -> str:
        """rrggbb, or nothing for what is automatic."""
        if colour is None:
            return ""
        if colour.type == "rgb" and isinstance(colour.rgb, str) and len(colour.rgb) == 8:
            base = colour.rgb[2:].lower() if colour.rgb != "00000000" else ""
        elif colour.type == "theme" and isinstance(colour.theme, int) and 0 <= colour.theme < len(self._theme):
            base = self._theme[colour.theme]
        elif colour.type == "indexed" and isinstance(colour.indexed, int) and 0 <= colour.indexed < len(COLOR_INDEX):
            base = COLOR_INDEX[colour.indexed][2:].lower()
        else:
            base = ""
        return _tinted(base, float(colour.tint or 0)) if SIX.fullmatch(base) else ""


def _tinted(base: str, tint: float) -> str:
    """Lighter where `tint` is above zero, darker below, as spreadsheets do it: along the lightness."""
    if not tint or not -1 <= tint <= 1:
        return base
    red, green, blue = (int(base[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light + (1 - light) * tint
    return "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light, strength))
