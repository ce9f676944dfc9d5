"""Tags and filters of the pages: `{% load ui %}`."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gangmu.foundation.access import fields, permits
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.clock import BUSINESS_ZONE

from .. import assets, durations, icons

register = template.Library()

NOTHING = "–"


@register.simple_tag
def front_end(entry: str = "frontend/src/main.ts") -> SafeString:
    """Style sheet and script of one front-end entry."""
    return assets.tags(entry)


@register.simple_tag
def icon(name: str, label: str = "", css_class: str = "") -> SafeString:
    """An icon by its Tabler name. Give a label only where no text stands beside it."""
    return icons.svg(name, str(label), css_class)


@register.simple_tag
def idempotency_key() -> SafeString:
    """The hidden field by which the server knows a form that was sent twice. See `once.submit_once`."""
    return format_html('<input type="hidden" name="_key" value="{}">', uuid.uuid4())


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present query string with some parameters changed; None takes one out. Starts with `?`."""
    parameters: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.simple_tag(takes_context=True)
def order_link(context: dict[str, Any], table: Any, column: Any) -> str:
    """The address that sorts a table by this column, or turns its order round. Back to the first page."""
    return query(
        context, **{table.prefixed_order_by_field: column.order_by_alias.next, table.prefixed_page_field: None}
    )


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], code: str) -> bool:
    """Whether the asker holds a permission, or has a declared element: `{% may "button:filing.submit" as ok %}`."""
    scope = context["request"].scope
    return permits.may_press(scope, code) if code in permits.elements() else scope.may(code)


@register.simple_tag(takes_context=True)
def leads(context: dict[str, Any], href: str) -> bool:
    """Whether a link leads somewhere that the asker's roles do not leave out."""
    scope = getattr(context.get("request"), "scope", None)
    if scope is None or not scope.hides_anything or not href.startswith("/"):
        return True
    try:
        match = resolve(href.partition("?")[0].partition("#")[0])
    except Resolver404:
        return True
    return permits.is_open(scope, match.view_name)


@register.simple_tag(takes_context=True)
def masked(context: dict[str, Any], key: str, value: str | None, organisation_id: int | None = None) -> str:
    """A declared field as the asker may see it: `{% masked "accounts.phone" person.phone person.organisation_id %}`."""
    return fields.shown(context["request"].scope, key, value, organisation_id)


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """A number with thousands separators: 1,234,567.80. Nothing is rounded unless `digits` says so, then half up."""
    if value is None or value == "":
        return NOTHING
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not exact.is_finite():
        return NOTHING
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=100))
    text = f"{exact:,f}"
    return text.replace("-", "\u2212", 1)  # the minus sign is as wide as a digit


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A day as 2026-11-20; an instant is first brought to the business zone."""
    if not value:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(BUSINESS_ZONE).date()
    return format_html('<time datetime="{0}">{0}</time>', value.isoformat())


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """An instant as 2026-11-20 07:30 in the business zone."""
    if not value:
        return NOTHING
    here = value.astimezone(BUSINESS_ZONE)
    machine = value.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', machine, here.strftime("%Y-%m-%d %H:%M"))


@register.filter
def due(value: datetime | None) -> SafeString | str:
    """A deadline seen from now: in 2 h, 3 h late. The instant itself is in its tooltip; colours tell what presses."""
    if not value:
        return NOTHING
    left = value - clock.now()
    tone = "due-late" if left < timedelta() else "due-soon" if left < 2 * durations.HOUR else ""
    return _instant(value, durations.due_words(value), f"due {tone}".strip())


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """An instant in the past seen from now: 5 min ago."""
    return _instant(value, durations.ago_words(value)) if value else NOTHING


def _instant(value: datetime, words: str, css_class: str = "") -> SafeString:
    machine = value.astimezone(UTC).isoformat(timespec="seconds")
    here = value.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
    return format_html('<time class="{}" datetime="{}" title="{}">{}</time>', css_class, machine, here, words)


@register.filter
def as_json(value: Any) -> str:
    """What an island reads from an attribute; the page escapes it as any text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field's widget in our looks, tied to its help text and its errors."""
    classes = [field.field.widget.attrs.get("class", "")]
    widget = field.field.widget
    if isinstance(widget, (CheckboxInput, RadioSelect, CheckboxSelectMultiple)):
        classes.append("form-check-input")
    elif isinstance(widget, Select):
        classes.append("form-select")
    else:
        classes.append("form-control")
    if field.errors:
        classes.append("is-invalid")
    attrs: dict[str, Any] = {"class": " ".join(filter(None, classes))}
    described = [f"{field.auto_id}_help"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
    if described and not field.use_fieldset:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is a single check box, whose label stands to its right."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choices(field: BoundField) -> bool:
    """Whether the field is a group of radio buttons or check boxes."""
    return isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple))


@register.filter
def choices(field: BoundField) -> list[BoundWidget]:
    """The single buttons or boxes of a group, in our looks."""
    field.field.widget.attrs["class"] = "form-check-input"
    return field.subwidgets


@register.filter
def is_multipart(form: Any) -> bool:
    """Whether a form has a file field, so that it must be sent in parts."""
    return bool(form) and form.is_multipart()


@register.simple_tag
def badge(text: Any, tone: str = "secondary") -> SafeString:
    """A badge, for table cells that Python renders; in templates `<c-badge>` does the same."""
    return format_html('<span class="badge bg-{}-lt">{}</span>', tone, text)
