"""Writing what the engine made of cases: a few statements, however many cases there are."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import UNENDED, Action
from gangmu.foundation.approvals.deadlines import due_at
from gangmu.foundation.approvals.engine import standing as engine
from gangmu.foundation.approvals.models import Case, Decision, Place
from gangmu.foundation.approvals.noted import NOTED
from gangmu.foundation.approvals.people import People
from gangmu.foundation.approvals.subjects import Moved, kind_of
from gangmu.foundation.settings import clock


@dataclass
class Move:
    """One case that moves: as it stood (None for a new one) and stands, and the decision that moves it."""

    case: Case
    rows: dict[int, Place]
    before: engine.Standing | None
    after: engine.Standing
    decision: Decision
    passed: bool = False

    @property
    def opened(self) -> list[Place]:
        """Places that somebody new is asked at by this move."""
        old = {one.number: one for one in self.before.places} if self.before else {}
        return [
            self.rows[one.number]
            for one in self.after.places
            if one.is_open
            and (
                one.number not in old
                or not old[one.number].is_open
                or (old[one.number].users, old[one.number].excluded) != (one.users, one.excluded)
            )
        ]


UPDATE_CASES = """
    UPDATE approvals_case AS c SET
      state = x.state, round = x.round, path = x.path, step = x.step, stage = x.stage, facts = x.facts,
      askers = x.askers, requested_by_id = x.requested_by_id, requested_by_name = x.requested_by_name,
      requested_at = x.requested_at, words = x.words, exceptions = x.exceptions, content_hash = x.content_hash,
      since = x.since, due_at = x.due_at, ended_at = x.ended_at, version = c.version + 1,
      places_count = x.places_count, decisions_count = x.decisions_count
    FROM jsonb_to_recordset(%s::jsonb) AS x (
      id bigint, state text, round smallint, path jsonb, step smallint, stage text, facts jsonb, askers bigint[],
      requested_by_id bigint, requested_by_name text, requested_at timestamptz, words text, exceptions integer,
      content_hash text, since timestamptz, due_at timestamptz, ended_at timestamptz, places_count integer,
      decisions_count integer
    ) WHERE c.id = x.id
"""
CASE_COLUMNS = (
    "id", "state", "round", "path", "step", "stage", "facts", "askers", "requested_by_id", "requested_by_name",
    "requested_at", "words", "exceptions", "content_hash", "since", "due_at", "ended_at", "places_count",
    "decisions_count",
)  # fmt: skip
UPDATE_PLACES = """
    UPDATE approvals_place AS p SET
      users = x.users, user_names = x.user_names, excluded = x.excluded, waits_for = x.waits_for, status = x.status,
      opened_at = x.opened_at, due_at = x.due_at, closed_at = x.closed_at
    FROM jsonb_to_recordset(%s::jsonb) AS x (
      id bigint, users bigint[], user_names jsonb, excluded bigint[], waits_for integer, status text,
      opened_at timestamptz, due_at timestamptz, closed_at timestamptz
    ) WHERE p.id = x.id
"""
PLACE_COLUMNS = (
    "id", "users", "user_names", "excluded", "waits_for", "status", "opened_at", "due_at", "closed_at"
)  # fmt: skip
NOTES = """
    SELECT public.records_note(x.kind, x.organisation, x.subject, x.data, NULL, %s, %s, false)
    FROM jsonb_to_recordset(%s::jsonb) AS x (kind text, organisation bigint, subject text, data jsonb)
"""


def write(moves: Sequence[Move], people: People) -> None:
    """Write moves: decisions first, since the database lets places and cases change by decisions alone.

    A new case (`before` is None) is made here; a round that begins is written before what is said in it.
    """
    now = clock.now()
    changed: list[Place] = []
    added: list[Place] = []
    for move in moves:
        move.decision.number = move.case.decisions_count + 1
        _follow(move, people, now, changed, added)
        _put(move, now)
    Case.objects.bulk_create(move.case for move in moves if move.before is None)
    again = [move for move in moves if move.before is not None and move.before.round != move.after.round]
    _update(UPDATE_CASES, CASE_COLUMNS, [move.case for move in again])
    Decision.objects.bulk_create(move.decision for move in moves)
    _update(UPDATE_PLACES, PLACE_COLUMNS, changed)
    Place.objects.bulk_create(added)
    moved = [move.case for move in moves if move.before is not None and move.before.round == move.after.round]
    _update(UPDATE_CASES, CASE_COLUMNS, moved)
    note_all([(move.case, move.decision.action, _noted(move)) for move in moves], moves[0].decision.decided_by)
    tell_subjects(moves)


def _follow(move: Move, people: People, now: datetime, changed: list[Place], added: list[Place]) -> None:
    """Make the rows of a case's places what the engine says."""
    old = {one.number: one for one in move.before.places} if move.before else {}
    if move.before is not None and move.before.round != move.after.round:  # what an earlier round left open is void
        for row in move.rows.values():
            if row.status in ("open", "waiting"):
                row.status, row.closed_at = "void", now
                changed.append(row)
        move.rows.clear()
        old = {}
    for place in move.after.places:
        if old.get(place.number) == place:
            continue
        row = move.rows.get(place.number)
        if row is None:
            row = _new_row(move, place)
            added.append(row)
        else:
            changed.append(row)
        opens = place.is_open and (row.status != place.status or row.opened_at is None)
        row.user_names = {str(user): people.name_of(user, row.user_names.get(str(user), "")) for user in place.users}
        row.users, row.excluded = list(place.users), sorted(place.excluded)
        row.waits_for, row.status = place.waits_for, place.status
        if opens:
            node = move.after.node_at(place.step)
            row.opened_at = now
            row.due_at = due_at(move.after.route, node, now) if node and place.decides else None
        if place.status in ("done", "void"):
            row.closed_at = now
        move.rows[place.number] = row


