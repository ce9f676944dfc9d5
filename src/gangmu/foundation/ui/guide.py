"""The style guide: every piece of a page, to look at. Shown in demonstration mode and with DEBUG only."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any

import django_filters
import django_tables2 as tables2
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings import clock

from . import errors, icons
from .forms import show_form
from .lists import Action, BulkAction, ListPage
from .once import submit_once
from .tables import DayColumn, NumberColumn, Table
from .trees import TreeNode

View = Callable[..., HttpResponseBase]


def demonstration_only(view: View) -> View:
    """Hide a view from a real installation."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (settings.DEBUG or getattr(settings, "DEMONSTRATION", False)):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def _tree() -> list[TreeNode]:
    units = [TreeNode(f"{n}#", code=f"U{n}", note="660 MW", icon="bolt") for n in (1, 2)]
    plants = [
        TreeNode(_("Example plant A"), href="#", code="P01", icon="building-factory-2", children=units, open=True),
        TreeNode(_("Example plant B"), href="#", code="P02", icon="building-factory-2", children=units),
    ]
    region = TreeNode(
        _("Example region"), href="#", code="R1", icon="map-pin", children=plants, open=True, current=True
    )
    return [TreeNode(_("Example group"), href="#", code="G", icon="sitemap", children=[region], open=True)]


def _figures() -> list[dict[str, Any]]:
    values = [("A", "1234567.8", "98.21", "0.0512"), ("B", "654321.0", "100.00", "-0.0123"), ("C", None, "0.00", None)]
    return [
        {
            "name": name,
            "energy": value and Decimal(value),
            "coverage": Decimal(coverage),
            "change": change and Decimal(change),
        }
        for name, value, coverage, change in values
    ]


