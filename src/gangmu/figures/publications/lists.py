"""What is published of one's own figures, and to whom."""

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.publications.models import Publication
from gangmu.figures.publications.services import ISSUE
from gangmu.foundation.parties.days import Days
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table
from gangmu.foundation.ui.templatetags import ui


class PublicationTable(Table):
    name_zh = tables2.Column(verbose_name=_("Publication"))
    organisation = tables2.Column(verbose_name=_("Plants of"), accessor="organisation__name", orderable=False)
    to = tables2.Column(verbose_name=_("People of"), empty_values=(), orderable=False)
    valid = tables2.Column(verbose_name=_("Published"))
    made_by_name = tables2.Column(verbose_name=_("Made by"))
    made_at = MomentColumn(verbose_name=_("Made at"))
    ending = tables2.Column(verbose_name=_("End"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        pass

    def render_name_zh(self, record: Publication) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("publications:one", args=[record.pk]), record.name)

    def value_name_zh(self, record: Publication) -> str:
        return record.name

    def render_to(self, record: Publication) -> str:
        told = [
            f"{grant.organisation.name} ({grant.role.name})" if grant.role else grant.organisation.name
            for grant in record.grants.all()
        ]
        return ", ".join(told)

    value_to = render_to

    def render_valid(self, value: Any) -> str:
        return str(Days.of(value))

    def render_ending(self, record: Publication) -> SafeString | str:
        last = Days.of(record.valid).last_day
        if last is not None and last < clock.today():
            return ui.badge(_("ended"), "secondary")
        if self.request.scope.may_at(ISSUE, record.organisation_id):
            return format_html('<a href="{}">{}</a>', reverse("publications:end", args=[record.pk]), _("End …"))
        return ""

    def value_ending(self, record: Publication) -> str:
        return ""


class PublicationList(ListPage):
    """Publications of the organisations in scope, the newest first."""

    key = "publications.made"
    title = _("Publications of our figures")
    subtitle = _("What people outside our scope are shown, by an explicit grant and recorded.")
    table_class = PublicationTable
    search_fields = ("name_zh", "name_en")
    empty_title = _("Nothing is published")
    empty_text = _("A ranking of all plants can be published to people who may not see the other plants.")
    empty_icon = "share"
    export_name = "publications"

    def get_queryset(self) -> QuerySet[Publication]:
        rows = Publication.objects.select_related("organisation")
        return rows.prefetch_related("grants__organisation", "grants__role").order_by("-made_at", "-pk")

    def get_actions(self) -> Sequence[Action]:
        if self.request.scope.may(ISSUE):
            return (Action(_("Publish a ranking"), reverse("publications:add"), icon="plus", tone="primary"),)
        return ()

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Published rankings"), reverse("publications:mine")), (self.title, "")]
