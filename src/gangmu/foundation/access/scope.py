"""Whose rows a piece of work may touch, and the transactions in which that holds.

`Scope` is computed from the assignments of a user on the business date: for every room the organisations whose
rows may be viewed or changed now (`present`), and those that were once in the branch with the days on which they
were (`former`). `acting_as(user)` opens a transaction as the web role with that scope set, so that row security
holds underneath whatever the code asks.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from gangmu.foundation.access import permissions
from gangmu.foundation.access.declarations import scoped_rooms
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

WEB_ROLE = "gangmu_web"
HELD = "SELECT organisation_id, reach, permissions FROM access_assignments(%s, %s, %s)"
HEADROOM = 4096  # organisations made while a scope is in force must still have a bit


@dataclass(frozen=True)
class Former:
    """An organisation that was in the branch from `start` to `end` (exclusive); None is open."""

    organisation_id: int
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Scope:
    """What one user may see and change on one day."""

    user_id: int | None
    everything: bool = False
    permissions: frozenset[str] = frozenset()
    _view: dict[str, frozenset[int]] = field(default_factory=dict)
    _change: dict[str, frozenset[int]] = field(default_factory=dict)
    _former: dict[str, tuple[Former, ...]] = field(default_factory=dict)
    _held: tuple[tuple[frozenset[int], tuple[str, ...]], ...] = ()
    site: str = ""
    admitted: bool = False  # holds a role that may be used at the site

    def ids(self, room: str) -> frozenset[int]:
        """Organisations whose rows of `room` may be viewed, with their whole history."""
        return self._view.get(room, frozenset())

    def changeable(self, room: str) -> frozenset[int]:
        """Organisations whose rows of `room` may be changed."""
        return self._change.get(room, frozenset())

    def former(self, room: str) -> tuple[Former, ...]:
        """Organisations that were in the branch once, with the days on which they were."""
        return self._former.get(room, ())

    def may(self, permission: str) -> bool:
        """Whether some assignment grants `permission` (somewhere)."""
        return self.everything or permissions.any_implies(self.permissions, permission)

    def may_at(self, permission: str, organisation_id: int) -> bool:
        """Whether an assignment at this organisation or above it grants `permission`."""
        return self.everything or any(
            organisation_id in organisations and permissions.any_implies(granted, permission)
            for organisations, granted in self._held
        )


SYSTEM = Scope(user_id=None, everything=True)
ANONYMOUS = Scope(user_id=None)


def scope_of(user: User, on: date | None = None, *, site: str | None = None) -> Scope:
    """The scope of `user` on a business date (today when left out).

    Roles that may be used at `site` count (this process's when left out); "" is every role, wherever it may be used.
    """
    on = on or clock.today()
    at_site: str = settings.SITE if site is None else site
    with connection.cursor() as cursor:
        cursor.execute(HELD, [user.pk, on, at_site])
        held = [(organisation, reach, tuple(granted)) for organisation, reach, granted in cursor.fetchall()]
        tops = sorted({organisation for organisation, reach, _ in held if reach == "branch"})
        branches = {top: _branch(cursor, top, on) for top in tops}
    view: dict[str, frozenset[int]] = {}
    change: dict[str, frozenset[int]] = {}
    former: dict[str, tuple[Former, ...]] = {}
    for room in scoped_rooms():
        seen: set[int] = set()
        once: set[Former] = set()
        changed: set[int] = set()
        for organisation, reach, granted in held:
            present, past = branches[organisation] if reach == "branch" else ({organisation}, ())
            if reach == "self":
                continue
            if permissions.may_view(granted, room):
                seen |= present
                once.update(past)
            if permissions.may_change(granted, room):
                changed |= present
        view[room] = frozenset(seen)
        change[room] = frozenset(changed)
        former[room] = tuple(
            sorted(
                (one for one in once if one.organisation_id not in seen),
                key=lambda one: (one.organisation_id, one.start or date.min),
            )
        )
    granted_anywhere = frozenset(one for _, _, granted in held for one in granted)
    at = tuple(
        (frozenset(branches[organisation][0]) if reach == "branch" else frozenset({organisation}), granted)
        for organisation, reach, granted in held
        if reach != "self"
    )
    return Scope(user.pk, False, granted_anywhere, view, change, former, at, at_site, bool(held))


def _branch(cursor, top: int, on: date) -> tuple[set[int], tuple[Former, ...]]:
    cursor.execute(
        "SELECT organisation_id, lower(valid), upper(valid), present FROM access_branch(%s, %s)",
        [top, on],
    )
    rows = cursor.fetchall()
    present = {organisation for organisation, _, _, holds in rows if holds}
    past = tuple(
        Former(organisation, start, end) for organisation, start, end, _ in rows if organisation not in present
    )
    return present, past


def _bits(ids: Iterable[int]) -> str:
    """The ids as PostgreSQL reads a bytea whose bit n stands for id n."""
    ids = list(ids)
    size = (max(ids, default=0) + HEADROOM) // 8 + 1
    array = bytearray(size)
    for one in ids:
        array[one >> 3] |= 1 << (one & 7)
    return "\\x" + array.hex()


def _range(former: Former) -> str:
    start = former.start.isoformat() if former.start else ""
    end = former.end.isoformat() if former.end else ""
    return f"{former.organisation_id}:[{start},{end})"


def settings_of(scope: Scope) -> dict[str, str]:
    """The transaction's settings that row security reads for `scope`."""
    values = {"gangmu.user_id": str(scope.user_id or 0)}
    cache: dict[frozenset[int], str] = {}
    for room in scoped_rooms():
        for prefix, ids in (("view", scope.ids(room)), ("change", scope.changeable(room))):
            if ids not in cache:
                cache[ids] = _bits(ids)
            values[f"gangmu.{prefix}_{room}"] = cache[ids]
        values[f"gangmu.former_{room}"] = ";".join(_range(one) for one in scope.former(room))
    return values


def set_local(values: dict[str, str]) -> None:
    """Set settings for the rest of the transaction, in one round trip."""
    names = list(values)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join("set_config(%s, %s, true)" for _ in names),
            [part for name in names for part in (name, values[name])],
        )


