"""On what the answers of this room's sources depend, besides what is wanted."""

from collections.abc import Hashable

from django.db import connection
from django.utils.translation import get_language

from gangmu.figures.cube import gateway
from gangmu.figures.scopes.queries import book
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import seen
from gangmu.foundation.settings import clock


def tree_version() -> int:
    """The version of organisations, placements and attributes that this transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cube_tree_stamp()")
        (stamp,) = cursor.fetchone()
    return stamp


def of_figures(scope: Scope) -> Hashable | None:
    """Facts, tree, definitions, statistical scopes, the day, the language, and what the asker may see; None while the
    cube is behind."""
    state = gateway.state(scope)
    return None if state is None else (state, book().stamp, seen(scope), clock.today(), get_language())
