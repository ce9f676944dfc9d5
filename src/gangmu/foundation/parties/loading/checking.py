"""Whether a file and what is already recorded form one tree on every day.

Order in the file carries no meaning: a parent may come after its children.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from itertools import pairwise

from django.utils.translation import gettext as _

from gangmu.foundation.parties.days import EVER, ONE_DAY, OPEN, Days, meet, minus
from gangmu.foundation.parties.loading.reading import Line, Table
from gangmu.foundation.settings.textfiles import Problem

DEEPEST = 31  # tiers below the root; the database refuses more


@dataclass(frozen=True)
class Placed:
    """`child` under `parent` (blank: at the root) during `days`, from a line of the file or from the database.

    `pks` are the rows, several where the database has cut one because something further up had changed.
    """

    child: str
    parent: str
    days: Days
    line: int = 0
    pks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Known:
    """An organisation that is recorded already."""

    pk: int
    kind: str
    name_zh: str
    name_en: str


@dataclass
class World:
    """What is recorded, by code."""

    organisations: dict[str, Known] = field(default_factory=dict)
    placements: dict[str, list[Placed]] = field(default_factory=dict)


@dataclass
class Plan:
    """What to record: the lines of each code in order of their days, the rows they replace, the tree they make."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    replaced: dict[str, list[Placed]] = field(default_factory=dict)
    placements: dict[str, list[Placed]] = field(default_factory=dict)
    since_its_parent: set[int] = field(default_factory=set)  # numbers of lines without a first day of their own


def plan(table: Table, world: World) -> Plan:
    """Lay the file over what is recorded; every fault is added to `table.problems`."""
    result = Plan(placements=dict(world.placements))
    by_code: dict[str, list[Line]] = defaultdict(list)
    for line in table.lines:
        by_code[line.code].append(line)
    _follow_parents(by_code, world, result)
    for code, lines in by_code.items():
        result.lines[code] = _without_overlaps(sorted(lines, key=lambda line: (line.days, line.number)), table)
        _check_identity(code, result.lines[code], world.organisations.get(code), table)
        _warn_of_blanks(result.lines[code], table)
        _lay_over(code, result, world, table)
    _check_parents(result, table)
    _check_cycles(result, table)
    for told in (table.problems, table.warnings):
        told.sort(key=lambda problem: (problem.line, problem.column))
    return result


def _follow_parents(by_code: dict[str, list[Line]], world: World, result: Plan) -> None:
    """A blank valid_from or valid_to has no bound of its own: the organisation stands as long as its parent does."""
    stretches: dict[str, list[Days]] = {}

    def stands(code: str, depth: int = 0) -> list[Days]:
        if depth > DEEPEST + 1:  # refused later
            return [Days()]
        if code not in stretches:
            stretches[code] = [Days()]  # for whoever comes back here in a circle, which is told later
            lines = by_code.get(code, [])
            for index, line in enumerate(lines):
                lines[index] = bounded(line, depth)
            starts = {line.days.start for line in lines}
            stays = [one.days for one in world.placements.get(code, ()) if one.days.start not in starts]
            stretches[code] = sorted([line.days for line in lines] + stays)
        return stretches[code]

    def bounded(line: Line, depth: int) -> Line:
        if line.days.start == EVER:
            result.since_its_parent.add(line.number)
        if not line.parent or (line.days.start != EVER and line.days.end != OPEN):
            return line
        shared = [above for above in stands(line.parent, depth + 1) if meet(above, line.days)]
        if not shared:
            return line
        start = shared[0].start if line.days.start == EVER else line.days.start
        end = shared[-1].end if line.days.end == OPEN else line.days.end
        return replace(line, days=Days(start, end))

    for code in list(by_code):
        stands(code)


def _without_overlaps(lines: list[Line], table: Table) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        before = kept[-1] if kept else None
        if before is None or not meet(before.days, line.days):
            kept.append(line)
        elif before.content != line.content:
            message = _("%(code)s has two lines for the same days (%(days)s): this one and line %(other)d") % {
                "code": line.code,
                "days": meet(before.days, line.days),
                "other": min(line.number, before.number),
            }
            if before.days.start < line.days.start:
                message += _("; end line %(line)d with valid_to %(to)s if the other follows it") % {
                    "line": before.number,
                    "to": line.days.start - ONE_DAY,
                }
            table.problem(max(line.number, before.number), "valid_from", message)
    return kept


def _check_identity(code: str, lines: list[Line], known: Known | None, table: Table) -> None:
    stated = known.kind if known else ""
    for line in lines:
        if line.kind and stated and line.kind != stated:
            table.problem(
                line.number,
                "kind",
                _("%(code)s is a %(stated)s already; a kind does not change. Close it and open another code")
                % {"code": code, "stated": stated},
            )
        stated = stated or line.kind
    if not stated and lines:
        table.problem(lines[0].number, "kind", _("is blank; every organisation has a kind"))
    if not known and lines and not any(line.name_zh or line.name_en for line in lines):
        table.problem(lines[0].number, "name_zh", _("is blank; an organisation needs a Chinese or an English name"))


