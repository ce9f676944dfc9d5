"""How the record stands: events by day, what was refused, seals, the last verification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gangmu.foundation.records import queries
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.clock import BUSINESS_ZONE
from gangmu.foundation.ui.templatetags.ui import number

DAYS = 14
LATE = timedelta(minutes=15)


class Seals(NamedTuple):
    """Numbers of the chain."""

    number: int | None
    head: str | None
    taken_at: datetime | None
    seals: int
    unsealed: int
    oldest: datetime | None

    @property
    def late(self) -> bool:
        """Whether something waits to be sealed for too long."""
        return self.oldest is not None and clock.now() - self.oldest > LATE


def seals() -> Seals:
    """How far sealing has come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM public.records_seal_state()")
        return Seals(*cursor.fetchone())


def last_verification() -> Event | None:
    """The newest event of a verification."""
    return queries.events(kind="records.verified").first()


@dataclass(frozen=True)
class Day:
    """The events of one day, by group of kinds; each with the address of the list that shows them."""

    day: date
    cells: Sequence[tuple[str, int, str]]
    done: int
    refused: int
    refused_url: str


GROUPS = ("accounts.", "access.", "records.", "ui.exported", "approvals.", "filing.")


def groups() -> list[str]:
    """What the columns are called."""
    return [
        pgettext("events", "Accounts"),
        pgettext("events", "Rights"),
        pgettext("events", "Records"),
        pgettext("events", "Exports"),
        pgettext("events", "Approvals"),
        pgettext("events", "Filing"),
        pgettext("events", "Others"),
    ]


def days() -> list[Day]:
    """The last fourteen days, the latest first."""
    today = clock.today()
    first = today - timedelta(days=DAYS - 1)
    begin = datetime.combine(first, time(), BUSINESS_ZONE)
    counted = (
        Event.objects.filter(at__gte=begin)
        .annotate(day=TruncDate("at", tzinfo=BUSINESS_ZONE))
        .values("day", "kind", "refused")
        .annotate(count=Count("id"))
        .order_by()
    )
    table: dict[date, dict[tuple[str, bool], int]] = {}
    for row in counted:
        key = (row["kind"], row["refused"])
        table.setdefault(row["day"], {})[key] = row["count"]
    return [_day(today - timedelta(days=back), table.get(today - timedelta(days=back), {})) for back in range(DAYS)]


def _day(day: date, counts: dict[tuple[str, bool], int]) -> Day:
    left = dict(counts)
    cells = []
    for prefix in GROUPS:
        mine = [key for key in left if key[0].startswith(prefix)]
        cells.append((prefix, sum(left.pop(key) for key in mine), _list(day, group=prefix)))
    cells.append(("", sum(left.values()), _list(day)))
    refused = sum(count for (_kind, was_refused), count in counts.items() if was_refused)
    return Day(day, cells, sum(counts.values()) - refused, refused, _list(day, refused="True"))


def _list(day: date, **more: str) -> str:
    return f"{reverse('records:events')}?{urlencode({'first': day, 'last': day, **more})}"


def chart(shown: Sequence[Day]) -> dict[str, Any]:
    """The same as bars: done and refused."""
    ordered = list(reversed(shown))

    def series(name: str, values: list[int], tone: str) -> dict[str, Any]:
        return {
            "name": name,
            "values": values,
            "shown": [number(value) for value in values],
            "role": "part",
            "tone": tone,
        }

    return {
        "kind": "bar",
        "unit": "",
        "labels": [f"{one.day:%m-%d}" for one in ordered],
        "series": [
            series(_("done"), [one.done for one in ordered], "primary"),
            series(_("refused"), [one.refused for one in ordered], "red"),
        ],
    }
