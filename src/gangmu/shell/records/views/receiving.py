"""Receivers of the record outside: how far each has got, a new one, ending one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.foundation.records.models import Receiver
from gangmu.foundation.records.retention import Refused, call
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.records.forms import ReceiverForm
from gangmu.shell.records.views.asking import needs


@require_http_methods(["GET", "POST"])
@needs("records:view")
@submit_once
def receivers(request: HttpRequest) -> HttpResponse:
    """The receivers, and a form for another or for a new address of one."""
    may = request.scope.may("records:stream")  # type: ignore[attr-defined]
    form = ReceiverForm(request.POST or None)
    if request.method == "POST" and may and form.is_valid():
        try:
            data = form.cleaned_data
            call("SELECT public.records_set_receiver(%s, %s, %s)", data["name"], data["url"], data["ca"])
            messages.success(request, _("Events are sent there from now on."))
            return redirect("records:receivers")
        except Refused as refused:
            form.add_error(None, str(refused))
    title = _("Receivers of the record")
    context = {
        "title": title,
        "breadcrumbs": [(_("Records"), reverse("records:overview")), (title, "")],
        "receivers": Receiver.objects.order_by("ended_at", "name"),
        "may": may,
    }
    return show_form(request, "records/receivers.html", form, context)


@require_POST
@needs("records:stream")
@submit_once
def end(request: HttpRequest, name: str) -> HttpResponse:
    """Send nothing more to a receiver that was set here; recorded."""
    try:
        call("SELECT public.records_end_receiver(%s)", name)
        messages.success(request, _("Nothing more is sent there."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("records:receivers")
