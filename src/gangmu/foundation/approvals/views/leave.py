"""Leave: who acts for me while I am away."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.forms import LeaveForm
from gangmu.foundation.approvals.models import Leave
from gangmu.foundation.approvals.services.leaving import stand_in_candidates
from gangmu.foundation.parties.days import Days
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.once import submit_once

SHOWN = 100


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """My leaves and those of my organisations; a form for the next one."""
    return _set(request) if request.method == "POST" else _show(request, _form(request))


def _form(request: HttpRequest) -> LeaveForm:
    bound = request.POST if request.method == "POST" else None
    form = LeaveForm(bound, initial={"first": clock.today(), "last": clock.today()})
    me = signed_in(request)
    people = stand_in_candidates(me.pk, me.organisation_id) if me.organisation_id else []
    form.fields["stand_in"].offer((pk, name, "") for pk, name in people)
    return form


def _show(request: HttpRequest, form: LeaveForm) -> HttpResponse:
    reader, today = signed_in(request), clock.today()
    leaves = list(Leave.objects.filter(valid__endswith__gt=today).order_by("valid")[:SHOWN])
    context = {
        "tab": "leave",
        "form": form,
        "mine": [_line(one) for one in leaves if one.user_id == reader.pk],
        "for_others": [_line(one) for one in leaves if one.stand_in_id == reader.pk],
        "others": [_line(one) for one in leaves if reader.pk not in (one.user_id, one.stand_in_id)],
    }
    return render(request, "approvals/leave.html", context, status=422 if form.is_bound and form.errors else 200)


def _line(one: Leave) -> dict[str, object]:
    """A leave with its last day: the range in the database ends before its end."""
    days = Days.of(one.valid)
    first, last = days.start, days.end - timedelta(days=1)
    return {"leave": one, "first": first, "last": last, "now": first <= clock.today() <= last}


@submit_once
def _set(request: HttpRequest) -> HttpResponse:
    form, by = _form(request), signed_in(request)
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                made = services.set_leave(by.pk, data["stand_in"], data["first"], data["last"], by=by)
        except ApprovalError as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            text = _("%(name)s acts for you from %(first)s to %(last)s.")
            given = {"name": made.stand_in_name, "first": data["first"], "last": data["last"]}
            messages.success(request, text % given)
            return redirect("approvals:leave")
    return _show(request, form)


@require_POST
@submit_once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a leave: today is the first day back."""
    found = get_object_or_404(Leave, pk=pk)
    try:
        with transaction.atomic():
            services.end_leave(found.pk, by=signed_in(request))
    except ApprovalError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The leave has ended; nobody acts for you any more."))
    return redirect("approvals:leave")
