"""Fields that name organisations: typed as codes or names, with what may be meant offered by the browser."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from gangmu.foundation.parties.models import Organisation, Placement

DAY = {"type": "date"}
MOST_OFFERED = 600


class DayInput(forms.DateInput):
    """A day, as browsers ask for one."""

    def __init__(self) -> None:
        super().__init__(attrs=DAY, format="%Y-%m-%d")


class Offered(forms.TextInput):
    """A line of text with values offered below it."""

    def __init__(self, offers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(attrs={"autocomplete": "off", "maxlength": 200})
        self.offers = offers

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{name}-offers"
        box = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        rows = format_html_join("", '<option value="{}">{}</option>', self.offers)
        return format_html('{}<datalist id="{}">{}</datalist>', box, listed, rows)


class OrganisationField(forms.CharField):
    """One organisation that the asker sees, by its code or by a name that nobody else has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("widget", Offered())
        super().__init__(*args, **kwargs)

    def offer(self, ones: Sequence[Organisation]) -> None:
        self.widget.offers = [(str(one.code), one.name) for one in ones[:MOST_OFFERED]]

    def clean(self, value: Any) -> Organisation | None:
        text = super().clean(value)
        return organisations_named([text])[0] if text else None


def organisations_named(texts: Sequence[str]) -> list[Organisation]:
    """The organisations that texts name by code or name.

    Raises:
        ValidationError: one names nobody, or several.
    """
    known: dict[str, list[Organisation]] = {}
    rows = Organisation.objects.filter(Q(code__in=texts) | Q(name_zh__in=texts) | Q(name_en__in=texts))
    for one in rows:
        for text in {str(one.code), one.name_zh, one.name_en}:
            known.setdefault(text, []).append(one)
    wrong = [text for text in texts if len(known.get(text, ())) != 1]
    if wrong:
        raise forms.ValidationError(
            _("Not found, or more than one of that name: %(names)s. Use the code.") % {"names": ", ".join(wrong[:8])}
        )
    return [known[text][0] for text in texts]


def standing_on(day: date, kinds: Sequence[str]) -> list[Organisation]:
    """Organisations of some kinds that stand in the tree on a day, as far as the asker sees them."""
    ones = Placement.objects.filter(valid__contains=day, child__kind__in=kinds).values("child")
    return list(Organisation.objects.filter(pk__in=ones).order_by("sort_key", "code")[:MOST_OFFERED])
