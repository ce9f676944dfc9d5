"""What an act makes of a case. Everything is checked here; what is not refused is done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.translation import gettext as _

from gangmu.foundation.approvals.actions import UNENDED, Action, CaseState, PlaceKind, PlaceStatus
from gangmu.foundation.approvals.engine.allowed import (
    allowed_actions,
    busy_at,
    holders,
    may_answer,
    may_decide,
    seat,
    speaks_for_requester,
)
from gangmu.foundation.approvals.engine.opening import enter, next_step
from gangmu.foundation.approvals.engine.standing import Place, Seat, Standing
from gangmu.foundation.approvals.errors import (
    AlreadyDecided,
    CaseClosed,
    ContentChanged,
    NeedsReason,
    NotAllowed,
)
from gangmu.foundation.approvals.people import People

REQUESTER = "requester"
GIVEN_REASONS = (Action.RETURN, Action.DELEGATE, Action.ADD, Action.REASSIGN)


@dataclass(frozen=True)
class Act:
    """What somebody does.

    Args:
        place: the number of the place for which they act; left out: the first at which they may.
        seen: the content hash of what was on their screen, for approving, acknowledging and returning.
        to: where a return goes: `requester`, or a node's place in the path.
        who: the person named in the act.
        when: whether an added approver decides before or after.
        reason, words: why (of returns, delegations, additions and reassignments), and a question's text.
    """

    action: Action
    by: int
    place: int | None = None
    seen: str = ""
    to: str | int = REQUESTER
    who: int | None = None
    when: Literal["before", "after"] = "before"
    reason: str = ""
    words: str = ""


@dataclass(frozen=True)
class Done:
    """What became of it: the case as it stands now, the place acted for, and on whose behalf."""

    standing: Standing
    place: Place | None
    on_behalf_of: int | None
    passed: bool = False


def act(standing: Standing, deed: Act, people: People, present_hash: str) -> Done:
    """The case after an act.

    Args:
        present_hash: what the subject is now; asked for only where something was seen.

    Raises:
        ApprovalError: the act is refused; which of its kinds says why.
    """
    if deed.action in GIVEN_REASONS and not deed.reason.strip():
        raise NeedsReason(_("Say why: a reason is needed here."))
    if deed.action == Action.WITHDRAW:
        return _withdraw(standing, deed, people)
    if not standing.is_live:
        raise CaseClosed(_closed(standing))
    if deed.action == Action.REASSIGN:
        return _reassign(standing, deed, people)
    chair = _seat(standing, deed, people)
    if deed.seen or deed.action in (Action.APPROVE, Action.ACKNOWLEDGE, Action.RETURN):
        _require_seen(standing, deed, present_hash)
    return DEEDS[deed.action](standing, deed, chair, people)


def _closed(standing: Standing) -> str:
    match standing.state:
        case CaseState.RETURNED:
            return _("This was returned and is with the requester. It can be decided on when it is submitted again.")
        case CaseState.WITHDRAWN:
            return _("This was withdrawn by the requester. Nothing is left to do.")
    return _("This has passed all nodes. Nothing is left to do.")


def _seat(standing: Standing, deed: Act, people: People) -> Seat:
    """The place at which they act, and on whose behalf."""
    consulting = deed.action == Action.ANSWER
    if deed.place is not None:
        place = standing.place(deed.place)
        if place is None or place.status in (PlaceStatus.DONE, PlaceStatus.VOID):
            raise AlreadyDecided(_decided())
        if place.status == PlaceStatus.WAITING:
            raise NotAllowed(_("It is not your turn yet: somebody else decides first. You will be told."))
        chair = seat(standing, place, deed.by, people)
    else:
        chairs = (seat(standing, one, deed.by, people) for one in standing.places if one.is_open)
        chair = next((one for one in chairs if one and one.place.decides != consulting), None)
        if chair is None and not consulting and _was_theirs(standing, deed.by, people):
            raise AlreadyDecided(_decided())
    if chair is None or chair.place.decides == consulting:
        raise NotAllowed(_not_allowed(standing, deed.by, people))
    node = standing.node_at(chair.place.step)
    wanted = Action.ACKNOWLEDGE if node and node.purpose == "acknowledge" else Action.APPROVE
    if deed.action in (Action.APPROVE, Action.ACKNOWLEDGE) and deed.action != wanted:
        raise NotAllowed(
            _("This node acknowledges and does not approve.")
            if wanted == Action.ACKNOWLEDGE
            else _("This node approves and does not acknowledge.")
        )
    return chair


def _decided() -> str:
    return _("Somebody was faster: this was decided already. Load the page again to see how it stands.")


def _was_theirs(standing: Standing, user: int, people: People) -> bool:
    """Whether a place that was decided in this round was theirs too."""
    done = (one for one in standing.places if one.status == PlaceStatus.DONE and one.decides)
    return any(seat(standing, one, user, people) for one in done)


def _not_allowed(standing: Standing, user: int, people: People) -> str:
    if people.is_one_of(user, standing.askers):
        return _("You asked for this yourself: somebody else decides. Nobody approves their own.")
    if not people.may(user, standing.organisation, *standing.decide):
        return _("Your roles do not let you decide on this organisation's cases. Ask the administrator.")
    return _("This does not wait for you: somebody else holds it. Its page says who.")


def _require_seen(standing: Standing, deed: Act, present_hash: str) -> None:
    if deed.seen != present_hash:
        raise ContentChanged(_("The content changed since you looked at it. Load the page again, look, then decide."))
    if deed.action != Action.RETURN and present_hash != standing.content_hash:
        text = _(
            "The content changed after it was submitted. Return it, or have it submitted again: nobody can approve it."
        )
        raise ContentChanged(text)


# What each act does ---


def _done(standing: Standing, place: Place) -> Standing:
    return standing.with_places([replace(place, status=PlaceStatus.DONE)])


def _approve(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    after = _turns(_done(standing, chair.place))
    step = chair.place.step
    if any(one.status != PlaceStatus.DONE for one in after.deciding(step)):
        return Done(after, chair.place, chair.on_behalf_of)
    node = after.route.node(after.path[step].node)
    after = replace(_void(after, lambda one: one.step == step), stage=node.grants or after.stage)
    return Done(enter(after, next_step(after, step), people), chair.place, chair.on_behalf_of, passed=True)


def _turns(standing: Standing) -> Standing:
    """Places whose turn has come are open."""
    done = {one.number for one in standing.places if one.status == PlaceStatus.DONE}
    ready = [one for one in standing.places if one.status == PlaceStatus.WAITING and one.waits_for in done]
    return standing.with_places(replace(one, status=PlaceStatus.OPEN) for one in ready)


def _void(standing: Standing, which: Callable[[Place], bool], done_too: bool = False) -> Standing:
    """Places that nobody needs any more are void."""
    gone = (
        (PlaceStatus.WAITING, PlaceStatus.OPEN, PlaceStatus.DONE)
        if done_too
        else (PlaceStatus.WAITING, PlaceStatus.OPEN)
    )
    chosen = [one for one in standing.places if one.status in gone and which(one)]
    return standing.with_places(replace(one, status=PlaceStatus.VOID) for one in chosen)


def _return(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    if deed.to == REQUESTER:
        after = _void(standing, lambda one: True)
        after = replace(after, state=CaseState.RETURNED, step=None, stage="")
        return Done(after, chair.place, chair.on_behalf_of)
    to = int(deed.to)
    if not 0 <= to < chair.place.step or standing.path[to].skipped:
        raise NotAllowed(_("It can be returned to an earlier node that took part, or to the requester."))
    after = _void(standing, lambda one: one.step >= to, done_too=True)
    passed = (standing.route.node(one.node).grants for one in standing.path[:to] if not one.skipped)
    stage = next((grants for grants in reversed(list(passed)) if grants), "")
    return Done(enter(replace(after, stage=stage), to, people), chair.place, chair.on_behalf_of)


def _withdraw(standing: Standing, deed: Act, people: People) -> Done:
    if standing.state not in UNENDED:
        raise CaseClosed(_closed(standing))
    if not speaks_for_requester(standing, deed.by, people):
        raise NotAllowed(_("Only whoever submitted this can withdraw it."))
    after = replace(_void(standing, lambda one: True), state=CaseState.WITHDRAWN, step=None, stage="")
    return Done(after, None, standing.requester if deed.by != standing.requester else None)


def _name(standing: Standing, deed: Act, people: People, *, consult: bool = False) -> int:
    """The person whom an act names, if they can be."""
    who = deed.who
    if who is None or who == deed.by:
        raise NotAllowed(_("Name somebody else than yourself."))
    if consult:
        if not may_answer(standing, who, people):
            raise NotAllowed(_("They have no part in this organisation's approvals. Choose from the list."))
        return who
    if people.is_one_of(who, standing.askers):
        raise NotAllowed(_("They asked for this themselves: nobody approves their own. Choose somebody else."))
    if not may_decide(standing, who, people):
        raise NotAllowed(_("Their roles do not let them decide on this organisation's cases. Choose from the list."))
    return who


def _new(standing: Standing, chair: Seat, who: int, kind: PlaceKind, deed: Act) -> Place:
    return Place(
        number=standing.places_count + 1,
        round=standing.round,
        step=chair.place.step,
        kind=kind,
        status=PlaceStatus.OPEN,
        users=(who,),
        at=standing.path[chair.place.step].at,
        asked_by=deed.by,
        question=deed.words if kind == PlaceKind.CONSULT else "",
    )


def _require_idle(standing: Standing, who: int, people: People) -> None:
    if people.is_one_of(who, busy_at(standing)):
        raise NotAllowed(_("They are asked at this node already. Choose somebody else."))


def _delegate(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    who = _name(standing, deed, people)
    _require_idle(standing, who, people)
    handing = chair.on_behalf_of or deed.by
    place = chair.place
    users = (*(one for one in place.users if one != who), who)
    excluded = (place.excluded | {handing}) - {who}
    return Done(standing.with_places([replace(place, users=users, excluded=excluded)]), place, chair.on_behalf_of)


def _add(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    who = _name(standing, deed, people)
    _require_idle(standing, who, people)
    place, added = chair.place, _new(standing, chair, who, PlaceKind.ADDED, deed)
    if deed.when == "before":
        changed = [added, replace(place, status=PlaceStatus.WAITING, waits_for=added.number)]
    else:
        behind = [one for one in standing.places if one.waits_for == place.number and one.status == PlaceStatus.WAITING]
        changed = [
            replace(added, status=PlaceStatus.WAITING, waits_for=place.number),
            *(replace(one, waits_for=added.number) for one in behind),
        ]
    return Done(standing.with_places(changed), place, chair.on_behalf_of)


def _countersign(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    who = _name(standing, deed, people)
    _require_idle(standing, who, people)
    added = _new(standing, chair, who, PlaceKind.COUNTERSIGN, deed)
    return Done(standing.with_places([added]), chair.place, chair.on_behalf_of)


def _consult(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    if not deed.words.strip():
        raise NeedsReason(_("Write the question that you want answered."))
    who = _name(standing, deed, people, consult=True)
    return Done(
        standing.with_places([_new(standing, chair, who, PlaceKind.CONSULT, deed)]), chair.place, chair.on_behalf_of
    )


def _answer(standing: Standing, deed: Act, chair: Seat, people: People) -> Done:
    if not deed.words.strip():
        raise NeedsReason(_("Write your answer."))
    return Done(_done(standing, chair.place), chair.place, chair.on_behalf_of)


def _reassign(standing: Standing, deed: Act, people: People) -> Done:
    if Action.REASSIGN not in allowed_actions(standing, deed.by, people):
        if people.is_one_of(deed.by, standing.askers):
            raise NotAllowed(_not_allowed(standing, deed.by, people))
        raise NotAllowed(_("Only administrators of approvals may reassign a case."))
    vacant = [one for one in standing.open_places if not holders(standing, one, people)]
    first = next(iter(vacant or standing.open_places), None)
    place = standing.place(deed.place) if deed.place is not None else first
    if place is None or not place.is_open or not place.decides:
        raise AlreadyDecided(_decided())
    who = _name(standing, deed, people)
    _require_idle(standing, who, people)
    users = (*(one for one in place.users if one != who), who)
    return Done(standing.with_places([replace(place, users=users, excluded=place.excluded - {who})]), place, None)


Deed = Callable[[Standing, Act, Seat, People], Done]
DEEDS: dict[Action, Deed] = {
    Action.APPROVE: _approve,
    Action.ACKNOWLEDGE: _approve,
    Action.RETURN: _return,
    Action.DELEGATE: _delegate,
    Action.ADD: _add,
    Action.COUNTERSIGN: _countersign,
    Action.CONSULT: _consult,
    Action.ANSWER: _answer,
}
