"""One document: what it is, its file, adding and removing. Row security holds underneath."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.documents import queries, services
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import KINDS
from gangmu.foundation.documents.services import ContentMissing, DocumentRefused
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.queries import history_of
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

LIST = (_("Documents"), "documents:list")


class DocumentForm(forms.Form):
    """A file and whose it is. The choice holds the organisations where the asker may add documents."""

    file = forms.FileField(label=_("File"), max_length=200)
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("Left empty, the file name stands for it.")
    )
    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.none())

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].empty_label = None if len(organisations) == 1 else "–"
        self.fields["file"].widget.attrs["accept"] = ",".join(f".{extension}" for extension in sorted(KINDS))


def _trail(title: Any = "") -> list[tuple[Any, str]]:
    return [(LIST[0], reverse(LIST[1])), (title, "")]


def _document(pk: int) -> Document:
    return get_object_or_404(queries.documents(), pk=pk)


def _may_change(request: HttpRequest, document: Document) -> bool:
    mine = document.owner_id == request.user.pk
    return mine or document.organisation_id in request.scope.changeable("documents")


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Take a file for an organisation."""
    changeable = request.scope.changeable("documents")
    if not changeable:
        raise PermissionDenied
    organisations = Organisation.objects.filter(pk__in=changeable).order_by("sort_key", "code")
    form = DocumentForm(request.POST or None, request.FILES or None, organisations=organisations)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            document = services.add_document(
                file,
                name=file.name,
                by=signed_in(request),
                organisation=form.cleaned_data["organisation"],
                title=form.cleaned_data["title"],
            )
        except DocumentRefused as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("%(name)s was added.") % {"name": document})
            return redirect("documents:detail", pk=document.pk)
    title = _("Add a document")
    context = {"title": title, "breadcrumbs": _trail(title), "cancel": reverse(LIST[1])}
    return show_form(request, "documents/add.html", form, context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a document."""
    document = _document(pk)
    context = {
        "title": str(document),
        "breadcrumbs": _trail(document),
        "document": document,
        "may_change": _may_change(request, document),
        "changes": history_of(document)[:20],
    }
    return render(request, "documents/detail.html", context)


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself."""
    try:
        return services.download(_document(pk), by=signed_in(request))
    except ContentMissing as missing:
        raise Http404(str(missing)) from missing


@require_POST
@submit_once
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document away."""
    document = _document(pk)
    if not _may_change(request, document):
        raise PermissionDenied
    services.remove_document(document)
    messages.success(request, _("%(name)s was removed.") % {"name": document})
    return redirect(LIST[1])
