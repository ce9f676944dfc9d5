"""What was asked for, in codes and texts, and the plan that it means.

Codes, not numbers: a draft may be looked at after somebody else has changed things, and says then what it cannot find.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from gangmu.foundation.parties.changes import Plan, Planner, World, regrouping, structure
from gangmu.foundation.parties.changes.regrouping import Part
from gangmu.foundation.parties.changes.structure import New
from gangmu.foundation.parties.models import Verb
from gangmu.foundation.parties.tree import ChangeRefused

Asked = Mapping[str, Any]


def planner_of(verb: str, asked: Asked) -> Planner:
    """How to plan what was asked for; the planner refuses codes that nobody has."""
    return lambda world: PLANNERS[verb](world, asked)


def _create(world: World, asked: Asked) -> Plan:
    new = New(asked["code"], asked["kind"], asked["name_zh"], asked["name_en"])
    parent = _one(world, asked["parent"]) if asked["parent"] else None
    return structure.create(world, new, parent, _day(asked["from"]), _day(asked.get("last_day")), asked["attributes"])


def _rename(world: World, asked: Asked) -> Plan:
    return structure.rename(world, _one(world, asked["code"]), asked["name_zh"], asked["name_en"])


def _move(world: World, asked: Asked) -> Plan:
    return structure.move(world, _one(world, asked["code"]), _one(world, asked["to"]), _certain(asked["from"]))


def _close(world: World, asked: Asked) -> Plan:
    return structure.close(world, _one(world, asked["code"]), _certain(asked["last_day"]), asked["below"])


def _reopen(world: World, asked: Asked) -> Plan:
    parent = _one(world, asked["parent"]) if asked["parent"] else None
    return structure.reopen(
        world, _one(world, asked["code"]), parent, _certain(asked["from"]), values_too=asked["values"]
    )


def _merge(world: World, asked: Asked) -> Plan:
    ones = [_one(world, code) for code in asked["codes"]]
    parent = _one(world, asked["parent"]) if asked.get("parent") else None
    return regrouping.merge(world, ones, _into(world, asked["into"]), _certain(asked["from"]), parent)


def _split(world: World, asked: Asked) -> Plan:
    parts = [
        Part(_into(world, part["into"]), [_one(world, child) for child in part["children"]]) for part in asked["parts"]
    ]
    return regrouping.split(world, _one(world, asked["code"]), parts, _certain(asked["from"]), keep=asked["keep"])


def _parameters(world: World, asked: Asked) -> Plan:
    wanted = [(_one(world, code), name, value, _certain(day)) for code, name, value, day in asked["values"]]
    return structure.parameters(world, wanted)


PLANNERS: dict[str, Callable[[World, Asked], Plan]] = {
    Verb.CREATE: _create,
    Verb.RENAME: _rename,
    Verb.MOVE: _move,
    Verb.CLOSE: _close,
    Verb.REOPEN: _reopen,
    Verb.MERGE: _merge,
    Verb.SPLIT: _split,
    Verb.PARAMETERS: _parameters,
}


def _one(world: World, code: str) -> int:
    found = world.by_code(code)
    if found is None:
        raise ChangeRefused(_("There is no organisation %(code)s, or it is not yours to see.") % {"code": code})
    return found.id


def _into(world: World, into: str | Mapping[str, str]) -> New | int:
    """One that there is, by its code, or a new one."""
    return _one(world, into) if isinstance(into, str) else New(**into)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _certain(text: str) -> date:
    return date.fromisoformat(text)


def codes_in(asked: Asked) -> Iterable[str]:
    """The codes of organisations that something asked for names."""
    for key in ("code", "to", "parent"):
        if asked.get(key):
            yield asked[key]
    yield from asked.get("codes", ())
    if isinstance(asked.get("into"), str):
        yield asked["into"]
