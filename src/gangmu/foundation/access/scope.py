"""Whose rows a piece of work may touch, and the transactions in which that holds.

`Scope` is computed from the assignments of a user on the business date: for every room the organisations whose
rows may be viewed or changed now (`present`), and those that were once in the branch with the days on which they
were (`former`). `acting_as(user)` opens a transaction as the web role with that scope set, so that row security
holds underneath whatever the code asks.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from gangmu.foundation.access import permissions
from gangmu.foundation.access.declarations import scoped_rooms
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

WEB_ROLE = "gangmu_web"
HELD = "SELECT organisation_id, reach, permissions, role, hides, menu FROM access_assignments(%s, %s, %s)"
# (texts, names, which text each name gets); the settings are made in the order of their names
SET_LOCAL = """
SELECT count(set_config(name, (given.texts)[at], true))
FROM (SELECT %s::text[] AS texts) AS given, unnest(%s::text[], %s::int[]) AS wanted (name, at)
"""
PRESENT = """
SELECT current_user, session_user, array_agg(coalesce(current_setting(name, true), '') ORDER BY place)
FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (name, place)
"""
HEADROOM = 4096  # organisations made while a scope is in force must still have a bit


@dataclass(frozen=True)
class Former:
    """An organisation that was in the branch from `start` to `end` (exclusive); None is open."""

    organisation_id: int
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Given:
    """One assignment as a scope is computed from it."""

    organisation_id: int
    reach: str
    permissions: tuple[str, ...]
    role: str = ""
    hides: frozenset[str] = frozenset()
    menu: dict[str, Any] = field(default_factory=dict, compare=False)


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
    given: tuple[Given, ...] = ()

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

    @cached_property
    def hides_anything(self) -> bool:
        """Whether some role leaves out elements of pages."""
        return any(one.hides for one in self.given)

    def opens(self, element: str, permission: str = "") -> bool:
        """Whether some role that grants `permission` (any role where none is named) opens an element: a menu entry, a
        page, a button or a field by its code, `page:documents:add`."""
        if self.everything:
            return True
        return any(
            element not in one.hides and (not permission or permissions.any_implies(one.permissions, permission))
            for one in self.given
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
        held = [
            Given(organisation, reach, tuple(granted), role, frozenset(hides), _json(menu))
            for organisation, reach, granted, role, hides, menu in cursor.fetchall()
        ]
    return scope_from(user.pk, held, on, at_site)


def scope_from(user_id: int, held: Sequence[Given], on: date, site: str) -> Scope:
    """The scope that assignments make on a day. Of somebody else's by who may look after roles at their organisations.

    Raises:
        ProgrammingError: row security does not let the asker know one of the branches.
    """
    with connection.cursor() as cursor:
        tops = sorted({one.organisation_id for one in held if one.reach == "branch"})
        branches = {top: _branch(cursor, top, on) for top in tops}
    view: dict[str, frozenset[int]] = {}
    change: dict[str, frozenset[int]] = {}
    former: dict[str, tuple[Former, ...]] = {}
    for room in scoped_rooms():
        seen: set[int] = set()
        once: set[Former] = set()
        changed: set[int] = set()
        for one in held:
            if one.reach == "self":
                continue
            top = one.organisation_id
            present, past = branches[top] if one.reach == "branch" else ({top}, ())
            if permissions.may_view(one.permissions, room):
                seen |= present
                once.update(past)
            if permissions.may_change(one.permissions, room):
                changed |= present
        view[room] = frozenset(seen)
        change[room] = frozenset(changed)
        former[room] = tuple(
            sorted(
                (one for one in once if one.organisation_id not in seen),
                key=lambda one: (one.organisation_id, one.start or date.min),
            )
        )
    anywhere = frozenset(permission for one in held for permission in one.permissions)
    at = tuple(
        (
            frozenset(branches[one.organisation_id][0]) if one.reach == "branch" else frozenset({one.organisation_id}),
            one.permissions,
        )
        for one in held
        if one.reach != "self"
    )
    return Scope(user_id, False, anywhere, view, change, former, at, site, bool(held), tuple(held))


def _json(value: Any) -> dict[str, Any]:
    """What a cursor of Django's gives of a jsonb column: its text."""
    return json.loads(value) if isinstance(value, str) else value or {}


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
    """Set settings for the rest of the transaction, in one round trip.

    Most rooms of a scope have the same organisations: each value is sent once, however many settings have it.
    """
    texts = list(dict.fromkeys(values.values()))
    place = {text: at for at, text in enumerate(texts, start=1)}
    with connection.cursor() as cursor:
        cursor.execute(SET_LOCAL, [texts, list(values), [place[text] for text in values.values()]])


def become_web(user_id: int | None, scope: Scope | None = None) -> None:
    """Drop to the web role for the rest of the transaction, and `enter` a scope where one is given in the same round
    trip. Without one no rows can be asked for until then."""
    own = {"role": WEB_ROLE, "gangmu.user_id": str(user_id or 0), "gangmu.now": clock.now().isoformat()}
    set_local({**own, **(settings_of(scope) if scope else {})})


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
        cursor.execute(PRESENT, [names])
        role, session_user, values = cursor.fetchone()
    return {"role": "none" if role == session_user else role} | dict(zip(names, values, strict=True))
