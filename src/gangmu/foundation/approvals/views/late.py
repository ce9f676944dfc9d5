"""Reminding everybody who is late."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.ui.once import submit_once


@require_POST
@submit_once
def remind_all(request: HttpRequest) -> HttpResponse:
    """Remind everybody who holds a case that is late, in the asker's organisations."""
    try:
        done = services.remind_late(by=signed_in(request), key=request.POST["_key"])
    except ApprovalError as error:
        messages.error(request, str(error))
        return redirect("approvals:late")
    words = [
        ngettext("%(n)d person was reminded.", "%(n)d people were reminded.", done.people) % {"n": done.people},
        ngettext("It was about %(n)d case.", "It was about %(n)d cases.", done.cases) % {"n": done.cases},
    ]
    if done.too_soon:
        text = ngettext(
            "%(n)d other case had been reminded of within the last hour and was left in peace.",
            "%(n)d other cases had been reminded of within the last hour and were left in peace.",
            done.too_soon,
        )
        words.append(text % {"n": done.too_soon})
    (messages.success if done.people else messages.info)(request, " ".join(words))
    return redirect("approvals:late")
