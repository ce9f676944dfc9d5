"""The cells behind a figure as a table: organisations down the side, days or months across, sums on both edges."""

from dataclasses import dataclass
from typing import Any

from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.figures.explaining import Explained
from gangmu.shell.figures.lines import Line
from gangmu.shell.figures.mathematics import in_language


@dataclass(frozen=True)
class Cells:
    """A page of the organisations behind a figure, each with its part in every day or month."""

    one: Explained
    limit: int

    @property
    def table(self) -> dict[str, Any]:
        return self.one.row["cells"]

    @property
    def name(self) -> str:
        return in_language(self.table["name"])

    @property
    def heads(self) -> list[tuple[str, str]]:
        """A short name of each column, with the address of its total."""
        return [(_short(code), self._url(period=code)) for code in self.table["periods"]]

    @property
    def lines(self) -> list[tuple[str, str, list[Line], Line]]:
        """Name and address of an organisation, its cells, and what they come to."""
        found = []
        for row in self.table["rows"]:
            cells = [
                Line("", self._url(organisation=row["code"], period=code), cell)
                for code, cell in zip(self.table["periods"], row["cells"], strict=True)
            ]
            own = self._url(organisation=row["code"])
            found.append((in_language(row["name"]), own, cells, Line("", own, row["sum"])))
        return found

    @property
    def sums(self) -> list[Line]:
        return [
            Line("", self._url(period=code), one)
            for code, one in zip(self.table["periods"], self.table["sums"], strict=True)
        ]

    @property
    def sum(self) -> Line:
        return Line("", self._url(), self.table["sum"])

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The filed indicators behind the figure: name, address of their cells, whether they are shown."""
        rows = self.one.row["filed"]
        if len(rows) < 2:
            return []
        return [
            (
                in_language(one["name"]),
                self.one.url(part="cells", more={"cells": one["indicator"]}),
                one["indicator"] == self.table["indicator"],
            )
            for one in rows
        ]

    @property
    def place(self) -> str:
        """Which of how many are shown."""
        first = self.table["offset"] + 1
        last = self.table["offset"] + len(self.table["rows"])
        return f"{first}–{last} / {number(self.table['count'])}"

    @property
    def before(self) -> str:
        offset = self.table["offset"]
        return self._page(max(offset - self.limit, 0)) if offset else ""

    @property
    def after(self) -> str:
        offset = self.table["offset"] + self.limit
        return self._page(offset) if offset < self.table["count"] else ""

    def _page(self, offset: int) -> str:
        return self.one.url(part="cells", more={"cells": self.table["indicator"], "offset": str(offset)})

    def _url(self, **changes: str) -> str:
        if "organisation" in changes:
            changes["by"] = ""
        return self.one.but({"indicator": self.table["indicator"], "compare": "", **changes})


def _short(code: str) -> str:
    """A column's head: the day of a month, or the month."""
    first = code.partition("..")[0]
    return code if len(first) < 7 else first[5:] if len(first) > 7 and ".." not in code else code[:7]
