"""Submitting upward, issuing downward, and taking back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import engine
from gangmu.foundation.approvals.actions import LIVE, UNENDED, Action, CaseState
from gangmu.foundation.approvals.errors import CaseOpen, NotAllowed, NotFound
from gangmu.foundation.approvals.gathering import gather
from gangmu.foundation.approvals.loading import asks_posts, permissions
from gangmu.foundation.approvals.models import Case, Decision, Place, Route
from gangmu.foundation.approvals.people import People
from gangmu.foundation.approvals.routes import current, defined
from gangmu.foundation.approvals.services.keys import kept
from gangmu.foundation.approvals.services.performing import perform_one
from gangmu.foundation.approvals.services.telling import tell_of
from gangmu.foundation.approvals.services.writing import Move, write
from gangmu.foundation.approvals.subjects import SubjectKind, kind_of
from gangmu.foundation.settings import clock


@dataclass(frozen=True)
class _Asking:
    """What is asked for, the same for every case of one act."""

    kind: SubjectKind
    route: Route
    by: User
    key: str
    words: str
    downward: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    exceptions: int = 0

    @property
    def action(self) -> Action:
        return Action.ISSUE if self.downward else Action.SUBMIT


def submit(
    kind: str,
    subject_id: int,
    *,
    route: str,
    organisation: int,
    by: User,
    key: str,
    words: str = "",
    facts: Mapping[str, Any] | None = None,
    exceptions: int = 0,
) -> Case:
    """Put a subject on its way; after a return, or changed while under approval, on its way again (next round).

    Args:
        organisation: whose subject it is; its line upward is the route's.
        facts: what the conditions of nodes are compared with.
        exceptions: how many things deserve a look; shown in lists.

    Raises:
        NotAllowed: the roles of `by` do not let them ask at this organisation.
        NobodyHolds, NoSuchTier: a node would be held by nobody, or by the requester alone.
        CaseOpen: it is under approval already, unchanged.
        RouteFault: there is no such route.
    """
    asking = _Asking(kind_of(kind), current(route), by, kept(key), words.strip(), False, dict(facts or {}), exceptions)
    (case,) = _begin(asking, {subject_id: organisation})
    return case


def submit_many(
    kind: str,
    subjects: Mapping[int, int],
    *,
    route: str,
    by: User,
    key: str,
    words: str = "",
    facts: Mapping[str, Any] | None = None,
    exceptions: int = 0,
) -> list[Case]:
    """Put many subjects on their way by one act, all or none: `subjects` are subject id → organisation's id.

    Raises:
        as `submit`.
    """
    asking = _Asking(kind_of(kind), current(route), by, key[:80], words.strip(), False, dict(facts or {}), exceptions)
    return _begin(asking, subjects)


def issue(kind: str, receivers: Mapping[int, int], *, route: str, by: User, key: str, words: str = "") -> list[Case]:
    """Issue downward 下达: `receivers` are subject id → receiving organisation's id; one case each, all or none.

    Raises:
        as `submit`.
    """
    return _begin(_Asking(kind_of(kind), current(route), by, kept(key), words.strip(), True), receivers)


def withdraw(case_id: int, *, by: User, key: str, reason: str = "") -> Case:
    """Take back what one has submitted, as long as it has not ended.

    Raises:
        NotAllowed: somebody else submitted it.
        CaseClosed: it has ended.
    """
    return perform_one(case_id, engine.Act(Action.WITHDRAW, by.pk, reason=reason), by=by, key=key).case


@transaction.atomic
def _begin(asking: _Asking, receivers: Mapping[int, int]) -> list[Case]:
    _one_at_a_time(asking.kind, receivers)
    done = _done_before(asking, receivers)
    if done is not None:
        return done
    present = _present(asking.kind, receivers)
    organisations = set(receivers.values())
    people = gather(organisations, posts=asks_posts(present.values()) or _asks_posts(asking.route))
    _require_may_ask(asking, organisations, people)
    hashes = asking.kind.hashes(set(receivers))
    moves = []
    for subject, organisation in receivers.items():
        if subject not in hashes:
            raise NotFound(_("There is nothing to submit here, or it is not in your scope."))
        case = present.get((subject, organisation))
        moves.append(_move(asking, subject, organisation, case, hashes[subject], people))
    rows = Place.objects.filter(case__in=[move.case for move in moves if move.case.pk], status__in=["open", "waiting"])
    for row in rows:
        next(move for move in moves if move.case.pk == row.case_id).rows[row.number] = row
    write(moves, people)
    tell_of(moves, people, asking.by, asking.key)
    return [move.case for move in moves]


def _one_at_a_time(kind: SubjectKind, subjects: Mapping[int, int]) -> None:
    """Wait for whoever submits the same subject: the second then finds the first one's case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s || one, 0)) FROM unnest(%s::bigint[]) AS one",
            [f"approvals.{kind.code}:", sorted(subjects)],
        )


