"""The reads of this room, in the asker's scope."""

from gangmu.figures.filing.layouts import (
    Column,
    Key,
    Layout,
    Row,
    SectionLayout,
    Wanted,
    as_period,
    defined,
    lay_out,
    layout,
    layouts,
    matches,
    period_of,
)
from gangmu.figures.filing.queries.cells import Beside, CellView, beside, besides, cells, cells_of
from gangmu.figures.filing.queries.forms import current_forms, form_for

__all__ = [
    "Beside",
    "CellView",
    "Column",
    "Key",
    "Layout",
    "Row",
    "SectionLayout",
    "Wanted",
    "as_period",
    "beside",
    "besides",
    "cells",
    "cells_of",
    "current_forms",
    "defined",
    "form_for",
    "lay_out",
    "layout",
    "layouts",
    "matches",
    "period_of",
]
