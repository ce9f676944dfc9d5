"""The list of documents in the asker's scope, found by words of their titles and names."""

from collections.abc import Sequence

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.documents import queries
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import KINDS
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table

FAMILIES = {
    "pdf": (_("PDF and OFD"), ("pdf", "ofd")),
    "office": (_("Word, Excel, PowerPoint"), ("docx", "doc", "xlsx", "xls", "pptx", "ppt")),
    "image": (_("Pictures"), ("png", "jpg", "gif", "tif")),
    "text": (_("Text and data"), ("txt", "md", "csv", "json", "yaml")),
    "zip": (_("Archives"), ("zip",)),
}


class DocumentTable(Table):
    title = tables2.Column(verbose_name=_("Title"), empty_values=())
    name = tables2.Column(verbose_name=_("File name"))
    organisation = tables2.Column(verbose_name=_("Organisation"), orderable=False)
    size = tables2.Column(verbose_name=_("Size"), attrs={"td": {"class": "figure"}, "th": {"class": "figure"}})
    uploaded_by = tables2.Column(verbose_name=_("Added by"), orderable=False)
    uploaded_at = MomentColumn(verbose_name=_("Added at"))

    def render_title(self, record: Document) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("documents:detail", args=[record.pk]), record)

    def value_title(self, record: Document) -> str:
        return str(record)

    def render_size(self, value: int) -> str:
        return filesizeformat(value)

    def value_size(self, value: int) -> int:
        return value

    class Meta(Table.Meta):
        pass


class DocumentFilter(django_filters.FilterSet):
    family = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=[(code, label) for code, (label, _extensions) in FAMILIES.items()],
        empty_label=_("All"),
        method="by_family",
    )

    def by_family(self, rows: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        return rows.filter(media_type__in=[KINDS[extension].media_type for extension in FAMILIES[value][1]])


class DocumentList(ListPage):
    """Documents of the organisations in scope, and one's own, the latest first."""

    key = "documents.list"
    title = _("Documents")
    table_class = DocumentTable
    filterset_class = DocumentFilter
    search_fields = ("search",)
    search_label = _("Title or file name")
    empty_title = _("No documents yet")
    empty_text = _("Files of the organisations in your scope appear here.")
    empty_icon = "file-text"
    export_name = "documents"

    def get_queryset(self) -> QuerySet[Document]:
        return queries.documents()

    def search(self, queryset: QuerySet[Document], words: str) -> QuerySet[Document]:
        for word in words.split()[:10]:
            queryset = queryset.filter(search__contains=queries.needle(word))
        return queryset

    def get_actions(self) -> Sequence[Action]:
        if self.request.scope.changeable("documents"):
            return (Action(_("Add a document"), "add/", icon="upload", tone="primary"),)
        return ()
