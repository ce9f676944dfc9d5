"""Tables for lists: django-tables2 with our looks."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_tables2 as tables2
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .templatetags import ui as ui_tags


class Table(tables2.Table):
    """Base of every list's table.

    `fixed`: columns that the column chooser always shows (the first column is always one of them).
    `hidden`: columns that are not shown until chosen.
    """

    fixed: Sequence[str] = ()
    hidden: Sequence[str] = ()

    class Meta:
        template_name = "ui/table.html"
        attrs = {"class": "table data-table table-stack"}


class NumberColumn(tables2.Column):
    """A figure: right-aligned, digits of equal width, thousands separators. `digits` rounds, half up, for showing."""

    def __init__(self, *args: Any, digits: int | None = None, unit: str | Promise = "", **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "figure"}, "th": {"class": "figure"}})
        super().__init__(*args, **kwargs)
        self.digits, self.unit = digits, unit

    @property
    def header(self) -> Any:
        name = super().header
        return f"{name} ({self.unit})" if name and self.unit else name

    def render(self, value: Decimal | int | None) -> str:
        return ui_tags.number(value, self.digits)

    def value(self, value: Any) -> Any:
        return value


class DayColumn(tables2.Column):
    """A day, written 2026-11-20 in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "day"}})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> SafeString | str:
        return ui_tags.day(value)

    def value(self, value: Any) -> Any:
        return value


class MomentColumn(DayColumn):
    """An instant in the business zone, to the minute."""

    def render(self, value: Any) -> SafeString | str:
        return ui_tags.moment(value)


class SelectColumn(tables2.CheckBoxColumn):
    """The boxes before rows for bulk actions; ListPage adds it by itself."""

    def __init__(self) -> None:
        voice = {"aria-label": _("Select this row"), "class": "form-check-input"}
        everyone = {"aria-label": _("Select all rows of this page"), "class": "form-check-input", "data-select-all": ""}
        super().__init__(
            accessor="pk",
            exclude_from_export=True,
            attrs={"td": {"class": "select"}, "th": {"class": "select"}, "td__input": voice, "th__input": everyone},
        )
