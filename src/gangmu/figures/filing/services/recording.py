"""From cells to facts, through the database functions that alone may write them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.entry import show
from gangmu.figures.filing.errors import NotReady
from gangmu.figures.filing.layouts import Column
from gangmu.figures.filing.queries.cells import CellView
from gangmu.figures.filing.queries.facts import as_array
from gangmu.figures.filing.services.closing import month_is_closed
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

_RECORD = (
    "SELECT * FROM filing_record(%s::bigint[], %s::text[], %s, %s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[],"
    " %s::bigint[], %s::smallint[], %s::text[])"
)


@dataclass(frozen=True)
class Figure:
    """A figure to be recorded in a cell of a sheet; a value of None takes back what stands."""

    sheet_id: int
    organisation_id: int
    indicator_id: int
    value: int | None
    mark: int = 0
    entered: str = ""


@dataclass(frozen=True)
class Recorded:
    """What recording did for one sheet. Without a batch everything stood already."""

    batch_id: int | None
    added: int
    changed: int
    taken_back: int

    @property
    def touched(self) -> int:
        return self.added + self.changed + self.taken_back


def record(
    keys: Mapping[int, str],
    figures: Iterable[Figure],
    *,
    kind: Literal["sheet", "correction"],
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
) -> dict[int, Recorded]:
    """Record figures of sheets, given by their ids with the key of each one's act. Only what changes is written.

    Raises:
        NotReady: a figure is locked, or would count twice; says which.
    """
    rows: Sequence[Sequence[object]] = [
        (one.sheet_id, one.organisation_id, one.indicator_id, one.value, one.mark, one.entered) for one in figures
    ]
    *numbers, entries = zip(*rows, strict=True) if rows else [()] * 6
    columns = [*map(as_array, numbers), list(entries)]
    values = [list(keys), list(keys.values()), kind, reason, by.pk if by else None, at or clock.now(), *columns]
    with _told(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        return {sheet: Recorded(batch, *counts) for sheet, batch, *counts in cursor.fetchall()}


@contextmanager
def _told() -> Iterator[None]:
    """Say in words what the database refuses."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        name, detail = getattr(diagnosis, "constraint_name", ""), getattr(diagnosis, "message_detail", "") or ""
        if name == "a_locked_fact_needs_a_correction":
            code, _space, indicator = detail.partition(" ")
            words = {"organisation": code, "indicator": indicator}
            raise NotReady(
                _("%(indicator)s of %(organisation)s is locked and another figure is entered. Reload the page.") % words
            ) from error
        if name == "a_closed_month_stands_still":
            code, indicator, month, closed_at = detail.split(" ")
            raise NotReady(month_is_closed(month, indicator, code, closed_at)) from error
        if name == "a_fact_counts_once":
            lower, upper, indicator = detail.split(" ", 2)
            words = {"lower": lower, "upper": upper, "indicator": indicator}
            raise NotReady(
                _("%(indicator)s is filed at %(lower)s and at %(upper)s above it: it would count twice. Blank one.")
                % words
            ) from error
        raise


def act_key(*parts: object) -> str:
    """The key of an act as it fits a batch: the same act sent twice has the same."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


def scaled(view: CellView, column: Column) -> int | None:
    """A cell's figure as it is stored."""
    return None if view.value is None else int(view.value.scaleb(column.indicator.scale))


def entered(view: CellView, column: Column) -> str:
    """What was typed, where it is not just the figure."""
    value = scaled(view, column)
    return "" if value is None or view.text == show(value, column) else view.text
