"""Coming in by a provider of OpenID Connect: away to it, and back.

What speaks with directories is loaded when one is asked.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts.backend import speak_for
from gangmu.foundation.accounts.directories import services
from gangmu.foundation.accounts.directories.models import Directory
from gangmu.foundation.accounts.directories.options import Oidc
from gangmu.foundation.settings import clock
from gangmu.shell.signin import directories, gate, steps
from gangmu.shell.signin.forms import SignInForm
from gangmu.shell.signin.views.password import show

if TYPE_CHECKING:
    from gangmu.foundation.accounts.directories import oidc

ASKED = "asked_provider"
PATIENCE = timedelta(minutes=10)


def _back(request: HttpRequest, directory: Directory) -> str:
    """Where the provider sends the browser; it must be registered there."""
    return request.build_absolute_uri(reverse("accounts:provider-back", args=[directory.code]))


def _fail(request: HttpRequest, sentence: str) -> HttpResponse:
    return show(request, SignInForm(), problem=sentence)


def _closed(request: HttpRequest) -> HttpResponse:
    return _fail(request, _("One does not come in that way at this site."))


@open_to_strangers
@never_cache
@require_GET
def provider(request: HttpRequest, code: str) -> HttpResponse:
    """Away to the provider. What is to come back stands in a session that holds nothing else."""
    from gangmu.foundation.accounts.directories import ldap, oidc

    if request.user.is_authenticated:
        return redirect(steps.after(request))
    directory = directories.named(Directory.Kind.OIDC, code)
    if directory is None:
        return _closed(request)
    try:
        options, _secret = directories.options_and_secret(request, directory)
        assert isinstance(options, Oidc)
        question = oidc.ask(options, _back(request, directory))
    except ldap.Away as problem:
        return _fail(request, str(directories.away(request, directory, problem.why)))
    except directories.Away as problem:
        return _fail(request, str(problem))
    target = steps.after(request)
    request.session.flush()
    request.session[ASKED] = {
        **asdict(question),
        "directory": directory.code,
        "next": target,
        "at": clock.now().isoformat(),
    }
    return redirect(question.address)


@open_to_strangers
@never_cache
@require_GET
def provider_back(request: HttpRequest, code: str) -> HttpResponse:
    """Back from the provider. What was asked counts once, whatever comes of it."""
    from gangmu.foundation.accounts.directories import ldap, oidc

    if request.user.is_authenticated:
        return redirect(steps.after(request))
    directory = directories.named(Directory.Kind.OIDC, code)
    if directory is None:
        return _closed(request)
    held = request.session.pop(ASKED, None)
    given = {name: request.GET[name] for name in ("state", "code", "error", "iss") if name in request.GET}
    try:
        person = _person(request, directory, held, given)
        who = {"login": person.login, "name": person.name, "mail": person.mail}
        user = directories.arrived(request, directory, person.subject, **who)
    except oidc.Refused as problem:
        directories.refuse(request, directory, problem.why, {"detail": problem.detail})
        sentence = _(
            "Signing in with %(name)s did not succeed. Begin again; if it happens again, ask your administrator."
        )
        return _fail(request, sentence % {"name": directory})
    except ldap.Away as problem:
        return _fail(request, str(directories.away(request, directory, problem.why)))
    except (directories.Away, directories.Stranger) as problem:
        return _fail(request, str(problem))
    if user is None or not gate.admit(request, user):
        speak_for(0)
        return _fail(request, str(gate.REFUSED))
    by = ("oidc", "mfa") if person.two_factors else ("oidc",)
    return steps.begin(request, user, by, held["next"] if held else "/")


def _person(request: HttpRequest, directory: Directory, held: dict | None, given: dict[str, str]) -> "oidc.Person":
    """Who has come back.

    Raises:
        Refused: nobody whom this browser was sent away to prove, or not for the first time.
        Away: the provider does not answer.
    """
    from gangmu.foundation.accounts.directories import oidc

    if not held or held["directory"] != directory.code:
        raise oidc.Refused("not-asked")
    asked_at = datetime.fromisoformat(held["at"])
    if clock.now() - asked_at >= PATIENCE:
        raise oidc.Refused("too-late")
    question = oidc.Question(held["address"], held["state"], held["nonce"], held["verifier"])
    if not services.spend(directory, question.nonce, asked_at + 2 * PATIENCE):
        raise oidc.Refused("replayed")
    options, secret = directories.options_and_secret(request, directory)
    assert isinstance(options, Oidc)
    return oidc.answered(options, secret, _back(request, directory), question, given)
