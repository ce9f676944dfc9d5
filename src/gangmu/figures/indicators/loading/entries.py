"""What a file of indicators says, and where it says it."""

from dataclasses import dataclass, field

from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.formula.errors import Place
from gangmu.figures.indicators.loading.yamlfile import Entries, Items, Node, Problem, Text


@dataclass
class Entry:
    """One indicator of a file: what it says, and where it says it. `given` are the keys that were written."""

    definition: IndicatorDefinition
    line: int
    column: int
    places: dict[str, Text | Entries | Items] = field(default_factory=dict)
    formula_indent: int = 0
    told_as: str = ""  # of a part: the code of its whole, where its faults are told

    @classmethod
    def standing(cls, definition: IndicatorDefinition, place: Node) -> "Entry":
        """An indicator as it stands, whose faults are told at a place of another file. It keeps its grain and level."""
        return cls(definition, place.line, place.column, {"grain": place, "level": place})

    @property
    def code(self) -> str:
        return self.definition.code

    def problem(self, key: str, message: str, inside: Place | None = None) -> Problem:
        """A problem with one field; `inside` is a place within the formula's own text."""
        code = self.told_as or self.code
        node = self.places.get(key)
        if node is None:
            return Problem(self.line, self.column, f"{code}: {message}")
        if inside is None or not isinstance(node, Text) or (key != "formula" and node.style == "|"):
            return Problem(node.line, node.column, f"{code}: {message}")
        line, column = self._in_file(node, inside)
        return Problem(line, column, f"{code}: {message}")

    def _in_file(self, text: Text, inside: Place) -> tuple[int, int]:
        """Where a place of a scalar stands in the file; the scalar's beginning where folding makes it uncertain."""
        if text.style == "|":
            return text.line + inside.line, self.formula_indent + inside.column
        is_literal = text.lines == 1 and not (text.style == '"' and "\\" in text.value) and "'" not in text.value
        if is_literal and text.style in {"", "'", '"'}:
            return text.line, text.column + len(text.style) + inside.column - 1
        return text.line, text.column


@dataclass
class Reading:
    """What a file says: the indicators that are well-formed by themselves, and what is wrong with the others.

    `unread` are the codes and names of those others, as far as they could be read.
    """

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
