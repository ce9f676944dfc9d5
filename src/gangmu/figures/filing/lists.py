"""The lists of filing: sheets, corrections, forms, and who files for whom."""

from collections.abc import Sequence
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models import Correction, Duty, Form, Sheet
from gangmu.figures.filing.services.duties import CONFIGURE
from gangmu.figures.filing.views.common import ICONS, TONES, period_of, trail
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.ui import icons
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import DayColumn, MomentColumn, NumberColumn, Table

GRAINS = {"day": _("daily"), "month": _("monthly")}


def state_badge(code: str, label: Any) -> SafeString:
    """A state as a badge with its drawing, so that its colour is not all that tells it."""
    drawing = icons.svg(ICONS[code]) if code in ICONS else ""
    return format_html('<span class="badge bg-{}-lt">{}{}</span>', TONES.get(code, "secondary"), drawing, label)


def current_form_choices() -> list[tuple[str, str]]:
    return [(form.code, form.name) for form in Form.objects.filter(is_current=True).order_by("code")]


# Sheets


class SheetTable(Table):
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    form = tables2.Column(verbose_name=_("Form"), order_by=("form_code",))
    period = tables2.Column(verbose_name=_("Period"))
    status = tables2.Column(verbose_name=_("Status"))
    due_at = MomentColumn(verbose_name=_("Due"))
    submitted_at = MomentColumn(verbose_name=_("Submitted at"))
    approved_at = MomentColumn(verbose_name=_("Approved at"))
    revision = NumberColumn(verbose_name=_("Revision"))

    hidden = ("approved_at",)

    class Meta(Table.Meta):
        pass

    def render_organisation(self, record: Sheet) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("filing:sheet", args=[record.pk]), record.organisation.name)

    def value_organisation(self, record: Sheet) -> str:
        return record.organisation.name

    def render_form(self, record: Sheet) -> str:
        return record.form.name

    def render_period(self, record: Sheet) -> str:
        return period_of(record.form.definition.get("grain", "day"), record.period).code

    def render_status(self, record: Sheet) -> SafeString:
        return state_badge(record.status, record.get_status_display())

    def value_status(self, record: Sheet) -> str:
        return str(record.get_status_display())


class SheetFilter(django_filters.FilterSet):
    """Form, state, and the days between which the period begins."""

    form_code = django_filters.ChoiceFilter(label=_("Form"), choices=current_form_choices, empty_label=_("All"))
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Sheet.Status.choices, empty_label=_("All"))
    since = django_filters.DateFilter(label=_("From"), field_name="period", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("To"), field_name="period", lookup_expr="lte")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.form.fields[name].widget.input_type = "date"


class SheetList(ListPage):
    """Every sheet in scope, the latest period first."""

    key = "filing.sheets"
    title = _("All sheets")
    table_class = SheetTable
    filterset_class = SheetFilter
    search_fields = ("organisation__name_zh", "organisation__name_en", "organisation__code")
    search_label = _("Organisation")
    empty_title = _("No sheets yet")
    empty_text = _("A sheet is made when somebody begins to fill in a form for a day or a month.")
    empty_icon = "clipboard-list"
    export_name = "sheets"

    def get_queryset(self) -> QuerySet[Sheet]:
        rows = Sheet.objects.select_related("form", "organisation")
        return rows.order_by("-period", "organisation__sort_key", "form_code")

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return trail((self.title, ""))


# Corrections


class CorrectionTable(Table):
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    form = tables2.Column(verbose_name=_("Form"), accessor="sheet__form_code", orderable=False)
    period = tables2.Column(verbose_name=_("Period"), accessor="sheet__period")
    reason = tables2.Column(verbose_name=_("Reason"), orderable=False)
    status = tables2.Column(verbose_name=_("Status"))
    asked_by_name = tables2.Column(verbose_name=_("Asked by"), orderable=False)
    asked_at = MomentColumn(verbose_name=_("Asked at"))
    applied_at = MomentColumn(verbose_name=_("In force since"))

    class Meta(Table.Meta):
        pass

    def render_organisation(self, record: Correction) -> SafeString:
        href = reverse("filing:correction", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.organisation.name)

    def value_organisation(self, record: Correction) -> str:
        return record.organisation.name

    def render_form(self, record: Correction) -> str:
        return record.sheet.form.name

    def render_period(self, record: Correction) -> str:
        return period_of(record.sheet.form.definition.get("grain", "day"), record.sheet.period).code

    def render_status(self, record: Correction) -> SafeString:
        return state_badge(record.status, record.get_status_display())

    def value_status(self, record: Correction) -> str:
        return str(record.get_status_display())


class CorrectionFilter(django_filters.FilterSet):
    form_code = django_filters.ChoiceFilter(
        label=_("Form"), field_name="sheet__form_code", choices=current_form_choices, empty_label=_("All")
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Correction.Status.choices, empty_label=_("All"))


class CorrectionList(ListPage):
    """Corrections of approved and locked sheets, the latest first."""

    key = "filing.corrections"
    title = _("Corrections")
    table_class = CorrectionTable
    filterset_class = CorrectionFilter
    search_fields = ("organisation__name_zh", "organisation__name_en", "organisation__code", "reason")
    search_label = _("Organisation or reason")
    empty_title = _("No corrections")
    empty_text = _(
        "An approved sheet is corrected from its own page: say why, give the right figures, attach what proves them."
    )
    empty_icon = "refresh"
    export_name = "corrections"

    def get_queryset(self) -> QuerySet[Correction]:
        return Correction.objects.select_related("sheet__form", "organisation").order_by("-asked_at")

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return trail((self.title, ""))


