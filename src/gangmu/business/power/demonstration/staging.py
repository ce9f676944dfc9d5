"""What the demonstration has besides figures: the last days as they are filed, locked sheets before, units' events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection

from gangmu.business.power import services as log
from gangmu.business.power.demonstration import filing, scenes
from gangmu.business.power.demonstration.figures import Plant
from gangmu.business.power.demonstration.filing import Cell, Typed
from gangmu.business.power.demonstration.people import Staff, engage
from gangmu.business.power.demonstration.scenes import Scene
from gangmu.business.power.unit_days import What
from gangmu.figures.filing.definitions import Moment
from gangmu.figures.filing.models import Fact, Sheet
from gangmu.figures.filing.queries import Filing, current_forms, filing_organisations
from gangmu.foundation.access.scope import SYSTEM, scope_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock


def filings_on(day: date) -> list[Filing]:
    """Who files which form."""
    return [one for form in current_forms() for one in filing_organisations(form, day, SYSTEM)]


def stage(
    figures: Mapping[date, Mapping[str, Mapping[Cell, Typed]]],
    plants: Sequence[Plant],
    region_of: Mapping[str, str],
    parts: Mapping[str, Scene],
    yesterday: date,
) -> None:
    """File the days of `figures`, the oldest first, as far as each plant's part says."""
    own = Staff(User.objects.get(username="plant"), User.objects.get(username="review"))
    region, group = User.objects.get(username="region"), User.objects.get(username="group")
    regions: dict[str, User | None] = dict.fromkeys(region_of[plant.code] for plant in plants)
    if scenes.HOME_REGION in regions:
        regions[scenes.HOME_REGION] = region
    silent = {code for code, scene in parts.items() if scenes.Stage.MISSING in scene.stages}
    people = engage(plants, regions, silent, {scenes.OWN: own}, group=group)
    home = next((plant for plant in plants if plant.code == scenes.OWN), None)
    if home:
        with filing.morning_after(yesterday, filing.FILLED):
            _events([unit.code for unit in home.units], yesterday, own.clerk)
    for day in sorted(figures):
        _learn_sizes()
        begun = set(Sheet.objects.filter(period=day).values_list("organisation_id", flat=True))
        wanted = [one for one in filings_on(day) if one.organisation.pk not in begun]
        filing.file_day(day, (yesterday - day).days, figures[day], wanted, parts, people, region_of)


def _learn_sizes() -> None:
    """Statistics of what this transaction has written, which nobody else can see yet.

    Without them, functions keep plans that were made while their tables were empty: minutes instead of seconds, on some
    days and not on others. Facts have theirs since they were loaded.
    """
    written = sorted(model._meta.db_table for model in apps.get_models() if model is not Fact and model._meta.managed)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, written))}")


_LOCKED = """
    INSERT INTO filing_sheet (form_id, form_code, organisation_id, period, status, state, due_at, opened_at,
                              first_submitted_at, submitted_at, approved_at, locked_at, version, revision)
    SELECT s.form_id, s.form_code, s.organisation_id, s.day, 'locked', 5, s.due, s.filed - interval '2 hours',
           s.filed - interval '1 hour', s.filed - interval '1 hour', s.locked, s.locked, 0, 0
    FROM (
      SELECT w.form_id, w.form_code, w.organisation_id, d::date AS day, m.due, m.locked, least(m.due, m.locked) AS filed
      FROM unnest(%(forms)s::bigint[], %(codes)s::text[], %(organisations)s::bigint[], %(since)s::date[],
                  %(due_days)s::int[], %(due_times)s::time[], %(lock_days)s::int[], %(lock_times)s::time[])
        AS w (form_id, form_code, organisation_id, since, due_days, due_time, lock_days, lock_time)
      CROSS JOIN LATERAL generate_series(w.since, %(last)s::date, interval '1 day') d
      CROSS JOIN LATERAL (
        SELECT (d::date + w.due_days + w.due_time) AT TIME ZONE %(zone)s AS due,
               least((d::date + w.lock_days + w.lock_time) AT TIME ZONE %(zone)s, %(now)s) AS locked) m
    ) s
    WHERE NOT EXISTS (
      SELECT FROM unnest(%(kept)s::bigint[], %(kept_days)s::date[]) AS k (organisation_id, day)
      WHERE k.organisation_id = s.organisation_id AND k.day = s.day)
    ON CONFLICT (form_code, organisation_id, period) DO NOTHING"""


def lock_history(plants: Sequence[Plant], first: date, last: date, but: Mapping[date, Collection[str]]) -> None:
    """Sheets of days whose figures were loaded as locked facts: locked too, but for those that come through sheets."""
    since = {plant.code: max(first, plant.commissioned) for plant in plants}
    wanted = [one for one in filings_on(last) if one.organisation.code in since]

    def moments(which: str) -> tuple[list[int], list[time]]:
        held: list[Moment | None] = [getattr(one.form.defined, which) for one in wanted]
        return [one.days if one else 1 for one in held], [one.time if one else time(12) for one in held]

    (due_days, due_times), (lock_days, lock_times) = moments("due"), moments("locks")
    ids = {one.organisation.code: one.organisation.pk for one in wanted}
    kept = [(ids[code], day) for day, codes in but.items() for code in codes if code in ids]
    given: dict[str, Any] = {
        "kept": [pk for pk, _day in kept],
        "kept_days": [day for _pk, day in kept],
        "forms": [one.form.pk for one in wanted],
        "codes": [one.form.code for one in wanted],
        "organisations": [one.organisation.pk for one in wanted],
        "since": [since[one.organisation.code] for one in wanted],
        "due_days": due_days,
        "due_times": due_times,
        "lock_days": lock_days,
        "lock_times": lock_times,
        "last": last,
        "zone": str(clock.BUSINESS_ZONE),
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, given)


def _events(units: Sequence[str], day: date, clerk: User) -> None:
    """A derating, and a stop in the evening before: what the log proposes differs from what stands in the draft."""
    scope = scope_of(clerk)
    first, second = Organisation.objects.filter(code__in=units).order_by("code")[:2]

    def at(hour: int, minute: int, before: int = 0) -> datetime:
        return datetime.combine(day - timedelta(days=before), time(hour, minute), clock.BUSINESS_ZONE)

    def record(unit: Organisation, what: What, moment: datetime, **given: str | Decimal) -> None:
        log.record_event(unit, what, moment, by=clerk, scope=scope, **given)  # pyright: ignore[reportArgumentType]

    record(
        first, What.DERATE, at(13, 20), cause="fuel_quality", available_mw=Decimal(200), words="煤质偏湿，给煤机断煤"
    )
    record(first, What.RESTORE, at(17, 45))
    record(second, What.STOP, at(22, 10, before=1), cause="boiler", words="水冷壁泄漏")
    record(second, What.START, at(15, 30))
