"""Groups of exact numbers, against loops over fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.figures.indicators.exact.aggregating import Aggregated, Grouping, Rule, aggregate
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import rounded

GROUPS = 4
numbers = st.one_of(
    st.none(),
    st.fractions(-50, 50, max_denominator=12),
    st.integers(-3, 3).map(Fraction),
    st.sampled_from([Fraction(10**15), Fraction(-(10**15)), Fraction(1, 2), Fraction(2**62), Fraction(1, 10**9)]),
)
rows = st.lists(st.tuples(numbers, numbers, st.integers(-1, GROUPS - 1)), max_size=30)


def by_hand(rule: Rule, members: list[tuple[Fraction | None, Fraction | None]]) -> Fraction | None:
    if rule is Rule.WEIGHTED:
        pairs = [(value, weight) for value, weight in members if value is not None and weight is not None]
        total = sum((weight for _value, weight in pairs), Fraction(0))
        return sum((value * weight for value, weight in pairs), Fraction(0)) / total if total else None
    values = [value for value, _weight in members if value is not None]
    if not values:
        return None
    match rule:
        case Rule.SUM:
            return sum(values, Fraction(0))
        case Rule.MEAN:
            return sum(values, Fraction(0)) / len(values)
        case Rule.MIN:
            return sorted(values)[0]
        case Rule.MAX:
            return sorted(values)[-1]
        case Rule.FIRST:
            return values[0]
    return values[-1]


def half_up(value: Fraction) -> int:
    whole, rest = divmod(abs(value), 1)
    return (1 if value >= 0 else -1) * (int(whole) + (rest >= Fraction(1, 2)))


class ByFloats(Cells):
    """The same numbers, but never recognised as integers, so that the floats must do the work."""

    def __init__(self, cells: Exact) -> None:
        self.cells = cells

    @property
    def size(self):
        return self.cells.size

    def bounded(self, start=0, stop=None):
        return self.cells.bounded(start, stop)

    def exact(self, index=None):
        return self.cells.exact(index)


@settings(max_examples=300, deadline=None)
@given(rows=rows, rule=st.sampled_from(list(Rule)), integral=st.booleans(), by_floats=st.booleans())
def test_every_group_has_the_value_that_loops_give(rows, rule, integral, by_floats):
    if integral:
        rows = [(value and Fraction(half_up(value)), weight, group) for value, weight, group in rows]
    values = Exact.of_fractions([value for value, _weight, _group in rows])
    weights = Exact.of_fractions([weight for _value, weight, _group in rows]) if rule is Rule.WEIGHTED else None
    if integral:
        assert isinstance(values.denominator, int) or not rows
    cells = ByFloats(values) if by_floats else values
    result = aggregate(rule, cells, [group for _value, _weight, group in rows], GROUPS, weights)

    expected = [
        by_hand(rule, [(value, weight) for value, weight, group in rows if group == wanted]) for wanted in range(GROUPS)
    ]
    assert result.exact().fractions() == expected
    backwards = np.array([3, 1])
    assert result.exact(backwards).fractions() == [expected[3], expected[1]]
    floats = result.bounded()
    for group, truth in enumerate(expected):
        if np.isfinite(floats.bound[group]):
            assert bool(floats.present[group]) == (truth is not None)
            assert truth is None or abs(Fraction(floats.value[group]) - truth) <= Fraction(floats.bound[group])
    answer = rounded(result, 0)
    assert [int(number) if there else None for number, there in zip(answer.scaled, answer.present, strict=True)] == [
        None if truth is None else half_up(truth) for truth in expected
    ]


def test_sums_that_leave_the_machine_stay_exact():
    values = Exact.of([2**62] * 5 + [-1], 1)
    total = aggregate(Rule.SUM, values, [0] * 6, 1)
    assert total.fraction(0) == 5 * 2**62 - 1
    many = Exact.of(np.full(20_000, 10**15), 1)
    assert aggregate(Rule.SUM, many, np.repeat([0, 1], 10_000), 2).exact().fractions() == [10**19, 10**19]


def test_groups_are_aggregated_in_two_stages():
    """Means over time, organisation by organisation, then their sum: 3/2 + 2 = 3.5."""
    cells = Exact.scaled([10, 20, 20], 1)
    means = aggregate(Rule.MEAN, cells, [0, 0, 1], 2)
    assert rounded(aggregate(Rule.SUM, means, [0, 0], 1), 0).scaled.tolist() == [4]


def test_sums_of_many_denominators_are_decided_by_floats(monkeypatch):
    """Added as fractions, forty thousand denominators would make one of two hundred thousand digits."""
    rng = np.random.default_rng(3)
    values = Exact.of(rng.integers(0, 10**9, 40_000), rng.integers(1, 10**6, 40_000))
    total = aggregate(Rule.SUM, values, np.zeros(40_000, int), 1)
    monkeypatch.setattr(Aggregated, "exact", lambda *_: pytest.fail("asked exactly"))
    sixty_digits = sum(
        10**60 * int(top) // int(bottom)
        for top, bottom in zip(values.numerator, np.asarray(values.denominator), strict=True)
    )
    assert rounded(total, 0).scaled.tolist() == [round(Fraction(sixty_digits, 10**60))]


def test_one_grouping_serves_many_columns():
    grouping = Grouping.of([1, 0, 1], 2)
    assert aggregate("sum", Exact.of([1, 2, 3]), grouping, 2).exact().fractions() == [2, 4]
    assert aggregate("last", Exact.of([1, 2, 3], 1, [True, True, False]), grouping, 2).exact().fractions() == [2, 1]


def test_weights_belong_to_the_weighted_rule():
    with pytest.raises(ValueError, match="weights"):
        aggregate(Rule.SUM, Exact.of([1]), [0], 1, Exact.of([1]))
    with pytest.raises(ValueError, match="group 3 of 2"):
        aggregate(Rule.SUM, Exact.of([1]), [3], 2)
