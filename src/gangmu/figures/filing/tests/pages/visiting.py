"""Looking at pages of filing, and sending what stands on them, as a person of the world."""

import re
from uuid import uuid4

from django.test import Client

from gangmu.shell.testing.worlds import settle

DAY = "2026-11-19"


def client_of(user, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def page(user, address: str, status: int = 200, language: str = "en") -> str:
    response = client_of(user, language).get(address)
    assert response.status_code == status, response.content.decode()[:3000]
    return b"".join(response).decode()


def post(
    user, address: str, status: int = 302, fields: dict[str, str] | None = None, *, follow: bool = False, **data: object
):
    settle()
    given = {"_key": uuid4().hex, **data, **(fields or {})}
    response = client_of(user).post(address, given, follow=follow)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


def words(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", text.partition("<main")[2]).split())
