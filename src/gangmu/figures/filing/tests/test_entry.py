"""What people type, paste and import, and what it is read as."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.filing.definitions import ChoiceOption, Item
from gangmu.figures.filing.entry import MESSAGES, Column, Entry, Wrong, figure, fits, plain_text, read_entry, show
from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Mark
from gangmu.figures.indicators.decimals import EarlierPrecision
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition
from gangmu.foundation.parties.kinds import Words

STATES = (
    ChoiceOption(1, "running", Words("运行", "Running")),
    ChoiceOption(2, "standby", Words("备用", "Standby")),
    ChoiceOption(3, "stopped", Words("停机", "Stopped")),
)


def column(unit: str = "万kWh", precision: int = 2, out_of_service: str = "zero", choices=()) -> Column:
    definition = IndicatorDefinition("generation", Words("发电量", "Generation"), unit, precision, Grain.DAY)
    return Column(Item("generation", out_of_service=out_of_service, choices=choices), definition)  # pyright: ignore


ENERGY, STATE = column(), column("1", 0, "blank", STATES)


def value(text: object, of: Column = ENERGY) -> int:
    entry = read_entry(text, of)
    assert entry.fault is None, entry.fault.text
    assert entry.value is not None
    return entry.value


def wrong(text: object, of: Column = ENERGY) -> Wrong:
    entry = read_entry(text, of)
    assert entry.fault is not None, entry
    assert entry.value is None and entry.mark is Mark.NONE
    return entry.fault.wrong


@pytest.mark.parametrize(
    "text",
    [
        "1234.5",
        "1234.50",
        "1,234.5",
        "1，234.5",
        "1，234．5",
        "１２３４．５",
        "1 234.5",
        "1\u00a0234.5",
        "1\u202f234.50",
        "\u3000 1234.5\t",
        "\ufeff1234.5\u200b",
        "1234。5",
        "+1234.5",
        "＋1234.5",
        "'1234.5",
        "1234.5万kWh",
        "1234.5 万kwh",
        "1234.5 万千瓦时",
        "1.2345E+3",
        "1.2345e3",
        "12345e-1",
        "01234.5",
        1234.5,
        Decimal("1234.5"),
    ],
)
def test_a_number_is_read_however_it_is_written(text):
    assert read_entry(text, ENERGY) == Entry(123450, Mark.NONE, None, "1234.50")


@pytest.mark.parametrize("sign", ["-", "－", "−", "‐", "‑", "–", "—", "﹣", "- ", "－ "])
def test_a_minus_is_read_whatever_its_shape(sign):
    assert value(f"{sign}5") == -500


@pytest.mark.parametrize("text", ["0", "-0", "0.00", "０", 0, -0.0, ".0", "0."])
def test_zero_is_a_figure(text):
    assert read_entry(text, ENERGY)[:2] == (0, Mark.NONE)
    assert read_entry(text, ENERGY).shown == "0.00"


@pytest.mark.parametrize("text", [None, "", " ", "\u3000", "\u200b", "\n"])
def test_nothing_is_nothing(text):
    assert read_entry(text, ENERGY) == Entry(None, Mark.NONE, None, "")


@pytest.mark.parametrize("text", ["停运", "停机", " 停运 ", "out of service", "Out-of-Service", "OOS"])
def test_out_of_service_is_a_mark(text):
    assert read_entry(text, column(out_of_service="zero")) == Entry(0, Mark.OUT_OF_SERVICE, None, "0.00")
    assert read_entry(text, column(out_of_service="blank")) == Entry(None, Mark.OUT_OF_SERVICE, None, "")
    assert wrong(text, column(out_of_service="")) is Wrong.NO_MARK


@pytest.mark.parametrize(
    "text", ["--", "-", "—", "——", "/", "\\", "无", "N/A", "n/a", "NULL", "－－", "…", "待定", "*", "、"]
)
def test_a_dash_is_told_from_a_blank(text):
    assert wrong(text) is Wrong.DASH
    assert wrong(text, STATE) is Wrong.DASH


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("约100", Wrong.TEXT),
        ("abc", Wrong.TEXT),
        ("一百", Wrong.TEXT),
        ("①", Wrong.TEXT),
        ("10²", Wrong.UNIT),
        ("½", Wrong.TEXT),
        ("١٢٣", Wrong.TEXT),
        (True, Wrong.TEXT),
        ("2026-11-20", Wrong.DATE),
        ("2026/11/20 08:00", Wrong.DATE),
        ("2026.11.20", Wrong.DATE),
        ("11月20日", Wrong.DATE),
        ("2026年11月", Wrong.DATE),
        ("08:30", Wrong.DATE),
        ("8：30", Wrong.DATE),
        ("1/2", Wrong.DATE),
        (date(2026, 11, 20), Wrong.DATE),
        (datetime(2026, 11, 20, 8), Wrong.DATE),
        (time(8), Wrong.DATE),
        ("=A1+B1", Wrong.FORMULA),
        ("＝SUM(A1:A3)", Wrong.FORMULA),
        ("+A1", Wrong.FORMULA),
        ("@A1", Wrong.FORMULA),
        ("#REF!", Wrong.ERROR),
        ("#DIV/0!", Wrong.ERROR),
        ("#N/A", Wrong.ERROR),
        ("####", Wrong.ERROR),
        (float("nan"), Wrong.ERROR),
        (float("inf"), Wrong.ERROR),
        ("1.234,5", Wrong.AMBIGUOUS),
        ("1,23", Wrong.AMBIGUOUS),
        ("12,34,567", Wrong.AMBIGUOUS),
        ("0,123", Wrong.AMBIGUOUS),
        ("1.2.3", Wrong.AMBIGUOUS),
        ("1,2345", Wrong.AMBIGUOUS),
        ("12 34", Wrong.SPACES),
        ("1234 5678", Wrong.SPACES),
        ("(123)", Wrong.BRACKETS),
        ("（1,234.5）", Wrong.BRACKETS),
        ("123-", Wrong.SIGN),
        ("1.2万", Wrong.UNIT),
        ("100左右", Wrong.UNIT),
        ("12MWh", Wrong.OTHER_UNIT),
        ("12 度", Wrong.OTHER_UNIT),
        ("12t", Wrong.UNIT),
        ("¥12", Wrong.UNIT),
        ("12.345", Wrong.DECIMALS),
        ("1e-9", Wrong.DECIMALS),
        ("1e-99999999", Wrong.DECIMALS),
        ("10000000000000.01", Wrong.LARGE),
        ("1e40", Wrong.LARGE),
        ("9e999999999", Wrong.LARGE),
        (10**30, Wrong.LARGE),
        ("9" * 150, Wrong.LARGE),
        ("9" * 201, Wrong.LONG),
        ("x" * 100_000, Wrong.LONG),
    ],
)
def test_what_is_no_figure_is_a_fault_of_its_own(text, what):
    assert wrong(text) is what


def test_the_largest_figure_is_read():
    assert value("10000000000000") == LARGEST_SCALED_VALUE
    assert value("-10,000,000,000,000.00") == -LARGEST_SCALED_VALUE
    assert value("0e999999999") == 0


def test_a_float_is_what_the_spreadsheet_shows():
    assert value(12.299999999999999) == value(12.3) == 1230
    assert value(1.1 + 2.2) == 330
    assert value(-0.1 - 0.2) == -30
    assert value(1e13) == LARGEST_SCALED_VALUE
    assert value(12345678901.25) == 1234567890125
    assert wrong(12.345) is Wrong.DECIMALS


def test_text_is_taken_at_its_word():
    entry = read_entry("12.299999999999999", ENERGY)
    assert entry.fault is not None and entry.fault.rounded == "12.30"


@pytest.mark.parametrize(
    ("text", "rounded", "scaled"),
    [
        ("12.345", "12.35", 1235),
        ("-12.345", "-12.35", -1235),
        ("12.3449", "12.34", 1234),
        ("0.005", "0.01", 1),
        (2.675, "2.68", 268),
    ],
)
def test_rounding_is_told_and_taken_only_when_accepted(text, rounded, scaled):
    refused = read_entry(text, ENERGY)
    assert refused.fault is not None and refused.fault.rounded == rounded and rounded in refused.fault.text
    taken = read_entry(text, ENERGY, accept_rounding=True)
    assert taken == Entry(scaled, Mark.ROUNDED, None, rounded, str(text))


def test_accepted_rounding_leaves_exact_figures_alone():
    assert read_entry("12.30000", ENERGY, accept_rounding=True) == Entry(1230, Mark.NONE, None, "12.30")


def test_units_are_read_where_they_are_the_indicators_own():
    assert value("5.25%", column("%")) == 525
    assert value("5.25 ％", column("%")) == 525
    assert value("￥1,200", column("元")) == 120000
    assert value("1200 CNY", column("元")) == 120000
    assert value("20℃", column("°C")) == 2000
    assert value("3 m3", column("m³")) == 300


@pytest.mark.parametrize(
    ("text", "unit", "converted"),
    [
        ("1234MWh", "万kWh", "123.4"),
        ("-12 GWh", "万kWh", "-1200"),
        ("1e3 kWh", "万kWh", "0.1"),
        ("5%", "1", "0.05"),
        ("1 kg", "t", "0.001"),
        ("10万元", "元", "100000"),
    ],
)
def test_another_unit_is_converted_in_the_message_only(text, unit, converted):
    fault = read_entry(text, column(unit)).fault
    assert fault is not None and fault.wrong is Wrong.OTHER_UNIT
    assert fault.values["converted"] == converted


@pytest.mark.parametrize("text", ["1", "1.0", 1, 1.0, "running", "RUNNING", "运行", " Running ", "１"])
def test_a_choice_is_known_by_value_code_and_name(text):
    assert read_entry(text, STATE)[:3] == (1, Mark.NONE, None)


def test_a_choice_comes_before_the_mark():
    assert read_entry("停机", STATE)[:2] == (3, Mark.NONE)
    assert read_entry("停运", STATE)[:2] == (None, Mark.OUT_OF_SERVICE)


def test_other_choices_are_named_in_the_readers_language():
    fault = read_entry("8", STATE).fault
    assert fault is not None and fault.wrong is Wrong.CHOICE
    with translation.override("zh-hans"):
        assert "运行" in fault.text and "Running" not in fault.text
    with translation.override("en"):
        assert "Running, Standby, Stopped" in fault.text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_message_can_be_said(language):
    values = dict.fromkeys(
        ["text", "precision", "rounded", "unit", "given", "converted", "number", "choices", "most", "span"], "§"
    )
    with translation.override(language):
        said = [str(MESSAGES[what]) % values for what in Wrong]
    assert len(set(said)) == len(Wrong)
    assert all(("。" in text) == (language == "zh-hans") for text in said)


def test_long_text_is_cut_in_messages():
    fault = read_entry("words " * 30, ENERGY).fault
    assert fault is not None and len(fault.values["text"]) == 40 and "…" in fault.text


scaled_values = st.integers(-LARGEST_SCALED_VALUE, LARGEST_SCALED_VALUE)


@given(scaled_values, st.integers(0, 9))
def test_every_figure_reads_as_itself_again(scaled, precision):
    of = column("t", precision)
    assert read_entry(show(scaled, of), of) == Entry(scaled, Mark.NONE, None, plain_text(scaled, precision))


@given(scaled_values, st.integers(0, 9), st.sampled_from(["{:,}", "{:+}", " {} ", "{}t", "{} 吨"]))
def test_every_figure_reads_in_every_dress(scaled, precision, dress):
    text = dress.format(Decimal(scaled).scaleb(-precision))
    if "E" not in text:
        assert value(text, column("t", precision)) == scaled


@given(st.integers(-(10**14), 10**14), st.integers(0, 9))
def test_a_spreadsheets_float_is_the_decimal_it_shows(scaled, precision):
    """Fifteen digits are what a float keeps of a decimal."""
    assert value(float(Decimal(scaled).scaleb(-precision)), column("t", precision)) == scaled


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_rounding_is_half_away_from_zero(number):
    from decimal import ROUND_HALF_UP

    entry = read_entry(str(number), ENERGY, accept_rounding=True)
    assert entry.fault is None
    assert Decimal(entry.value or 0).scaleb(-2) == number.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(st.text(max_size=60) | st.text("0123456789.,，。-−+eE％%() ¥tkWh万/年月:：", max_size=20), st.booleans())
def test_any_text_is_read_or_refused(text, accept):
    for of in (ENERGY, STATE):
        entry = read_entry(text, of, accept_rounding=accept)
        if entry.fault is not None:
            assert entry.value is None and entry.fault.text
        elif entry.value is not None:
            assert abs(entry.value) <= LARGEST_SCALED_VALUE
            assert read_entry(entry.shown, of).value == entry.value
        else:
            assert not entry.shown


DATED = IndicatorDefinition(
    "generation",
    Words("发电量", "Generation"),
    "万kWh",
    3,
    Grain.DAY,
    precisions=(EarlierPrecision(date(2024, 12, 31), 1), EarlierPrecision(date(2025, 12, 31), 0)),
)


def on(day: date) -> Column:
    return Column(Item("generation", out_of_service="zero"), DATED, day=day)


def test_decimals_are_those_of_the_day_and_stored_with_the_most():
    early, middle, late = on(date(2024, 12, 31)), on(date(2025, 1, 1)), on(date(2026, 1, 1))
    assert (value("1.5", early), value("12", middle), value("1.125", late)) == (1500, 12000, 1125)
    assert value("12.000", middle) == 12000  # zeros are no decimals
    assert wrong("1.25", early) is wrong("0.5", middle) is Wrong.DATED_DECIMALS
    with translation.override("en"):
        said = read_entry("0.5", middle).fault
        assert said is not None and "the 0 of this indicator since 2025-01-01. Write 1, or" in said.text
        said = read_entry("1.25", early).fault
        assert said is not None and "the 1 of this indicator until 2024-12-31. Write 1.3, or" in said.text
    taken = read_entry("0.5", middle, accept_rounding=True)
    assert (taken.value, taken.shown, taken.mark) == (1000, "1", Mark.ROUNDED)
    assert read_entry("out of service", early).shown == "0.0"
    assert wrong(str(10**12 + 1), middle) is Wrong.LARGE


def test_a_stored_figure_is_shown_with_the_decimals_of_its_day_and_hides_none():
    assert [show(number, on(date(2024, 5, 1))) for number in (1500, 1000, 0, -1500, 1525)] == (
        ["1.5", "1.0", "0.0", "-1.5", "1.525"]
    )
    assert show(12000, on(date(2025, 5, 1))) == "12" and show(12000, on(date(2026, 5, 1))) == "12.000"
    assert figure(1500, on(date(2024, 5, 1))) == Decimal("1.5")
    assert fits(Decimal(1500), on(date(2024, 5, 1))) and not fits(Decimal(1525), on(date(2024, 5, 1)))
