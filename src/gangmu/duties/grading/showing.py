"""Calculations and matrices as pages and certificates show them: in the reader's language, nothing left to work out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.scheme import Scheme, Step, bounds

TONES = {
    "open": "info",
    "submitted": "primary",
    "returned": "danger",
    "in_force": "success",
    "live": "success",
    "ended": "secondary",
    "withdrawn": "secondary",
}
RESULT_TONES = ("danger", "warning", "info", "secondary", "secondary")  # the highest first


@dataclass(frozen=True)
class CellView:
    """One cell of a matrix; `mark` says what it is to the reader: printed, or of the house."""

    row: str
    column: str
    level: str
    label: str
    is_printed: bool
    clause: str
    is_taken: bool
    open: tuple[str, ...]  # the levels that the printed cells leave open

    @property
    def name(self) -> str:
        """Of its box in a form."""
        return f"cell-{self.row}-{self.column}"


@dataclass(frozen=True)
class RowView:
    label: str
    is_taken: bool
    cells: tuple[CellView, ...]


@dataclass(frozen=True)
class MatrixView:
    """A matrix with the cell that a calculation took."""

    step: str
    title: str
    rows_title: str
    columns_title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[RowView, ...]
    levels: tuple[tuple[str, str], ...]  # code and name of what it gives


@dataclass(frozen=True)
class StepView:
    """One step of a calculation in words."""

    number: int
    parts: tuple[tuple[str, str], ...]  # factor and its level
    made: str
    level: str
    is_house: bool
    clause: str
    is_highest: bool

    @property
    def source(self) -> str:
        if self.is_highest:
            return _("the highest of all counts")
        if self.is_house:
            return _("house rule, not from the standard")
        return _("printed in the standard, clause %(clause)s") % {"clause": self.clause or "–"}


def result_name(scheme: Scheme, result: str) -> str:
    """A result in words; a dash without one."""
    return str(scheme.result.levels[result]) if result in scheme.result.levels else "–"


def result_tone(scheme: Scheme, result: str) -> str:
    """The colour of a result: the highest stands out."""
    rank = scheme.result.ranks.get(result)
    return "secondary" if rank is None else RESULT_TONES[min(rank, len(RESULT_TONES) - 1)]


def factors(scheme: Scheme, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Factors and their levels, in the scheme's order."""
    return [
        (str(scale.title), str(scale.levels[given[code]])) for code, scale in scheme.factors.items() if code in given
    ]


def steps(scheme: Scheme, calculation: Mapping[str, Any]) -> list[StepView]:
    """The steps of a calculation as it was frozen."""
    found = []
    for number, step in enumerate(calculation.get("steps", ()), 1):
        made = scheme.scale(step["gives"])
        defined = scheme.step(step["gives"])
        found.append(
            StepView(
                number,
                tuple(factors_of(scheme, step["of"], defined.of if defined else ())),
                str(made.title),
                str(made.levels[step["is"]]),
                step["source"] == "house",
                step["clause"] or "",
                defined is not None and not defined.cells,
            )
        )
    return found


def factors_of(scheme: Scheme, of: Mapping[str, str], order: Sequence[str]) -> list[tuple[str, str]]:
    """What went into a step, in its own order: the database keeps none."""
    return [(str(scheme.scale(code).title), str(scheme.scale(code).levels[of[code]])) for code in order or of]


def matrix(scheme: Scheme, step: Step, taken: Mapping[str, str] | None = None) -> MatrixView:
    """A step's matrix; `taken` are the levels that a calculation put in."""
    rows, columns = (scheme.scale(factor) for factor in step.of)
    made = scheme.scale(step.gives)
    row_taken, column_taken = ((taken or {}).get(factor) for factor in step.of)

    def cell(row: str, column: str) -> CellView:
        value = step.cells[row, column]
        allowed = () if value.source == "printed" else tuple(bounds(scheme, step, (row, column)))
        is_taken = (row, column) == (row_taken, column_taken)
        label = str(made.levels[value.level])
        return CellView(row, column, value.level, label, value.source == "printed", value.clause, is_taken, allowed)

    return MatrixView(
        step.gives,
        str(made.title),
        str(rows.title),
        str(columns.title),
        tuple((str(label), column == column_taken) for column, label in columns.levels.items()),
        tuple(
            RowView(str(label), row == row_taken, tuple(cell(row, column) for column in columns.levels))
            for row, label in rows.levels.items()
        ),
        tuple((level, str(label)) for level, label in made.levels.items()),
    )


def matrices(scheme: Scheme, calculation: Mapping[str, Any] | None = None) -> list[MatrixView]:
    """The matrices of a scheme, with the cells that a calculation took."""
    taken = {step["gives"]: step["of"] for step in (calculation or {}).get("steps", ())}
    return [matrix(scheme, step, taken.get(step.gives)) for step in scheme.matrices]


def parties(scheme: Scheme, grading: Grading) -> list[tuple[str, Any]]:
    """The parties of a grading with their confirmations, None where it is still to come."""
    given = {one.party: one for one in grading.confirmations.all()}
    return [(str(scheme.confirmers[party]), given.get(party)) for party in grading.parties]
