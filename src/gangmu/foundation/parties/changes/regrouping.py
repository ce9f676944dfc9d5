"""Merging several into one, and splitting one into several: planned over a world, nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from gangmu.foundation.parties.changes.lines import Line, line, put
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.structure import New, checked, ending, known, standing
from gangmu.foundation.parties.changes.worlds import Known, World
from gangmu.foundation.parties.days import ONE_DAY, OPEN, Days, meet
from gangmu.foundation.parties.models import Verb
from gangmu.foundation.parties.tree import ChangeRefused


@dataclass(frozen=True)
class Part:
    """One of the organisations that a split makes: a new one, or one that there is, with the children it gets."""

    into: New | int
    children: Sequence[int] = field(default_factory=tuple)


def merge(world: World, ones: Sequence[int], into: New | int, from_date: date, parent: int | None = None) -> Plan:
    """Let several become one from a day on: a new organisation (under `parent`, or where the first of them stands), or
    one that there is, perhaps one of them.

    What stands below them goes on below it; they close the day before. What was filed for them stays theirs.
    """
    ones = list(dict.fromkeys(ones))
    ending_ones = [one for one in ones if one != into]
    if len(ones) + (0 if into in ones else 1) < 2 or not ending_ones:
        raise ChangeRefused(_("Name at least two organisations to merge, or one and another into which it goes."))
    for one in ending_ones:
        standing(world, one, from_date)
        _stood_before(world, one, from_date)
    made: tuple[Known, ...] = ()
    placements: dict[int, Line[int]] = {}
    if isinstance(into, New):
        made = (known(into, world),)
        target = made[0].id
        days, where = standing(world, ending_ones[0], from_date)
        placements[target] = line([(Days(from_date, OPEN if parent else days.end), parent or where)])
    else:
        target = into
        standing(world, target, from_date)
        for one in ending_ones:
            if one in world.above(target, from_date):
                words = {"into": world.code(target), "code": world.code(one)}
                raise ChangeRefused(_("%(into)s stands below %(code)s; move it away first.") % words)
    ended, attributes = ending(world, ending_ones, from_date)
    for one in ending_ones:
        for child in world.children(one, Days(from_date, OPEN)):
            if child not in ended:
                placements[child] = _handed_on(placements.get(child, world.line(child)), one, target, from_date)
    codes = [world.code(one) for one in ones]
    details = {"codes": codes, "into": made[0].code if made else world.code(target), "new": bool(made)}
    return checked(
        Plan(
            Verb.MERGE, world, from_date, tuple(dict.fromkeys([*ending_ones, target])), made,
            placements={**placements, **ended}, attributes=attributes,
            successors=tuple((one, target) for one in ending_ones), details=details,
        )
    )  # fmt: skip


def split(world: World, one: int, parts: Sequence[Part], from_date: date, *, keep: bool = False) -> Plan:
    """Let one become several from a day on, each with some of what stands below it.

    Everything below is given to a part, unless `keep` says that the organisation stays, with what is given to nobody.
    Without `keep` it closes the day before.
    """
    standing(world, one, from_date)
    if len(parts) + keep < 2:
        raise ChangeRefused(_("Name at least two parts, or one and that the rest stays."))
    _nobody_twice(world, parts)
    below = world.children(one, Days(from_date, OPEN))
    given = {child: place for place, part in enumerate(parts) for child in part.children}
    strangers = [world.code(child) for child in given if child not in below]
    if strangers:
        words = {"codes": ", ".join(sorted(strangers)), "code": world.code(one), "day": from_date}
        raise ChangeRefused(_("%(codes)s: not below %(code)s from %(day)s on.") % words)
    left = [world.code(child) for child in below if child not in given]
    if left and not keep:
        words = {"codes": ", ".join(left), "code": world.code(one)}
        raise ChangeRefused(
            _("Left over: %(codes)s. Give each to a part, or say that %(code)s stays with the rest.") % words
        )
    if not keep:
        _stood_before(world, one, from_date)
    made: list[Known] = []
    placements: dict[int, Line[int]] = {}
    targets: list[int] = []
    from_then = [(both, parent) for days, parent in world.line(one) if (both := meet(days, Days(from_date, OPEN)))]
    for part in parts:
        if isinstance(part.into, New):
            new = known(part.into, world, len(made))
            if any(new.code == other.code for other in made):
                raise ChangeRefused(_("%(code)s is given to two parts.") % {"code": new.code})
            made.append(new)
            placements[new.id] = line(from_then)
            targets.append(new.id)
        else:
            standing(world, part.into, from_date)
            targets.append(part.into)
    for child, place in given.items():
        placements[child] = _handed_on(world.line(child), one, targets[place], from_date)
    attributes = {}
    if not keep:
        ended, attributes = ending(world, [one], from_date)
        placements |= ended
    names = {new.id: new.code for new in made}
    told = [
        {"code": names.get(target) or world.code(target), "children": [world.code(child) for child in part.children]}
        for target, part in zip(targets, parts, strict=True)
    ]
    return checked(
        Plan(
            Verb.SPLIT, world, from_date, tuple(dict.fromkeys([one, *targets])), tuple(made),
            placements=placements, attributes=attributes,
            successors=tuple((one, target) for target in targets),
            details={"code": world.code(one), "parts": told, "keep": keep},
        )
    )  # fmt: skip


def _handed_on(of: Line[int], giver: int, taker: int, from_date: date) -> Line[int]:
    """A child's line with another parent wherever it would have stood under `giver` from a day on."""
    for days, parent in of:
        shared = meet(days, Days(from_date, OPEN)) if parent == giver else None
        if shared:
            of = put(of, shared, taker)
    return of


def _stood_before(world: World, one: int, from_date: date) -> None:
    """Raises:
    ChangeRefused: it stands from that very day on, so that nothing of it would be left.
    """
    if not any(days.start < from_date for days, _parent in world.line(one)):
        words = {"code": world.code(one), "day": from_date - ONE_DAY}
        raise ChangeRefused(
            _("%(code)s does not stand in the tree on %(day)s: there is nothing to go on from.") % words
        )


def _nobody_twice(world: World, parts: Sequence[Part]) -> None:
    """Raises:
    ChangeRefused: a child is given to two parts, or an organisation is named as two of them.
    """
    children = [child for part in parts for child in part.children]
    twice = {world.code(child) for child in children if children.count(child) > 1}
    into = [part.into for part in parts if not isinstance(part.into, New)]
    twice |= {world.code(one) for one in into if into.count(one) > 1}
    if twice:
        raise ChangeRefused(_("%(code)s is given to two parts.") % {"code": ", ".join(sorted(twice))})