# Forms and duties


class FormTable(Table):
    name = tables2.Column(verbose_name=_("Form"), order_by=("code",), empty_values=())
    code = tables2.Column(verbose_name=_("Code"))
    filed_by = tables2.Column(verbose_name=_("Filed by"), orderable=False, empty_values=())
    grain = tables2.Column(verbose_name=_("How often"), orderable=False, empty_values=())
    items = NumberColumn(verbose_name=_("Items"), orderable=False, empty_values=())
    rules = NumberColumn(verbose_name=_("Rules"), orderable=False, empty_values=())
    version = NumberColumn(verbose_name=_("Version"))
    created_at = DayColumn(verbose_name=_("In force since"))

    class Meta(Table.Meta):
        pass

    def render_name(self, record: Form) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("filing:form", args=[record.code]), record.name)

    def value_name(self, record: Form) -> str:
        return record.name

    def render_filed_by(self, record: Form) -> str:
        return filed_by(record)

    def render_grain(self, record: Form) -> str:
        return str(GRAINS[record.defined.grain])

    def render_items(self, record: Form) -> int:
        return len(record.defined.items)

    def render_rules(self, record: Form) -> int:
        return len(record.defined.rules)

    value_items, value_rules = render_items, render_rules


def filed_by(form: Form) -> str:
    """The kinds of organisations that file a form, with the fuels that it is for."""
    defined = form.defined
    names = ", ".join(str(kinds.kind(code).name) for code in defined.kinds)
    fuel = kinds.attributes().get("fuel")
    fuels = ", ".join(fuel.shown(code) for code in defined.fuels) if fuel else ""
    return f"{names} ({fuels})" if fuels else names


class FormList(ListPage):
    """The forms in force."""

    key = "filing.forms"
    title = _("Forms")
    subtitle = _("What is asked of whom, until when, and by which rules it is checked.")
    table_class = FormTable
    search_fields = ("code", "name_zh", "name_en")
    empty_title = _("No forms yet")
    empty_text = _("A form says which figures are filed by whom and until when. They come with the product.")
    empty_icon = "clipboard-list"
    export_name = "forms"

    def get_queryset(self) -> QuerySet[Form]:
        return Form.objects.filter(is_current=True).order_by("code")

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Who files for whom"), reverse("filing:duties"), icon="users"),)

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return trail((self.title, ""))


class DutyTable(Table):
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    filer = tables2.Column(verbose_name=_("Files for it"), accessor="filer_id", orderable=False)
    form_code = tables2.Column(verbose_name=_("Form"))
    valid = tables2.Column(verbose_name=_("Days"), orderable=False)
    change = tables2.Column(verbose_name="", orderable=False, empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        pass

    def render_change(self, record: Duty) -> SafeString | str:
        ending = here("filing:duty-end", record.pk)
        may = self.request.scope.may_at(CONFIGURE, record.organisation_id)
        if not ending or record.valid.upper is not None or not may:
            return ""
        return format_html('<a class="btn btn-sm" href="{}">{}</a>', ending, _("End"))

    def render_organisation(self, record: Duty) -> str:
        return record.organisation.name

    def render_filer(self, value: int) -> str:
        return self.request.filers.get(value) or str(_("outside your scope"))

    def render_form_code(self, record: Duty) -> str:
        return self.request.form_names.get(record.form_code, record.form_code)

    def render_valid(self, record: Duty) -> str:
        return str(Days.of(record.valid))


class DutyFilter(django_filters.FilterSet):
    form_code = django_filters.ChoiceFilter(label=_("Form"), choices=current_form_choices, empty_label=_("All"))
    filer = django_filters.ModelChoiceFilter(
        label=_("Files for it"), queryset=Organisation.objects.none(), empty_label=_("All")
    )
    on = django_filters.DateFilter(label=_("As of"), field_name="valid", lookup_expr="contains")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["on"].widget.input_type = "date"
        self.form.fields["filer"].queryset = _filers()


def _filers() -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=Duty.objects.values("filer")).order_by("sort_key", "code")


class DutyList(ListPage):
    """Who files for whom: control centres for their stations. Whoever has no line files for itself."""

    key = "filing.duties"
    title = _("Who files for whom")
    subtitle = _("An organisation without a line here files for itself.")
    table_class = DutyTable
    filterset_class = DutyFilter
    search_fields = ("organisation__name_zh", "organisation__name_en", "organisation__code")
    search_label = _("Organisation")
    empty_title = _("Everybody files for themselves")
    empty_text = _(
        "A control centre that files for many stations appears here, with the days from and until which it does."
    )
    empty_icon = "users"
    export_name = "duties"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.form_names = dict(current_form_choices())
        request.filers = {one.pk: one.name for one in _filers()}
        return super().dispatch(request, *args, **kwargs)

    def get_actions(self) -> Sequence[Action]:
        adding = here("filing:duty-add")
        if not adding or not self.request.scope.may(CONFIGURE):
            return ()
        return (Action(_("Let somebody file for others"), adding, icon="plus", tone="primary"),)

    def get_queryset(self) -> QuerySet[Duty]:
        rows = Duty.objects.select_related("organisation")  # not the filer: one outside the scope would hide the row
        return rows.order_by("organisation__sort_key", "form_code", "valid")

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return trail((FormList.title, reverse("filing:forms")), (self.title, ""))
