"""Places by counting those that are better: written here as the definition."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.analysis.ranking import Better, Entry, moves, ranking
from gangmu.figures.analysis.rounding import half_up
from gangmu.figures.analysis.tests.drawn import FIGURES

values = st.none() | FIGURES | st.integers(-3, 3).map(Fraction)
entries = st.lists(st.tuples(values, st.integers(0, 2)), max_size=12).map(
    lambda drawn: [Entry(str(n), value, reported, 2) for n, (value, reported) in enumerate(drawn)]
)


@given(entries, st.sampled_from(Better), st.none() | st.integers(0, 2), st.booleans())
def test_a_place_is_one_more_than_those_that_are_better(drawn, better, digits, apart):
    found = ranking(drawn, better, digits, partial_apart=apart)
    assert sorted(one.key for one in found) == sorted(one.key for one in drawn)
    given_ones = {one.key: one for one in drawn}

    def seen(entry):
        if entry.value is None or (apart and entry.reported < 2):
            return None
        return entry.value if digits is None else half_up(entry.value, digits)

    ranked = [value for one in drawn if (value := seen(one)) is not None]
    for one in found:
        mine = seen(given_ones[one.key])
        assert one.partial == (given_ones[one.key].reported < 2)
        assert one.count == len(ranked)
        if mine is None:
            assert (one.place, one.tied) == (None, False)
            continue
        ahead = [other for other in ranked if (other > mine if better is Better.HIGHER else other < mine)]
        assert one.place == len(ahead) + 1
        assert one.tied == (ranked.count(mine) > 1)
    places = [one.place or 10**6 for one in found]
    assert places == sorted(places)


def test_after_two_second_places_comes_the_fourth():
    found = ranking(
        [Entry(key, Fraction(value)) for key, value in zip("abcd", (7, 9, 7, 3), strict=True)], Better.HIGHER
    )
    assert [(one.key, one.place) for one in found] == [("b", 1), ("a", 2), ("c", 2), ("d", 4)]
    assert found[1].words().zh == "并列第2名（共4个）"
    assert found[1].words().en == "tied 2nd of 4"


def test_what_looks_equal_ties_and_lower_may_be_better():
    drawn = [Entry("a", Fraction("301.04")), Entry("b", Fraction("301.01")), Entry("c", Fraction("299.96"), 27, 30)]
    assert [one.place for one in ranking(drawn, Better.LOWER)] == [1, 2, 3]
    found = ranking(drawn, Better.LOWER, 1)
    assert [(one.key, one.place, one.partial) for one in found] == [("c", 1, True), ("a", 2, False), ("b", 2, False)]
    assert found[0].words().en == "1st of 3, incomplete"
    (last,) = [one for one in ranking(drawn, Better.LOWER, 1, partial_apart=True) if one.place is None]
    assert (last.key, last.words().zh) == ("c", "未排名，数据不全")


def test_a_rise_is_positive_and_needs_both_places():
    before = ranking([Entry("a", Fraction(1)), Entry("b", Fraction(2)), Entry("c", None)], Better.HIGHER)
    now = ranking(
        [Entry("a", Fraction(3)), Entry("b", Fraction(2)), Entry("c", Fraction(1)), Entry("d", None)], Better.HIGHER
    )
    assert moves(now, before) == {"a": 1, "b": -1, "c": None, "d": None}
