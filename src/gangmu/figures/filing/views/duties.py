"""Saying who files for whom: a control centre for many stations, from a day on."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.lists import DutyList, FormList, current_form_choices
from gangmu.figures.filing.models import Duty
from gangmu.figures.filing.services.duties import CONFIGURE, begin_duties, end_duty
from gangmu.figures.filing.views.common import trail
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

MOST = 500
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DutyForm(forms.Form):
    """Who files which form for whom, from when until when."""

    form_code = forms.ChoiceField(label=gettext_lazy("Form"))
    filer = forms.CharField(
        label=gettext_lazy("Files for it"), max_length=200, help_text=gettext_lazy("Code or name of the organisation.")
    )
    organisations = forms.CharField(
        label=gettext_lazy("For whom"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Codes or names, one in a line; a column of a spreadsheet can be pasted."),
    )
    first_day = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DAY, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_code"].choices = current_form_choices()

    def clean_filer(self) -> Organisation:
        return _found([self.cleaned_data["filer"].strip()])[0]

    def clean_organisations(self) -> list[Organisation]:
        texts = [text.strip() for text in re.split(r"[\n\t,，;；]", self.cleaned_data["organisations"])]
        return _found(list(dict.fromkeys(filter(None, texts)))[:MOST])


def _found(texts: list[str]) -> list[Organisation]:
    """The organisations that texts name by code or name.

    Raises:
        ValidationError: one names nobody, or several.
    """
    known: dict[str, list[Organisation]] = {}
    rows = Organisation.objects.filter(Q(code__in=texts) | Q(name_zh__in=texts) | Q(name_en__in=texts))
    for one in rows:
        for text in {one.code, one.name_zh, one.name_en}:
            known.setdefault(text, []).append(one)
    wrong = [text for text in texts if len(known.get(text, ())) != 1]
    if wrong:
        raise forms.ValidationError(
            _("Not found, or more than one of that name: %(names)s. Use the code.") % {"names": ", ".join(wrong[:8])}
        )
    return [known[text][0] for text in texts]


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Let somebody file for others."""
    if not request.scope.may(CONFIGURE):
        raise PermissionDenied(_("Your roles do not let you say who files for whom."))
    form = DutyForm(request.POST or None, initial={"first_day": clock.today()})
    if form.is_valid():
        asked = form.cleaned_data
        try:
            made = begin_duties(
                asked["form_code"],
                asked["organisations"],
                asked["filer"],
                asked["first_day"],
                asked["last_day"],
                by=signed_in(request),
                scope=request.scope,
            )
        except FilingError as error:
            form.add_error(None, str(error))
        else:
            told = ngettext(
                "%(filer)s now files for %(n)d organisation.", "%(filer)s now files for %(n)d organisations.", len(made)
            )
            messages.success(request, told % {"filer": asked["filer"].name, "n": len(made)})
            return redirect("filing:duties")
    title = _("Let somebody file for others")
    lists = [(FormList.title, reverse("filing:forms")), (DutyList.title, reverse("filing:duties"))]
    context = {"title": title, "breadcrumbs": trail(*lists, (title, "")), "cancel": reverse("filing:duties")}
    return show_form(request, "filing/duty.html", form, context)


class EndForm(forms.Form):
    """The last day on which somebody files for somebody else."""

    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DAY)


@require_http_methods(["GET", "POST"])
@submit_once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a duty end with a day."""
    duty = get_object_or_404(Duty.objects.select_related("organisation"), pk=pk)
    if not request.scope.may_at(CONFIGURE, duty.organisation_id):
        raise PermissionDenied(_("Your roles do not let you say who files for whom."))
    form = EndForm(request.POST or None, initial={"last_day": clock.today()})
    if form.is_valid():
        end_duty(duty, form.cleaned_data["last_day"], by=signed_in(request), scope=request.scope)
        messages.success(
            request,
            _("%(organisation)s files for itself again after that day.") % {"organisation": duty.organisation.name},
        )
        return redirect("filing:duties")
    title = f"{_('End')} · {duty.organisation.name}"
    context = {
        "title": title,
        "breadcrumbs": trail((DutyList.title, reverse("filing:duties")), (title, "")),
        "cancel": reverse("filing:duties"),
    }
    return show_form(request, "filing/duty.html", form, context)
