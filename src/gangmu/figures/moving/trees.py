"""The cube's tree as a plan would make it: the same organisations, placements, memberships and values, in memory.

What the database derives when a change is made (`parties_membership`) is derived here for those whose place changes, so
that the same engine answers for the tree that is and for the one that would be. A test holds both derivations together.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np

from gangmu.figures.cube.stretches import Stretch, common, joined
from gangmu.figures.cube.tree import EVER, OPEN, AttributeRow, OrganisationRow, Tree
from gangmu.foundation.parties import days
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.days import Days

NEW = 10**9  # an organisation that a plan would open is known by a number beyond all others

Above = dict[tuple[int, int], list[Stretch]]  # (ancestor, depth) → days
Ancestors = dict[int, list[tuple[int, int, int, int]]]  # by organisation: ancestor, depth, start, end


def number_of(one: int) -> int:
    """The id of an organisation in the cube's tree."""
    return one if one > 0 else NEW - one


def stretch_of(one: Days) -> Stretch:
    """Days as the tree counts them."""
    start = EVER if one.start == days.EVER else one.start.toordinal()
    return start, OPEN if one.end == days.OPEN else one.end.toordinal()


def planned_tree(tree: Tree, plan: Plan) -> Tree:
    """The tree with the plan in it. `tree` stays as it is."""
    lines = {
        number_of(one): [
            (stretch_of(held), number_of(parent) if parent else 0) for held, parent in plan.after.line(one)
        ]
        for one in plan.moved
    }
    standing, known = ancestors(tree), dict[int, Above]()
    above = {one: _above(one, lines, standing, known) for one in lines}
    made = [OrganisationRow(number_of(one.id), one.code, one.name_zh, one.name_en, one.kind) for one in plan.made]
    moved, moving = np.array(sorted(lines), np.int64), {number_of(one) for one in plan.moving}
    memberships = [
        (ancestor, one, depth, start, end)
        for one, found in above.items()
        for (ancestor, depth), stretches in found.items()
        for start, end in stretches
    ]
    placements = [(one, parent, start, end) for one in moving for (start, end), parent in lines[one]]
    values = [
        AttributeRow(number_of(one), name, value, *stretch_of(held))
        for (one, name), line in plan.changing.items()
        for held, value in line
    ]
    changing = {(number_of(one), name) for one, name in plan.changing}
    return Tree(
        [*tree.organisations.values(), *made],
        _with(tree.memberships[~np.isin(tree.memberships[:, 1], moved)], memberships, 5),
        _with(tree.placements[~np.isin(tree.placements[:, 0], list(moving))], placements, 4),
        [row for row in tree.attributes if (row.organisation, row.name) not in changing] + values,
        tree.inherited,
    )


def _with(kept: np.ndarray, added: list[tuple[int, ...]], width: int) -> np.ndarray:
    return np.concatenate([kept, np.array(added, np.int64).reshape(-1, width)])


def ancestors(tree: Tree) -> Ancestors:
    """Who stands above everybody, themselves among them."""
    found: Ancestors = {}
    for ancestor, one, *rest in tree.memberships.tolist():
        found.setdefault(one, []).append((ancestor, *rest))
    return found


def _above(
    one: int, lines: dict[int, list[tuple[Stretch, int]]], standing: Ancestors, known: dict[int, Above]
) -> Above:
    """Who stands above one and when: itself at depth 0, then what stands above its parents."""
    if one not in known:
        found: Above = {}
        if one not in lines:
            for ancestor, depth, start, end in standing.get(one, ()):
                found.setdefault((ancestor, depth), []).append((start, end))
        for held, parent in lines.get(one, ()):
            found.setdefault((one, 0), []).append(held)
            if parent:
                for (ancestor, depth), stretches in _above(parent, lines, standing, known).items():
                    found.setdefault((ancestor, depth + 1), []).extend(common([held], stretches))
        known[one] = {key: joined(stretches) for key, stretches in found.items() if stretches}
    return known[one]


def affected(before: Tree, after: Tree, concerned: Iterable[int], since: date) -> set[int]:
    """Who has one of the concerned below it, or no longer below it, from a day on: whose totals change by the move."""
    first = since.toordinal()
    one, other = ancestors(before), ancestors(after)
    found: set[int] = set()
    for each in concerned:
        found |= {ancestor for ancestor, *_days in _since(one, each, first) ^ _since(other, each, first)}
    return found


def _since(standing: Ancestors, one: int, first: int) -> set[tuple[int, int, int]]:
    """(ancestor, start, end) from a day on, however deep it stands."""
    held: dict[int, list[Stretch]] = {}
    for ancestor, _depth, start, end in standing.get(one, ()):
        if end > first:
            held.setdefault(ancestor, []).append((max(start, first), end))
    return {(ancestor, *stretch) for ancestor, stretches in held.items() for stretch in joined(stretches)}


def holders(tree: Tree, concerned: Iterable[int], since: date) -> set[int]:
    """Everybody who has one of the concerned below it from a day on: whose totals change with their values."""
    standing, first = ancestors(tree), since.toordinal()
    return {ancestor for one in concerned for ancestor, *_days in _since(standing, one, first)}
