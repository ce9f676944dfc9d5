"""The organisations of any day."""

from collections.abc import Sequence
from datetime import date

from oracle.periods import Period
from oracle.world import OrganisationLine, WorldError

INHERITED = ("fuel", "province", "ownership")


class Tree:
    """Who stood below whom, with which attributes, on one day."""

    def __init__(self, lines: Sequence[OrganisationLine]) -> None:
        self.lines = {line.code: line for line in lines}
        if len(self.lines) != len(lines):
            raise WorldError("an organisation has two lines on one day")
        self._paths = {code: self._path(code) for code in self.lines}

    def __contains__(self, code: str) -> bool:
        return code in self.lines

    def _path(self, code: str) -> list[str]:
        path = [code]
        while (parent := self.lines[path[-1]].parent) in self.lines:
            if parent in path:
                raise WorldError(f"{parent} stands below itself")
            path.append(parent)
        return path

    def path(self, code: str) -> list[str]:
        """The organisation, its parent, and so on up to the root."""
        return self._paths[code]

    def is_below(self, code: str, other: str) -> bool:
        return code in self.lines and other in self.path(code)[1:]

    def children(self, code: str) -> list[str]:
        return sorted(line.code for line in self.lines.values() if code and line.parent == code)

    def kind(self, code: str) -> str:
        return self.lines[code].kind

    def attribute(self, code: str, name: str) -> str:
        """Fuel and province come from the nearest organisation above that has one; kind does not. "" is none."""
        for organisation in self.path(code) if name in INHERITED else [code]:
            if value := getattr(self.lines[organisation], name):
                return value
        return ""


class History:
    """The tree of every day."""

    def __init__(self, lines: Sequence[OrganisationLine]) -> None:
        self._lines = lines
        self._days: dict[date, Tree] = {}
        self._trees: dict[tuple[int, ...], Tree] = {}
        self._spans: dict[tuple[date, date], list[Tree]] = {}

    def tree(self, day: date) -> Tree:
        if day not in self._days:
            holding = tuple(number for number, line in enumerate(self._lines) if line.holds_on(day))
            if holding not in self._trees:
                self._trees[holding] = Tree([self._lines[number] for number in holding])
            self._days[day] = self._trees[holding]
        return self._days[day]

    def trees(self, period: Period) -> list[Tree]:
        """The different trees of the period's days, in order."""
        span = (period.start, period.end)
        if span not in self._spans:
            self._spans[span] = list(dict.fromkeys(self.tree(day) for day in period.days()))
        return self._spans[span]

    def first_day(self, code: str) -> date | None:
        """The first day on which it was there; None: since ever."""
        starts = [line.valid_from for line in self._lines if line.code == code]
        return None if "" in starts else date.fromisoformat(min(starts))

    def beginning(self) -> date | None:
        """The first day of all."""
        starts = [line.valid_from for line in self._lines]
        return None if "" in starts else date.fromisoformat(min(starts))

    def last_tree_with(self, code: str, period: Period) -> Tree | None:
        """The tree of the last day of the period on which the organisation was there."""
        for day in reversed(period.days()):
            if code in self.tree(day):
                return self.tree(day)
        return None
