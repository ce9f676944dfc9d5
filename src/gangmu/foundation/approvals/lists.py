"""Cases, late cases and decisions as lists. Row security shows those of the asker's organisations."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import queries, services, subjects
from gangmu.foundation.approvals.actions import LIVE, Action, CaseState
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.panels import TONES, node_of
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import BulkAction, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table
from gangmu.foundation.ui.templatetags import ui


def kind_choices() -> list[tuple[str, str]]:
    return [(kind.code, str(kind.label)) for kind in subjects.kinds()]


def node_name(case: Case) -> str:
    """The node at which a case stands; empty where it stands at none."""
    return "" if case.step is None else str(node_of(case, case.step).name)


class AboutCases(Table):
    """Rows about cases. What they need of subjects, organisations and people is asked once for a page of rows."""

    subject = tables2.Column(verbose_name=_("Subject"), empty_values=(), orderable=False)
    organisation = tables2.Column(
        verbose_name=_("Organisation"), accessor="organisation_id", order_by=("organisation__sort_key",)
    )

    class Meta(Table.Meta):
        pass

    def case_of(self, record: Any) -> Case:
        return record

    @cached_property
    def cases(self) -> list[Case]:
        return list({case.pk: case for row in self.paginated_rows if (case := self.case_of(row.record))}.values())

    @cached_property
    def subjects(self) -> dict[int, subjects.Subject]:
        return subjects.load(self.cases)

    @cached_property
    def organisations(self) -> dict[int, Organisation]:
        return Organisation.objects.in_bulk([case.organisation_id for case in self.cases])

    def title(self, case: Case) -> str:
        found = self.subjects.get(case.pk)
        return found.title if found else str(subjects.kind_of(case.kind).label)

    def render_subject(self, record: Any) -> SafeString:
        case = self.case_of(record)
        return format_html('<a href="{}">{}</a>', reverse("approvals:case", args=[case.pk]), self.title(case))

    def value_subject(self, record: Any) -> str:
        return self.title(self.case_of(record))

    def render_organisation(self, value: int) -> str:
        found = self.organisations.get(value)
        return found.name if found else ui.NOTHING


class CaseTable(AboutCases):
    kind = tables2.Column(verbose_name=_("Kind"))
    state = tables2.Column(verbose_name=_("State"))
    node = tables2.Column(verbose_name=_("Node"), empty_values=(), orderable=False)
    requested_by_name = tables2.Column(verbose_name=_("Submitted by"))
    requested_at = MomentColumn(verbose_name=_("Submitted at"))
    due_at = MomentColumn(verbose_name=_("Due"))

    hidden = ("kind",)

    class Meta(Table.Meta):
        sequence = ("subject", "organisation", "kind", "state", "node", "due_at", "requested_by_name", "requested_at")

    def render_kind(self, value: str) -> str:
        return str(subjects.kind_of(value).label)

    def render_state(self, record: Case) -> SafeString:
        return ui.badge(record.get_state_display(), TONES[CaseState(record.state)])

    def value_state(self, record: Case) -> str:
        return str(record.get_state_display())

    def render_node(self, record: Case) -> str:
        return node_name(record) or ui.NOTHING

    def render_due_at(self, record: Case) -> Any:
        return ui.due(record.due_at) if record.is_live else ui.NOTHING


class CaseFilter(django_filters.FilterSet):
    request: Any

    state = django_filters.ChoiceFilter(label=_("State"), choices=CaseState.choices, empty_label=_("All"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kind_choices, empty_label=_("All"))
    whose = django_filters.ChoiceFilter(
        label=_("Submitted by"), choices=[("me", _("me"))], empty_label=_("All"), method="by_asker"
    )

    def by_asker(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return rows.filter(askers__contains=[signed_in(self.request).pk])


class ApprovalsList(ListPage):
    """A list among the pages of approvals, which share their tabs."""

    template_name = "approvals/list.html"
    search_fields = ("organisation__code", "organisation__name_zh", "organisation__name_en")
    search_label = _("Organisation")
    tab: str

    def get_breadcrumbs(self) -> Sequence[tuple[Any, str]]:
        return [(_("Approvals"), reverse("approvals:list")), (self.title, "")]

    def get_context(self) -> dict[str, Any]:
        return {"tab": self.tab}


class CaseList(ApprovalsList):
    """Every case of the asker's organisations: where it is, and where it went."""

    key = "approvals.cases"
    tab = "list"
    title = _("Cases")
    table_class = CaseTable
    filterset_class = CaseFilter
    search_fields = (*ApprovalsList.search_fields, "requested_by_name")
    search_label = _("Organisation, person")
    empty_title = _("Nothing has been submitted yet")
    empty_text = _("What is submitted for approval appears here with who holds it, from the first day on.")
    empty_icon = "route"
    export_name = "cases"

    def get_queryset(self) -> QuerySet[Case]:
        return Case.objects.select_related("route").order_by("-requested_at", "-pk")


