"""The reads of this room, in the asker's scope."""

from gangmu.figures.filing.access import may
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
from gangmu.figures.filing.queries.checking import Examined, Fault, check, examine, explains, findings
from gangmu.figures.filing.queries.content import content_hash, content_hashes
from gangmu.figures.filing.queries.facts import FactRow, facts_of
from gangmu.figures.filing.queries.filers import Filing, Party, Standing, filing_organisations, standings
from gangmu.figures.filing.queries.forms import current_forms, form_for
from gangmu.figures.filing.queries.sheets import Progress, events, explanations, progress, remarks, revisions

__all__ = [
    "Beside",
    "CellView",
    "Column",
    "Examined",
    "FactRow",
    "Fault",
    "Filing",
    "Key",
    "Layout",
    "Party",
    "Progress",
    "Row",
    "SectionLayout",
    "Standing",
    "Wanted",
    "as_period",
    "beside",
    "besides",
    "cells",
    "cells_of",
    "check",
    "content_hash",
    "content_hashes",
    "current_forms",
    "defined",
    "events",
    "examine",
    "explains",
    "explanations",
    "facts_of",
    "filing_organisations",
    "findings",
    "form_for",
    "lay_out",
    "layout",
    "layouts",
    "matches",
    "may",
    "period_of",
    "progress",
    "remarks",
    "revisions",
    "standings",
]
