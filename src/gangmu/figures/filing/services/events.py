"""The lines of a sheet's history."""

from collections.abc import Iterable
from typing import Any

from gangmu.figures.filing.models import Sheet, SheetEvent
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

NAME_LENGTH = 80


def name_of(user: User | None) -> str:
    """A user's name as it is kept beside the id."""
    return str(user)[:NAME_LENGTH] if user else ""


def event(sheet: Sheet, what: str, *, by: User | None, words: str = "", **data: Any) -> SheetEvent:
    """A line, not yet written: `log` writes many at once."""
    return SheetEvent(
        sheet=sheet,
        organisation_id=sheet.organisation_id,
        what=what,
        words=words,
        data=data,
        happened_at=clock.now(),
        by=by,
        by_name=name_of(by),
    )


def log(events: Iterable[SheetEvent]) -> None:
    """Write lines of history."""
    SheetEvent.objects.bulk_create(list(events))
