"""What may be done with norms, and the pages that belong to it."""

from django.utils.translation import gettext_lazy as _

from gangmu.duties.norms.errors import NotPossible
from gangmu.duties.norms.errors import _ as noted
from gangmu.foundation.access.scope import SYSTEM, Scope, scope_of
from gangmu.foundation.accounts.models import User

VIEW, EXPORT, FREEZE = "norms:view", "norms:export", "norms:freeze"
PAGES = (
    ("norms:standards", _("Standards"), VIEW),
    ("norms:clauses", _("Clauses of a standard"), VIEW),
    ("norms:compare", _("Compare two cells"), VIEW),
    ("norms:figures", _("Figures of a standard"), VIEW),
    ("norms:baselines", _("Baselines"), VIEW),
)


def scope_for(actor: User | None, scope: Scope | None = None) -> Scope:
    """The scope in which somebody acts; the system's own work has no user."""
    return scope or (scope_of(actor) if actor else SYSTEM)


def require(permission: str, organisation_id: int, scope: Scope) -> None:
    """See that the asker's roles cover an action at an organisation.

    Raises:
        NotPossible: they do not.
    """
    if not scope.may_at(permission, organisation_id):
        raise NotPossible(noted("Your roles do not let you do this here. Ask whoever administers roles for it."))
