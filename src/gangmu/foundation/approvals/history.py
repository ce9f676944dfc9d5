"""Everything that was done with a case, in the reader's language."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.engine.standing import PathStep
from gangmu.foundation.approvals.models import Case, Decision, Reminder
from gangmu.foundation.approvals.routes import defined

SENTENCES = {
    Action.SUBMIT: gettext_lazy("submitted"),
    Action.ISSUE: gettext_lazy("issued"),
    Action.APPROVE: gettext_lazy("approved"),
    Action.ACKNOWLEDGE: gettext_lazy("acknowledged"),
    Action.RETURN: gettext_lazy("returned to %(to)s"),
    Action.WITHDRAW: gettext_lazy("withdrew"),
    Action.DELEGATE: gettext_lazy("handed over to %(person)s"),
    Action.ADD: gettext_lazy("added %(person)s, who decides %(when)s"),
    Action.COUNTERSIGN: gettext_lazy("asked %(person)s to countersign"),
    Action.CONSULT: gettext_lazy("asked %(person)s"),
    Action.ANSWER: gettext_lazy("answered"),
    Action.REASSIGN: gettext_lazy("let %(person)s decide here too"),
    Action.REMIND: gettext_lazy("reminded %(person)s"),
}


@dataclass(frozen=True)
class Step:
    """One line of a case's history. `text` is a sentence without its subject, who is `by`."""

    at: datetime
    action: Action
    text: str
    by: str
    on_behalf_of: str
    reason: str
    words: str
    node: str
    round: int
    decision: Decision | None = None


def history(case: Case) -> list[Step]:
    """Every decision and reminder, the oldest first."""
    return histories([case])[case.pk]


def histories(cases: Collection[Case]) -> dict[int, list[Step]]:
    """The same of many cases, in two queries."""
    known, found = {case.pk: case for case in cases}, {case.pk: list[Step]() for case in cases}
    for one in Decision.objects.filter(case__in=list(known)).order_by("case", "number"):
        found[one.case_id].append(_step(known[one.case_id], one))
    for one in Reminder.objects.filter(case__in=list(known)).order_by("pk"):
        text, case = str(SENTENCES[Action.REMIND]) % {"person": one.to_name}, known[one.case_id]
        found[case.pk].append(Step(one.at, Action.REMIND, text, one.by_name, "", "", one.words, "", case.round))
    return {pk: sorted(steps, key=lambda step: step.at) for pk, steps in found.items()}


def _step(case: Case, one: Decision) -> Step:
    action = Action(one.action)
    words = {
        "person": one.person_name,
        "to": _node(case, one.to_step) or _("the requester"),
        "when": _("afterwards") if one.data.get("when") == "after" else _("before"),
    }
    return Step(
        at=one.decided_at,
        action=action,
        text=str(SENTENCES[action]) % words,
        by=one.decided_by_name,
        on_behalf_of=one.on_behalf_of_name,
        reason=one.reason,
        words=one.words,
        node=_node(case, one.step),
        round=one.round,
        decision=one,
    )


def _node(case: Case, step: int | None) -> str:
    """A node's name; a route's nodes are the same in every round of a case."""
    if step is None or step >= len(case.path):
        return ""
    resolved = PathStep.from_json(case.path[step])
    return str(defined(case.route).node(resolved.node).name)
