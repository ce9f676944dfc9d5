"""Sessions in the database, of no use to whoever reads or writes the table.

The table holds the hash of a session's key, so a row read does not give the cookie; and what a session holds is signed
together with its key, so a row copied from somebody else's is not believed. Both know the site: a session of one site
is unknown at the other, whatever its cookie is called there. A database that is away is not a session that is gone.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import served


def stored_key(key: str | None) -> str:
    """What the table holds of a session's key at this site: 160 bits of a SHA-256, which is all the column holds."""
    return hashlib.sha256(f"{served()}:{key or ''}".encode()).hexdigest()[:40]


@dataclass(frozen=True)
class Ended:
    """Why there is no session any more."""

    reason: str  # SignIn.End
    at: datetime
    address: str  # from where somebody signed in meanwhile


def told(ended: Ended | None) -> str:
    """Why a session is over, for the person to read; nothing where none was open."""
    if ended is None:
        return ""
    at = f"{ended.at.astimezone(clock.BUSINESS_ZONE):%Y-%m-%d %H:%M}"
    match ended.reason:
        case "elsewhere":
            return _(
                "Your account signed in elsewhere at %(at)s from %(address)s, and one account has one session. "
                "If that was not you, change your password at once."
            ) % {"at": at, "address": ended.address or "?"}
        case "idle":
            return _("You were signed out because nothing was done for a while.")
        case "absolute":
            return _("You were signed out because a session lasts only so long.")
        case "password":
            return _("You were signed out because the password of your account was changed.")
        case "closed":
            return _("This session was ended from another one, or by an administrator.")
    return ""


UNATTENDED = "X-Gangmu-Unattended"  # what our front end sends with requests that nobody has clicked for


class UnattendedMiddleware:
    """Tells the session of a request that a page made by itself: it is answered, and nobody counts as being there.

    Anybody can send the mark. It takes nothing but time off their own session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.session, SessionStore):
            request.session.unattended = UNATTENDED in request.headers
        return self.get_response(request)


class SessionStore(db.SessionStore):
    """`ended` says, after loading, what became of a session that was open once."""

    ended: Ended | None = None
    unattended = False

    @property
    def key_salt(self) -> str:
        """With what a session's content is signed: it belongs to its key and to no other."""
        return f"gangmu.sessions.{served()}.{self.session_key}"

    def load(self) -> dict[str, Any]:
        """What the session holds: of somebody who has signed in only while their sign-in stands.

        The key of an ended session stays with the browser until it signs in anew, so that the page can say why.
        """
        with connection.cursor() as cursor:
            values = [stored_key(self.session_key), clock.now(), self.unattended]
            cursor.execute("SELECT * FROM accounts_session(%s, %s, %s)", values)
            stored = cursor.fetchone()
        if stored is None:
            self._session_key = None
            return {}
        text, user_id, reason, at, address = stored
        if reason:
            self.ended = Ended(reason, at, str(address or ""))
            return {}
        held = self.decode(text) if text else {}
        if held.get(SESSION_KEY) != (str(user_id) if user_id else None):
            return {}
        return held

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Until when the database keeps the row at most; sign-ins end sooner, by their policy."""
        return clock.now() + timedelta(seconds=self.get_session_cookie_age())

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        key = self._get_or_create_session_key()
        return self.model(
            session_key=stored_key(key), session_data=self.encode(data), expire_date=self.get_expiry_date()
        )

    def create(self) -> None:
        """Begin a session, under a key of its own."""
        self.ended = None
        super().create()

    def flush(self) -> None:
        """Forget everything, also what became of the session before."""
        super().flush()
        self.ended = None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=stored_key(key)).delete()

    def save(self, must_create: bool = False) -> None:
        """Keep the session.

        Django takes any error of the database for a session that somebody deleted meanwhile, and tells the browser
        that its request was bad.

        Raises:
            OperationalError: the database was lost.
            UpdateError: the session was deleted meanwhile.
        """
        if self.ended and not must_create:  # it does not begin again under a key that has ended
            return self.create()
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
