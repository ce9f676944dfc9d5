"""Sessions in the database. A database that is away is not a session that is gone."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError


class SessionStore(db.SessionStore):
    def save(self, must_create: bool = False) -> None:
        """Keep the session.

        Django takes any error of the database for a session that somebody deleted meanwhile, and tells the browser
        that its request was bad.

        Raises:
            OperationalError: the database was lost.
            UpdateError: the session was deleted meanwhile.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
