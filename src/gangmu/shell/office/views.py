"""The front page of the back office."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gangmu.foundation.access.models import Assignment
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.records import kinds, queries
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import OFFICE, Where
from gangmu.shell.office.state import cards
from gangmu.shell.records import words

LATEST = 8


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """How everything stands, as far as it is the reader's work."""
    today = clock.today()
    mine = Assignment.objects.filter(user=signed_in(request), valid_from__lte=today).exclude(valid_to__lte=today)
    held = mine.filter(role__site__in=(OFFICE, Where.BOTH)).select_related("role").order_by("role__code")
    context = {
        "person": signed_in(request),
        "roles": list({one.role.code: one.role for one in held}.values()),
        "cards": list(cards(request)),
        "happened": [(one, kinds.title_of(one.kind), words.who(one)) for one in queries.events()[:LATEST]],
        "today": today,
    }
    return render(request, "office/home.html", context)
