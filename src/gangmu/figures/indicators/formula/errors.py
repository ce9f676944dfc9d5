"""What can be wrong with a formula. Every error says what, where (line and column) and what to write instead."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a formula, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


class FormulaError(ValueError):
    """A formula that cannot be read or makes no sense. `place` is inside the formula's own text."""

    def __init__(self, message: str, place: Place = START) -> None:
        super().__init__(message, place)
        self._message, self.place = message, place

    @property
    def message(self) -> str:
        return self._message

    def __str__(self) -> str:
        return _("line %(line)d, column %(column)d: %(message)s") % {
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
        }


class UnknownName(FormulaError):
    """Neither a code nor a 「name」 of any indicator. What was meant is looked for when somebody reads the message.

    Args:
        name: what was written, with `is_name` between 「 and 」.
        codes, names: what there is.
    """

    def __init__(
        self, name: str, place: Place, *, is_name: bool, codes: Collection[str], names: Collection[str]
    ) -> None:
        super().__init__(name, place)
        self.name, self.is_name, self.codes, self.names = name, is_name, codes, names

    @property
    def message(self) -> str:
        shown = f"「{self.name}」" if self.is_name else self.name
        message = _("there is no indicator %(name)s.") % {"name": shown}
        nearest = get_close_matches(self.name, list(self.names if self.is_name else self.codes), n=1, cutoff=0.5)
        if nearest:
            near = f"「{nearest[0]}」" if self.is_name else nearest[0]
            return message + " " + _("Did you mean %(suggestion)s?") % {"suggestion": near}
        if not self.is_name and self.name in self.names:
            return message + " " + _("A name stands between 「 and 」.")
        return message


class AmbiguousName(FormulaError):
    """A 「name」 that several indicators bear."""


class UnitMismatch(FormulaError):
    """Quantities that cannot be added, compared or given as a result."""


class TooLarge(FormulaError):
    """A formula beyond the bounds that keep evaluation short."""


class CyclicFormula(FormulaError):
    """Formulas that need their own result. `cycle` is the way round, first code repeated at the end."""

    def __init__(self, cycle: tuple[str, ...], place: Place = START) -> None:
        shown = cycle if len(cycle) <= 41 else (*cycle[:40], "…", cycle[-1])
        message = _("the formulas go round in a circle: %(cycle)s. Take one of these steps out.") % {
            "cycle": " → ".join(shown)
        }
        super().__init__(message, place)
        self.cycle = cycle