class LateTable(AboutCases):
    late = tables2.Column(verbose_name=_("Late by"), accessor="due_at", attrs={"td": {"class": "day"}})
    holders = tables2.Column(verbose_name=_("Whom to call"), empty_values=(), orderable=False)
    node = tables2.Column(verbose_name=_("Node"), empty_values=(), orderable=False)
    since = MomentColumn(verbose_name=_("There since"))

    fixed = ("late", "holders")

    class Meta(Table.Meta):
        sequence = ("subject", "late", "holders", "node", "organisation", "since")

    @cached_property
    def held(self) -> dict[int, list[queries.Holder]]:
        queries.read(self.cases)  # many at once; each case then answers without another question
        return {case.pk: queries.holders(case) for case in self.cases}

    def render_late(self, record: Case) -> Any:
        return ui.due(record.due_at)

    def value_late(self, record: Case) -> Any:
        return record.due_at

    def render_node(self, record: Case) -> str:
        return node_name(record) or ui.NOTHING

    def render_holders(self, record: Case) -> SafeString:
        found = [(holder.name, holder.organisation, _call(holder)) for holder in self.held.get(record.pk, [])]
        return format_html_join("", '<span class="to-call">{} <span class="text-secondary">{}</span> {}</span>', found)

    def value_holders(self, record: Case) -> str:
        return "; ".join(f"{one.name} {one.organisation} {one.phone}".strip() for one in self.held.get(record.pk, []))


def _call(holder: queries.Holder) -> SafeString | str:
    if not holder.phone:
        return ""
    return format_html('<a class="call" href="tel:{}">{}{}</a>', holder.phone, ui.icon("phone"), holder.phone)


class LateFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kind_choices, empty_label=_("All"))


class LateList(ApprovalsList):
    """What is past its deadline in the asker's organisations, and whom to call."""

    key = "approvals.late"
    tab = "late"
    title = _("Late")
    table_class = LateTable
    filterset_class = LateFilter
    bulk_actions = (BulkAction("remind", pgettext_lazy("button", "Remind"), icon="bell-ringing"),)
    empty_title = _("Nothing is late")
    empty_text = _("Cases that stay at a node past its deadline appear here, with whom to call.")
    empty_icon = "circle-check"
    export_name = "late"

    def get_queryset(self) -> QuerySet[Case]:
        late = Case.objects.filter(state__in=LIVE, due_at__lt=clock.now())
        return late.select_related("route").order_by("due_at", "pk")

    def bulk_remind(self, chosen: QuerySet[Case]) -> int:
        """One by one: who was reminded within the hour is left in peace and not counted."""
        done = 0
        for pk in chosen.values_list("pk", flat=True):
            try:
                services.remind(pk, by=signed_in(self.request), key=f"{self.request.POST['_key']}:{pk}")
            except ApprovalError:
                continue
            done += 1
        return done


class DecisionTable(AboutCases):
    decided_at = MomentColumn(verbose_name=_("At"))
    action = tables2.Column(verbose_name=_("Action"), attrs={"td": {"class": "text-nowrap"}})
    decided_by_name = tables2.Column(verbose_name=_("By"), attrs={"td": {"class": "text-nowrap"}})
    said = tables2.Column(verbose_name=_("Words"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence = ("subject", "action", "decided_by_name", "decided_at", "said", "organisation")

    def case_of(self, record: Decision) -> Case:
        return record.case

    def render_action(self, record: Decision) -> str:
        return str(record.get_action_display())

    def render_decided_by_name(self, record: Decision) -> str:
        if not record.on_behalf_of_name:
            return record.decided_by_name
        return __("%(by)s for %(whom)s") % {"by": record.decided_by_name, "whom": record.on_behalf_of_name}

    def render_said(self, record: Decision) -> str:
        return record.reason or record.words or ui.NOTHING

    def value_said(self, record: Decision) -> str:
        return record.reason or record.words


class DecisionFilter(django_filters.FilterSet):
    action = django_filters.ChoiceFilter(label=_("Action"), choices=Action.choices, empty_label=_("All"))
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), field_name="case__kind", choices=kind_choices, empty_label=_("All")
    )


class DecisionList(ApprovalsList):
    """Who decided what, when and why: the record of approvals of the asker's organisations."""

    key = "approvals.decisions"
    tab = "decisions"
    title = _("Decisions")
    table_class = DecisionTable
    filterset_class = DecisionFilter
    search_fields = (*ApprovalsList.search_fields, "decided_by_name", "reason", "words")
    search_label = _("Organisation, person or words")
    empty_title = _("Nobody has decided anything yet")
    empty_text = _("Every submission, approval and return is kept here for good.")
    empty_icon = "history"
    export_name = "decisions"

    def get_queryset(self) -> QuerySet[Decision]:
        return Decision.objects.select_related("case").order_by("-decided_at", "-pk")
