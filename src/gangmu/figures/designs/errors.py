"""What can be wrong with a design. Every fault says where: worksheet, cell, and column in the cell's text."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused


class ExpressionError(ValueError):
    """An expression that cannot be read. `column` counts from 1 in the text that was given."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message, self.column = message, column

    def __str__(self) -> str:
        return _("column %(column)d: %(message)s") % {"column": self.column, "message": self.message}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, or worth knowing, at a place. `column` is 0 where the whole cell is meant."""

    sheet: str
    cell: str
    column: int
    message: str

    def __str__(self) -> str:
        where = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        if self.column:
            return _("%(where)s, column %(column)d: %(message)s") % {
                "where": where,
                "column": self.column,
                "message": self.message,
            }
        return f"{where}: {self.message}" if where else self.message


class DesignRefused(WorkbookRefused):
    """A workbook that is no usable design. Nothing of it is applied; `faults` says what to mend, place by place."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__("\n".join([message, *map(str, faults)]))
        self.message, self.faults = message, tuple(faults)
