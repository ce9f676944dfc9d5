from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection

from gangmu.foundation.accounts.models import SignIn, User
from gangmu.foundation.accounts.sessions import SessionStore, stored_key
from gangmu.foundation.settings import clock


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


def signed_in_as(user: User) -> SessionStore:
    """A session that somebody has signed in to."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.save()
    open_for(user, session)
    return session


def open_for(user: User, session: SessionStore) -> None:
    now = clock.now()
    key = stored_key(session.session_key)
    SignIn.objects.create(user=user, session_key=key, site="business", method="password", opened_at=now, seen_at=now)


@pytest.fixture
def people(db):
    return [User.objects.create(username=name, name=name) for name in ("wang", "li")]


def test_the_table_does_not_hold_what_the_browser_sends(people):
    session = signed_in_as(people[0])
    key = session.session_key
    assert key is not None
    assert SessionStore(key).get("_auth_user_id") == str(people[0].pk)
    [held] = Session.objects.all()
    assert key not in (held.session_key, held.session_data)
    assert SessionStore(held.session_key).get("_auth_user_id") is None


def test_a_session_copied_into_a_row_of_ones_own_is_not_believed(people):
    mine, somebody_elses = map(signed_in_as, people)
    data = Session.objects.get(pk=stored_key(somebody_elses.session_key)).session_data
    Session.objects.filter(pk=stored_key(mine.session_key)).update(session_data=data)
    assert SessionStore(mine.session_key).get("_auth_user_id") is None
    assert SessionStore(somebody_elses.session_key).get("_auth_user_id") == str(people[1].pk)


def test_a_session_that_says_who_it_is_without_a_sign_in_is_not_believed(people):
    session = SessionStore()
    session["_auth_user_id"] = str(people[0].pk)
    session.save()
    assert SessionStore(session.session_key).get("_auth_user_id") is None


def test_a_sign_in_of_somebody_else_does_not_make_a_session_theirs(people):
    session = SessionStore()
    session["_auth_user_id"] = str(people[0].pk)
    session.save()
    open_for(people[1], session)
    assert SessionStore(session.session_key).get("_auth_user_id") is None


def test_a_session_that_ended_or_changed_its_key_is_gone(people):
    session = signed_in_as(people[0])
    first = session.session_key
    session.cycle_key()
    assert session.session_key != first
    assert SessionStore(first).get("_auth_user_id") is None
    session.flush()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("later", "reason"),
    [(timedelta(minutes=29), ""), (timedelta(minutes=30), "idle"), (timedelta(hours=12), "absolute")],
)
def test_a_session_ends_by_the_clock_and_says_why(people, later, reason):
    with clock.frozen("2026-11-20T08:00") as start:
        session = signed_in_as(people[0])
    with clock.frozen(start + later):
        found = SessionStore(session.session_key)
        assert bool(found.get("_auth_user_id")) == (not reason)
        assert (found.ended.reason if found.ended else "") == reason
        assert Session.objects.exists() == (not reason)


def test_who_keeps_clicking_is_not_idle_but_ends_all_the_same(people):
    with clock.frozen("2026-11-20T08:00") as start:
        session = signed_in_as(people[0])
    for minutes in range(20, 12 * 60, 20):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert SessionStore(session.session_key).get("_auth_user_id")
    with clock.frozen(start + timedelta(hours=12)):
        found = SessionStore(session.session_key)
        assert found.get("_auth_user_id") is None
        assert found.ended
        assert found.ended.reason == "absolute"


def test_what_an_ended_session_is_given_goes_under_a_new_key(people):
    session = signed_in_as(people[0])
    SignIn.objects.update(ended_at=clock.now(), end_reason="elsewhere")
    found = SessionStore(session.session_key)
    found["before"] = 1
    found.save()
    assert found.session_key != session.session_key
    assert SessionStore(found.session_key).get("before") == 1


@pytest.mark.req("M-5.8.1.1")
def test_what_a_page_asks_by_itself_keeps_no_session_open(people):
    with clock.frozen("2026-11-20T08:00") as start:
        key = signed_in_as(people[0]).session_key
    for minutes in range(2, 30, 2):
        with clock.frozen(start + timedelta(minutes=minutes)):
            asking = SessionStore(key)
            asking.unattended = True
            assert asking.get("_auth_user_id")  # it is answered
    with clock.frozen(start + timedelta(minutes=30)):
        after = SessionStore(key)
        assert after.get("_auth_user_id") is None
        assert after.ended
        assert after.ended.reason == "idle"


def test_a_click_counts_whatever_the_page_asks_besides(people):
    with clock.frozen("2026-11-20T08:00") as start:
        key = signed_in_as(people[0]).session_key
    for minutes, unattended in ((20, False), (40, True), (49, True)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            one = SessionStore(key)
            one.unattended = unattended
            assert one.get("_auth_user_id")
    with clock.frozen(start + timedelta(minutes=50)):
        assert SessionStore(key).get("_auth_user_id") is None


def test_the_mark_of_a_request_reaches_its_session(db, rf):
    from gangmu.foundation.accounts.sessions import UnattendedMiddleware

    for headers, marked in (({}, False), ({"X-Gangmu-Unattended": "1"}, True)):
        request = rf.get("/", headers=headers)
        request.session = SessionStore()
        UnattendedMiddleware(lambda _request: None)(request)  # type: ignore[arg-type,return-value]
        assert request.session.unattended is marked
