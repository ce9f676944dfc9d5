"""The one clock. No deadline reads the machine's or the database's time by itself.

`now()` is an aware instant in UTC, `today()` the business date in Asia/Shanghai. Tests freeze the clock with
`frozen(...)`; a process started with `GANGMU_NOW` (ISO 8601 with offset) stands still at that instant.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("gangmu_clock_frozen", default=None)
_process_frozen: datetime | None = None


def _parse(instant: str | datetime) -> datetime:
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BUSINESS_ZONE)
    return moment.astimezone(UTC)


def _from_environment() -> datetime | None:
    text = os.environ.get("GANGMU_NOW", "")
    return _parse(text) if text else None


_process_frozen = _from_environment()


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or _process_frozen or datetime.now(UTC)


def today() -> date:
    """The present business date (Asia/Shanghai)."""
    return business_date(now())


def business_date(moment: datetime) -> date:
    """The business date on which `moment` falls."""
    return moment.astimezone(BUSINESS_ZONE).date()


@contextmanager
def frozen(instant: str | datetime) -> Iterator[datetime]:
    """Stop the clock at `instant` inside the block; an instant without an offset is Shanghai time."""
    moment = _parse(instant)
    token = _frozen.set(moment)
    try:
        yield moment
    finally:
        _frozen.reset(token)


@contextmanager
def advanced(by: timedelta) -> Iterator[datetime]:
    """Stop the clock at `by` after its present reading."""
    with frozen(now() + by) as moment:
        yield moment
