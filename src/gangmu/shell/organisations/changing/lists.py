"""Changes that were made, are planned, or were withdrawn: who, when, why, what."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties.models import Change, Organisation, Verb
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import DayColumn, MomentColumn, Table
from gangmu.foundation.ui.templatetags.ui import badge
from gangmu.shell.organisations.changing import rights, words
from gangmu.shell.organisations.models import Draft

STATES = [("planned", _("planned")), ("in force", _("in force")), ("withdrawn", _("withdrawn"))]


class ChangeTable(Table):
    what = tables2.Column(verbose_name=_("Change"), empty_values=(), orderable=False)
    verb = tables2.Column(verbose_name=_("Sort"))
    from_date = DayColumn(verbose_name=_("From"))
    state = tables2.Column(verbose_name=_("State"), empty_values=(), orderable=False)
    reason = tables2.Column(verbose_name=_("Reason"), orderable=False)
    made_by_name = tables2.Column(verbose_name=_("By"), empty_values=())
    made_at = MomentColumn(verbose_name=_("At"))

    class Meta(Table.Meta):
        sequence = ("what", "verb", "from_date", "state", "reason", "made_by_name", "made_at")

    def render_what(self, record: Change) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("changes:one", args=[record.pk]), self.value_what(record))

    def value_what(self, record: Change) -> str:
        return self.request.changes.sentences.of(record)

    def render_verb(self, record: Change) -> str:
        return str(record.get_verb_display())

    def render_state(self, record: Change) -> SafeString:
        state = record.state_on(clock.today())
        return badge(words.state_name(state), words.TONES[state])

    def value_state(self, record: Change) -> str:
        return words.state_name(record.state_on(clock.today()))

    def render_made_by_name(self, record: Change) -> str:
        return record.made_by_name or __("operator")


class ChangeFilter(django_filters.FilterSet):
    verb = django_filters.ChoiceFilter(label=_("Sort"), choices=Verb.choices, empty_label=_("All"))
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, empty_label=_("All"), method="by_state")

    def by_state(self, rows: QuerySet[Change], name: str, value: str) -> QuerySet[Change]:
        today: date = clock.today()
        if value == "withdrawn":
            return rows.filter(withdrawn_at__isnull=False)
        rows = rows.filter(withdrawn_at__isnull=True)
        planned = Q(from_date__gt=today)
        return rows.filter(planned) if value == "planned" else rows.exclude(planned)


class ChangeList(ListPage):
    """Every change of organisations that lies in the asker's branch, the latest first."""

    key = "organisations.changes"
    title = _("Changes of organisations")
    subtitle = _("What was opened, moved, merged, split and closed, and what is planned: who, when, why.")
    table_class = ChangeTable
    filterset_class = ChangeFilter
    search_fields = ("reason", "made_by_name")
    search_label = _("Reason, person or code")
    empty_title = _("No change has been recorded")
    empty_text = _("Begin one from an organisation's page. What was loaded from files stands in its history.")
    empty_icon = "sitemap"
    export_name = "organisation-changes"
    above_template = "organisations/changing/drafts.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rights.require_view(request)
        request.changes = self
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def sentences(self) -> "Sentences":
        return Sentences()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        found = super().search(queryset, words)
        ones = Organisation.objects.filter(Q(code__iexact=words) | Q(name_zh__icontains=words)
                                           | Q(name_en__icontains=words))  # fmt: skip
        return found | queryset.filter(subjects__overlap=list(ones.values_list("pk", flat=True)[:200]))

    def get_queryset(self) -> QuerySet[Change]:
        rows = Change.objects.order_by("-made_at", "-id")
        code = self.request.GET.get("of", "")
        if code:
            one = Organisation.objects.filter(code=code).first()
            rows = rows.filter(subjects__contains=[one.pk]) if one else rows.none()
        return rows

    def get_actions(self) -> Sequence[Action]:
        if not rights.may_change_some(self.request.scope):
            return ()
        return (Action(_("Tree"), reverse("organisations:tree"), icon="sitemap"),)

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Organisation tree"), reverse("organisations:tree")), (self.title, "")]

    def get_context(self) -> dict[str, Any]:
        drafts = list(Draft.objects.all()[:20])
        names = words.names_of(code for one in drafts for code in words.codes_of(told(one)))
        return {"drafts": [(one, words.sentence(one.verb, told(one), names)) for one in drafts]}


class Sentences:
    """Changes in a line each, told one at a time: a long export needs no more memory than a page. Names are kept."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, change: Change) -> str:
        codes = words.codes_of(change.details)
        missing = codes - self._names.keys()
        if missing:
            self._names |= dict.fromkeys(missing, "") | words.names_of(missing)
        return words.sentence(change.verb, change.details, {code: name for code, name in self._names.items() if name})


def told(draft: Draft) -> dict[str, Any]:
    """What a draft asks, as a change's details tell it."""
    asked = dict(draft.asked)
    if isinstance(asked.get("into"), dict):
        asked["into"] = asked["into"]["code"]
    if "parts" in asked:
        asked["parts"] = [
            {**part, "code": part["into"] if isinstance(part["into"], str) else part["into"]["code"]}
            for part in asked["parts"]
        ]
    return asked
