"""The actions as pages offer them: words, icon, form, and the service that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import forms, services
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.models import Case

Text = str | Promise
Perform = Callable[[Case, User, str, dict[str, Any]], Any]


@dataclass(frozen=True)
class Verb:
    """One action: the button's `label`, `hint` about what happens then, `done` said afterwards."""

    action: Action
    label: Text
    icon: str
    hint: Text
    done: Text
    form: type[forms.ActionForm]
    perform: Perform
    tone: str = ""
    closes: bool = True  # whether what was decided on must be what was seen


def _approve(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.approve(case.pk, by=by, seen=data["seen"], key=key, words=data["words"], place=data["place"])


def _acknowledge(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.acknowledge(case.pk, by=by, seen=data["seen"], key=key, words=data["words"], place=data["place"])


def _return(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    to = int(data["to"]) if data["to"].isdigit() else "requester"
    return services.return_(
        case.pk, by=by, seen=data["seen"], key=key, reason=data["reason"], to=to, place=data["place"]
    )


def _withdraw(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.withdraw(case.pk, by=by, key=key, reason=data["reason"])


def _delegate(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.delegate(case.pk, by=by, to=data["to"], key=key, reason=data["reason"], place=data["place"])


def _add(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.add_approver(
        case.pk, by=by, who=data["who"], when=data["when"], key=key, reason=data["reason"], place=data["place"]
    )


def _countersign(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.countersign(case.pk, by=by, who=data["who"], key=key, words=data["words"], place=data["place"])


def _consult(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.consult(case.pk, by=by, who=data["who"], question=data["question"], key=key, place=data["place"])


def _answer(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    place = case.places.filter(number=data["place"]).values_list("pk", flat=True).first() or 0
    return services.answer(place, by=by, words=data["words"], key=key)


def _reassign(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.reassign(case.pk, by=by, to=data["to"], key=key, reason=data["reason"], place=data["place"])


def _remind(case: Case, by: User, key: str, data: dict[str, Any]) -> Any:
    return services.remind(case.pk, by=by, key=key, words=data["words"])


VERBS = {
    verb.action: verb
    for verb in (
        Verb(
            Action.APPROVE,
            pgettext_lazy("button", "Approve"),
            "check",
            _("What you approve is what you see on this page."),
            _("Approved."),
            forms.ApproveForm,
            _approve,
            tone="primary",
        ),
        Verb(
            Action.ACKNOWLEDGE,
            pgettext_lazy("button", "Acknowledge"),
            "clipboard-check",
            _("It is recorded that you have received it."),
            _("Acknowledged."),
            forms.ApproveForm,
            _acknowledge,
            tone="primary",
        ),
        Verb(
            Action.RETURN,
            pgettext_lazy("button", "Return"),
            "arrow-back-up",
            _("It goes back and is approved again from there. Whoever corrects it reads your reason."),
            _("Returned."),
            forms.ReturnForm,
            _return,
            tone="danger",
        ),
        Verb(
            Action.ANSWER,
            pgettext_lazy("button", "Answer"),
            "message-reply",
            _("Your answer is advice; it decides nothing."),
            _("Your answer was given."),
            forms.AnswerForm,
            _answer,
            tone="primary",
        ),
        Verb(
            Action.WITHDRAW,
            pgettext_lazy("button", "Withdraw"),
            "corner-down-left",
            _("It comes back to you as a draft; nobody needs to decide any more."),
            _("Withdrawn."),
            forms.WithdrawForm,
            _withdraw,
            tone="danger",
        ),
        Verb(
            Action.DELEGATE,
            pgettext_lazy("button", "Delegate"),
            "user-share",
            _("The other person decides in your place; you no longer do."),
            _("Handed over."),
            forms.DelegateForm,
            _delegate,
        ),
        Verb(
            Action.ADD,
            pgettext_lazy("button", "Add an approver"),
            "user-plus",
            _("The case waits for this person too, before or after you."),
            _("The approver was added."),
            forms.AddForm,
            _add,
        ),
        Verb(
            Action.COUNTERSIGN,
            pgettext_lazy("button", "Countersign"),
            "signature",
            _("The node passes when both of you have approved."),
            _("The countersignature was asked for."),
            forms.CountersignForm,
            _countersign,
        ),
        Verb(
            Action.CONSULT,
            pgettext_lazy("button", "Consult"),
            "message-question",
            _("The person is asked and may answer. Nothing waits for the answer."),
            _("Your question was sent."),
            forms.ConsultForm,
            _consult,
        ),
        Verb(
            Action.REMIND,
            pgettext_lazy("button", "Remind"),
            "bell-ringing",
            _("Everybody who holds it now gets a notice, at most one an hour."),
            _("Reminded."),
            forms.RemindForm,
            _remind,
        ),
        Verb(
            Action.REASSIGN,
            pgettext_lazy("button", "Reassign"),
            "user-check",
            _("For a place that nobody can fill any more: somebody else decides there."),
            _("Reassigned."),
            forms.ReassignForm,
            _reassign,
        ),
    )
}
