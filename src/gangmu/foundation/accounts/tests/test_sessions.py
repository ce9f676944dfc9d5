import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection

from gangmu.foundation.accounts.sessions import SessionStore, stored_key


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


def signed_in_as(number: str) -> SessionStore:
    session = SessionStore()
    session["_auth_user_id"] = number
    session.save()
    return session


def test_the_table_does_not_hold_what_the_browser_sends(db):
    session = signed_in_as("1")
    key = session.session_key
    assert key is not None
    assert SessionStore(key).get("_auth_user_id") == "1"
    [held] = Session.objects.all()
    assert key not in (held.session_key, held.session_data)
    assert SessionStore(held.session_key).get("_auth_user_id") is None


def test_a_session_copied_into_a_row_of_ones_own_is_not_believed(db):
    mine, somebody_elses = signed_in_as("1"), signed_in_as("2")
    data = Session.objects.get(pk=stored_key(somebody_elses.session_key)).session_data
    Session.objects.filter(pk=stored_key(mine.session_key)).update(session_data=data)
    assert SessionStore(mine.session_key).get("_auth_user_id") is None
    assert SessionStore(somebody_elses.session_key).get("_auth_user_id") == "2"


def test_a_session_that_ended_or_changed_its_key_is_gone(db):
    session = signed_in_as("1")
    first = session.session_key
    session.cycle_key()
    assert session.session_key != first
    assert SessionStore(first).get("_auth_user_id") is None
    assert SessionStore(session.session_key).get("_auth_user_id") == "1"
    session.flush()
    assert not Session.objects.exists()
