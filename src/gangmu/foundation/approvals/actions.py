"""What can be done with a case, and how a case and its places stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """One word on a case 审批动作."""

    SUBMIT = "submit", _("submit")
    ISSUE = "issue", _("issue")
    APPROVE = "approve", _("approve")
    ACKNOWLEDGE = "acknowledge", _("acknowledge")
    RETURN = "return", _("return")
    WITHDRAW = "withdraw", _("withdraw")
    DELEGATE = "delegate", _("delegate")
    ADD = "add", _("add an approver")
    COUNTERSIGN = "countersign", _("ask for a countersignature")
    CONSULT = "consult", _("consult")
    ANSWER = "answer", _("answer")
    REASSIGN = "reassign", _("reassign")
    REMIND = "remind", _("remind")  # no decision: it changes nothing


class CaseState(models.TextChoices):
    """How a case stands. `ISSUED` and `ACKNOWLEDGED` are a downward case's `OPEN` and `APPROVED`."""

    OPEN = "open", _("under approval")
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ISSUED = "issued", _("issued")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")


class PlaceKind(models.TextChoices):
    """How a place came to be."""

    NODE = "node", _("of the route")
    ADDED = "added", _("added")
    COUNTERSIGN = "countersign", _("countersignature")
    CONSULT = "consult", _("consultation")  # does not decide, and nothing waits for it


class PlaceStatus(models.TextChoices):
    """How a place stands."""

    WAITING = "waiting", _("not yet its turn")
    OPEN = "open", _("waiting for a decision")
    DONE = "done", _("decided")
    VOID = "void", _("no longer needed")


LIVE = (CaseState.OPEN, CaseState.ISSUED)  # somebody has to decide
UNENDED = (*LIVE, CaseState.RETURNED)