def _warn_of_blanks(lines: list[Line], table: Table) -> None:
    """A line stands for itself: what the line before said does not go on where this one is blank."""
    for before, line in pairwise(lines):
        if before.days.end != line.days.start:
            continue
        words = {"code": line.code, "other": before.number, "day": line.days.start}
        if before.parent and not line.parent:
            message = _("blank: %(code)s stands at the top from %(day)s on, unlike in line %(other)d")
            table.warnings.append(Problem(line.number, "parent", message % words))
        for name in dict(before.attributes).keys() - dict(line.attributes).keys():
            message = _("blank: %(code)s has no value from %(day)s on, unlike in line %(other)d")
            table.warnings.append(Problem(line.number, name, message % words))


def _lay_over(code: str, result: Plan, world: World, table: Table) -> None:
    lines = result.lines[code]
    starts = {line.days.start for line in lines}
    if world.placements.get(code) and any(line.number in result.since_its_parent for line in lines):
        starts.add(world.placements[code][0].days.start)  # it began with its parent then too
    result.replaced[code] = [placed for placed in world.placements.get(code, ()) if placed.days.start in starts]
    stays = [placed for placed in world.placements.get(code, ()) if placed.days.start not in starts]
    for line in lines:
        for placed in stays:
            if meet(placed.days, line.days):
                table.problem(line.number, "valid_from", _overlap(line, placed))
    made = [Placed(code, line.parent, line.days, line.number) for line in lines]
    result.placements[code] = sorted(stays + made, key=lambda placed: placed.days)


def _overlap(line: Line, placed: Placed) -> str:
    message = _("%(code)s is recorded already with another line (%(days)s)") % {"code": line.code, "days": placed.days}
    if placed.days.start < line.days.start:
        return message + _("; to end it, give that line again with valid_to %(to)s") % {"to": line.days.start - ONE_DAY}
    return message + _("; end this line with valid_to %(to)s, or give that line again too") % {
        "to": placed.days.start - ONE_DAY
    }


def _check_parents(result: Plan, table: Table) -> None:
    """On every day of a placement its parent stands in the tree too."""
    concerned = set(result.lines)
    for placements in result.placements.values():
        for placed in placements:
            if not placed.parent or not (placed.line or placed.parent in concerned):
                continue
            if placed.parent in table.faulty:
                continue
            above = result.placements.get(placed.parent)
            if above is None:
                table.problem(placed.line, "parent", _unknown(placed.parent, result.placements))
                continue
            missing = minus(placed.days, (parent.days for parent in above))
            if missing:
                _report_missing(placed, missing[0], above, table)


def _report_missing(placed: Placed, missing: Days, above: list[Placed], table: Table) -> None:
    words = {
        "child": placed.child,
        "parent": placed.parent,
        "day": missing.first_day or _("the beginning of time"),
        "exists": ", ".join(str(parent.days) for parent in above) or _("never"),
    }
    if placed.line:
        column = "valid_from" if missing.start == placed.days.start else "valid_to"
        message = _("%(child)s stands under %(parent)s on %(day)s, when %(parent)s does not exist (%(exists)s)") % words
        if missing.start == EVER:
            message = _("%(child)s has no first day, but its parent %(parent)s exists only %(exists)s") % words
        table.problem(placed.line, column, message)
        return
    line = max((parent.line for parent in above), default=0)
    message = _(
        "%(child)s, which is recorded under %(parent)s and not in this file, would lose its parent on %(day)s; "
        "give its line too"
    )
    table.problem(line, "valid_to", message % words)


def _unknown(code: str, known: Iterable[str]) -> str:
    close = get_close_matches(code, list(known), 1)
    hint = " " + _("Did you mean “%(code)s”?") % {"code": close[0]} if close else ""
    return _("“%(code)s” is neither in this file nor recorded.") % {"code": code} + hint


def _check_cycles(result: Plan, table: Table) -> None:
    """Nobody is above itself on any day. Walks up from every line; each cycle is told once."""
    told: set[frozenset[str]] = set()
    for lines in result.lines.values():
        for line in lines:
            _walk_up(line, result, table, told)


def _walk_up(line: Line, result: Plan, table: Table, told: set[frozenset[str]]) -> None:
    open_ways = [([line.code], line.parent, line.days)]
    while open_ways:
        path, parent, days = open_ways.pop()
        if not parent:
            continue
        if parent in path:
            # a circle higher up is told where one of its own lines begins
            if parent == line.code and frozenset(path) not in told:
                told.add(frozenset(path))
                table.problem(line.number, "parent", _cycle([*path, parent], days.first_day))
            continue
        if len(path) > DEEPEST:
            if frozenset(["deep"]) not in told:
                told.add(frozenset(["deep"]))
                message = _("%(code)s would stand more than %(most)d tiers deep: %(path)s …")
                words = {"code": line.code, "most": DEEPEST + 1, "path": " < ".join(path[:5])}
                table.problem(line.number, "parent", message % words)
            return
        for above in result.placements.get(parent, ()):
            shared = meet(days, above.days)
            if shared:
                open_ways.append(([*path, parent], above.parent, shared))


def _cycle(codes: list[str], day: date | None) -> str:
    words = {"path": " < ".join(codes), "day": day}
    if day is None:
        return _("the parents go round in a circle: %(path)s") % words
    return _("the parents go round in a circle on %(day)s: %(path)s") % words
