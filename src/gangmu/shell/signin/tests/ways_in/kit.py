"""What a test of a way in does again and again, and asks afterwards."""

from datetime import timedelta

from django.test import Client
from pyotp.totp import TOTP

from gangmu.foundation.accounts.factors import totp
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import PASSWORD

NEW = "Tide!over9Kites"


def post(client: Client, path: str = "/sign-in/", **values: str):
    given = {"username": "wangmin", "password": PASSWORD} if path == "/sign-in/" else {}
    return client.post(path, {**given, **values})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def enrol(user: User) -> TOTP:
    with clock.advanced(-timedelta(minutes=5)):
        generator = TOTP(totp.begin(user))
        assert totp.confirm(user, generator.at(clock.now()))
    return generator


def refusals(kind: str) -> list[Event]:
    """Refusals of a kind, the latest first. They are committed beside the test's transaction, and stay."""
    return list(Event.objects.filter(kind=kind, refused=True).order_by("-pk"))
