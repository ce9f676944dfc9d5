"""The one way from an act to rows: lock, ask the engine, write, tell. For one case and for many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import engine
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.engine.acting import Done
from gangmu.foundation.approvals.errors import AlreadyDecided, ApprovalError, NeedsSignature, NotAllowed, NotFound
from gangmu.foundation.approvals.loading import Loaded, load
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.services.keys import kept
from gangmu.foundation.approvals.services.telling import tell_of
from gangmu.foundation.approvals.services.writing import Move, write
from gangmu.foundation.approvals.subjects import kind_of
from gangmu.foundation.settings import clock

SEEING = (Action.APPROVE, Action.ACKNOWLEDGE, Action.RETURN)


@dataclass(frozen=True)
class Outcome:
    """What became of one case of many: the decision, or why there is none."""

    case_id: int
    decision: Decision | None
    error: ApprovalError | None


def perform_one(case_id: int, deed: engine.Act, *, by: User, key: str, signed: bool = False) -> Decision:
    """Do one act; its decision, or the earlier one of the same key. `signed`: its signature is kept with it.

    Raises:
        ApprovalError: it was refused.
    """
    (outcome,) = perform([(case_id, deed)], by=by, key=key, signed=signed)
    if outcome.error is not None:
        raise outcome.error
    assert outcome.decision is not None
    return outcome.decision


@transaction.atomic
def perform(deeds: Sequence[tuple[int, engine.Act]], *, by: User, key: str, signed: bool = False) -> list[Outcome]:
    """Do acts on different cases; one that is refused does not keep the others."""
    cases = lock([case_id for case_id, _deed in deeds])
    before = {
        one.case_id: one for one in Decision.objects.filter(case_id__in=list(cases), decided_by=by, key=kept(key))
    }
    loaded = load([case for case in cases.values() if case.pk not in before])
    hashes = _hashes([(loaded[case_id].case, deed) for case_id, deed in deeds if case_id in loaded])
    outcomes: list[Outcome] = []
    moves: list[Move] = []
    for case_id, deed in deeds:
        if case_id in before:
            outcomes.append(Outcome(case_id, before[case_id], None))
            continue
        try:
            if case_id not in loaded:
                raise NotFound(_("There is no such case, or it is not in your scope."))
            move = _move(loaded[case_id], deed, hashes.get(case_id, ""), by, key)
            if not signed:
                _require_no_signature(move)
        except ApprovalError as error:
            outcomes.append(Outcome(case_id, None, error))
            continue
        moves.append(move)
        outcomes.append(Outcome(case_id, move.decision, None))
    if moves:
        people = next(iter(loaded.values())).people
        write(moves, people)
        tell_of(moves, people, by, key)
    return outcomes


def lock(case_ids: Sequence[int]) -> dict[int, Case]:
    """The cases, locked in the order of their ids so that two who decide on many do not wait for each other."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("route").filter(pk__in=list(case_ids))
    return {case.pk: case for case in rows.order_by("pk")}


def _hashes(wanted: Sequence[tuple[Case, engine.Act]]) -> dict[int, str]:
    """What the subjects are now, of the acts that need it."""
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case, deed in wanted:
        if deed.action in SEEING:
            by_kind[case.kind].append(case)
    found: dict[int, str] = {}
    for kind, cases in by_kind.items():
        hashes = kind_of(kind).hashes({case.subject_id for case in cases})
        found |= {case.pk: hashes.get(case.subject_id, "") for case in cases}
    return found


def _move(one: Loaded, deed: engine.Act, present_hash: str, by: User, key: str) -> Move:
    try:
        done = engine.act(one.standing, deed, one.people, present_hash)
    except AlreadyDecided as error:
        raise _who_was_faster(one.case, deed, error) from None
    refuses = kind_of(one.case.kind).refuses
    if refuses and deed.action in (Action.APPROVE, Action.ACKNOWLEDGE) and (why := refuses(one.case, by)):
        raise NotAllowed(why)
    return Move(one.case, one.rows, one.standing, done.standing, _decision(one, deed, done, by, key), done.passed)


def _require_no_signature(move: Move) -> None:
    """Nodes that take signed decisions alone; the database asks the same at the end of the transaction."""
    standing, decision = move.before, move.decision
    if standing is None or decision.step is None or decision.action not in (Action.APPROVE, Action.ACKNOWLEDGE):
        return
    node = standing.node_at(decision.step)
    if node is not None and node.signed:
        raise NeedsSignature(_("This node takes signed decisions alone. Sign it with your certificate."))


def _decision(one: Loaded, deed: engine.Act, done: Done, by: User, key: str) -> Decision:
    people = one.people
    step = done.place.step if done.place else one.standing.step
    return Decision(
        case=one.case,
        organisation_id=one.case.organisation_id,
        round=one.case.round,
        action=deed.action,
        place=done.place.number if done.place else None,
        step=step,
        reason=deed.reason.strip(),
        words=deed.words.strip(),
        person_id=deed.who,
        person_name=people.name_of(deed.who) if deed.who else "",
        decided_by=by,
        decided_by_name=by.name,
        on_behalf_of_id=done.on_behalf_of,
        on_behalf_of_name=people.name_of(done.on_behalf_of) if done.on_behalf_of else "",
        decided_at=clock.now(),
        content_hash=deed.seen,
        data={"to": deed.to}
        if deed.action == Action.RETURN
        else {"when": deed.when}
        if deed.action == Action.ADD
        else {},
        key=kept(key),
    )


def _who_was_faster(case: Case, deed: engine.Act, error: AlreadyDecided) -> AlreadyDecided:
    """The same error, saying who decided and when."""
    done = Decision.objects.filter(case=case, action__in=SEEING).order_by("-number")
    last = (done.filter(place=deed.place) if deed.place is not None else done).first() or done.first()
    if last is None:
        return error
    text = _("%(name)s was faster: “%(action)s” at %(time)s. Load the page again to see how it stands.")
    at = last.decided_at.astimezone(clock.BUSINESS_ZONE)
    return AlreadyDecided(
        text % {"name": last.decided_by_name, "action": last.get_action_display(), "time": f"{at:%m-%d %H:%M}"}
    )
