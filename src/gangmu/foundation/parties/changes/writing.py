"""From a plan to rows: the fewest that differ, handed to the database, which asks whose they are to change."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection
from psycopg import errors

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.changes.errors import NotYours, Referred, Stale, WithoutReason
from gangmu.foundation.parties.changes.lines import TOP, Line
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.days import EVER, OPEN, Days, meet, minus
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import AttributeValue, Placement
from gangmu.foundation.parties.names import sort_key
from gangmu.foundation.settings import clock

REFUSALS = {
    errors.InsufficientPrivilege: NotYours,
    errors.SerializationFailure: Stale,
    errors.ForeignKeyViolation: Referred,
    errors.ExclusionViolation: Stale,
    errors.UniqueViolation: Stale,
    errors.CheckViolation: WithoutReason,
}


@dataclass(frozen=True)
class Row:
    """A dated row as it is recorded."""

    id: int
    days: Days
    value: Any
    continued: bool


@dataclass
class Differences:
    """What makes recorded rows into a line: rows to remove, to give other days, and to add."""

    gone: list[int] = field(default_factory=list)
    changed: list[tuple[int, Days]] = field(default_factory=list)
    made: list[tuple[Days, Any, bool]] = field(default_factory=list)  # days, value, goes on from the row before


def differences(rows: Iterable[Row], target: Line[Any], cuts: Iterable[date] = ()) -> Differences:
    """The fewest changes of rows after which they say what `target` says.

    Rows that say it already stay untouched, also where two of them say the same: who loads a file knows each by its
    first day. What is added is cut at `cuts`, on whose days other lines begin.
    """
    found = Differences()
    kept: list[tuple[int | None, Days, Any, Days | None]] = []  # id, days, value, days as recorded
    for row in sorted(rows, key=lambda each: each.days):
        pieces = [both for days, value in target if value == row.value and (both := meet(days, row.days))]
        if not pieces:
            found.gone.append(row.id)
            continue
        kept.append((row.id, pieces[0], row.value, row.days))
        found.made += [(piece, row.value, False) for piece in pieces[1:]]
    covered = [days for _id, days, _value, _was in kept] + [days for days, _value, _c in found.made]
    for days, value in target:
        for hole in minus(days, covered):
            before = next((n for n, one in enumerate(kept) if one[1].end == hole.start and one[2] == value), None)
            if before is not None and not any(hole.start == cut for cut in cuts):
                one, held, _value, was = kept[before]
                kept[before] = one, Days(held.start, hole.end), value, was
            else:
                found.made += list(_cut(hole, value, cuts))
    found.changed = [(one, days) for one, days, _value, was in kept if one is not None and days != was]
    found.made.sort(key=lambda made: made[0])
    return found


def _cut(days: Days, value: Any, cuts: Iterable[date]) -> Iterable[tuple[Days, Any, bool]]:
    start = days.start
    for cut in sorted(cuts):
        if start < cut < days.end:
            yield Days(start, cut), value, False
            start = cut
    yield Days(start, days.end), value, False


def write(plan: Plan, reason: str, address: str | None = None) -> tuple[int, list[int]]:
    """Make the database what the plan says; the ids of the recorded change and of the organisations opened.

    Raises:
        NotYours: the database says that it is not the asker's to change.
        Stale: a row is not any more what it was when the plan was made.
    """
    ids = {one.id: _call("SELECT parties_new_id()", []) for one in plan.made}
    wanted = {
        "verb": plan.verb,
        "place": ids.get(plan.place, plan.place),
        "from_date": plan.from_date,
        "reason": reason,
        "subjects": [ids.get(one, one) for one in plan.subjects],
        "before": _with_ids(plan.before_json(), ids),
        "after": _with_ids(plan.after_json(), ids),
        "details": plan.details,
        "withdraws": plan.withdraws,
        "made": [
            {"id": ids[one.id], "code": one.code, "kind": one.kind, **_names(one.name_zh, one.name_en)}
            for one in plan.made
        ],
        "unmade": list(plan.unmade),
        "named": [{"id": one, **_names(*names)} for one, names in plan.renaming.items()],
        "placements": _placements(plan, ids),
        "attributes": _attributes(plan, ids),
        "successors": [[ids.get(one, one), ids.get(other, other)] for one, other in plan.successors],
    }
    text = json.dumps(wanted, cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:  # the function's own time is the transaction's; commands and tests have ours
        cursor.execute("SELECT set_config('gangmu.now', %s, true)", [clock.now().isoformat()])
    return _call("SELECT parties_apply(%s::jsonb, %s)", [text, address]), list(ids.values())


def _call(statement: str, given: list[Any]) -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            return cursor.fetchone()[0]
    except DatabaseError as error:
        refused = REFUSALS.get(type(error.__cause__))
        if refused is None:
            raise
        raise refused() from error


def _names(name_zh: str, name_en: str) -> dict[str, str]:
    return {"name_zh": name_zh, "name_en": name_en, "sort_key": sort_key(name_zh or name_en)}


def _with_ids(image: Mapping[str, Any], ids: Mapping[int, int]) -> dict[str, Any]:
    """The image with the ids that organisations have got: as owners, and as parents."""

    def of(key: str) -> str:
        one, colon, name = key.partition(":")
        return f"{ids.get(int(one), int(one))}{colon}{name}"

    return {
        "placements": {
            of(key): [[start, end, ids.get(parent, parent)] for start, end, parent in rows]
            for key, rows in image["placements"].items()
        },
        "attributes": {of(key): rows for key, rows in image["attributes"].items()},
        "names": image["names"],
    }


def _placements(plan: Plan, ids: Mapping[int, int]) -> dict[str, list[Any]]:
    recorded: dict[int, list[Row]] = {one: [] for one in plan.moving}
    for row in Placement.objects.filter(child__in=[one for one in recorded if one > 0]).order_by():
        recorded[row.child_id].append(Row(row.pk, Days.of(row.valid), row.parent_id or TOP, row.continued))
    wanted: dict[str, list[Any]] = {"gone": [], "changed": [], "made": []}
    for one, rows in recorded.items():
        found = differences(rows, plan.moving[one])
        wanted["gone"] += found.gone
        wanted["changed"] += [{"id": row, "valid": _range(days)} for row, days in found.changed]
        wanted["made"] += [
            {"child": ids.get(one, one), "parent": ids.get(parent, parent) or None, "valid": _range(days)}
            for days, parent, _continued in found.made
        ]
    return wanted


def _attributes(plan: Plan, ids: Mapping[int, int]) -> dict[str, list[Any]]:
    recorded: dict[tuple[int, str], list[Row]] = {key: [] for key in plan.changing}
    owners = {one for one, _name in recorded if one > 0}
    for row in AttributeValue.objects.filter(organisation__in=owners).order_by():
        if (row.organisation_id, row.name) in recorded:
            row_of = Row(row.pk, Days.of(row.valid), row.value, row.continued)
            recorded[row.organisation_id, row.name].append(row_of)
    begins, goes_on = _beginnings(owners)
    wanted: dict[str, list[Any]] = {"gone": [], "changed": [], "made": []}
    for (one, name), rows in recorded.items():
        moves = [days.start for days, _parent in plan.moving.get(one, ()) if days.start != EVER]
        found = differences(rows, plan.changing[one, name], {*begins.get(one, ()), *moves})
        wanted["gone"] += found.gone
        wanted["changed"] += [{"id": row, "valid": _range(days)} for row, days in found.changed]
        made_until: date | None = None
        for days, value, _continued in found.made:
            text, number = values.attribute_value(value, kinds.attributes()[name])
            wanted["made"].append({
                "organisation": ids.get(one, one), "name": name, "value": text, "number": number,
                "valid": _range(days), "continued": days.start == made_until and days.start in goes_on.get(one, ()),
            })  # fmt: skip
            made_until = days.end
    return wanted


def _beginnings(owners: Iterable[int]) -> tuple[dict[int, set[date]], dict[int, set[date]]]:
    """The first days of recorded placements by organisation, and those of them that go on from the row before.

    A value is cut where a placement begins, so that each row of it lies in one placement.
    """
    begins: dict[int, set[date]] = {}
    goes_on: dict[int, set[date]] = {}
    for row in Placement.objects.filter(child__in=owners).order_by():
        start = Days.of(row.valid).start
        begins.setdefault(row.child_id, set()).add(start)
        if row.continued:
            goes_on.setdefault(row.child_id, set()).add(start)
    return begins, goes_on


def _range(days: Days) -> str:
    """As PostgreSQL reads it."""
    start = "" if days.start == EVER else days.start.isoformat()
    end = "" if days.end == OPEN else days.end.isoformat()
    return f"[{start},{end})"
