"""Whether a plan leaves a tree behind: told in the reader's language, before the database refuses it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from gangmu.foundation.parties.changes.lines import TOP, days_of
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.worlds import World
from gangmu.foundation.parties.days import Days, meet, minus
from gangmu.foundation.parties.loading.checking import DEEPEST
from gangmu.foundation.parties.tree import TreeRefused

MOST_NAMED = 8


class CircleRefused(TreeRefused):
    """Somebody would stand below itself."""


class HoleRefused(TreeRefused):
    """Somebody would stand under a parent that is not in the tree."""


def check(plan: Plan) -> None:
    """Raises:
    CircleRefused, HoleRefused: the tree would not hold together on some day.
    """
    after = plan.after
    for one in plan.moving:
        _check_circle(one, after)
    holes = list(dict.fromkeys(_holes(plan)))
    if holes:
        shown = " ".join(holes[:MOST_NAMED])
        more = len(holes) - MOST_NAMED
        raise HoleRefused(shown if more <= 0 else shown + " " + _("And %(n)d more.") % {"n": more})


def _check_circle(one: int, after: World) -> None:
    open_ways = [([one], days, parent) for days, parent in after.line(one)]
    while open_ways:
        path, days, parent = open_ways.pop()
        if parent == TOP:
            continue
        if parent in path:
            codes = " < ".join(after.code(each) for each in [*path, parent])
            words = {"code": after.code(parent), "path": codes, "days": days}
            raise CircleRefused(_("%(code)s would stand below itself (%(days)s): %(path)s.") % words)
        if len(path) > DEEPEST:
            words = {"code": after.code(one), "most": DEEPEST + 1}
            raise CircleRefused(_("%(code)s would stand more than %(most)d tiers deep.") % words)
        for above, further in after.line(parent):
            shared = meet(days, above)
            if shared:
                open_ways.append(([*path, parent], shared, further))


def _holes(plan: Plan) -> Iterator[str]:
    """Whose parent is missing on some day: of those that are placed anew, and of those below somebody that is."""
    after = plan.after
    concerned = set(plan.moving)
    for one in plan.moving:
        concerned.update(plan.world.children(one, Days()))
    for child in sorted(concerned, key=after.code):
        for days, parent in after.line(child):
            if parent == TOP or parent not in after.organisations:
                continue  # what the asker does not see, the database checks
            missing = minus(days, days_of(after.line(parent)))
            if missing:
                words = {"child": after.code(child), "parent": after.code(parent), "days": missing[0]}
                if child in plan.moving:
                    yield _("%(parent)s does not stand in the tree %(days)s, when %(child)s would be under it.") % words
                else:
                    yield _("%(child)s would lose its parent %(parent)s %(days)s: move or close it first.") % words
