"""What users do with facts and sheets. The only place that writes them."""

from gangmu.figures.filing.services.forms import load_forms
from gangmu.figures.filing.services.loading import LOAD, PERMISSION, start_loading

__all__ = ["LOAD", "PERMISSION", "load_forms", "start_loading"]
