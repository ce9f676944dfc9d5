"""Who belongs where on which day, and in which month."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.tree import EVER, OPEN, AttributeRow, OrganisationRow, Tree


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def month(text: str) -> int:
    return Grain.MONTH.index(date.fromisoformat(f"{text}-01"))


G, R1, R2, U = 1, 2, 3, 4
MOVED, CLOSED, BACK = day("2026-03-10"), day("2026-06-15"), day("2026-06-20")


@pytest.fixture
def tree() -> Tree:
    """U stands under R1, from 10 March 2026 under R2; it is closed on 15 June and back on 20 June, for good."""
    stays = [(EVER, MOVED, R1), (MOVED, CLOSED, R2), (BACK, OPEN, R1)]
    memberships = [(one, one, 0, EVER, OPEN) for one in (G, R1, R2)] + [(G, R1, 1, EVER, OPEN), (G, R2, 1, EVER, OPEN)]
    for start, end, region in stays:
        memberships += [(U, U, 0, start, end), (region, U, 1, start, end), (G, U, 2, start, end)]
    placements = [(G, 0, EVER, OPEN), (R1, G, EVER, OPEN), (R2, G, EVER, OPEN)]
    placements += [(U, region, start, end) for start, end, region in stays]
    attributes = [
        AttributeRow(R1, "fuel", "coal", EVER, OPEN),
        AttributeRow(G, "fuel", "mixed", EVER, day("2026-04-01")),
        AttributeRow(U, "fuel", "gas", day("2026-01-01"), day("2026-02-01")),
        AttributeRow(U, "capacity_mw", "100", EVER, day("2026-06-10")),
        AttributeRow(U, "capacity_mw", "150.5", day("2026-06-10"), OPEN),
    ]
    rows = [OrganisationRow(G, "G", "", "", "group"), OrganisationRow(R1, "R1", "", "", "region")]
    rows += [OrganisationRow(R2, "R2", "", "", "region"), OrganisationRow(U, "U", "", "", "unit")]
    return Tree(rows, np.array(memberships), np.array(placements), attributes, ["fuel"])


def months_of(tree: Tree, organisation: int) -> set[int]:
    reach = tree.reach(tree.group(organisation, ""), Grain.MONTH)
    first, last = month("2025-12"), month("2026-12")
    return {
        at
        for pair, low, high in zip(reach.segment_pair, reach.segment_low, reach.segment_high, strict=True)
        if reach.organisation[pair] == U
        for at in range(max(first, int(low)), min(last, int(high)))
    }


def test_a_month_belongs_where_its_last_day_in_the_tree_belongs(tree):
    assert months_of(tree, R2) == {month("2026-03"), month("2026-04"), month("2026-05")}
    assert months_of(tree, R1) | months_of(tree, R2) == set(range(month("2025-12"), month("2026-12")))
    assert not months_of(tree, R1) & months_of(tree, R2)


def test_a_month_that_ends_without_it_belongs_to_its_last_day(tree):
    closed = Tree(
        tree.organisations.values(),
        np.array([row for row in tree.memberships.tolist() if row[3] != BACK]),
        np.array([row for row in tree.placements.tolist() if row[2] != BACK]),
        tree.attributes,
        tree.inherited,
    )
    assert max(months_of(closed, R2)) == month("2026-06")
    assert closed.service(U, Grain.MONTH)[-1][1] == month("2026-07")


def test_fuel_is_inherited_from_the_nearest_that_has_one(tree):
    found = tree.attribute(U, "fuel")
    assert found == [
        (EVER, day("2026-01-01"), "coal"),
        (day("2026-01-01"), day("2026-02-01"), "gas"),
        (day("2026-02-01"), MOVED, "coal"),
        (MOVED, day("2026-04-01"), "mixed"),
        (BACK, OPEN, "coal"),
    ]
    grouping = tree.group(G, "fuel")
    assert grouping.labels == ("coal", "gas", "mixed", None)
    assert [(one.start, one.end) for one in grouping.segments if one.organisation == U and one.group == 3] == [
        (day("2026-04-01"), CLOSED)
    ]


def test_the_tree_of_today_holds_for_all_days(tree):
    grouping = tree.group(R2, "", True, day("2026-04-01"))
    assert [(one.organisation, one.start, one.end) for one in grouping.segments] == [(R2, EVER, OPEN), (U, EVER, OPEN)]
    assert not [one for one in tree.group(R2, "", True, day("2026-07-01")).segments if one.organisation == U]


def test_capacity_counts_on_days_in_the_tree(tree):
    june = (day("2026-06-01"), day("2026-07-01"))
    whole = tree.group(G, "")
    right = 100 * 9 + Fraction("150.5") * (5 + 11)
    assert tree.megawatt_days(whole, "unit", [june]) == [[right]]
    assert tree.megawatt_days(tree.group(R2, ""), "unit", [june]) == [[100 * 9 + Fraction("150.5") * 5]]
    assert tree.megawatt_days(whole, "plant", [june]) == [[None]]
    assert tree.megawatt_days(whole, "unit", [june], last=True) == [[Fraction("150.5")]]
    today = tree.group(G, "", True, day("2026-06-01"))
    assert tree.megawatt_days(today, "unit", [june]) == [[100 * 25]]


def test_a_saved_tree_is_the_same_tree(tree, tmp_path):
    tree.save(tmp_path / "tree.npz")
    loaded = Tree.load(tmp_path / "tree.npz")
    assert loaded.organisations == tree.organisations
    assert loaded.attributes == tree.attributes
    assert loaded.group(G, "fuel") == tree.group(G, "fuel")
