"""When somebody last proved who they are. What is sensitive asks for a proof that is not old."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from gangmu.foundation.settings import clock

PROVED = "proved_at"
FRESH = timedelta(minutes=10)

View = Callable[..., HttpResponse]


def proved_now(request: HttpRequest) -> None:
    """The person has just shown who they are."""
    request.session[PROVED] = clock.now().isoformat()


def is_fresh(request: HttpRequest) -> bool:
    """Whether the last proof is not older than ten minutes."""
    said = request.session.get(PROVED)
    return bool(said) and clock.now() - datetime.fromisoformat(said) < FRESH


def fresh_proof_required(view: View) -> View:
    """Let a view be reached only with a fresh proof: the person is asked for it and then led back.

    A form that comes without one is not carried over: the page where it stands is shown again after the proof.
    """
    return _asking(view, lambda request: resolve_url(settings.ACCOUNT_URL))


def fresh_proof_for_form(view: View) -> View:
    """As `fresh_proof_required`, for a view that shows its own form: after the proof it is shown again."""
    return _asking(view, lambda request: request.get_full_path())


def _asking(view: View, place_of_form: Callable[[HttpRequest], str]) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return ask_for_proof(request.get_full_path() if request.method == "GET" else place_of_form(request))

    return wrapped


def ask_for_proof(back: str) -> HttpResponse:
    """Send somebody to prove who they are, and then back."""
    return redirect(f"{resolve_url(settings.PROVE_URL)}?{urlencode({'next': back})}")
