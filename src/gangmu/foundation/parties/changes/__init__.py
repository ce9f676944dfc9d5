"""Changes of the dated tree: planned over what is recorded, looked at, then made in one transaction, or refused.

A *planner* (`structure`, `regrouping`, `withdrawing`) takes a `World` and gives a `Plan`. `preview` shows a plan and
touches nothing; `perform` makes it, under the tree's lock, and only if it still is what was looked at.
"""

from collections.abc import Callable, Collection
from typing import Final

from django.db import IntegrityError, connection, transaction
from psycopg import sql

from gangmu.foundation.parties import dependents
from gangmu.foundation.parties.changes.errors import NothingToChange, Objected, Stale
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.worlds import World
from gangmu.foundation.parties.changes.writing import write
from gangmu.foundation.parties.dependents import Objection
from gangmu.foundation.parties.models import Change
from gangmu.foundation.parties.tree import ChangeRefused, lock_tree, settle

EVERYTHING: Final = frozenset({"*"})  # whatever speaks against it is known
LONGEST_REASON = 1000

Planner = Callable[[World], Plan]


def preview(planner: Planner) -> tuple[Plan, list[Objection]]:
    """What would be, and what speaks against it. Nothing is written and nobody waits.

    Raises:
        ChangeRefused, ValidationError: it cannot be.
    """
    plan = planner(World.read())
    if not plan.changes_anything:
        raise NothingToChange
    return plan, dependents.objections(plan)


@transaction.atomic
def perform(
    planner: Planner,
    *,
    reason: str = "",
    seen: str | None = None,
    although: Collection[str] = frozenset(),
    address: str | None = None,
) -> Change:
    """Make a change: all of it, with its record, or nothing.

    Args:
        seen: the digest of the plan that was looked at; None when nobody looked.
        although: the keys of the objections that are known; `EVERYTHING` for all that are not final.
        address: where the request came from.

    Raises:
        NothingToChange: everything is already so.
        Stale: the plan is not any more what was looked at.
        Objected: something depends on it that was not said to be known, or that stands.
        NotYours: the database does not let who has signed in do it.
        TreeRefused: the tree would not hold together.
    """
    lock_tree()
    plan = planner(World.read())
    if not plan.changes_anything:
        raise NothingToChange
    if seen is not None and seen != plan.digest:
        raise Stale
    standing = [
        objection
        for objection in dependents.objections(plan)
        if objection.final or not ("*" in although or objection.key in although)
    ]
    if standing:
        raise Objected(standing)
    number, opened = write(plan, reason.strip()[:LONGEST_REASON], address)
    settle()
    _ask_the_database()
    made = Change.objects.filter(pk=number).first()  # one at the top opens a branch that no scope of today holds yet
    return made or Change(pk=number, verb=plan.verb, from_date=plan.from_date, opened=opened, subjects=opened)


def _ask_the_database() -> None:
    """Have what registered constraints say of the tree said now, not at the commit.

    Raises:
        ChangeRefused: one does not hold.
    """
    for name, words in dependents.constraints():
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(sql.Identifier(name)))
                cursor.execute(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(sql.Identifier(name)))
        except IntegrityError as error:
            raise ChangeRefused(words(error) or str(error)) from error


__all__ = [
    "EVERYTHING",
    "ChangeRefused",
    "NothingToChange",
    "Objected",
    "Plan",
    "Planner",
    "Stale",
    "World",
    "perform",
    "preview",
]
