"""What users do with facts and sheets. The only place that writes them."""

from gangmu.figures.filing.services.correcting import (
    attach_file,
    save_correction,
    start_correction,
    submit_correction,
    withdraw_correction,
)
from gangmu.figures.filing.services.forms import load_forms
from gangmu.figures.filing.services.loading import LOAD, PERMISSION, start_loading
from gangmu.figures.filing.services.locking import lock_due, lock_sheets
from gangmu.figures.filing.services.opening import due_at, locks_at, open_sheet
from gangmu.figures.filing.services.receiving import Value, receive
from gangmu.figures.filing.services.saving import Conflict, Edit, Saved, save_cells
from gangmu.figures.filing.services.submitting import recall_sheet, submit_many, submit_sheet
from gangmu.figures.filing.services.words import explain, remark

__all__ = [
    "LOAD",
    "PERMISSION",
    "Conflict",
    "Edit",
    "Saved",
    "Value",
    "attach_file",
    "due_at",
    "explain",
    "load_forms",
    "lock_due",
    "lock_sheets",
    "locks_at",
    "open_sheet",
    "recall_sheet",
    "receive",
    "remark",
    "save_cells",
    "save_correction",
    "start_correction",
    "start_loading",
    "submit_correction",
    "submit_many",
    "submit_sheet",
    "withdraw_correction",
]
