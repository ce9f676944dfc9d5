"""Who comes in here: 王敏, at a fixed moment, with a browser that speaks English."""

import pytest
from django.test import Client

from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import PASSWORD, let_in

START = "2026-11-20T08:00+08:00"


@pytest.fixture
def now():
    with clock.frozen(START) as moment:
        yield moment


@pytest.fixture
def user(now):
    user = User(username="wangmin", name="王敏", email="wang@example.org", created_at=now)
    user.set_password(PASSWORD)
    user.save()
    return let_in(user)


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en"})
