"""What only all lines together show: groups without enough members, days outside the register, circles."""

from collections import defaultdict
from datetime import date

from django.utils.translation import gettext as _

from gangmu.duties.resources.errors import circle_in_words, names_of
from gangmu.duties.resources.graph import Edges, circle
from gangmu.duties.resources.loading.judged import Judged
from gangmu.duties.resources.loading.world import World
from gangmu.duties.resources.models import Dependency

MOST_CIRCLES = 50


def look_together(judged: list[Judged], world: World) -> None:
    """Add the faults, and what groups come to."""
    _groups(judged, world)
    _ends(judged, world)
    _circles(judged, world)
    _rests_on_faults(judged)


def _rests_on_faults(judged: list[Judged]) -> None:
    """Lines of a new resource whose first line has faults, and of what needs such a resource, cannot be taken alone."""
    first: dict[str, Judged] = {}
    for one in judged:
        first.setdefault(one.wanted.code, one)
    new = {code: one for code, one in first.items() if one.wanted.row is None}
    while True:
        bad = {code: one for code, one in new.items() if one.faults}
        for one in judged:
            if one.faults:
                continue
            on = one.need.on if one.need and one.need.on_is_new else ""
            column, at = ("code", bad.get(one.wanted.code)) if one.wanted.code in bad else ("needs", bad.get(on))
            if at is not None:
                one.fault(column, _("rests on line %(line)d, which has faults") % {"line": at.line.number})
        if len(bad) == sum(bool(one.faults) for one in new.values()):
            return


def _groups(judged: list[Judged], world: World) -> None:
    """A group has one number, and members enough."""
    members: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        need = one.need
        if need is None:
            continue
        if need.group is None and need.held is not None and need.held.group:
            need.group = need.held.group
        if need.group:
            members[one.wanted.code, need.group].append(one)
    for (_code, group), ones in members.items():
        row = ones[0].wanted.row
        held = world.groups.get((row.pk, group), []) if row else []
        said = {one.need.needed: one for one in reversed(ones) if one.need and one.need.needed}
        number = next((one.need.needed for one in ones if one.need and one.need.needed), None)
        number = number or (held[0].needed if held else None) or 1
        for other, one in said.items():
            if other != number:
                one.fault("needed", _("is not %(number)d as in another line of the group") % {"number": number})
        ended = {one.need.held.pk for one in ones if one.need and one.need.held and one.need.until}
        here = {one.need.on for one in ones if one.need and not one.need.until}
        others = [one for one in held if one.pk not in ended and _on(one, world) not in here]
        if number > len(here) + len(others):
            text = _("%(needed)d of the group's members shall suffice, and it has %(members)d")
            given = {"needed": number, "members": len(here) + len(others)}
            ones[0].fault("needed", text % given)
        for one in ones:
            _told(one, group, number)


def _on(dependency: Dependency, world: World) -> str:
    return next((code for code, row in world.resources.items() if row.pk == dependency.on_id), "")


def _told(one: Judged, group: str, number: int) -> None:
    """What the group of a line comes to, and whether that is a change."""
    need = one.need
    assert need is not None
    need.needed = number
    before = (need.held.group, need.held.needed) if need.held else ("", None)
    if before[0] != group:
        one.changes.append(("group", before[0], group))
    if before[1] != number and (need.held is None or one.given["needed"]):
        one.changes.append(("needed", str(before[1] or ""), str(number)))


def _ends(judged: list[Judged], world: World) -> None:
    """Nobody ends while others need it; a dependency does not outlive what it joins."""
    until = {one.wanted.code: one.wanted.until for one in judged if one.wanted.until}
    ending = {
        (one.wanted.row.pk, one.need.held.on_id): one.need.until
        for one in judged
        if one.wanted.row and one.need and one.need.held and one.need.until
    }
    for one in judged:
        row, gone = one.wanted.row, one.wanted.until
        if row is None or gone is None or not one.given["valid_to"]:
            continue
        needing = []
        for held in world.needing.get(row.pk, []):
            ends = ending.get((held.resource_id, row.pk)) or until.get(str(held.resource.code)) or held.valid.upper
            if ends is None or ends > gone:
                needing.append(str(held.resource.code))
        if needing:
            text = _("is still needed after that day by: %(codes)s")
            one.fault("valid_to", text % {"codes": ", ".join(sorted(needing))})
    for one in judged:
        need = one.need
        if need is None or need.held is not None or one.faults:
            continue
        on = world.resources.get(need.on)
        last = [day for day in (one.wanted.until, until.get(need.on), on.valid.upper if on else None) if day]
        if last and need.since and min(last) <= need.since:
            one.fault("needs", _("is not in the register then any more"))
        elif last:
            need.until = min([*last, *([need.until] if need.until else [])])


def _circles(judged: list[Judged], world: World) -> None:
    """Point at the lines that close a circle on some day, one circle after the other."""
    new = [one for one in judged if one.need and one.need.held is None and not one.faults]
    code_of = {row.pk: code for code, row in world.resources.items()}
    numbers: dict[str | int, int] = {}  # by code, or by key where the file does not name it

    def number(name: str | int) -> int:
        return numbers.setdefault(code_of.get(name, name) if isinstance(name, int) else name, len(numbers))

    found = 0
    for day in sorted({one.need.since for one in new if one.need and one.need.since}):
        held = [one for one in world.needs.values() if day in one.valid]
        standing = [(number(one.resource_id), number(one.on_id)) for one in held]
        asked = {(number(one.wanted.code), number(one.need.on)): one for one in new if one.need and _stands(one, day)}
        while asked and found < MOST_CIRCLES:
            source, target = zip(*standing, *asked, strict=True)
            path = circle(Edges(len(numbers), source, target))
            if not path:
                break
            found += 1
            names = list(numbers)
            words = circle_in_words(_told_of([names[at] for at in path]))
            for step in zip(path, path[1:] + path[:1], strict=True):
                if step in asked:
                    asked.pop(step).fault("needs", words)


def _stands(one: Judged, day: date) -> bool:
    need = one.need
    return bool(not one.faults and need and need.since and need.since <= day and (not need.until or day < need.until))


def _told_of(names: list[str | int]) -> list[str]:
    """The codes of what a path holds."""
    return [name if isinstance(name, str) else names_of([name])[0] for name in names]
