"""From rows to the engine's values and back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gangmu.foundation.approvals.engine import standing as engine
from gangmu.foundation.approvals.gathering import gather
from gangmu.foundation.approvals.models import Case, Place
from gangmu.foundation.approvals.people import ASK, DECIDE, ISSUE, People
from gangmu.foundation.approvals.routes import defined
from gangmu.foundation.approvals.subjects import SubjectKind, kind_of


@dataclass(frozen=True)
class Loaded:
    """A case with everything that the rules ask of: how it stands, and the rows of this round's places by number."""

    case: Case
    standing: engine.Standing
    rows: dict[int, Place]
    people: People


def permissions(kind: SubjectKind, *, downward: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What deciding takes, and what asking takes."""
    return (DECIDE, kind.decide_permission), (ISSUE if downward else ASK, kind.ask_permission)


def asks_posts(cases: Iterable[Case]) -> bool:
    """Whether a route among these asks for a post."""
    return any(node.who.post for route in {case.route for case in cases} for node in defined(route).nodes)


def load(cases: Collection[Case]) -> dict[int, Loaded]:
    """Cases by id, in few questions however many they are. Their routes should have been selected with them."""
    if not cases:
        return {}
    rows: dict[int, dict[int, Place]] = defaultdict(dict)
    rounds = {case.pk: case.round for case in cases}
    for place in Place.objects.filter(case_id__in=rounds).order_by("case_id", "number"):
        if place.round == rounds[place.case_id]:
            rows[place.case_id][place.number] = place
    people = gather({case.organisation_id for case in cases}, posts=asks_posts(cases))
    return {case.pk: Loaded(case, standing_of(case, rows[case.pk]), rows[case.pk], people) for case in cases}


def standing_of(case: Case, rows: dict[int, Place]) -> engine.Standing:
    """How a case stands, for the engine."""
    decide, ask = permissions(kind_of(case.kind), downward=case.downward)
    return engine.Standing(
        route=defined(case.route),
        organisation=case.organisation_id,
        decide=decide,
        ask=ask,
        requester=case.requested_by_id,
        askers=frozenset(case.askers),
        content_hash=case.content_hash,
        downward=case.downward,
        state=case.state,
        round=case.round,
        path=tuple(engine.PathStep.from_json(step) for step in case.path),
        step=case.step,
        stage=case.stage,
        places=tuple(place_of(row) for _number, row in sorted(rows.items())),
        places_count=case.places_count,
    )


def place_of(row: Place) -> engine.Place:
    """A place, for the engine."""
    return engine.Place(
        number=row.number,
        round=row.round,
        step=row.step,
        kind=row.kind,
        status=row.status,
        users=tuple(row.users),
        roles=tuple(row.roles),
        post=row.post,
        at=row.at_id,
        excluded=frozenset(row.excluded),
        waits_for=row.waits_for,
        asked_by=row.asked_by_id,
        question=row.question,
    )
