"""Taking a planned change back: everything as it was, as long as nobody has built on it."""

from datetime import date

from django.utils.translation import gettext as _

from gangmu.foundation.parties.changes.lines import as_json, from_json
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.structure import checked
from gangmu.foundation.parties.changes.worlds import World
from gangmu.foundation.parties.models import Change
from gangmu.foundation.parties.tree import ChangeRefused


def withdraw(world: World, change: Change, today: date) -> Plan:
    """Take back a change whose first day has not come, as if it had never been planned.

    Raises:
        ChangeRefused: its day has come, it has been taken back already, or somebody has changed the same since.
    """
    if change.withdrawn_at:
        raise ChangeRefused(_("This change has been withdrawn already."))
    if change.from_date is None or change.from_date <= today:
        raise ChangeRefused(
            _("This change is in force. Only what is planned can be withdrawn; change it anew from a day on.")
        )
    _untouched(world, change)
    placements = {int(one): from_json(rows) for one, rows in change.before["placements"].items()}
    attributes = {_key(key): from_json(rows) for key, rows in change.before["attributes"].items()}
    return checked(
        Plan(
            change.verb, world, change.from_date, tuple(change.subjects), placements=placements,
            attributes=attributes, details=change.details, withdraws=change.pk, unmade=_opened(change),
        )
    )  # fmt: skip


def _untouched(world: World, change: Change) -> None:
    """Raises:
    ChangeRefused: what the change made is not any more as it made it.
    """
    other: set[str] = set()
    for one in _opened(change):
        if any(f"{one}:{name}" not in change.after["attributes"] for name in world.attributes(one)):
            other.add(world.code(one))
    for key, rows in change.after["placements"].items():
        if as_json(world.line(int(key))) != rows:
            other.add(world.code(int(key)))
    for key, rows in change.after["attributes"].items():
        one, name = _key(key)
        if as_json(world.attributes(one).get(name, ())) != rows:
            other.add(world.code(one))
    if other:
        raise ChangeRefused(
            _("Changed again since: %(codes)s. Withdraw the later change first.") % {"codes": ", ".join(sorted(other))}
        )


def _opened(change: Change) -> tuple[int, ...]:
    """The organisations that the change opened: those that stood nowhere before, on any day."""
    before = change.before["placements"]
    return tuple(int(one) for one in change.after["placements"] if not before.get(one) and int(one) in change.opened)


def _key(key: str) -> tuple[int, str]:
    one, _colon, name = key.partition(":")
    return int(one), name
