"""What users do with facts and sheets. The only place that writes them."""

from gangmu.figures.filing.services.forms import load_forms
from gangmu.figures.filing.services.loading import LOAD, PERMISSION, start_loading
from gangmu.figures.filing.services.opening import due_at, locks_at, open_sheet
from gangmu.figures.filing.services.receiving import receive
from gangmu.figures.filing.services.saving import Conflict, Edit, Saved, save_cells

__all__ = [
    "LOAD",
    "PERMISSION",
    "Conflict",
    "Edit",
    "Saved",
    "due_at",
    "load_forms",
    "locks_at",
    "open_sheet",
    "receive",
    "save_cells",
    "start_loading",
]
