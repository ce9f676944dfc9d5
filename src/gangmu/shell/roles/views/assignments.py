"""Giving a role, ending and renewing it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.needs import needs
from gangmu.foundation.accounts.proof import fresh_proof_required
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.roles import refusing
from gangmu.shell.roles.forms import EndForm, GiveForm, RenewForm
from gangmu.shell.roles.words import assignment_words, last_day

GIVE = ("access:grant", "access:assign")


def _context(title: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "breadcrumbs": [(_("Assignments"), reverse("roles:assignments")), (title, "")],
        "cancel": reverse("roles:assignments"),
        **more,
    }


@require_http_methods(["GET", "POST"])
@needs(*GIVE)
@fresh_proof_required
@submit_once
def give(request: HttpRequest) -> HttpResponse:
    """Give a role to people at organisations: to all of them, or to nobody with the reasons."""
    asked = {name: request.GET[name] for name in ("people", "at", "reach") if name in request.GET}
    initial = {"first_day": clock.today(), "reach": Assignment.Reach.BRANCH, **asked}
    form = GiveForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        problems = []
        with transaction.atomic():
            for person in given["people"]:
                for place in given["at"]:
                    try:
                        services.give(
                            person,
                            given["role"],
                            place,
                            reach=given["reach"],
                            first=given["first_day"],
                            until=form.until,
                            because=given["because"],
                        )
                    except services.Refused as refused:
                        problems.append(f"{person} · {place.name}: {refusing.noted(request, refused)}")
            if problems:
                transaction.set_rollback(True)
        if not problems:
            count = len(given["people"]) * len(given["at"])
            text = ngettext("%(n)d role was given.", "%(n)d roles were given.", count)
            messages.success(request, text % {"n": count})
            return redirect("roles:assignments")
        for problem in problems[:10]:
            form.add_error(None, problem)
    note = _(
        "Nobody gives more than they hold: the same permissions, branch, days and reach. Nobody gives to themselves."
    )
    return show_form(request, "roles/form.html", form, _context(_("Give a role"), submit=_("Give"), note=note))


@require_http_methods(["GET", "POST"])
@needs(*GIVE)
@fresh_proof_required
@submit_once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an assignment with a day."""
    one = get_object_or_404(Assignment.objects.select_related("user", "role", "organisation"), pk=pk)
    form = EndForm(request.POST or None, initial={"last_day": clock.today()})
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["last_day"] + timedelta(days=1)
        try:
            services.end(one, until, because=form.cleaned_data["because"])
        except services.Refused as refused:
            form.add_error(None, refusing.noted(request, refused))
        else:
            messages.success(request, _("It ends with %(day)s.") % {"day": form.cleaned_data["last_day"]})
            return redirect("roles:assignments")
    title = _("End: %(who)s") % {"who": one.user}
    context = _context(title, note=assignment_words(one), submit=_("End"), tone="danger")
    return show_form(request, "roles/form.html", form, context)


@require_http_methods(["GET", "POST"])
@needs(*GIVE)
@fresh_proof_required
@submit_once
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Give again what ends, from where it ends."""
    one = get_object_or_404(Assignment.objects.select_related("user", "role", "organisation"), pk=pk)
    today = clock.today()
    start = max(today, one.valid_to) if one.valid_to else today
    form = RenewForm(request.POST or None, initial={"last_day": start + timedelta(days=364)})
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["last_day"]
        try:
            services.renew(one, today, last + timedelta(days=1) if last else None, because=form.cleaned_data["because"])
        except services.Refused as refused:
            form.add_error(None, refusing.noted(request, refused))
        else:
            messages.success(request, _("It is given again from %(day)s.") % {"day": start})
            return redirect("roles:assignments")
    title = _("Renew: %(who)s") % {"who": one.user}
    note = assignment_words(one)
    if one.valid_to is None:
        note = f"{note} – {_('it has no end and needs no renewal')}"
    elif last_day(one.valid_to):
        note = f"{note} – {_('the new one begins on %(day)s') % {'day': start}}"
    return show_form(request, "roles/form.html", form, _context(title, note=note, submit=_("Renew")))
