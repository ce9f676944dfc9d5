"""What can be wrong with a formula. Every error says what, where (line and column) and what to write instead."""

from dataclasses import dataclass

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
        self.message, self.place = message, place

    def __str__(self) -> str:
        return _("line %(line)d, column %(column)d: %(message)s") % {
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
        }


class UnknownName(FormulaError):
    """Neither a code nor a 「name」 of any indicator; `name` is what was written."""

    def __init__(self, message: str, place: Place, name: str) -> None:
        super().__init__(message, place)
        self.name = name


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
