"""What figures say against a change: approved totals would become others, or a figure would count twice."""

from collections.abc import Iterator
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.foundation.parties.changes.lines import TOP
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.worlds import World
from gangmu.foundation.parties.days import EVER, OPEN, Days, meet, minus
from gangmu.foundation.parties.dependents import Objection
from gangmu.foundation.settings import clock

APPROVED = "approved"
MOST_NAMED = 5


def of_figures(plan: Plan) -> Iterator[Objection]:
    """What speaks against it."""
    yield from _approved(plan)
    yield from _twice(plan)


def concerned(plan: Plan) -> list[int]:
    """The organisations whose figures count elsewhere, or otherwise, than before."""
    since = plan.from_date or date.min
    of_values = {one for one, _name in plan.changing if one > 0 and one not in plan.moved}
    below = {child for one in of_values for child in plan.world.below(one, since)}  # some values are inherited
    return sorted({one for one in plan.moved if one > 0} | of_values | below)


def _approved(plan: Plan) -> Iterator[Objection]:
    since = plan.from_date
    if since is None or since > clock.today() or not (plan.moving or plan.changing):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, organisations, last FROM moving_approved(%s, %s)", [concerned(plan), since])
        facts, organisations, last = cursor.fetchone()
    if facts:
        words = {"facts": f"{facts:,}", "n": organisations, "since": since, "last": last}
        text = ngettext(
            "%(facts)s figures of %(n)d organisation from %(since)s on (the last of %(last)s) have been approved by "
            "the group or are locked. Totals that were approved, and reports that were issued, would become others.",
            "%(facts)s figures of %(n)d organisations from %(since)s on (the last of %(last)s) have been approved by "
            "the group or are locked. Totals that were approved, and reports that were issued, would become others.",
            organisations,
        )
        yield Objection(APPROVED, text % words)


def _twice(plan: Plan) -> Iterator[Objection]:
    pairs = list(new_pairs(plan))
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lower_id, upper_id, indicator, first, facts FROM moving_twice(%s, %s, %s::daterange[])",
            [
                [low for low, _high, _days in pairs],
                [high for _low, high, _days in pairs],
                [_range(d) for *_p, d in pairs],
            ],
        )
        rows = cursor.fetchall()
    told = [
        _("%(low)s and %(high)s above it have both filed %(indicator)s, from %(day)s on")
        % {"low": plan.world.code(low), "high": plan.world.code(high), "indicator": indicator, "day": first}
        for low, high, indicator, first, _facts in rows[:MOST_NAMED]
    ]
    if told:
        text = _("Figures would count twice: %(told)s. Correct one of them first.") % {"told": "; ".join(told)}
        yield Objection("twice", text, final=True)


def new_pairs(plan: Plan) -> Iterator[tuple[int, int, Days]]:
    """(one, somebody above it, days) wherever that is so after the change and was not before."""
    for one in plan.moved:
        if one < 0:
            continue
        before, after = _above(one, plan.world), _above(one, plan.after)
        for high, days in after.items():
            if high > 0:
                yield from ((one, high, left) for held in days for left in minus(held, before.get(high, ())))


def _above(one: int, world: World) -> dict[int, list[Days]]:
    """Everybody above one, and when."""
    found: dict[int, list[Days]] = {}
    open_ways = [(one, Days())]
    while open_ways:
        at, during = open_ways.pop()
        for days, parent in world.line(at):
            shared = meet(days, during)
            if shared and parent != TOP:
                found.setdefault(parent, []).append(shared)
                open_ways.append((parent, shared))
    return found


def _range(days: Days) -> str:
    start = "" if days.start == EVER else days.start.isoformat()
    return f"[{start},{'' if days.end == OPEN else days.end.isoformat()})"
