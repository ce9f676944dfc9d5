"""The demonstration's log of units, made of the states and run hours that are filed: both tell the same days."""

from datetime import date, datetime, timedelta
from hashlib import blake2b

from django.db import connection

from gangmu.business.power.causes import causes
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.unit_days import Is, What, day_bounds
from gangmu.foundation.settings import clock

RUNNING = (1, 2)
STATES = {1: Is.RUNNING, 2: Is.DERATED, 3: Is.RESERVE, 4: Is.PLANNED, 5: Is.FORCED, 6: Is.MOTHBALLED}
CHANGES = """
    WITH filed AS (
      SELECT f.organisation_id, f.period, f.value AS state,
             lag(f.value) OVER (PARTITION BY f.organisation_id ORDER BY f.period) AS before
      FROM filing_fact f JOIN indicators_indicator i ON i.id = f.indicator_id AND i.code = 'unit_state'
      WHERE f.superseded_by_id IS NULL AND f.period BETWEEN %(since)s AND %(until)s
    )
    SELECT c.organisation_id, c.period, c.state, c.before, h.value
    FROM filed c
    LEFT JOIN indicators_indicator r ON r.code = 'run_hours'
    LEFT JOIN filing_fact h ON h.indicator_id = r.id AND h.organisation_id = c.organisation_id AND h.period = c.period
      AND h.superseded_by_id IS NULL
    WHERE c.before IS NOT NULL AND c.before <> c.state
    ORDER BY c.organisation_id, c.period
"""


def make_events(since: date, until: date) -> int:
    """Record starts and stops where the filed state of a unit changed between two days; the number of events.
    Units of which there are events of these days already are passed over."""
    known = set(
        UnitEvent.objects.filter(happened_at__gte=day_bounds(since)[0]).values_list("organisation_id", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, {"since": since, "until": until})
        rows = cursor.fetchall()
    made = [
        event
        for unit, day, state, before, hours in rows
        if unit not in known and (event := _event(unit, day, STATES[state], STATES[before], (hours or 0) / 100))
    ]
    UnitEvent.objects.bulk_create(made, batch_size=1000)
    return len(made)


def _event(unit: int, day: date, state: Is, before: Is, hours: float) -> UnitEvent | None:
    """What led from one state to the other; None for what the log does not tell (a derating without its capacity)."""
    runs, ran = state in (Is.RUNNING, Is.DERATED), before in (Is.RUNNING, Is.DERATED)
    if runs == ran:
        return None
    start = day_bounds(day)[0]
    lasted = timedelta(hours=min(max(hours, 0), 24))
    at: datetime = start + timedelta(days=1) - lasted if runs else start + lasted
    what = What.START if runs else What.STOP
    cause = "" if runs else _cause(unit, day, state)
    return UnitEvent(
        organisation_id=unit, kind=what.value, happened_at=at, cause=cause, recorded_at=max(at, clock.now()),
        recorded_by_name="",
    )  # fmt: skip


def _cause(unit: int, day: date, state: Is) -> str:
    """One of those that lead to the state, always the same for a unit and day."""
    fitting = [one.code for one in causes().values() if What.STOP in one.of and one.state is state]
    drawn = blake2b(f"{unit} {day}".encode(), digest_size=4).digest()
    return fitting[int.from_bytes(drawn, "big") % len(fitting)] if fitting else "other"
