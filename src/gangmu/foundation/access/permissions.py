"""Shiro-style permission strings: `room:action[:object]`, with `*` and comma lists.

`figures:view`, `figures:view,export`, `parties:*`, `*`. A granted permission implies a wanted one when every
part of the wanted one is covered; parts that the granted one leaves off at the end are covered.
"""

import re
from collections.abc import Iterable
from itertools import product

PERMISSION = re.compile(r"^(\*|[a-z_]+)(:(\*|[a-z_]+(,[a-z_]+)*))?(:(\*|[\w.-]+(,[\w.-]+)*))?$")
READING = frozenset({"view", "export", "contact"})


def is_well_formed(permission: str) -> bool:
    return PERMISSION.match(permission) is not None


def implies(granted: str, wanted: str) -> bool:
    """Whether `granted` covers `wanted`."""
    have, want = granted.split(":"), wanted.split(":")
    for index, part in enumerate(want):
        if index >= len(have):
            return True
        options = have[index].split(",")
        if "*" not in options and not set(part.split(",")) <= set(options):
            return False
    return all("*" in rest.split(",") for rest in have[len(want) :])


def any_implies(granted: Iterable[str], wanted: str) -> bool:
    return any(implies(one, wanted) for one in granted)


def may_view(granted: Iterable[str], room: str) -> bool:
    """Whether any of `granted` lets rows of `room` be read."""
    return any_implies(granted, f"{room}:view")


def may_change(granted: Iterable[str], room: str) -> bool:
    """Whether any of `granted` is an action in `room` other than reading it (phone and mail included)."""
    for one in granted:
        head, _, tail = one.partition(":")
        if head in ("*", room):
            actions = set((tail.split(":")[0] or "*").split(","))
            if actions - READING:
                return True
    return False


def atoms(granted: Iterable[str]) -> frozenset[str]:
    """Permissions with one room, action and object each: `a:x,y` is `a:x` and `a:y`."""
    found = set()
    for one in granted:
        parts = [part.split(",") for part in one.split(":")]
        found |= {":".join(chosen) for chosen in product(*parts)}
    return frozenset(found)


def powers(granted: Iterable[str]) -> list[str]:
    """Of which of the three powers 三员 a role with these permissions holds a part; the database asks the same
    (`access_powers`). Whoever changes accounts has system's, whoever gives or changes rights security's, whoever reads
    records audit's."""
    found = set()
    for atom in atoms(granted):
        room, action, *_rest = [*atom.split(":"), "*"]
        if room in ("accounts", "*") and action not in READING:
            found.add("system")
        if room in ("access", "*") and action not in READING:
            found.add("security")
        if room in ("records", "*"):
            found.add("audit")
    return sorted(found)
