"""What two editions tell differently: figure by figure, however rows have moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from openpyxl.utils import get_column_letter

from gangmu.figures.designs.showing import Box, Sheet
from gangmu.figures.designs.values import Origin

Key = tuple[object, ...]


@dataclass(frozen=True)
class Difference:
    """A cell that differs; None where one of the two has no such cell. `line` and `head` name it as the sheet does."""

    sheet: str
    cell: str
    line: str
    head: str
    before: Box | None
    after: Box | None

    @property
    def moved(self) -> bool:
        """Whether the figure differs, and not its state or coverage alone."""
        return self.before is None or self.after is None or self.before.text != self.after.text


def differences(before: Sequence[Sheet], after: Sequence[Sheet]) -> list[Difference]:
    """In the order of the sheets. Figures are known by what they are of, formulas by the heads beside and above them;
    other texts are the design's and count only where they hold figures."""
    old, new = _cells(before), _cells(after)
    found = []
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key), new.get(key)
        if was is not None and now is not None and _told(was[1]) == _told(now[1]):
            continue
        sheet, box, line, head = now or was or ("", Box(1, 1, ""), "", "")
        if not any(one is not None and one[1].text for one in (was, now)):
            continue
        cell = f"{get_column_letter(box.column)}{box.row}"
        found.append(Difference(sheet, cell, line, head, was[1] if was else None, now[1] if now else None))
    return found


def _told(box: Box) -> tuple[str, list[tuple[str | None, int, int]]]:
    return box.text, [(one.state, one.reported, one.expected) for one in box.origins]


Named = tuple[str, Box, str, str]  # worksheet, cell, the head beside it, the head above it


def _cells(sheets: Iterable[Sheet]) -> dict[Key, Named]:
    found: dict[Key, Named] = {}
    for sheet in sheets:
        heads = _Heads(sheet)
        for box in sheet.boxes:
            if not box.origins and not box.formula:
                continue
            line, head = heads.of(box)
            what: Key = tuple(map(_identity, box.origins)) or (line, head)
            key: Key = (sheet.title, what)
            while key in found:  # the same figure once more
                key = (*key, 1)
            found[key] = sheet.title, box, line, head
    return found


def _identity(one: Origin) -> Origin:
    return replace(one, state=None, reported=0, expected=0)


class _Heads:
    """The texts beside and above the figures of a worksheet."""

    def __init__(self, sheet: Sheet) -> None:
        texts = [box for box in sheet.boxes if box.text and not box.origins and not box.formula]
        self._beside: dict[int, list[Box]] = {}
        self._above: dict[int, list[Box]] = {}
        for box in texts:
            for row in range(box.row, box.row + box.rows):
                self._beside.setdefault(row, []).append(box)
            for column in range(box.column, box.column + box.columns):
                self._above.setdefault(column, []).append(box)

    def of(self, box: Box) -> tuple[str, str]:
        line = next((one.text for one in self._beside.get(box.row, ()) if one.column < box.column), "")
        above = [one for one in self._above.get(box.column, ()) if one.row < box.row and one.columns < 6]
        return line.strip(), above[-1].text.strip() if above else ""
