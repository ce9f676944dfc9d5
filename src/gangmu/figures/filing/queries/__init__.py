"""The reads of this room, in the asker's scope."""

from gangmu.figures.filing.queries.layouts import (
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

__all__ = [
    "Column",
    "Key",
    "Layout",
    "Row",
    "SectionLayout",
    "Wanted",
    "as_period",
    "defined",
    "lay_out",
    "layout",
    "layouts",
    "matches",
    "period_of",
]
