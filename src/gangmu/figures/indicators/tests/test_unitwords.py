"""Units for readers: complete in English, untouched in Chinese."""

import pytest
from django.template import Context, Template
from django.utils import translation

from gangmu.figures.indicators.units import parse_unit
from gangmu.figures.indicators.unitwords import unit_words


@pytest.mark.parametrize(
    ("unit", "english"),
    [
        ("万元", "10⁴ CNY"),
        ("元/MWh", "CNY/MWh"),
        ("万kWh", "10⁴ kWh"),
        ("元/(kW·月)", "CNY/(kW·month)"),
        ("亿m³", "10⁸ m³"),
        ("台", "units"),
        ("千瓦时", "kWh"),
        ("g/kWh", "g/kWh"),
        ("1", ""),
        ("", ""),
    ],
)
def test_what_an_english_reader_is_shown(unit, english):
    if unit:
        parse_unit(unit)
    assert unit_words(unit, "en") == english
    assert unit_words(unit, "zh-hans") == ("" if unit == "1" else unit)


def test_the_filter_speaks_the_readers_language():
    page = Template("{% load units %}{{ unit|unit }}")
    with translation.override("en"):
        assert page.render(Context({"unit": "万元"})) == "10⁴ CNY"
    with translation.override("zh-hans"):
        assert page.render(Context({"unit": "万元"})) == "万元"
