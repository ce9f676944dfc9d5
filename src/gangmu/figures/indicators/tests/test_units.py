import sys
from fractions import Fraction
from subprocess import run

import pytest

from gangmu.figures.indicators.units import UnknownUnit, parse_unit


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("万kWh", "MWh", 10),
        ("万千瓦时", "kWh", 10_000),
        ("千千瓦时", "MWh", 1),
        ("亿kWh", "万kWh", 10_000),
        ("元/MWh", "分/kWh", Fraction(1, 10)),
        ("元/(kW·月)", "元/kW/年", 12),
        ("万GJ", "MJ", 10**7),
        ("kcal/kg", "kJ/kg", Fraction("4.1868")),
        ("GJ", "kWh", Fraction(2500, 9)),
        ("m³/s", "m3/h", 3600),
        ("万m³", "m^3", 10_000),
        ("亿元", "万元", 10_000),
        ("元", "CNY", 1),
        ("%", "1", Fraction(1, 100)),
        ("‰", "%", Fraction(1, 10)),
        ("", "1", 1),
        ("d", "h", 24),
        ("kgce", "tce", Fraction(1, 1000)),
        ("kW·h", "kWh", 1),
        ("台", "set", 1),
        ("MWh/h", "kW", 1000),
    ],
)
def test_factors_are_exact(one, other, factor):
    assert parse_unit(one).in_terms_of(parse_unit(other)) == factor


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("ＫＷＨ", "kWh"),
        ("KWH", "kWh"),
        ("％", "%"),
        ("元／MWh", "元/MWh"),
        ("元每MWh", "元/MWh"),
        ("元/kW·月", "元/(kW·月)"),
        ("10^4kWh", "万kWh"),
        ("10⁴t", "万t"),
        ("Mwh", "MWh"),
        ("m/s2", "m/s"),
        ("万万kWh", "万kWh"),
        ("banana", None),
        ("kWh kWh", "kWh"),
        ("元//t", "元/t"),
        ("/t", "元/t"),
        ("(kWh)", "kWh"),
        ("万%", "%"),
        ("°C/h", None),
        ("x" * 41, None),
    ],
)
def test_nonsense_is_refused_with_the_nearest_unit(text, suggestion):
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert caught.value.suggestion == suggestion
    assert text[:20] in str(caught.value)


@pytest.mark.parametrize(("one", "other"), [("t", "元"), ("月", "h"), ("台", "户"), ("°C", "1"), ("MW", "MWh")])
def test_unlike_units_are_not_converted(one, other):
    assert not parse_unit(one).converts_to(parse_unit(other))
    with pytest.raises(ValueError, match="cannot be converted"):
        parse_unit(one).in_terms_of(parse_unit(other))


def test_products_are_written_with_what_went_in():
    energy, power, price = parse_unit("万kWh"), parse_unit("MW"), parse_unit("元/MWh")
    assert energy.per(power).text == "万kWh ÷ MW"
    assert energy.per(power).in_terms_of(parse_unit("h")) == 10
    assert price.times(parse_unit("MWh")).text == "元"
    assert parse_unit("m").times(parse_unit("m")).text == "(m)^2"
    assert parse_unit("1").per(parse_unit("h")).converts_to(parse_unit("Hz"))


def test_pint_is_loaded_with_the_first_unit_only():
    code = "import sys, gangmu.figures.indicators.units; print('pint' in sys.modules)"
    printed = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"
