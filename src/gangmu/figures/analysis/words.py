"""What is said in both languages at once, so that a report can be printed in either. Pure, as periods' labels are."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import get_language

from gangmu.figures.analysis.rounding import half_up, shown
from gangmu.figures.indicators.unitwords import unit_words

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Chinese and in English."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """In `language`: "zh…" is Chinese, everything else English."""
        return self.zh if language.lower().startswith("zh") else self.en

    def __str__(self) -> str:
        return self.text(get_language() or "")


def in_unit(unit: str) -> Words:
    """How an indicator's unit is written after a figure: 万元 and 10⁴ CNY; nothing for a plain number."""
    return Words(unit_words(unit, "zh"), unit_words(unit, "en"))


def ordinal(number: int) -> Words:
    """第3, 3rd."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return Words(f"第{number}", f"{number}{ending}")


def weekday(number: int) -> Words:
    """0 is Monday."""
    return Words(f"星期{_WEEKDAYS_ZH[number]}", _WEEKDAYS_EN[number])


def decimal(value: Fraction, digits: int) -> str:
    """Rounded once, half up, in plain digits."""
    return f"{shown(half_up(value, digits), digits):f}"


def percent(value: Fraction, digits: int = 1) -> str:
    return f"{decimal(value * 100, digits)}%"


def iso(day: date) -> str:
    return day.isoformat()
