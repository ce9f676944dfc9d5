"""Both languages at once."""

from fractions import Fraction

import pytest
from django.utils.translation import override

from gangmu.figures.analysis.words import Words, decimal, in_unit, ordinal, percent, weekday


def test_words_speak_the_language_asked_for_or_that_of_the_reader():
    words = Words("扭亏为盈", "turned to profit")
    assert (words.text("zh-hans"), words.text("en")) == ("扭亏为盈", "turned to profit")
    assert str(words) == "turned to profit"
    with override("zh-hans"):
        assert str(words) == "扭亏为盈"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals(number, written):
    assert ordinal(number) == Words(f"第{number}", written)


def test_weekdays_and_units():
    assert weekday(0) == Words("星期一", "Monday")
    assert weekday(6) == Words("星期日", "Sunday")
    assert in_unit("万元") == Words("万元", "10⁴ CNY")
    assert in_unit("1") == Words("", "")


def test_figures_are_rounded_half_up():
    assert decimal(Fraction("0.125"), 2) == "0.13"
    assert decimal(Fraction("-0.125"), 2) == "-0.13"
    assert percent(Fraction(1, 3)) == "33.3%"
    assert percent(Fraction(-1, 8), 0) == "-13%"