def _done_before(asking: _Asking, receivers: Mapping[int, int]) -> list[Case] | None:
    """The cases of the same act, when a slow line sends it twice."""
    decisions = Decision.objects.filter(
        decided_by=asking.by,
        key=asking.key,
        action=asking.action,
        case__kind=asking.kind.code,
        case__subject_id__in=list(receivers),
    ).select_related("case", "case__route")
    cases = {(one.case.subject_id, one.case.organisation_id): one.case for one in decisions}
    found = [cases.get(pair) for pair in receivers.items()]
    return [case for case in found if case] if found and all(found) else None


def _present(kind: SubjectKind, receivers: Mapping[int, int]) -> dict[tuple[int, int], Case]:
    rows = Case.objects.select_for_update(of=("self",)).select_related("route")
    rows = rows.filter(kind=kind.code, subject_id__in=list(receivers), state__in=UNENDED).order_by("pk")
    return {(case.subject_id, case.organisation_id): case for case in rows}


def _asks_posts(route: Route) -> bool:
    return any(node.who.post for node in defined(route).nodes)


def _require_may_ask(asking: _Asking, organisations: set[int], people: People) -> None:
    _decide, ask = permissions(asking.kind, downward=asking.downward)
    for organisation in organisations:
        if not people.may(asking.by.pk, organisation, *ask):
            tier = people.tiers.get(organisation)
            text = _("Your roles do not let you submit for %(organisation)s. Ask the administrator.")
            if asking.downward:
                text = _("Your roles do not let you issue to %(organisation)s. Ask the administrator.")
            raise NotAllowed(text % {"organisation": tier.name if tier else _("this organisation")})


def _move(
    asking: _Asking, subject: int, organisation: int, case: Case | None, content_hash: str, people: People
) -> Move:
    """One case at the beginning of a round."""
    before = None
    if case is not None:
        if case.state in LIVE and case.content_hash == content_hash:
            raise CaseOpen(_("This is under approval already. Its page says who holds it."))
        if case.downward != asking.downward:
            raise CaseOpen(_("This goes the other way already: what was issued is not submitted."))
        before = _standing(asking, case, case.round, case.state, frozenset(case.askers), case.content_hash)
    else:
        case = Case(
            kind=asking.kind.code,
            subject_id=subject,
            organisation_id=organisation,
            route=asking.route,
            downward=asking.downward,
            places_count=0,
            decisions_count=0,
            round=0,
            askers=[],
        )
    after = _standing(
        asking, case, case.round + 1, CaseState.OPEN, frozenset({*case.askers, asking.by.pk}), content_hash
    )
    after = replace(after, path=engine.resolve(after.route, organisation, people, asking.facts))
    after = engine.submit(after, people)
    _ask(asking, case, content_hash)
    decision = Decision(
        case=case,
        organisation_id=organisation,
        round=after.round,
        action=asking.action,
        words=asking.words,
        decided_by=asking.by,
        decided_by_name=asking.by.name,
        decided_at=clock.now(),
        content_hash=content_hash,
        key=asking.key,
    )
    return Move(case, {}, before, after, decision)


def _standing(
    asking: _Asking, case: Case, number: int, state: str, askers: frozenset[int], content_hash: str
) -> engine.Standing:
    decide, ask = permissions(asking.kind, downward=asking.downward)
    return engine.Standing(
        route=defined(case.route),
        organisation=case.organisation_id,
        decide=decide,
        ask=ask,
        requester=asking.by.pk,
        askers=askers,
        content_hash=content_hash,
        downward=asking.downward,
        state=state,
        round=number,
        places_count=case.places_count,
    )


def _ask(asking: _Asking, case: Case, content_hash: str) -> None:
    """What the case now says of who asked, when and with which words."""
    case.askers = sorted({*case.askers, asking.by.pk})
    case.requested_by, case.requested_by_name = asking.by, asking.by.name
    case.requested_at, case.words = clock.now(), asking.words
    case.facts, case.exceptions, case.content_hash = dict(asking.facts), asking.exceptions, content_hash