class ExampleForm(forms.Form):
    """One of each kind of field."""

    code = forms.SlugField(label=_("Code"), max_length=32, help_text=_("Letters, digits and hyphens."))
    name = forms.CharField(label=_("Name"), max_length=80)
    day = forms.DateField(label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    capacity = forms.DecimalField(label=_("Capacity"), max_digits=12, decimal_places=3, min_value=0, help_text="MW")
    fuel = forms.ChoiceField(label=_("Fuel"), choices=[("", "–"), ("coal", _("Coal")), ("hydro", _("Hydro"))])
    kind = forms.ChoiceField(
        label=_("Kind"),
        widget=forms.RadioSelect,
        choices=[("plant", _("Plant")), ("unit", _("Generating unit"))],
        initial="plant",
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    notify = forms.BooleanField(label=_("Tell the people concerned"), required=False)


class GuideTable(Table):
    """Content types stand in for rows: they exist in every database."""

    app_label = tables2.Column(verbose_name=_("Room"))
    model = tables2.Column(verbose_name=_("Model"))
    id = NumberColumn(verbose_name=_("Number"))
    length = NumberColumn(verbose_name=_("Length"), empty_values=(), orderable=False)
    day = DayColumn(verbose_name=_("Day"), empty_values=(), orderable=False)

    hidden = ("length",)

    def render_length(self, record: ContentType) -> str:
        return f"{len(record.model):,}"

    def render_day(self, record: ContentType) -> str:
        return (date(2026, 1, 1) + timedelta(days=record.pk)).isoformat()

    class Meta(Table.Meta):
        pass


class GuideFilter(django_filters.FilterSet):
    app_label = django_filters.AllValuesFilter(label=_("Room"), empty_label=_("All"))
    id__gte = django_filters.NumberFilter(field_name="id", lookup_expr="gte", label=_("Number from"))


class GuideList(ListPage):
    """How lists look and behave."""

    key = "ui.guide"
    title = _("A list")
    subtitle = _("Search, filters, sorting, columns, saved views, bulk actions and export, as on every list.")
    table_class = GuideTable
    filterset_class = GuideFilter
    search_fields = ("app_label", "model")
    per_page = 25
    bulk_actions = (BulkAction("count", _("Count them"), icon="hash", confirm=_("Count the rows that are ticked?")),)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return demonstration_only(super().dispatch)(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ContentType]:
        return ContentType.objects.order_by("app_label", "model")

    def get_actions(self) -> tuple[Action, ...]:
        return (Action(_("Add"), "../form/", icon="plus", tone="primary"),)

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Style guide"), "../"), (self.title, "")]

    def bulk_count(self, rows: QuerySet[ContentType]) -> int:
        return rows.count()


@demonstration_only
def overview(request: HttpRequest) -> HttpResponse:
    """Every component on one page."""
    today = clock.today()
    context = {
        "title": _("Style guide"),
        "subtitle": _("Every piece from which pages are built."),
        "breadcrumbs": [(_("Style guide"), "")],
        "nodes": _tree(),
        "figures": _figures(),
        "today": today,
        "now": clock.now(),
        "first": date(today.year - 5, 1, 1),
        "last": date(today.year, 12, 31),
        "chosen": date.fromisoformat(request.GET["day"]) if request.GET.get("day") else today,
        "marks": [date(today.year - 3, 7, 1), date(today.year - 1, 1, 1), date(today.year, 4, 1)],
        "icons": icons.names(),
        "tones": ["primary", "success", "info", "warning", "danger", "secondary"],
        "kinds": list(errors.EXPLANATIONS),
    }
    return render(request, "ui/guide/overview.html", context)


@demonstration_only
def charts(request: HttpRequest) -> HttpResponse:
    """Every kind of chart, from figures as a room gives them."""
    days = [f"11-{number:02d}" for number in range(1, 21)]
    now = [980 + 7 * number % 90 for number in range(20)]
    before = [940 + 11 * number % 80 for number in range(20)]
    series = [
        {
            "name": str(_("This year")),
            "values": [*now[:15], None, *now[16:]],
            "shown": [*map(str, now)],
            "role": "main",
        },
        {"name": str(_("Last year")), "values": before, "shown": [*map(str, before)], "role": "before"},
    ]
    names = [("Alpha", 812.5), ("Beta", 640.0), ("Gamma", 433.1), ("Delta", 120.9)]
    rows = [{"name": name, "value": value, "shown": f"{value:,.1f}", "url": "#"} for name, value in names]
    parts = [{**row, "tone": tone} for row, tone in zip(rows, ("gray", "azure", "teal", "yellow"), strict=True)]
    areas = [("320000", 812.5), ("510000", 640.0), ("440000", 433.1), ("650000", 120.9)]
    country = {
        "kind": "map",
        "area": "china",
        "unit": "GWh",
        "name": str(_("Energy")),
        "areas": [{"code": n, "name": n, "value": v, "shown": f"{v:,.1f}", "url": "#"} for n, v in areas],
        "points": [{"name": "Alpha", "at": [118.8, 32.1], "size": 9, "tone": "orange", "value": 1, "shown": "1,320.0"}],
    }
    gauge = {"kind": "gauge", "unit": "%", "name": str(_("Coverage")), "max": 100}
    context = {
        "title": _("Charts"),
        "breadcrumbs": [(_("Style guide"), "../"), (_("Charts"), "")],
        "line": {"kind": "line", "unit": "MWh", "labels": days, "series": series},
        "bar": {"kind": "bar", "unit": "MWh", "labels": days, "series": series},
        "ranking": {"kind": "ranking", "unit": "MWh", "rows": rows},
        "mix": {"kind": "mix", "unit": "MWh", "total": "2,006.5", "parts": parts},
        "gauge": {**gauge, "figure": {"value": 71.3, "shown": "71.30"}},
        "country": country,
    }
    return render(request, "ui/guide/charts.html", context)


@demonstration_only
@submit_once
def form_page(request: HttpRequest) -> HttpResponse:
    """A form: errors on top and at the fields, what was typed kept."""
    form = ExampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
        return redirect("ui:guide-form")
    context = {"title": _("A form"), "breadcrumbs": [(_("Style guide"), "../"), (_("A form"), "")]}
    return show_form(request, "ui/guide/form.html", form, context)


@demonstration_only
def error(request: HttpRequest, kind: str) -> HttpResponse:
    """What an error looks like: the real ones, provoked."""
    if kind == "500":
        raise RuntimeError("The style guide asked for an error.")
    if kind == "403":
        raise PermissionDenied
    if kind == "404" or kind not in errors.EXPLANATIONS:
        raise Http404
    return errors.respond(request, kind, int(kind) if kind.isdigit() else 403)


@demonstration_only
def progress(request: HttpRequest, done: int) -> HttpResponse:
    """Pretends that a job goes on: every asking is a step."""
    return render(request, "ui/guide/progress.html", {"done": min(done, 100), "next": done + 20})
