"""Changing the tree: one transaction at a time, checked and closed before the verb returns."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils.translation import gettext as _
from psycopg import errors


class ChangeRefused(ValidationError):
    """A change of organisations cannot be made; the text says why and what to do. Nothing was changed."""


class TreeRefused(ChangeRefused):
    """The placements would not form a tree on some day. Nothing was changed."""


def lock_tree() -> None:
    """Wait until nobody else is changing placements; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('parties.placement', 0))")


def settle() -> None:
    """Have the database check the tree and derive `Membership` now instead of at the commit.

    Raises:
        TreeRefused: a parent does not stand as long as its child, somebody would be above itself, or placements
            overlap. The caller's transaction must end.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS placements_form_a_tree IMMEDIATE")
            cursor.execute("SET CONSTRAINTS placements_form_a_tree DEFERRED")
    except IntegrityError as error:
        cause = error.__cause__
        said = cause.diag.message_primary if isinstance(cause, errors.Error) else str(error)
        raise TreeRefused(_("The tree would not hold together: %(said)s.") % {"said": said}) from error
