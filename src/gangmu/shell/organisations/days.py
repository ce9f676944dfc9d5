"""The day that a page is about, and the days between which its slider moves."""

from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings import clock

A_YEAR = timedelta(days=365)
# Days around them can be counted too.
KNOWN_YEARS = [MinValueValidator(date(1000, 1, 1)), MaxValueValidator(date(9000, 12, 31))]


class DayForm(forms.Form):
    """`day`: the day shown. `since`: the day with which it is compared."""

    day = forms.DateField(label=_("As of"), required=False, validators=KNOWN_YEARS)
    since = forms.DateField(label=_("Compared with"), required=False, validators=KNOWN_YEARS)


def asked(request: HttpRequest, default: date | None = None) -> tuple[date, date, DayForm]:
    """The day to show (`default` or today), the day to compare with (a year before), and the form with its errors."""
    form = DayForm(request.GET)
    form.is_valid()
    day = form.cleaned_data.get("day") or default or clock.today()
    since = form.cleaned_data.get("since") or _year_before(day)
    return day, since, form


def bounds(marks: Sequence[date], day: date) -> tuple[date, date]:
    """Where the slider begins and ends: around every change, today and the day shown."""
    today = clock.today()
    first = min([*marks[:1], day, today])
    return max(first - A_YEAR, date.min + A_YEAR), max([*marks[-1:], day, today])


def link(name: str, *args: str, day: date | None = None, **more: str) -> str:
    """A page's address; today needs no parameter."""
    if day is not None and day != clock.today():
        more["day"] = day.isoformat()
    address = reverse(name, args=args)
    return f"{address}?{urlencode(more)}" if more else address


def _year_before(day: date) -> date:
    try:
        return day.replace(year=max(day.year - 1, 1))
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
