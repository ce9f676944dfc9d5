"""Changes in the words of a reader: what was asked for, what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.changes.lines import TOP, Line, from_json
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Change, Organisation, Verb

MOST_NAMED = 6
TONES = {"planned": "info", "in force": "success", "withdrawn": "secondary"}
Names = Mapping[str, str]  # by code


@dataclass(frozen=True)
class Step:
    """What one organisation's place or value was, and what it becomes."""

    code: str
    name: str
    what: str
    before: list[str]
    after: list[str]


def state_name(state: str) -> str:
    return {"planned": _("planned"), "in force": _("in force"), "withdrawn": _("withdrawn")}[state]


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Names in the active language by code, of those that the asker sees."""
    return {str(one.code): one.name for one in Organisation.objects.filter(code__in=set(codes))}


def sentence(verb: str, details: Mapping[str, Any], names: Names) -> str:
    """A change in one line."""

    def named(code: str) -> str:
        return names.get(code, code)

    def several(codes: Iterable[str]) -> str:
        codes = list(codes)
        more = len(codes) - MOST_NAMED
        text = ", ".join(map(named, codes[:MOST_NAMED]))
        return text if more <= 0 else text + " " + ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}

    code = str(details.get("code", ""))
    match verb:
        case Verb.CREATE:
            if details.get("parent"):
                return _("%(name)s opens under %(parent)s") % {"name": named(code), "parent": named(details["parent"])}
            return _("%(name)s opens at the top") % {"name": named(code)}
        case Verb.RENAME:
            return _("%(name)s gets another name") % {"name": named(code)}
        case Verb.MOVE:
            to = named(details["to"]) if details.get("to") else _("the top")
            return _("%(name)s moves to %(to)s") % {"name": named(code), "to": to}
        case Verb.CLOSE:
            return _("%(name)s closes with %(day)s") % {"name": named(code), "day": details["last_day"]}
        case Verb.REOPEN:
            return _("%(name)s opens again") % {"name": named(code)}
        case Verb.MERGE:
            into = named(details["into"])
            return _("%(names)s become %(into)s") % {"names": several(details["codes"]), "into": into}
        case Verb.SPLIT:
            parts = several(part["code"] for part in details["parts"])
            if details.get("keep"):
                return _("%(parts)s come out of %(name)s") % {"name": named(code), "parts": parts}
            return _("%(name)s becomes %(parts)s") % {"name": named(code), "parts": parts}
    values = details.get("values", ())
    owners = several(dict.fromkeys(value[0] for value in values))
    told = ngettext("%(n)d value of %(names)s", "%(n)d values of %(names)s", len(values))
    return told % {"n": len(values), "names": owners}


def codes_of(details: Mapping[str, Any]) -> set[str]:
    """The codes that a sentence may name."""
    found = {str(details[key]) for key in ("code", "to", "parent", "into") if details.get(key)}
    found.update(details.get("codes", ()))
    found.update(part["code"] for part in details.get("parts", ()))
    found.update(value[0] for value in details.get("values", ()))
    return found


def sentence_of_plan(plan: Plan) -> str:
    return sentence(plan.verb, plan.details, {one.code: one.name for one in plan.after.organisations.values()})


def sentences(changes: Iterable[Change]) -> dict[int, str]:
    """Several changes in a line each, by their keys."""
    changes = list(changes)
    names = names_of(code for change in changes for code in codes_of(change.details))
    return {change.pk: sentence(change.verb, change.details, names) for change in changes}


def steps_of_plan(plan: Plan) -> list[Step]:
    """What a plan makes of what, organisation by organisation."""
    known = {one.id: (one.code, one.name) for one in plan.after.organisations.values()}
    return _steps(plan.before_json(), plan.after_json(), known, plan.from_date)


def steps_of(change: Change) -> list[Step]:
    """What a change made of what, as far as the asker sees the organisations."""
    ids = {int(key.partition(":")[0]) for part in change.after.values() for key in part}
    ids |= {row[2] for image in (change.before, change.after) for rows in image["placements"].values() for row in rows}
    known = {one.pk: (str(one.code), one.name) for one in Organisation.objects.filter(pk__in=ids)}
    return _steps(change.before, change.after, known, change.from_date)


def _steps(
    before: Mapping[str, Any], after: Mapping[str, Any], known: Mapping[int, tuple[str, str]], since: date | None
) -> list[Step]:
    def who(one: int) -> tuple[str, str]:
        return known.get(one, ("?", _("outside your scope")))

    def placed(rows: Any) -> list[str]:
        line: Line[int] = from_json(rows)
        return [
            f"{_('at the top') if parent == TOP else who(parent)[1]} · {days}" for days, parent in _from(line, since)
        ] or [_("not in the tree")]

    def valued(name: str, rows: Any) -> list[str]:
        attribute = kinds.attributes().get(name)
        line: Line[str] = from_json(rows)
        return [
            f"{attribute.shown(value) if attribute else value}{_unit(attribute)} · {days}"
            for days, value in _from(line, since)
        ] or [_("no value")]

    steps = [
        Step(*who(int(one)), _("Placed under"), placed(before["placements"].get(one, ())), placed(rows))
        for one, rows in after["placements"].items()
    ]
    for key, rows in after["attributes"].items():
        one, _colon, name = key.partition(":")
        attribute = kinds.attributes().get(name)
        label = str(attribute.label) if attribute else name
        steps.append(Step(*who(int(one)), label, valued(name, before["attributes"].get(key, ())), valued(name, rows)))
    for one, names in after.get("names", {}).items():
        steps.append(Step(*who(int(one)), _("Names"), before["names"].get(one, []), names))
    return sorted(steps, key=lambda step: (step.code, step.what))


def _from(line: Line[Any], since: date | None) -> Iterable[tuple[Days, Any]]:
    """What of a line ends on the day of the change or later, and what ended with it."""
    if since is None:
        return line
    return [(days, value) for days, value in line if days.end >= since]


def _unit(attribute: kinds.Attribute | None) -> str:
    return f" {attribute.unit}" if attribute and attribute.unit else ""
