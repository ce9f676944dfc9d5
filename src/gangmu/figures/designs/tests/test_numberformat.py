"""Number formats of Chinese reports, as a spreadsheet shows them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gangmu.figures.designs.numberformat import Shown, shown


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        ("1234567.005", "#,##0.00", "1,234,567.01"),
        ("-1234.5", "#,##0.00", "-1,234.50"),
        ("-0.001", "#,##0.00", "0.00"),
        ("0.1", "#,##0", "0"),
        ("0.5", "0", "1"),
        ("1000", "#,##0", "1,000"),
        ("100", "#,##0", "100"),
        ("0.1235", "0.0%", "12.4%"),
        ("0.12345", "0.00%", "12.35%"),
        ("-0.05", "0.0%;-0.0%", "-5.0%"),
        ("12345", "0!.0,", "1.2"),
        ("12345", "0!.0000", "1.2345"),
        ("123456789", '#,##0!.0,"万"', "123,45.7万"),  # groups are counted over the literal, as in Excel
        ("12345", '0"."0,"万元"', "1.2万元"),
        ("500", "0!.0,", "0.1"),
        ("400", "0!.0,", "0.0"),
        ("123456789", "0.00,,", "123.46"),
        ("1234567", "#,##0,", "1,235"),
        ("0", '#,##0.00;-#,##0.00;"-"', "-"),
        ("-7", "0_);(0)", "(7)"),
        ("7", "0_);(0)", "7 "),
        ("12.5", "0.##", "12.5"),
        ("12", "0.##", "12."),
        ("3", "000", "003"),
        ("3", '"第"0"期"', "第3期"),
        ("12345678", '[>=10000]0!.0,"万";0', "1234.6万"),
        ("9999", '[>=10000]0!.0,"万";0', "9999"),
        ("1234567", "0.00E+00", "1.23E+06"),
        ("1234.5678", "General", "1234.5678"),
        ("0.30000", "G/通用格式", "0.3"),
        ("-5", "General", "-5"),
        ("100", "General", "100"),
        ("46000.5", "yyyy-mm-dd hh:mm", "2025-12-09 12:00"),
        ("5", '0.0"%"', "5.0%"),
        ("45", "[$¥-804]#,##0.00", "¥45.00"),
    ],
)
def test_numbers(value, pattern, text):
    assert shown(Decimal(value), pattern).text == text


@pytest.mark.parametrize(
    ("value", "pattern", "language", "text"),
    [
        (date(2026, 10, 5), "yyyy-mm-dd", "zh", "2026-10-05"),
        (date(2026, 10, 5), 'yyyy"年"m"月"d"日"', "zh", "2026年10月5日"),
        (date(2026, 10, 5), "[$-804]yyyy年m月d日;@", "zh", "2026年10月5日"),
        (date(2026, 10, 5), "d mmm yyyy", "en", "5 Oct 2026"),
        (date(2026, 10, 5), "aaaa", "zh", "星期一"),
        (datetime(2026, 10, 5, 15, 7, 9), "yyyy/m/d h:mm:ss", "zh", "2026/10/5 15:07:09"),
        (datetime(2026, 10, 5, 15, 7), "h:mm AM/PM", "en", "3:07 PM"),
    ],
)
def test_dates(value, pattern, language, text):
    assert shown(value, pattern, language).text == text


def test_colours_texts_and_what_is_not_covered():
    assert shown(Decimal(-3), "0;[Red]-0") == Shown("-3", "red")
    assert shown(Decimal(-3), "#,##0;[红色]-#,##0").colour == "red"
    assert shown("扭亏", '0.0%;-0.0%;0;"（"@"）"').text == "（扭亏）"
    assert shown("扭亏", "0.0%").text == "扭亏"
    assert shown(Decimal("1.5"), "# ?/?") == Shown("1.5", plain=True)
    assert shown(Decimal(12), "[DBNum1]0").plain
    assert shown(None, "0.00").text == ""


@settings(max_examples=500, deadline=None)
@given(
    some.one_of(some.decimals(allow_nan=True), some.text(max_size=5), some.datetimes(), some.integers()),
    some.text(alphabet='0#?.,%;"\\!_*[]RedE+-@ymdhsa/G万<>=1', max_size=40) | some.text(max_size=300),
)
def test_no_format_fails(value, pattern):
    assert isinstance(shown(value, pattern).text, str)


@settings(max_examples=300, deadline=None)
@given(some.decimals(-(10**12), 10**12, places=4), some.integers(0, 4))
def test_grouped_digits_are_those_of_the_rounded_decimal(value, places):
    from decimal import ROUND_HALF_UP

    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    assert shown(value, pattern).text == f"{rounded if rounded else abs(rounded):,f}"
