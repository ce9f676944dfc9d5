"""Signs of intrusion in the record: which events of the last minutes are too many, or come at the wrong hour.

A worker asks every minute (`sweep`). What it sees becomes an alarm once; while nobody has acknowledged that, further
events only raise its count, and after it was acknowledged only later ones count.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.queries import work_calendar
from gangmu.foundation.records.models import Alarm, AlarmRule, Sign
from gangmu.foundation.records.retention import call
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

# As shipped: so many, within so many minutes.
SHIPPED = {
    Sign.ACCOUNT: (5, 15),
    Sign.ADDRESS: (20, 15),
    Sign.SCOPE: (10, 60),
    Sign.FORGED: (3, 60),
    Sign.HOURS: (1, 1440),
    Sign.CHAIN: (1, 1440),
    Sign.SEALING: (1, 15),
    Sign.STREAM: (1, 5),
}
FORGED = (
    "accounts.session-forged",
    "accounts.certificate-refused",
    "accounts.passkey-refused",
    "accounts.token-refused",
    "approvals.signature-refused",
)
# sign: what an event is about, and which events count
WATCHED = {
    Sign.ACCOUNT: (
        "coalesce('user:' || e.by_id, 'typed:' || (e.data ->> 'typed'))",
        "e.kind LIKE 'accounts.%%' AND (e.by_id IS NOT NULL OR e.data ? 'typed')",
    ),
    Sign.ADDRESS: ("'address:' || host(e.ip)", "e.ip IS NOT NULL"),
    Sign.SCOPE: ("'user:' || e.by_id", "e.kind IN ('ui.refused', 'access.refused') AND e.by_id IS NOT NULL"),
    Sign.FORGED: (
        "coalesce('user:' || e.by_id, 'address:' || host(e.ip), 'nobody')",
        "e.kind = ANY (%(forged)s)",
    ),
}
GROUPS = """
    WITH found AS (
      SELECT {about} AS about, e.* FROM records_event e WHERE e.refused AND e.at >= %(since)s AND {condition}
    ), seen AS (
      SELECT about, max(last_event) AS event FROM records_alarm
      WHERE sign = %(sign)s AND acknowledged_at IS NOT NULL GROUP BY about
    )
    SELECT f.about, max(f.by_id), CASE WHEN count(DISTINCT f.ip) = 1 THEN host(max(f.ip)) END, max(f.organisation_id),
           count(*), count(*) FILTER (WHERE f.id > coalesce(o.last_event, 0)),
           min(f.id), max(f.id), min(f.at), max(f.at), o.id
    FROM found f
    LEFT JOIN seen s ON s.about = f.about
    LEFT JOIN records_alarm o ON o.sign = %(sign)s AND o.about = f.about AND o.acknowledged_at IS NULL
    WHERE f.id > coalesce(s.event, 0)
    GROUP BY f.about, o.id HAVING count(*) >= %(threshold)s OR o.id IS NOT NULL
"""
# of people who hold a role of the back office that day
SIGN_INS = """
    SELECT e.id, e.at, e.by_id, host(e.ip), e.organisation_id FROM records_event e
    WHERE e.kind = 'accounts.signed-in' AND e.at >= %(since)s AND EXISTS (
      SELECT FROM access_assignment a JOIN access_role r ON r.id = a.role_id AND r.site = 'office'
      WHERE a.user_id = e.by_id AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
    ) AND NOT EXISTS (SELECT FROM records_alarm m WHERE m.sign = %(sign)s AND m.about = 'event:' || e.id)
    ORDER BY e.id
"""
# seals whose oldest record had waited too long
LATE_SEALS = """
    SELECT s.number, s.taken_at, t.oldest FROM records_seal s, LATERAL (
      SELECT least(
        (SELECT min(e.written_at) FROM records_event e WHERE e.xact >= s.from_xact AND e.xact < s.to_xact),
        (SELECT min(h.written_at) FROM records_history h WHERE h.xact >= s.from_xact AND h.xact < s.to_xact)
      ) AS oldest
    ) AS t
    WHERE s.number > 1 AND s.number > (SELECT max(number) - 60 FROM records_seal)
      AND s.taken_at - t.oldest > make_interval(mins => %(window)s)
      AND NOT EXISTS (SELECT FROM records_alarm m WHERE m.sign = %(sign)s AND m.about = 'seal:' || s.number)
    ORDER BY s.number
