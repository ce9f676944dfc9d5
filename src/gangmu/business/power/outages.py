"""Starts, stops and outages for home pages 启停: what happened to units in a period, and which are out at its end."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.business.power.causes import causes
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.unit_days import Is, day_bounds
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Asked, TileKind, register, register_source
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

MOST = 6
ORDER = (Is.FORCED, Is.DERATED, Is.PLANNED)  # what needs somebody comes first
TONES = {Is.FORCED: "red", Is.DERATED: "yellow", Is.PLANNED: "blue"}

HAPPENED = """
    SELECT e.kind, e.cause, count(*) FROM power_unitevent e
    JOIN parties_placement p ON p.child_id = e.organisation_id AND p.valid @> %(today)s
      AND p.parent_id = ANY(%(plants)s)
    WHERE e.voided_at IS NULL AND e.happened_at >= %(start)s AND e.happened_at < %(end)s GROUP BY 1, 2
"""
STANDING = """
    SELECT p.parent_id, o.name_zh, o.name_en, e.kind, e.cause, e.happened_at
    FROM parties_placement p JOIN parties_organisation o ON o.id = p.child_id AND o.kind = 'unit'
    JOIN LATERAL (
      SELECT kind, cause, happened_at FROM power_unitevent
      WHERE organisation_id = p.child_id AND voided_at IS NULL AND happened_at < %(end)s
      ORDER BY happened_at DESC LIMIT 1
    ) e ON e.kind IN ('stop', 'derate')
    WHERE p.valid @> %(today)s AND p.parent_id = ANY(%(plants)s)
"""


@dataclass(frozen=True)
class Happened:
    """Wants what happened to the units of plants in a period."""

    plants: tuple[int, ...]
    period: str


@dataclass(frozen=True)
class Outage:
    """A unit that stands still, or runs below its capacity."""

    plant: int
    unit: Words
    state: Is
    cause: str
    since: datetime


@dataclass(frozen=True)
class Log:
    """`stops` by what the unit then was; `causes` of forced stops and deratings, the most frequent first."""

    starts: int
    stops: Mapping[Is, int]
    deratings: int
    causes: Sequence[tuple[str, int]]
    standing: Sequence[Outage]


def fetch(wanted: Sequence[Happened], scope: Scope) -> Mapping[Happened, Log]:
    """Two queries for each; row security leaves out what is not the asker's."""
    return {one: _log(one) for one in wanted}


def _log(wanted: Happened) -> Log:
    period = Period.parse(wanted.period)
    start, end = day_bounds(period.start)[0], day_bounds(period.end)[1]
    given = {"start": start, "end": min(end, clock.now()), "today": clock.today(), "plants": list(wanted.plants)}
    with connection.cursor() as cursor:
        cursor.execute(HAPPENED, given)
        counted = cursor.fetchall()
        cursor.execute(STANDING, given)
        standing = [
            Outage(plant, Words(zh or en, en or zh), _state(kind, cause), cause, at)
            for plant, zh, en, kind, cause, at in cursor.fetchall()
        ]
    stops: dict[Is, int] = {}
    why: dict[str, int] = {}
    for kind, cause, count in counted:
        if kind == UnitEvent.Kind.STOP:
            stops[_state(kind, cause)] = stops.get(_state(kind, cause), 0) + count
        if kind in (UnitEvent.Kind.STOP, UnitEvent.Kind.DERATE) and _state("stop", cause) is Is.FORCED:
            why[cause] = why.get(cause, 0) + count
    return Log(
        _of(counted, UnitEvent.Kind.START),
        stops,
        _of(counted, UnitEvent.Kind.DERATE),
        sorted(why.items(), key=lambda pair: (-pair[1], pair[0])),
        [one for one in standing if one.state in ORDER],
    )


def _of(counted: Iterable[tuple[str, str, int]], wanted: str) -> int:
    return sum(count for kind, _cause, count in counted if kind == wanted)


def _state(kind: str, cause: str) -> Is:
    if kind == UnitEvent.Kind.DERATE:
        return Is.DERATED
    known = causes().get(cause)
    return known.state if known else Is.FORCED


# The tile -------------------------------------------------------------------------------------------------------------


def _wanted(asked: Asked) -> Happened:
    plants: Iterable[Place] = asked.places.lowest(asked.organisation) or [asked.organisation]
    return Happened(tuple(sorted(place.pk for place in plants)), asked.period.code)


def wants(asked: Asked) -> Sequence[Hashable]:
    return [_wanted(asked)]


def show(asked: Asked, found: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Counts of the period, and the units out at its end: forced ones first, then the longest."""
    log: Log = found[_wanted(asked)]
    if not (log.starts or log.stops or log.deratings or log.standing):
        return None
    most = int(asked.options.get("most", MOST))
    standing = sorted(log.standing, key=lambda one: (ORDER.index(one.state), one.since))
    of_plant = asked.organisation.code if not asked.places.children(asked.organisation) else ""
    first, last = asked.period.start.isoformat(), asked.period.end.isoformat()
    return {
        "starts": log.starts,
        "stops": sum(log.stops.values()),
        "forced": log.stops.get(Is.FORCED, 0),
        "deratings": log.deratings,
        "standing": [(one, asked.places.get(one.plant), _why(one), TONES[one.state]) for one in standing[:most]],
        "hidden": max(0, len(standing) - most),
        "causes": [(str(causes()[code].name) if code in causes() else code, count) for code, count in log.causes[:3]],
        "of_plant": bool(of_plant),
        "note": _("%(count)s units out or derated") % {"count": len(standing)} if standing else "",
        "url": f"{reverse('power:events')}?of={of_plant}&since={first}&until={last}",
    }


def _why(one: Outage) -> str:
    known = causes().get(one.cause)
    return str(known.name) if known else one.cause


def register_tile() -> None:
    register_source(Happened, fetch)
    register(TileKind("outages", _("Starts, stops and outages"), "power", "power/outages.html", 4, 5, wants, show))
