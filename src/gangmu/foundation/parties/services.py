"""What is done to organisations. The only place, besides the loader, that writes them.

Days: a change holds from its first day (`from_date`, counted); a last day is counted too. Each verb is one transaction,
leaves a `Change` with its reason, and is refused as `changes.perform` says. `although` names what speaks against it and
is known (`changes.EVERYTHING`: whatever it is).
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import TypedDict, Unpack

from gangmu.foundation.parties.changes import NothingToChange, Objected, Stale, perform, structure
from gangmu.foundation.parties.changes import regrouping as groups
from gangmu.foundation.parties.changes.errors import NotInTheTree, NotYours
from gangmu.foundation.parties.changes.regrouping import Part
from gangmu.foundation.parties.changes.structure import New
from gangmu.foundation.parties.changes.withdrawing import withdraw as planned_withdrawal
from gangmu.foundation.parties.loading.recording import LoadResult, load_organisations
from gangmu.foundation.parties.models import Change, Organisation
from gangmu.foundation.parties.tree import ChangeRefused, TreeRefused
from gangmu.foundation.settings import clock

__all__ = [
    "ChangeRefused",
    "LoadResult",
    "New",
    "NotInTheTree",
    "NotYours",
    "Objected",
    "Part",
    "Stale",
    "TreeRefused",
    "close",
    "create",
    "load_organisations",
    "merge",
    "move",
    "rename",
    "reopen",
    "set_attribute",
    "split",
    "withdraw",
]


class How(TypedDict, total=False):
    """How a change is made; see `changes.perform`."""

    reason: str
    although: Collection[str]
    seen: str | None
    address: str | None


def create(
    *,
    code: str,
    kind: str,
    name_zh: str = "",
    name_en: str = "",
    parent: Organisation | None = None,
    from_date: date | None = None,
    last_day: date | None = None,
    attributes: dict[str, str] | None = None,
    **how: Unpack[How],
) -> Organisation:
    """Open an organisation under `parent`, or as a root, with its attributes.

    Raises:
        ValidationError: a code, kind or value that cannot be; a parent that does not stand all that time.
    """
    new, above = New(code, kind, name_zh, name_en), _id(parent)
    made = perform(lambda world: structure.create(world, new, above, from_date, last_day, attributes), **how)
    opened = Organisation(pk=made.opened[0], code=new.code, kind=kind, name_zh=name_zh, name_en=name_en)
    return Organisation.objects.filter(pk=opened.pk).first() or opened  # no scope of today holds it yet


def move(
    organisation: Organisation, to_parent: Organisation | None, from_date: date, **how: Unpack[How]
) -> Change | None:
    """Place `organisation` under `to_parent` from `from_date` until it would have left its present parent.

    What was before stays as it was. The database cuts the rows of everything below on that day too, so that each
    belongs to one branch. None where it stands there already.

    Raises:
        NotInTheTree: it does not stand anywhere on that day.
        ChangeRefused: the parent would be below it, or does not stand that long.
    """
    try:
        return perform(lambda world: structure.move(world, organisation.pk, _id(to_parent), from_date), **how)
    except NothingToChange:
        return None


def rename(
    organisation: Organisation, *, name_zh: str | None = None, name_en: str | None = None, **how: Unpack[How]
) -> Change | None:
    """Give other names; a name is not dated, its history is kept. None where they are its names already.

    Raises:
        ValidationError: no name would be left, or one is too long.
    """
    try:
        change = perform(lambda world: structure.rename(world, organisation.pk, name_zh, name_en), **how)
    except NothingToChange:
        return None
    organisation.refresh_from_db()
    return change


def set_attribute(
    organisation: Organisation, name: str, value: str | None, from_date: date, **how: Unpack[How]
) -> Change | None:
    """Let attribute `name` be `value` (None: nothing) from `from_date` until its next change.

    The next change is the first later day on which another value begins, or on which the organisation leaves the
    tree. Each row stays inside one placement.

    Raises:
        ValidationError: an unknown attribute, or a text that is no value of it.
        NotInTheTree: the organisation does not stand anywhere on that day.
    """
    wanted = [(organisation.pk, name, value, from_date)]
    try:
        return perform(lambda world: structure.parameters(world, wanted), **how)
    except NothingToChange:
        return None


def close(
    organisation: Organisation, last_day: date, *, with_everything_below: bool = False, **how: Unpack[How]
) -> Change:
    """Let the organisation leave the tree after `last_day`, and, when asked, everything that stands below it then.

    Raises:
        NotInTheTree: it does not stand anywhere on that day.
        ChangeRefused: others would lose their parent.
    """
    return perform(lambda world: structure.close(world, organisation.pk, last_day, with_everything_below), **how)


def reopen(
    organisation: Organisation, from_date: date, *, parent: Organisation | None = None, **how: Unpack[How]
) -> Change:
    """Let an organisation that has closed stand in the tree again, where it stood or under `parent`, with the values
    that it had on its last day.

    Raises:
        ChangeRefused: it stands on that day, or never stood before.
    """
    return perform(lambda world: structure.reopen(world, organisation.pk, _id(parent), from_date), **how)


def merge(
    organisations: Sequence[Organisation],
    into: Organisation | New,
    from_date: date,
    *,
    parent: Organisation | None = None,
    **how: Unpack[How],
) -> Change:
    """Let several become one from a day on: a new one, under `parent` or where the first stands, or one that there is.

    What stands below them goes on below it. They close the day before and are noted as its predecessors; facts stay
    with whom they were filed for.

    Raises:
        NotInTheTree: one of them does not stand on that day.
        ChangeRefused: one stands below another, or there is nothing to merge.
    """
    ones, target, above = [one.pk for one in organisations], into if isinstance(into, New) else into.pk, _id(parent)
    return perform(lambda world: groups.merge(world, ones, target, from_date, above), **how)


def split(
    organisation: Organisation, parts: Sequence[Part], from_date: date, *, keep: bool = False, **how: Unpack[How]
) -> Change:
    """Let one become several from a day on, each with those of its children that it is given.

    With `keep` the organisation stays, with the children that nobody is given; without, none may be left over, and it
    closes the day before. The parts are noted as its successors.

    Raises:
        NotInTheTree: it, or a part that there is, does not stand on that day.
        ChangeRefused: children are left over, given twice, or not its own.
    """
    return perform(lambda world: groups.split(world, organisation.pk, parts, from_date, keep=keep), **how)


def withdraw(change: Change, **how: Unpack[How]) -> Change:
    """Take back a change whose day has not come: everything is as if it had never been planned.

    Raises:
        ChangeRefused: it is in force, was withdrawn, or something has been built on it.
    """
    today = clock.today()
    return perform(lambda world: planned_withdrawal(world, change, today), **how)


def _id(organisation: Organisation | None) -> int | None:
    return organisation.pk if organisation else None
