"""The tags and filters that templates use."""

import datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from gangmu.foundation.ui import icons
from gangmu.foundation.ui.templatetags import ui


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Decimal("1234567.80"), None, "1,234,567.80"),
        ("1234567.80", None, "1,234,567.80"),
        (-1234, None, "\u22121,234"),
        (0, None, "0"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("-0.125"), 2, "\u22120.13"),
        (Decimal("0.115"), 2, "0.12"),
        (2.675, 2, "2.68"),
        (5, 1, "5.0"),
        (Decimal("1E+3"), None, "1,000"),
        (Decimal("123456789012345678901234567890.5"), 0, "123,456,789,012,345,678,901,234,567,891"),
        (None, 2, "–"),
        ("", None, "–"),
        (Decimal("NaN"), 2, "–"),
        ("n/a", None, "n/a"),
    ],
)
def test_numbers_have_separators_and_are_rounded_half_up_only_when_asked(value, digits, shown):
    assert ui.number(value, digits) == shown


def test_days_and_moments_are_those_of_the_business_zone():
    evening = datetime.datetime(2026, 11, 19, 16, 30, tzinfo=datetime.UTC)
    assert ui.day(evening) == '<time datetime="2026-11-20">2026-11-20</time>'
    assert ui.day(datetime.date(2026, 2, 28)) == '<time datetime="2026-02-28">2026-02-28</time>'
    assert ui.moment(evening) == '<time datetime="2026-11-19T16:30:00+00:00">2026-11-20 00:30</time>'
    assert ui.day(None) == ui.moment(None) == "–"


def render(text, path="/", **context):
    template = Template(CottonCompiler().process("{% load ui %}" + text))
    return template.render(Context({"request": RequestFactory().get(path), **context}))


def test_a_query_keeps_what_is_not_changed():
    path = "/?q=a+b&col=x&col=y&page=3"
    assert render("{% query page=None q='c&d' %}", path) == "?q=c%26d&amp;col=x&amp;col=y"


def test_an_icon_with_a_label_speaks_and_one_without_is_silent():
    assert 'role="img" aria-label="Home &lt;"' in render("{% icon 'home' label %}", label="Home <")
    assert 'aria-hidden="true"' in render("{% icon 'home' %}")


def test_a_missing_icon_names_those_there_are():
    with pytest.raises(LookupError, match=r"use one of: .*home"):
        icons.svg("no-such-icon")


def test_every_icon_is_one_drawing_without_anything_active():
    for name in icons.names():
        text = (icons.FOLDER / f"{name}.svg").read_text("utf-8")
        assert text.startswith("<svg ") and text.count("<svg") == 1
        assert "<script" not in text and "style=" not in text and "href" not in text


def test_components_escape_what_they_are_given():
    page = render(
        """<c-badge tone="info">{{ bad }}</c-badge><c-alert title="{{ bad }}">x</c-alert>
        <c-fact label="{{ bad }}">{{ bad }}</c-fact><c-page-header :title="bad" />
        <c-button href="{{ bad }}">x</c-button>{% badge bad %}""",
        bad='"><script>alert(1)</script>',
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 7


def test_every_key_is_another():
    assert render("{% idempotency_key %}") != render("{% idempotency_key %}")
