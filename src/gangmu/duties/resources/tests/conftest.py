import pytest
from django.test import Client

from gangmu.duties.resources.tests.small import make_register
from gangmu.foundation.access.models import Role
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_user, make_world

NOW = "2026-11-20T08:30+08:00"


@pytest.fixture(autouse=True)
def at_a_fixed_time():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def world(db, tmp_path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def register(world):
    return make_register()


@pytest.fixture
def keeper(world):
    """Who keeps the register of the whole group."""
    keeps = ["parties:view", "resources:view,export,change"]
    Role.objects.create(code="keeper", name_zh="维护人", name_en="Keeper", site="business", permissions=keeps)
    return make_user("keeper", "G", "keeper")


@pytest.fixture
def enter():
    """A client in which somebody has signed in."""

    def signed_in(user) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return signed_in
