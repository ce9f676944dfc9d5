"""What decisions are called among the events of records."""

from django.utils.translation import gettext_noop as _

from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.records.kinds import register_kind

NOTED = {
    Action.SUBMIT: "approvals.submitted",
    Action.ISSUE: "approvals.issued",
    Action.APPROVE: "approvals.approved",
    Action.ACKNOWLEDGE: "approvals.acknowledged",
    Action.RETURN: "approvals.returned",
    Action.WITHDRAW: "approvals.withdrawn",
    Action.DELEGATE: "approvals.delegated",
    Action.ADD: "approvals.approver-added",
    Action.COUNTERSIGN: "approvals.countersignature-asked",
    Action.CONSULT: "approvals.consulted",
    Action.ANSWER: "approvals.answered",
    Action.REASSIGN: "approvals.reassigned",
    Action.REMIND: "approvals.reminded",
}
TITLES = {
    Action.SUBMIT: _("Submitted for approval"),
    Action.ISSUE: _("Issued downward"),
    Action.APPROVE: _("Approved at a node"),
    Action.ACKNOWLEDGE: _("Receipt acknowledged"),
    Action.RETURN: _("Returned with a reason"),
    Action.WITHDRAW: _("Withdrawn from approval"),
    Action.DELEGATE: _("Decision handed over"),
    Action.ADD: _("Approver added"),
    Action.COUNTERSIGN: _("Countersignature asked for"),
    Action.CONSULT: _("Advice asked for"),
    Action.ANSWER: _("Advice given"),
    Action.REASSIGN: _("Case reassigned"),
    Action.REMIND: _("Reminded of a case"),
}


def register() -> None:
    """Name the events when the room starts."""
    for action, title in TITLES.items():
        register_kind(NOTED[action], title)
    register_kind("approvals.signed", _("Decision signed"))
    register_kind("approvals.signature-refused", _("Signature refused"))
    register_kind("approvals.bundle-exported", _("Signed decision exported"))
