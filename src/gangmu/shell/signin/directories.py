"""Coming in by a directory: what it says is judged here, counted, and written down."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gangmu.foundation.accounts import throttle
from gangmu.foundation.accounts.backend import speak_for
from gangmu.foundation.accounts.directories import services
from gangmu.foundation.accounts.directories.models import Directory, Identity
from gangmu.foundation.accounts.directories.options import InvalidToken, Ldap, Options, read, secret_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.settings.sites import served

HERE = ""  # the choice of the product's own passwords


class Away(Exception):
    """The directory cannot be asked now: the same whoever asks."""


class Stranger(Exception):
    """The directory knows them, and no account is theirs to use. The message is for them to read."""


def of_site(kind: str) -> list[Directory]:
    """The directories of a kind by which one comes in at this site."""
    return [one for one in Directory.at(served()) if one.kind == kind]


def named(kind: str, code: str) -> Directory | None:
    """One of them."""
    return next((one for one in of_site(kind) if one.code == code), None)


def options_and_secret(request: HttpRequest, directory: Directory) -> tuple[Options, str]:
    """What is set of a directory.

    Raises:
        Away: it cannot be used as it is set.
    """
    try:
        return read(directory.kind, directory.options), secret_of(directory)
    except ValidationError as problem:
        raise away(request, directory, "; ".join(problem.messages)) from problem
    except InvalidToken as problem:
        raise away(request, directory, "its secret was stored under another key") from problem


def away(request: HttpRequest, directory: Directory, why: str) -> Away:
    """Record that a directory cannot be asked; what its people are told."""
    note_refusal("accounts.directory-away", data={"directory": directory.code, "why": why}, request=request)
    return Away(
        _("%(name)s does not answer at present. Nothing was judged; try again later, or ask your administrator.")
        % {"name": directory}
    )


def refuse(request: HttpRequest, directory: Directory, why: str, who: dict[str, str], user: User | None = None) -> None:
    """Record a refusal."""
    data = {"directory": directory.code, "why": why, **who}
    note_refusal("accounts.directory-refused", by=user, data=data, request=request)


def by_password(request: HttpRequest, directory: Directory, login: str, password: str) -> User | None:
    """Who comes by an LDAP directory; None when nobody is proved. The name typed was counted before.

    Raises:
        Away: nothing could be judged.
        Stranger: it is proved who it is, and no account is theirs.
    """
    from gangmu.foundation.accounts.directories import ldap

    options, secret = options_and_secret(request, directory)
    assert isinstance(options, Ldap)
    address = request.META.get("REMOTE_ADDR") or ""
    typed, why = {"typed": throttle.masked(login)[:12]}, "password"
    try:
        with ldap.reached(options, secret) as session:
            try:
                entry = session.find(login)
            except ldap.Ambiguous:
                entry, why = None, "ambiguous"
            key = services.entry_key(directory, entry.subject if entry else f"?{login}")
            if throttle.attempt(key, address):  # how long is not said: it would tell of an account of another name
                refuse(request, directory, "throttled", typed)
                return None
            if not session.proves(entry, password) or entry is None:
                refuse(request, directory, why if entry or why != "password" else "unknown", typed)
                return None
    except ldap.Away as problem:
        raise away(request, directory, problem.why) from problem
    if entry.disabled:
        refuse(request, directory, "disabled", {"login": entry.login})
        return None
    throttle.forgive(key, address)
    return arrived(request, directory, entry.subject, login=entry.login, name=entry.name, mail=entry.mail)


def arrived(
    request: HttpRequest, directory: Directory, subject: str, *, login: str, name: str, mail: str
) -> User | None:
    """The account of somebody whom a directory has proved; row security shows from here on what is their own.

    Raises:
        Stranger: none is theirs, or it has just been made and has no role.
    """
    arrival = services.arrive(directory, subject, login=login, name=name, mail=mail)
    who = {"subject": subject, "login": login}
    if arrival.user_id is None:
        refuse(request, directory, arrival.outcome, who)
        raise Stranger(
            _("%(name)s knows you, but you have no account here. Ask your administrator.") % {"name": directory}
        )
    speak_for(arrival.user_id)
    user = User.objects.filter(pk=arrival.user_id).first()
    if user is None or not user.may_sign_in():
        refuse(request, directory, "account", who, user)
        speak_for(0)
        return None
    if arrival.outcome == "bound":
        note(
            "accounts.identity-bound", by=user, subject=user, data={"directory": directory.code, **who}, request=request
        )
    if arrival.outcome == "created":
        data = {"directory": directory.code, "role": "", **who}
        note("accounts.created", by=user, subject=user, data=data, request=request)
        speak_for(0)
        raise Stranger(_("An account was made for you. It opens once an administrator has given it a role."))
    return user


def is_password(request: HttpRequest, user: User, password: str) -> bool:
    """Whether this is somebody's password at one of the LDAP directories that stand for their account.

    Raises:
        Away: the directory does not answer.
    """
    from gangmu.foundation.accounts.directories import ldap

    bound = {one.directory: one for one in Identity.objects.filter(user=user)}
    for directory in of_site(Directory.Kind.LDAP):
        if directory.code not in bound:
            continue
        options, secret = options_and_secret(request, directory)
        assert isinstance(options, Ldap)
        try:
            with ldap.reached(options, secret) as session:
                entry = session.of(bound[directory.code].subject)
                if entry is not None and not entry.disabled and session.proves(entry, password):
                    return True
        except (ldap.Away, ldap.Ambiguous) as problem:
            raise away(request, directory, str(problem)) from problem
    return False
