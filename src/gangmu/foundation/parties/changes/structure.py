"""Opening, renaming, moving, closing and reopening: planned over a world, nothing written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.changes.checks import check
from gangmu.foundation.parties.changes.errors import NotInTheTree
from gangmu.foundation.parties.changes.lines import TOP, Line, days_of, line, piece_on, put
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.worlds import Known, World
from gangmu.foundation.parties.days import ONE_DAY, OPEN, Days, meet
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import Verb
from gangmu.foundation.parties.tree import ChangeRefused

FIRST_NEW = -1  # ids of organisations that are not there yet count down from here


@dataclass(frozen=True)
class New:
    """An organisation to be opened."""

    code: str
    kind: str
    name_zh: str = ""
    name_en: str = ""


def known(new: New, world: World, place: int = 0) -> Known:
    """A new organisation for a plan, its code and names checked.

    Raises:
        ChangeRefused: the code is taken, or there is no name.
        ValidationError: a code or kind that cannot be.
    """
    code = values.code(new.code.strip())
    taken = world.by_code(code)
    if taken:
        raise ChangeRefused(_("%(code)s is %(name)s already.") % {"code": code, "name": taken.name or code})
    name_zh, name_en = values.words(new.name_zh.strip()), values.words(new.name_en.strip())
    if not name_zh and not name_en:
        raise ChangeRefused(_("an organisation needs a Chinese or an English name"))
    return Known(FIRST_NEW - place, code, kinds.kind(new.kind).code, name_zh, name_en)


def create(
    world: World,
    new: New,
    parent: int | None,
    from_date: date | None = None,
    last_day: date | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Plan:
    """Open an organisation under `parent`, or at the top, with its attributes."""
    if from_date and last_day and last_day < from_date:
        words = {"to": last_day, "from": from_date}
        raise ChangeRefused(_("the last day %(to)s is before the first day %(from)s") % words)
    one, days = known(new, world), Days.until(from_date, last_day)
    held = {
        (one.id, name): line([(days, values.attribute_value(text.strip(), attribute(name))[0])])
        for name, text in (attributes or {}).items()
        if text.strip()
    }
    details = {"code": one.code, "kind": one.kind, "parent": _code(world, parent)}
    placed = line([(days, parent or TOP)])
    return checked(
        Plan(
            Verb.CREATE, world, from_date, (one.id,), (one,), placements={one.id: placed}, attributes=held,
            details=details,
        )
    )  # fmt: skip


def rename(world: World, one: int, name_zh: str | None = None, name_en: str | None = None) -> Plan:
    """Give other names; a name is not dated, its history is kept."""
    old = world.known(one)
    names = (
        old.name_zh if name_zh is None else values.words(name_zh.strip()),
        old.name_en if name_en is None else values.words(name_en.strip()),
    )
    if not any(names):
        raise ChangeRefused(_("an organisation needs a Chinese or an English name"))
    return Plan(Verb.RENAME, world, None, (one,), names={one: names}, details={"code": old.code})


def move(world: World, one: int, to_parent: int | None, from_date: date) -> Plan:
    """Place an organisation elsewhere from a day on, until it would have left its present parent."""
    days, _present = standing(world, one, from_date)
    placed = put(world.line(one), Days(from_date, days.end), to_parent or TOP)
    details = {"code": world.code(one), "to": _code(world, to_parent)}
    return checked(Plan(Verb.MOVE, world, from_date, (one,), placements={one: placed}, details=details))


def close(world: World, one: int, last_day: date, with_everything_below: bool = False) -> Plan:
    """Let an organisation leave the tree after a day, and, when asked, everything that stands below it then."""
    standing(world, one, last_day)
    leaving = [one, *(world.below(one, last_day) if with_everything_below else ())]
    after = Days.until(None, last_day).end
    placements, attributes = ending(world, leaving, after)
    details = {
        "code": world.code(one),
        "last_day": last_day.isoformat(),
        "with_everything_below": with_everything_below,
    }
    return checked(
        Plan(Verb.CLOSE, world, after, (one,), placements=placements, attributes=attributes, details=details)
    )


def reopen(
    world: World, one: int, parent: int | None, from_date: date, *, at_the_top: bool = False, values_too: bool = True
) -> Plan:
    """Let an organisation that has left the tree stand in it again, with the values that it had on its last day.

    Without `parent` it stands where it stood then.
    """
    world.known(one)
    of = world.line(one)
    if piece_on(of, from_date):
        words = {"code": world.code(one), "day": from_date}
        raise ChangeRefused(_("%(code)s stands in the tree on %(day)s; only what has closed is reopened.") % words)
    before = [piece for piece in of if piece[0].end <= from_date]
    if not before:
        raise ChangeRefused(_("%(code)s has never stood in the tree before %(day)s.")
                            % {"code": world.code(one), "day": from_date})  # fmt: skip
    last = before[-1]
    until = min((days.start for days, _parent in of if days.start > from_date), default=OPEN)
    again = Days(from_date, until)
    placed = put(of, again, TOP if at_the_top else parent or last[1])
    attributes: dict[tuple[int, str], Line[str]] = {}
    if values_too:
        for name, held in world.attributes(one).items():
            had = piece_on(held, last[0].end - ONE_DAY)
            if had:
                attributes[one, name] = put(held, again, had[1])
    details = {"code": world.code(one), "parent": _code(world, parent)}
    return checked(
        Plan(Verb.REOPEN, world, from_date, (one,), placements={one: placed}, attributes=attributes, details=details)
    )


def parameters(world: World, wanted: Iterable[tuple[int, str, str | None, date]]) -> Plan:
    """Let attributes be what is given (None: nothing) from a day until their next change.

    The next change is the first later day on which another value begins, or on which the organisation leaves the
    tree. Several values of one attribute are laid over each other in the order of their days.
    """
    lines: dict[tuple[int, str], Line[str]] = {}
    told: list[list[str | None]] = []
    first: date | None = None
    for one, name, text, from_date in sorted(wanted, key=lambda each: (each[3], world.code(each[0]), each[1])):
        known_as = attribute(name)
        value = values.attribute_value(text.strip(), known_as)[0] if text and text.strip() else None
        days, _parent = standing(world, one, from_date)
        of = lines.get((one, name), world.attributes(one).get(name, ()))
        present = piece_on(of, from_date)
        if (present[1] if present else None) == value:
            continue
        until = present[0].end if present else min((d.start for d, _v in of if d.start > from_date), default=OPEN)
        stretch = meet(Days(from_date, until), Days(from_date, _stands_until(world, one, days)))
        if stretch:
            lines[one, name] = put(of, stretch, value)
            told.append([world.code(one), name, value, from_date.isoformat()])
            first = min(first or from_date, from_date)
    subjects = tuple(dict.fromkeys(one for one, _name in lines))
    return Plan(Verb.PARAMETERS, world, first, subjects, attributes=lines, details={"values": told})


def attribute(name: str) -> kinds.Attribute:
    """The registered attribute of a name.

    Raises:
        ValidationError: there is none.
    """
    try:
        return kinds.attributes()[name]
    except KeyError:
        message = _("“%(name)s” is not a known attribute. Known attributes: %(known)s.")
        raise ValidationError(message % {"name": name, "known": ", ".join(kinds.attributes())}) from None


def standing(world: World, one: int, day: date) -> tuple[Days, int]:
    """Where an organisation stands on a day, and how long.

    Raises:
        NotInTheTree: it does not stand anywhere.
    """
    world.known(one)
    found = piece_on(world.line(one), day)
    if found is None:
        raise NotInTheTree(world.code(one), day)
    return found


def ending(
    world: World, leaving: Iterable[int], after: date
) -> tuple[dict[int, Line[int]], dict[tuple[int, str], Line[str]]]:
    """The lines of those that leave the tree with the day before `after`."""
    gone = Days(after, OPEN)
    placements, attributes = {}, {}
    for one in leaving:
        placements[one] = put(world.line(one), gone, None)
        for name, held in world.attributes(one).items():
            attributes[one, name] = put(held, gone, None)
    return placements, attributes


def checked(plan: Plan) -> Plan:
    """The plan, if it leaves a tree behind."""
    check(plan)
    return plan


def _stands_until(world: World, one: int, since: Days) -> date:
    """The end of the days on which it stands in the tree without a break, wherever."""
    return next(days.end for days in days_of(world.line(one)) if meet(days, since))


def _code(world: World, one: int | None) -> Any:
    return world.code(one) if one else ""
