"""Closing a month and reopening it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from gangmu.figures.filing.access import LOCK
from gangmu.figures.filing.closed import ClosingList
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.models import MonthClosing
from gangmu.figures.filing.services.closing import close_month, reopen_month
from gangmu.figures.filing.views.common import trail
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once


class CloseForm(forms.Form):
    """Which month is closed, of which indicators, where and why."""

    month = forms.CharField(
        label=gettext_lazy("Month"), max_length=7, help_text=gettext_lazy("A month that is over, such as 2026-10.")
    )
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=200,
        help_text=gettext_lazy("Code or name; the month is closed for it and all below it."),
    )
    indicators = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Indicators"),
        queryset=Indicator.objects.none(),
        help_text=gettext_lazy("Daily indicators that have settled values."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why, or on whose word; it stays on record."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settled = Indicator.objects.exclude(settles="").values("settles")
        self.fields["indicators"].queryset = Indicator.objects.filter(code__in=settled).order_by("code")

    def clean_month(self) -> Period:
        try:
            return Period.parse(self.cleaned_data["month"].strip())
        except PeriodError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_organisation(self) -> Organisation:
        text = self.cleaned_data["organisation"].strip()
        found = Organisation.objects.filter(Q(code=text) | Q(name_zh=text) | Q(name_en=text))[:2]
        if len(found) != 1:
            raise forms.ValidationError(
                _("Not found, or more than one of that name: %(names)s. Use the code.") % {"names": text}
            )
        return found[0]


@require_http_methods(["GET", "POST"])
@submit_once
def close(request: HttpRequest) -> HttpResponse:
    """Close a month."""
    if not request.scope.may(LOCK):
        raise PermissionDenied(_("Your roles do not let you close months."))
    last = Period.month(clock.today().year, clock.today().month).previous()
    form = CloseForm(request.POST or None, initial={"month": last.code})
    if form.is_valid():
        asked = form.cleaned_data
        try:
            with transaction.atomic():
                for one in asked["indicators"]:
                    close_month(
                        one,
                        asked["organisation"],
                        asked["month"],
                        reason=asked["reason"],
                        by=signed_in(request),
                        scope=request.scope,
                    )
        except FilingError as error:
            form.add_error(None, str(error))
        else:
            words = {"month": asked["month"].code, "at": asked["organisation"].name}
            messages.success(request, _("%(month)s is closed at %(at)s; its settled values answer now.") % words)
            return redirect("filing:months")
    return _page(request, form, _("Close a month"))


class ReopenForm(forms.Form):
    """Why a month is reopened."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why, or on whose word; it stays on record."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@submit_once
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Reopen a closed month."""
    closing = get_object_or_404(MonthClosing.objects.select_related("organisation", "indicator"), pk=pk)
    if not request.scope.may_at(LOCK, closing.organisation_id):
        raise PermissionDenied(_("Your roles do not let you close months."))
    form = ReopenForm(request.POST or None)
    if form.is_valid():
        try:
            reopen_month(closing, reason=form.cleaned_data["reason"], by=signed_in(request), scope=request.scope)
        except FilingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The month is open again: days answer, and its figures can be corrected."))
            return redirect("filing:months")
    names = f"{closing.month:%Y-%m} · {closing.indicator.name} · {closing.organisation.name}"
    return _page(request, form, f"{_('Reopen')} · {names}")


def _page(request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
    months = reverse("filing:months")
    context = {"title": title, "breadcrumbs": trail((ClosingList.title, months), (title, "")), "cancel": months}
    return show_form(request, "filing/closing.html", form, context)
