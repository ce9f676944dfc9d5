"""One case as pages show it: who holds it, the way it goes, what was said, what the reader may do now.

A page of a subject puts it in with

    context["approval"] = panels.panel(request, "filing.sheet", sheet.pk)     # None: never submitted
    {% include "approvals/panel.html" with panel=approval %}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import deadlines, queries, subjects
from gangmu.foundation.approvals.actions import Action, CaseState, PlaceKind, PlaceStatus
from gangmu.foundation.approvals.forms import ActionForm, ReturnForm
from gangmu.foundation.approvals.models import Case, Place, Signature
from gangmu.foundation.approvals.routes import Deadline, NodeDefinition, RouteDefinition, defined
from gangmu.foundation.approvals.signing.services import may_sign
from gangmu.foundation.approvals.verbs import VERBS, Verb
from gangmu.foundation.periods.intervals import Interval
from gangmu.foundation.periods.measure import Reading, Why

TONES = {
    CaseState.OPEN: "info",
    CaseState.ISSUED: "info",
    CaseState.RETURNED: "danger",
    CaseState.APPROVED: "success",
    CaseState.ACKNOWLEDGED: "success",
    CaseState.WITHDRAWN: "secondary",
}
STEP_LOOKS = {
    Action.SUBMIT: ("send", "primary"),
    Action.ISSUE: ("send", "primary"),
    Action.APPROVE: ("check", "success"),
    Action.ACKNOWLEDGE: ("clipboard-check", "success"),
    Action.RETURN: ("arrow-back-up", "danger"),
    Action.WITHDRAW: ("corner-down-left", "secondary"),
    Action.CONSULT: ("message-question", "info"),
    Action.ANSWER: ("message-reply", "info"),
    Action.DELEGATE: ("user-share", "warning"),
    Action.ADD: ("user-plus", "info"),
    Action.COUNTERSIGN: ("signature", "info"),
    Action.REASSIGN: ("user-check", "warning"),
    Action.REMIND: ("bell-ringing", "warning"),
}
FIRST = (Action.APPROVE, Action.ACKNOWLEDGE, Action.ANSWER)  # their forms stand on the page itself
BESIDE = (Action.RETURN, Action.REMIND, Action.WITHDRAW)  # one press away; the others are in the menu
NODE_LOOKS = {
    "passed": "route-passed",
    "present": "route-present",
    "ahead": "route-ahead",
    "skipped": "route-skipped",
}
PASSING = (Action.APPROVE, Action.ACKNOWLEDGE)


@dataclass(frozen=True)
class Node:
    """One node of the route as the stepper draws it."""

    view: queries.NodeView
    deadline: str
    by: queries.Step | None  # who passed it, in this round

    @property
    def look(self) -> str:
        """The class by which it is drawn."""
        return NODE_LOOKS[self.view.status]


@dataclass(frozen=True)
class Line:
    """One line of the history with its drawing."""

    step: queries.Step
    icon: str
    tone: str
    signature: Signature | None = None


@dataclass(frozen=True)
class Offer:
    """An action that the reader may take now. `place` is the place shown as theirs; only a question has words."""

    verb: Verb
    url: str
    form: ActionForm
    place: Place | None

    @property
    def id(self) -> str:
        """Of the form on the page."""
        return f"approval-{self.verb.action}-{self.place.number if self.place else 0}"


@dataclass(frozen=True)
class Panel:
    """A case for one reader."""

    case: Case
    reader: User
    next: str
    seen: str

    @cached_property
    def subject(self) -> subjects.Subject | None:
        """What is decided on, or None where the reader may not see it."""
        return subjects.load([self.case]).get(self.case.pk)

    @property
    def title(self) -> str:
        return self.subject.title if self.subject else str(subjects.kind_of(self.case.kind).label)

    @property
    def tone(self) -> str:
        return TONES[CaseState(self.case.state)]

    @property
    def url(self) -> str:
        return reverse("approvals:case", args=[self.case.pk])

    @cached_property
    def holders(self) -> list[queries.Holder]:
        return queries.holders(self.case) if self.case.state in (*OPEN, CaseState.RETURNED) else []

    @cached_property
    def actions(self) -> frozenset[Action]:
        """What the reader may do. Nobody is offered to remind themselves."""
        held_by_me = any(holder.user_id == self.reader.pk for holder in self.holders)
        return queries.allowed_actions(self.case, self.reader) - ({Action.REMIND} if held_by_me else set())

    @cached_property
    def steps(self) -> list[queries.Step]:
        return queries.history(self.case)

    @cached_property
    def lines(self) -> list[Line]:
        """The history, the latest first."""
        return [Line(step, *_look(step), self._signature(step)) for step in reversed(self.steps)]

    def _signature(self, step: queries.Step) -> Signature | None:
        return self.signatures.get(step.decision.pk) if step.decision else None

    @cached_property
    def nodes(self) -> list[Node]:
        """The route as it goes for this subject."""
        return [
            Node(view, deadline_words(node_of(self.case, view.index).deadline), self._passed(view.index))
            for view in queries.path(self.case)
        ]

    def _passed(self, index: int) -> queries.Step | None:
        of_the_node = [
            step
            for step in self.steps
            if step.decision
            and step.round == self.case.round
            and step.decision.action in PASSING
            and step.decision.step == index
        ]
        return of_the_node[-1] if of_the_node else None

    @cached_property
    def my_places(self) -> list[Place]:
        """Where the case waits for the reader, also as somebody's stand-in."""
        return queries.places_of(self.case, self.reader)

    @cached_property
    def my_place(self) -> Place | None:
        """Where the reader decides."""
        return next((one for one in self.my_places if one.kind != PlaceKind.CONSULT), None)

    @cached_property
    def questions(self) -> list[Place]:
        """Questions that nobody has answered yet; every reader sees them."""
        asked = self.case.places.filter(round=self.case.round, kind=PlaceKind.CONSULT, status=PlaceStatus.OPEN)
        return list(asked.order_by("number"))

    @cached_property
    def must_sign(self) -> bool:
        """Whether the reader's node takes signed decisions alone."""
        return self.my_place is not None and node_of(self.case, self.my_place.step).signed

    @cached_property
    def to_sign(self) -> list[Offer]:
        """Decisions that the reader may take with a signature, to those who have a certificate, or must."""
        if not self.must_sign and not may_sign(self.reader):
            return []
        return [self.offer(action, self.my_place, "approvals:sign") for action in PASSING if action in self.actions]

    @cached_property
    def signatures(self) -> dict[int, Signature]:
        """Of this case, by decision."""
        return {one.decision_id: one for one in Signature.objects.filter(case=self.case).defer("cms", "text")}

    @cached_property
    def first(self) -> list[Offer]:
        """The decision itself and answers to questions: forms on the page."""
        offers = [
            self.offer(action, self.my_place)
            for action in FIRST
            if action in self.actions and action != Action.ANSWER and not (self.must_sign and action in PASSING)
        ]
        if Action.ANSWER in self.actions:
            mine = [place for place in self.my_places if place.kind == PlaceKind.CONSULT]
            offers += [self.offer(Action.ANSWER, place) for place in mine]
        return offers

    @cached_property
    def beside(self) -> list[Offer]:
        """Actions with a button of their own."""
        return [self.offer(action, self.my_place) for action in BESIDE if action in self.actions]

    @cached_property
    def further(self) -> list[Offer]:
        """Actions in the menu."""
        shown = {*FIRST, *(offer.verb.action for offer in self.beside)}
        return [self.offer(action, self.my_place) for action in VERBS if action in self.actions - shown]

    @cached_property
    def clock(self) -> Reading | None:
        """The clock of the place that is due first, read at its deadline: which stretches count until then."""
        case = self.case
        open_ones = case.places.filter(round=case.round, status=PlaceStatus.OPEN, due_at=case.due_at)
        place = open_ones.first() if case.due_at and case.step is not None else None
        if place is None or place.opened_at is None or place.due_at is None:
            return None
        return deadlines.reading(defined(case.route), node_of(case, place.step), place.opened_at, place.due_at)

    @property
    def counted(self) -> list[Interval]:
        """The stretches of time that count towards the deadline."""
        return [one.interval for one in self.clock.stretches if one.why == Why.COUNTED] if self.clock else []

    @property
    def deadline(self) -> str:
        """The rule by which the deadline was computed."""
        case = self.case
        if self.clock is None or case.step is None:
            return ""
        return deadline_words(node_of(case, case.step).deadline, defined(case.route))

    def offer(self, action: Action, place: Place | None, page: str = "approvals:act") -> Offer:
        """One action, with its form filled with what was on the screen."""
        verb = VERBS[action]
        number = place.number if place else None
        given = {"seen": self.seen, "next": self.next} | ({"place": number} if number else {})
        address = reverse(page, args=[self.case.pk, action.value])
        form = verb.form(initial=given, auto_id=f"id_{action}_{number or 0}_%s")
        return Offer(verb, f"{address}?{urlencode(given)}", form, place)


