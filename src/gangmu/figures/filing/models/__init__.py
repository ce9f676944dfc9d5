"""What is filed: facts and their revisions, the forms that ask for them, the sheets in which they are written."""

from gangmu.figures.filing.models.closings import MonthClosing
from gangmu.figures.filing.models.corrections import Correction, CorrectionCell, CorrectionFile
from gangmu.figures.filing.models.facts import LARGEST_SCALED_VALUE, Batch, Change, Fact, Mark, Scenario, State
from gangmu.figures.filing.models.forms import Duty, Form
from gangmu.figures.filing.models.received import Received
from gangmu.figures.filing.models.sheets import Cell, Explanation, Remark, Revision, Saving, Sheet, SheetEvent

__all__ = [
    "LARGEST_SCALED_VALUE",
    "Batch",
    "Cell",
    "Change",
    "Correction",
    "CorrectionCell",
    "CorrectionFile",
    "Duty",
    "Explanation",
    "Fact",
    "Form",
    "Mark",
    "MonthClosing",
    "Received",
    "Remark",
    "Revision",
    "Saving",
    "Scenario",
    "Sheet",
    "SheetEvent",
    "State",
]