def _new_row(move: Move, place: engine.Place) -> Place:
    return Place(
        case=move.case,
        organisation_id=move.case.organisation_id,
        number=place.number,
        round=place.round,
        step=place.step,
        kind=place.kind,
        roles=list(place.roles),
        post=place.post,
        at_id=place.at,
        asked_by_id=place.asked_by,
        asked_by_name=move.decision.decided_by_name if place.asked_by else "",
        question=place.question,
        status="",
    )


def _put(move: Move, now: datetime) -> None:
    """Make the case's row what the engine says."""
    case, after = move.case, move.after
    if move.before is None or (move.before.step, move.before.state, move.before.round) != (
        after.step,
        after.state,
        after.round,
    ):
        case.since = now
    case.state, case.round, case.step, case.stage = after.state, after.round, after.step, after.stage
    case.path = [step.to_json() for step in after.path]
    case.places_count, case.decisions_count = after.places_count, move.decision.number
    due = [row.due_at for row in move.rows.values() if row.status == "open" and row.due_at]
    case.due_at = min(due) if due and after.is_live else None
    case.ended_at = None if after.state in UNENDED else now
    if move.before is not None:
        case.version += 1
    move.decision.to_step = after.step


def _update(statement: str, columns: Iterable[str], rows: Sequence[Any]) -> None:
    if rows:
        values = [{column: getattr(row, column) for column in columns} for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(statement, [json.dumps(values, cls=ExactTimes)])


class ExactTimes(DjangoJSONEncoder):
    """Django's, which cuts times to milliseconds, but for times."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def note_all(notes: Sequence[tuple[Case, str, dict[str, Any]]], by: User) -> None:
    """Record what was done with each case, in one statement."""
    rows = [
        {
            "kind": NOTED[Action(action)],
            "organisation": case.organisation_id,
            "subject": f"approvals.case:{case.pk}",
            "data": data,
        }
        for case, action, data in notes
    ]
    with connection.cursor() as cursor:
        cursor.execute(NOTES, [clock.now(), by.pk, json.dumps(rows, cls=DjangoJSONEncoder)])


def _noted(move: Move) -> dict[str, Any]:
    decision = move.decision
    said = {
        "kind": move.case.kind,
        "subject": move.case.subject_id,
        "round": decision.round,
        "node": _code(move.before, decision.step),
        "to_node": _code(move.after, decision.to_step),
        "content_hash": decision.content_hash,
        "reason": decision.reason,
        "person": decision.person_id,
        "on_behalf_of": decision.on_behalf_of_id,
    }
    return {name: value for name, value in said.items() if value}


def _code(standing: engine.Standing | None, step: int | None) -> str:
    return "" if standing is None or step is None else standing.path[step].node


def tell_subjects(moves: Sequence[Move]) -> None:
    """Let the subjects follow, kind by kind."""
    for code in dict.fromkeys(move.case.kind for move in moves):
        mine = [move for move in moves if move.case.kind == code]
        kind_of(code).tell([(move.case, _moved(move)) for move in mine])


def _moved(move: Move) -> Moved:
    decision = move.decision
    same_round = move.before is not None and move.before.round == move.after.round
    return Moved(
        action=Action(decision.action),
        from_node=_code(move.before, decision.step) if same_round else "",
        to_node=_code(move.after, move.after.step),
        by=decision.decided_by_id,
        by_name=decision.decided_by_name,
        reason=decision.reason,
        stage=move.after.stage,
        passed=move.passed,
    )