"""


@dataclass(frozen=True)
class Seen:
    """What an alarm is made of."""

    sign: Sign
    about: str
    count: int
    first_at: datetime
    last_at: datetime
    user: int | None = None
    address: str | None = None
    organisation: int | None = None
    first_event: int | None = None
    last_event: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def rule_of(sign: Sign | str, day: date | None = None) -> AlarmRule:
    """The rule of a sign that holds on a business day; the shipped one before any."""
    sign = Sign(sign)
    found = AlarmRule.objects.filter(sign=sign, valid_from__lte=day or clock.today()).order_by("-valid_from").first()
    threshold, window = SHIPPED[sign]
    return found or AlarmRule(sign=sign, valid_from=date(2020, 1, 1), threshold=threshold, window=window)


def set_rule(
    sign: Sign | str, *, valid_from: date, threshold: int, window: int, from_hour: int = 7, to_hour: int = 20
) -> int:
    """Let a sign become an alarm sooner or later, from a day on, within what the database allows.

    Raises:
        Refused: out of bounds, set twice for a day, or without the permission.
    """
    values = [str(Sign(sign)), valid_from, threshold, window, from_hour, to_hour]
    return call("SELECT public.records_set_alarm_rule(%s, %s, %s, %s, %s, %s)", *values)


def acknowledge(alarm: Alarm, *, words: str) -> Alarm:
    """Say that an alarm was seen, and what was found.

    Raises:
        Refused: acknowledged before, without words, or of another branch.
    """
    call("SELECT public.records_acknowledge(%s, %s)", alarm.pk, words)
    alarm.refresh_from_db()
    return alarm


def sweep() -> list[Alarm]:
    """Look for signs in the record of the last minutes; the alarms that are new. Needs the system's connection."""
    raised = [alarm for sign in WATCHED for alarm in _groups(sign)]
    return raised + _unusual_hours() + _late_seals()


@transaction.atomic
def raise_alarm(seen: Seen, rule: AlarmRule | None = None) -> Alarm | None:
    """Raise an alarm, with its event; None where one about the same is open, which counts on."""
    stands = Alarm.objects.filter(sign=seen.sign, about=seen.about, acknowledged_at=None)
    if stands.update(count=F("count") + seen.count, last_at=seen.last_at):
        return None
    alarm = Alarm.objects.create(
        sign=seen.sign,
        about=seen.about,
        user_id=seen.user,
        address=seen.address,
        organisation_id=seen.organisation,
        rule=rule if rule and rule.pk else None,
        count=seen.count,
        first_event=seen.first_event,
        last_event=seen.last_event,
        first_at=seen.first_at,
        last_at=seen.last_at,
        raised_at=clock.now(),
        data=seen.data,
    )
    told = {"sign": seen.sign, "about": seen.about, "count": seen.count}
    where = Organisation.objects.filter(pk=seen.organisation).first() if seen.organisation else None
    note("records.alarm-raised", subject=alarm, organisation=where, data=told)
    return alarm


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _groups(sign: Sign) -> list[Alarm]:
    rule = rule_of(sign)
    about, condition = WATCHED[sign]
    values = {
        "sign": sign,
        "since": clock.now() - timedelta(minutes=rule.window),
        "threshold": rule.threshold,
        "forged": list(FORGED),
    }
    raised = []
    for thing, user, address, place, count, fresh, first, last, first_at, last_at, stands in _rows(
        GROUPS.format(about=about, condition=condition), values
    ):
        if stands is not None:
            if fresh:
                Alarm.objects.filter(pk=stands).update(count=F("count") + fresh, last_event=last, last_at=last_at)
            continue
        one = Seen(sign, thing[:120], count, first_at, last_at, user, address, place, first, last)
        raised += [alarm] if (alarm := raise_alarm(one, rule)) else []
    return raised


def is_unusual(at: datetime, rule: AlarmRule) -> bool:
    """Whether administrators are not usually at work then: nights, and days off."""
    here = at.astimezone(clock.BUSINESS_ZONE)
    return not (rule.from_hour <= here.hour < rule.to_hour and work_calendar().is_open(here.date(), provisional=True))


def _unusual_hours() -> list[Alarm]:
    rule = rule_of(Sign.HOURS)
    values = {"since": clock.now() - timedelta(days=1), "day": clock.today(), "sign": Sign.HOURS}
    raised = []
    for event, at, user, address, place in _rows(SIGN_INS, values):
        if is_unusual(at, rule):
            one = Seen(Sign.HOURS, f"event:{event}", 1, at, at, user, address, place, event, event)
            raised += [alarm] if (alarm := raise_alarm(one, rule)) else []
    return raised


def _late_seals() -> list[Alarm]:
    rule = rule_of(Sign.SEALING)
    raised = []
    for number, taken_at, oldest in _rows(LATE_SEALS, {"window": rule.window, "sign": Sign.SEALING}):
        told = {"seal": number, "oldest": oldest.isoformat()}
        one = Seen(Sign.SEALING, f"seal:{number}", 1, oldest, taken_at, data=told)
        raised += [alarm] if (alarm := raise_alarm(one, rule)) else []
    return raised


# permissions by which somebody is told of alarms
TOLD = """
    SELECT DISTINCT a.user_id FROM access_assignment a
    JOIN access_role r ON r.id = a.role_id AND r.site IN ('office', 'both')
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    CROSS JOIN unnest(r.permissions) AS granted
    WHERE a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
      AND string_to_array(split_part(granted, ':', 1), ',') && '{alarms,*}'
      AND (split_part(granted, ':', 2) = ''
           OR string_to_array(split_part(granted, ':', 2), ',') && '{view,*}')
"""


def to_be_told(alarm: Alarm) -> list[User]:
    """Who may see an alarm: the audit and security administrators of its branch. Needs the system's connection."""
    people = User.objects.filter(pk__in=[user for (user,) in _rows(TOLD, {"day": clock.today()})]).order_by("pk")
    found = []
    for person in people:
        with acting_as(person, site="office"):
            sees = Alarm.objects.filter(pk=alarm.pk).exists()
        found += [person] if sees else []
    return found
