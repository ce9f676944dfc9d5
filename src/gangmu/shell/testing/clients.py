"""Clients in which somebody has signed in without a page.

Such a session is as open as one that was signed in to, except that it ousts no other session of the same person and
never ends by itself: tests move the clock by months.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import Client

from gangmu.foundation.accounts import throttle
from gangmu.foundation.accounts.models import SignIn
from gangmu.foundation.accounts.proof import PROVED
from gangmu.foundation.accounts.sessions import stored_key

NEVER = datetime(2100, 1, 1, tzinfo=UTC)

_force_login = Client.force_login


def force_login(self: Client, user: Any, backend: str | None = None) -> None:
    """In place of Django's, which knows nothing of sign-ins."""
    _force_login(self, user, backend)
    key = stored_key(self.cookies[settings.SESSION_COOKIE_NAME].value)
    SignIn.objects.create(
        user=user, session_key=key, site=settings.SITE, method="tests", opened_at=NEVER, seen_at=NEVER
    )
    session = self.session
    session[PROVED] = NEVER.isoformat()
    session.save()


def install() -> None:
    """Let every test client sign in so."""
    Client.force_login = force_login  # type: ignore[method-assign]


def forget_attempts() -> None:
    """Attempts to sign in stand although a test rolls back; the next test begins without them."""
    if throttle.counted:
        throttle.counted = False
        throttle.forget_all()
