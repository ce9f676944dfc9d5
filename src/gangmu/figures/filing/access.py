"""What somebody may do with a sheet: one decision, asked by pages, services and tests alike."""

from typing import Protocol

from django.utils.translation import gettext as _

from gangmu.figures.filing.errors import NotAllowed, NotOpen
from gangmu.figures.filing.models import Sheet
from gangmu.foundation.access.scope import SYSTEM, Scope, scope_of
from gangmu.foundation.accounts.models import User

FILE, APPROVE, LOCK, VIEW = "figures:file", "figures:approve", "figures:lock", "figures:view"
Status = Sheet.Status


class Granting(Protocol):
    """What of a scope matters here."""

    def may_at(self, permission: str, organisation_id: int) -> bool: ...


def may(sheet: Sheet, scope: Granting) -> frozenset[str]:
    """What of "edit", "remark", "submit", "recall", "correct", "lock" the asker may do with the sheet now."""
    files = scope.may_at(FILE, sheet.organisation_id)
    allowed: set[str] = set()
    if files and sheet.status in (Status.OPEN, Status.RETURNED):
        allowed |= {"edit", "submit"}
    if files and sheet.status == Status.SUBMITTED:
        allowed.add("recall")
    if files and sheet.status in (Status.APPROVED, Status.LOCKED):
        allowed.add("correct")
    if files or scope.may_at(APPROVE, sheet.organisation_id):
        allowed.add("remark")
    if sheet.status == Status.APPROVED and scope.may_at(LOCK, sheet.organisation_id):
        allowed.add("lock")
    return frozenset(allowed)


def scope_for(by: User | None, scope: Scope | None = None) -> Scope:
    """The scope in which somebody acts; the system's own work has no user."""
    return scope or (scope_of(by) if by else SYSTEM)


def require(action: str, sheet: Sheet, scope: Granting) -> None:
    """See that the asker may do this now.

    Raises:
        NotOpen: the sheet stands at another stage; says which, and what to do.
        NotAllowed: their roles do not cover it there.
    """
    if action in may(sheet, scope):
        return
    needed = {"lock": LOCK, "remark": APPROVE}.get(action, FILE)
    if not scope.may_at(needed, sheet.organisation_id):
        raise NotAllowed(
            _("Your roles do not include this at %(organisation)s. Ask whoever administers roles for it.")
            % {"organisation": sheet.organisation.name}
        )
    raise NotOpen(why_not(action, sheet))


def why_not(action: str, sheet: Sheet) -> str:
    """Why an action is not possible at the sheet's stage, and what is."""
    if action == "correct":
        return {
            Status.OPEN: _("The sheet is still being filled in: change its figures directly."),
            Status.RETURNED: _("The sheet was returned: change its figures directly and submit it again."),
            Status.SUBMITTED: _(
                "The sheet is under approval. Withdraw it, or have it returned, and change its figures."
            ),
        }[Status(sheet.status)]
    if action == "recall":
        return _("The sheet is not under approval; there is nothing to withdraw.")
    if action == "lock":
        return _("Only an approved sheet is locked. This one is: %(status)s.") % {"status": Status(sheet.status).label}
    return {
        Status.SUBMITTED: _(
            "The sheet is under approval; its figures stand still. Withdraw it, or ask an approver to return it, "
            "then change them."
        ),
        Status.APPROVED: _("The sheet is approved. Ask for a correction to change its figures."),
        Status.LOCKED: _("The sheet is locked. Ask for a correction to change its figures."),
    }.get(Status(sheet.status), _("The sheet is being filled in."))