def become_web(user_id: int | None) -> None:
    """Drop to the web role for the rest of the transaction; no rows can be asked for until `enter`."""
    set_local({"role": WEB_ROLE, "gangmu.user_id": str(user_id or 0), "gangmu.now": clock.now().isoformat()})


def enter(scope: Scope) -> None:
    """Let row security see `scope` for the rest of the transaction."""
    set_local(settings_of(scope))


@contextmanager
def acting_as(user: User | None, *, site: str | None = None) -> Iterator[Scope]:
    """A transaction of its own in which row security holds for `user`; for jobs, streams and tests.

    The roles count that may be used at `site` (this process's when left out).
    Inside an open transaction a savepoint is used and role and settings are put back at the end.
    """
    with transaction.atomic():
        before = present_settings()
        become_web(user.pk if user else None)
        scope = scope_of(user, site=site) if user else ANONYMOUS
        enter(scope)
        yield scope
        if before:
            set_local(before)


def present_settings() -> dict[str, str]:
    """Role and settings to put back when a scoped block ends inside a longer transaction."""
    if not connection.savepoint_ids:
        return {}
    names = ["gangmu.user_id"] + [f"gangmu.{p}_{room}" for room in scoped_rooms() for p in ("view", "change", "former")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, " + ", ".join("current_setting(%s, true)" for _ in names), names)
        row = cursor.fetchone()
        cursor.execute("SELECT session_user")
        (session_user,) = cursor.fetchone()
    role, *values = row
    return {"role": "none" if role == session_user else role} | {
        name: value or "" for name, value in zip(names, values, strict=True)
    }
