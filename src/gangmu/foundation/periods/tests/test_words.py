"""Refusals in both languages, with nothing left out."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import override

from gangmu.foundation.periods import content
from gangmu.foundation.periods.calendars import UnknownDay
from gangmu.foundation.periods.period import Period, PeriodError

CATALOGUE = Path(__file__).parent.parent / "locale/zh_Hans/LC_MESSAGES/django.po"


def test_translations_carry_the_same_arguments():
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert len(messages) > 50
    for message in messages:
        assert set(re.findall(r"%\(\w+\)s", str(message.id))) == set(re.findall(r"%\(\w+\)s", str(message.string))), (
            message.id
        )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_refusal_is_worded_when_it_is_shown(language):
    with pytest.raises(PeriodError) as period, override("en"):
        Period.parse("2026/11/20")
    with pytest.raises(UnknownDay) as day:
        content.work_calendar().year(2027)
    with override(language):
        assert "2026-11-20" in str(period.value)
        assert "2027" in str(day.value)
        chinese = re.search(r"[\u4e00-\u9fff]", str(period.value) + str(day.value))
    assert bool(chinese) == (language == "zh-hans")
