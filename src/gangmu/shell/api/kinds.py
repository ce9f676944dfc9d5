"""Kinds of parameters."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator

AS_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written_in_full(value: Any) -> Any:
    """Pydantic would take seconds since 1970 besides, and a mistyped day would silently be one long ago."""
    if isinstance(value, str) and not AS_WRITTEN.fullmatch(value):
        raise ValueError("a day is written as 2026-11-20")
    return value


Day = Annotated[date, BeforeValidator(_written_in_full)]
"""A date of the calendar, ISO 8601, written in full."""
