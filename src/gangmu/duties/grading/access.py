"""The permissions of grading, and who acts."""

from django.db import connection

from gangmu.duties.grading.errors import NotPossible, _
from gangmu.duties.resources.models import Resource
from gangmu.foundation.access.scope import SYSTEM, Scope, scope_of
from gangmu.foundation.accounts.models import User

VIEW = "grading:view"
GRADE = "grading:grade"  # prepare a grading and submit it
REGRADE = "grading:regrade"  # raise a re-grading, as operation does
CONFIRM = "grading:confirm"  # confirm for a party
GOLIVE = "grading:golive"  # prepare a system's way into operation
CONFIGURE = "grading:configure"  # change the house's matrices


def scope_for(by: User | None, scope: Scope | None = None) -> Scope:
    """The scope in which somebody acts; the system's own work has no user."""
    return scope or (scope_of(by) if by else SYSTEM)


def require(permission: str, organisation_id: int, scope: Scope) -> None:
    """See that the asker's roles cover an action at an organisation.

    Raises:
        NotPossible: they do not.
    """
    if not scope.may_at(permission, organisation_id):
        raise NotPossible(_("Your roles do not let you do this here. Ask whoever administers roles for it."))


def held(resource: Resource) -> Resource:
    """The system as it stands, its grades held for this transaction; its own row may not be the asker's to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('grading.system', %s))", [resource.pk])
    return Resource.objects.select_related("organisation").get(pk=resource.pk)
