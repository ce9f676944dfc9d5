import uuid

import pytest
from django.test import Client

from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import let_in


@pytest.fixture(autouse=True)
def at_a_known_time():
    with clock.frozen("2026-11-20T07:30+08:00"):
        yield


@pytest.fixture
def make_user(db):
    def make(username):
        return let_in(User.objects.create(username=username, name=username.title()))

    return make


@pytest.fixture
def user(make_user):
    return make_user("li")


def signed_in(user, language="en", **options):
    client = Client(**options)
    client.force_login(user)
    client.cookies["gangmu_language"] = language
    return client


@pytest.fixture
def client(user, settings):
    settings.DEMONSTRATION = True
    return signed_in(user)


@pytest.fixture
def another(make_user):
    """A second user at the door; made before any request, which leaves the test's transaction with the web role."""
    return signed_in(make_user("zhao"))


@pytest.fixture
def key():
    """A fresh idempotency key, as a page's form carries it."""
    return str(uuid.uuid4())
