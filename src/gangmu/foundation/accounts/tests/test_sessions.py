import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection

from gangmu.foundation.accounts.sessions import SessionStore


def test_a_lost_database_is_not_a_deleted_session(db):
    session = SessionStore()
    session.create()

    def lose(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(lose), pytest.raises(OperationalError):
        session.save()


def test_a_deleted_session_is_told_as_such(db):
    session = SessionStore()
    session.create()
    SessionStore(session.session_key).delete()
    with pytest.raises(UpdateError):
        session.save()
