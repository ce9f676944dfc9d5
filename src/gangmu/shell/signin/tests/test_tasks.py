"""What workers do about accounts by themselves leaves a record."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from gangmu.foundation.accounts.models import Challenge, SignIn, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.signin import tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return User.objects.create(username="wang", name="王敏")


@pytest.mark.req("M-5.8.1.5")
def test_what_is_wiped_is_noted_and_nothing_is_noted_when_nothing_was(user):
    now = clock.now()
    past = now - timedelta(hours=1)
    Session.objects.create(session_key="a", session_data="x", expire_date=now + timedelta(days=1))
    SignIn.objects.create(user=user, session_key="a", method="x", opened_at=past, seen_at=past)
    Challenge.objects.create(user=user, digest="x", sent_at=past, expires_at=past)
    tasks.wipe(0)
    assert not Session.objects.exists()
    assert not Challenge.objects.exists()
    [event] = Event.objects.filter(kind="accounts.wiped")
    assert (event.data["sessions"], event.data["codes"]) == (1, 1)
    tasks.wipe(0)
    assert Event.objects.filter(kind="accounts.wiped").count() == 1


@pytest.mark.parametrize("demonstration", [False, True])
def test_dormant_accounts_are_switched_off_with_a_record_and_not_in_the_demonstration(user, settings, demonstration):
    settings.DEMONSTRATION = demonstration
    User.objects.update(created_at=clock.now() - timedelta(days=91))
    tasks.disable_dormant(0)
    user.refresh_from_db()
    assert user.is_active == demonstration
    assert Event.objects.filter(kind="accounts.dormant-disabled").exists() == (not demonstration)


def test_an_account_used_from_many_places_is_noted(user):
    now = clock.now()
    for number in range(5):
        values = {"method": "x", "address": f"192.0.2.{number}", "opened_at": now, "seen_at": now}
        SignIn.objects.create(user=user, session_key=str(number), **values)
    User.objects.update(last_login=now)
    tasks.disable_dormant(0)
    assert Event.objects.get(kind="accounts.perhaps-shared").data == {"addresses": 5}
