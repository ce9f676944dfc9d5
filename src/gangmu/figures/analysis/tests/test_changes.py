"""Words where a rate says nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.analysis.changes import Kind, change
from gangmu.figures.analysis.tests.drawn import FIGURES
from gangmu.figures.analysis.words import Words

YUAN = Words("万元", "10⁴ CNY")
values = st.none() | FIGURES | st.just(Fraction(0))


@pytest.mark.parametrize(
    ("base", "value", "kind", "short_zh", "long_en"),
    [
        (-100, "20.5", Kind.TURNED_TO_PROFIT, "扭亏为盈", "turned to profit, up 120.5 10⁴ CNY"),
        (-100, 0, Kind.LOSS_ENDED, "止亏", "loss ended"),
        (-100, -30, Kind.LOSS_NARROWED, "减亏", "loss narrowed by 70.0 10⁴ CNY"),
        (-100, -130, Kind.LOSS_WIDENED, "增亏", "loss widened by 30.0 10⁴ CNY"),
        (-100, -100, Kind.LOSS_UNCHANGED, "亏损持平", "loss unchanged"),
        (100, -20, Kind.TURNED_TO_LOSS, "由盈转亏", "turned to loss, down 120.0 10⁴ CNY"),
        (0, -20, Kind.NEW_LOSS, "新增亏损", "new loss"),
        (0, 20, Kind.FROM_ZERO, "基期为零", "base was zero"),
        (0, 0, Kind.BOTH_ZERO, "均为零", "zero as before"),
        (100, 0, Kind.RATE, "-100.0%", "-100.0%"),
        (80, 90, Kind.RATE, "12.5%", "12.5%"),
        (None, 90, Kind.NO_FIGURE, "无数据", "no figure"),
    ],
)
def test_profit_and_loss(base, value, kind, short_zh, long_en):
    found = change(Fraction(value), None if base is None else Fraction(base), profit=True)
    assert found.kind is kind
    assert found.short().zh == short_zh
    assert found.long(1, YUAN).en == long_en


def test_the_amount_is_in_the_sentence_in_both_languages():
    assert change(Fraction(-130), Fraction(-100), profit=True).long(0, YUAN).zh == "增亏30万元"
    assert change(Fraction(20), Fraction(-100), profit=True).long(2, YUAN).zh == "扭亏为盈，增利120.00万元"


def test_the_amount_is_the_difference_of_the_shown_figures():
    found = change(Fraction("-1.04"), Fraction("-1.16"), profit=True)  # shown -1.0 and -1.2; 0.12 would be 0.1
    assert found.long(1, Words("", "")) == Words("减亏0.2", "loss narrowed by 0.2")


def test_what_is_no_profit_has_no_words_of_losses():
    assert change(Fraction(3), Fraction(-2), profit=False).short() == Words("基期为负", "base was negative")
    assert change(Fraction(-3), Fraction(2), profit=False).short() == Words("-250.0%", "-250.0%")


@given(values, values, st.booleans())
def test_there_is_a_rate_exactly_where_the_house_gives_one_and_no_word_says_more(value, base, profit):
    found = change(value, base, profit=profit)
    if found.rate is not None:
        assert value is not None and base is not None and base > 0
        assert found.rate == (value - base) / base
    elif value is not None and base is not None:
        assert base <= 0 or (profit and value < 0)
    assert (found.kind is Kind.RATE) == (found.rate is not None)
    for words in (found.short(), found.long(2, YUAN)):
        assert words.zh and words.en
        assert "{" not in words.zh + words.en


@given(FIGURES, FIGURES)
def test_more_loss_never_reads_as_less(value, base):
    kind = change(value, base, profit=True).kind
    if kind in (Kind.LOSS_NARROWED, Kind.LOSS_ENDED, Kind.TURNED_TO_PROFIT):
        assert value > base
    if kind in (Kind.LOSS_WIDENED, Kind.TURNED_TO_LOSS, Kind.NEW_LOSS):
        assert value < base