OPEN = (CaseState.OPEN, CaseState.ISSUED)


def panel(request: HttpRequest, kind: str, subject_id: int, organisation: int | None = None) -> Panel | None:
    """The latest case of a subject for who asks; None: it was never submitted."""
    case = queries.case_of(kind, subject_id, organisation)
    return panel_of(request, case) if case else None


def panel_of(request: HttpRequest, case: Case, *, next: str = "") -> Panel:
    """One case for who asks. What is on the screen now is what they will have seen when they decide."""
    reader = signed_in(request)
    seen = subjects.kind_of(case.kind).content_hash(case.subject_id) if case.state in OPEN else ""
    return Panel(case, reader, next or request.get_full_path(), seen)


def fill(form: ActionForm, case: Case, action: Action, reader: User) -> None:
    """Put what may be chosen into an action's form."""
    if form.person_field:
        form.offer((one.user_id, one.name, one.organisation) for one in queries.candidates(case, action, reader))
    if isinstance(form, ReturnForm):
        form.offer_nodes(targets(case))


def targets(case: Case) -> list[tuple[str, str]]:
    """Where a case may be returned to: the requester, then the nodes that it has passed."""
    nodes = [view for view in queries.path(case) if view.status == "passed"]
    named = [(str(view.index), f"{view.name} · {view.organisation}".strip(" ·")) for view in nodes]
    return [("requester", _("%(name)s, who submitted it") % {"name": case.requested_by_name}), *named]


