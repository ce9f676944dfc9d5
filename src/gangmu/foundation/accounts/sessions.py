"""Sessions in the database, of no use to whoever reads or writes the table.

The table holds the hash of a session's key, so a row read does not give the cookie; and what a session holds is signed
together with its key, so a row copied from somebody else's is not believed. Both know the site: a session of one site
is unknown at the other, whatever its cookie is called there. A database that is away is not a session that is gone.
"""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.utils import timezone

from gangmu.foundation.settings.sites import served


def stored_key(key: str | None) -> str:
    """What the table holds of a session's key at this site: 160 bits of a SHA-256, which is all the column holds."""
    return hashlib.sha256(f"{served()}:{key or ''}".encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    @property
    def key_salt(self) -> str:
        """With what a session's content is signed: it belongs to its key and to no other."""
        return f"gangmu.sessions.{served()}.{self.session_key}"

    def load(self) -> dict[str, Any]:
        stored = self.model.objects.filter(
            session_key=stored_key(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if stored is None:
            self._session_key = None
            return {}
        return self.decode(stored.session_data)

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        key = self._get_or_create_session_key()
        return self.model(
            session_key=stored_key(key), session_data=self.encode(data), expire_date=self.get_expiry_date()
        )

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
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
