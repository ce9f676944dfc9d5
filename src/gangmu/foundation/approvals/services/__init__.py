"""What is done with cases. All of it in one transaction each; done twice under one key is done once.

Every verb raises a subclass of `errors.ApprovalError` when it is refused. `seen` is the content hash of what was on the
screen (`subjects.SubjectKind.content_hash`), `place` the number of the place that was shown as theirs: pages pass both.
People are given by id.
"""

from gangmu.foundation.approvals.services.asking import issue, submit, submit_many, withdraw
from gangmu.foundation.approvals.services.deciding import Outcome, acknowledge, approve, approve_many, return_
from gangmu.foundation.approvals.services.leaving import end_leave, set_leave
from gangmu.foundation.approvals.services.reminding import remind, remind_late
from gangmu.foundation.approvals.services.sharing import (
    add_approver,
    answer,
    consult,
    countersign,
    delegate,
    reassign,
)

__all__ = [
    "Outcome",
    "acknowledge",
    "add_approver",
    "answer",
    "approve",
    "approve_many",
    "consult",
    "countersign",
    "delegate",
    "end_leave",
    "issue",
    "reassign",
    "remind",
    "remind_late",
    "return_",
    "set_leave",
    "submit",
    "submit_many",
    "withdraw",
]