def _look(step: queries.Step) -> tuple[str, str]:
    return STEP_LOOKS.get(step.action, ("history", ""))


def node_of(case: Case, index: int) -> NodeDefinition:
    """The node of the route that stands at a place of a case's path."""
    return defined(case.route).node(case.path[index]["node"])


def acknowledges(case: Case, place: Place) -> bool:
    """Whether whoever is asked at a place acknowledges instead of approving."""
    return node_of(case, place.step).purpose == "acknowledge"


def deadline_words(deadline: Deadline | None, route: RouteDefinition | None = None) -> str:
    """A deadline's rule in words; with the route, the hours that count too."""
    if deadline is None:
        return ""
    if not deadline.working:
        return ngettext("%(n)d hour", "%(n)d hours", deadline.hours) % {"n": deadline.hours}
    words = ngettext("%(n)d working hour", "%(n)d working hours", deadline.hours) % {"n": deadline.hours}
    if route is None:
        return words
    spans = ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in route.working_hours)
    return _("%(words)s (workdays, %(spans)s)") % {"words": words, "spans": spans}


def standing_words(case: Case, holders: Sequence[queries.Holder]) -> str:
    """Where a case is now, in one sentence."""
    if case.state not in (*OPEN, CaseState.RETURNED):
        return str(case.get_state_display())
    names = "、".join(holder.name for holder in holders[:3])
    return _("It is now with %(names)s.") % {"names": names}
