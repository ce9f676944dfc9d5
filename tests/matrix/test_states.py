"""Every address of both sites and every operation of the API × everybody who must not get through.

    anonymous · expired session · ousted session · wrong site     are sent to the sign-in page, programs get 401
    wrong role · other organisation · former branch               are told nothing that is not theirs

The last two are asked much more, with every query, in test_matrix.py; here stands what a session and a role decide.
The rows are those of the matrix (rows.py); a new address, table or operation joins by being there. Leaks planted at the
end of this file prove that each state would be noticed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from gangmu.foundation.access import middleware
from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.access.scope import scope_of
from gangmu.foundation.accounts.models import SignIn, User
from gangmu.foundation.accounts.sessions import SessionStore
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import SITES
from gangmu.shell.api import api
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user
from matrix.addresses import Address, addresses, body, operations
from matrix.conftest import World
from matrix.people import People, make_role
from matrix.test_matrix import AFTERWARDS, SECRETS, without_echoes
from matrix.test_sites import OTHER, STRANGERS_MAY, is_turned_away

pytestmark = pytest.mark.django_db

OUTSIDE = ("anonymous", "expired", "ousted", "wrong site")
INSIDE = ("wrong role", "other", "former")
ROUND = (*OUTSIDE, "wrong role")
PLANTED = ("organisations:", "records:", "documents:", "api ")


def browser() -> Client:
    return Client(raise_request_exception=False, headers={"accept-language": "en"})


def signed_in(user: User | None) -> Client:
    assert user is not None
    client = browser()
    client.force_login(user)
    return client


def ended(user: User | None, **fields: Any) -> Client:
    """A browser that still has the cookie of a session which is over."""
    client = signed_in(user)
    changed = SignIn.objects.filter(user=user, site=settings.SITE, method="tests", ended_at=None).update(**fields)
    assert changed == 1
    return client


def at_the_other_site(user: User | None) -> Client:
    """The other site's session, under the name that this site gives to its own."""
    here, name = settings.SITE, settings.SESSION_COOKIE_NAME
    with at_site(OTHER[here]):
        client = signed_in(user)
        client.cookies[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return client


def client_of(state: str, people: People) -> Client:
    """A browser in one of the states; whoever has a session in it might see everything, but for that state."""
    anybody = people.users["group"]
    now = clock.now()
    match state:
        case "anonymous":
            return browser()
        case "expired":
            return ended(anybody, opened_at=now - timedelta(hours=1), seen_at=now - timedelta(minutes=31))
        case "ousted":
            return ended(anybody, ended_at=now - timedelta(minutes=1), end_reason=SignIn.End.ELSEWHERE)
        case "wrong site":
            return at_the_other_site(anybody)
        case "wrong role":
            return signed_in(User.objects.filter(username="matrix-wrong").first() or _wrong_role())
    return signed_in(people.users[state])


def _wrong_role() -> User:
    """Of the right plant, at the right site, with a role that says nothing about any room."""
    make_role("says-nothing", "both", "none:view")
    return make_user("matrix-wrong", "P1", "says-nothing")


def places(rows: Any, only: tuple[str, ...] = ("",)) -> list[Address]:
    """Every address, and every operation of the API where it is; or those whose names begin with one of `only`."""
    found = [one for one in addresses(rows) if "?" not in one.path]
    found += [Address(f"api {method}", path) for method, path in all_operations() if _here(path)]
    return [one for one in found if one.name.startswith(only)]


def all_operations() -> list[tuple[str, str]]:
    with at_site("business"):
        return operations(api.get_openapi_schema())


def _here(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def answers(client: Client, found: list[Address]) -> Iterator[tuple[Address, str, Any]]:
    """What comes back from every address, asked by each method that it may have."""
    for place in found:
        if place.name.startswith("api "):
            yield place, place.name[4:].upper(), client.generic(place.name[4:].upper(), place.path)
            continue
        yield place, "GET", client.get(place.path)
        if "?" not in place.path and place.name != "accounts:sign-out":
            yield place, "POST", client.post(place.path, {"next": "/"})


def faults(people: People, rows: Any, state: str, site: str, only: tuple[str, ...] = ("",)) -> list[str]:
    """Where somebody in one of the states got through."""
    found = []
    with at_site(site), transaction.atomic():
        for place, method, answer in answers(client_of(state, people), places(rows, only)):
            if fault := fault_of(state, place, answer):
                found.append(f"{state} at {site}: {method} {place.path} {fault}")
        transaction.set_rollback(True)
    return found


def fault_of(state: str, place: Address, answer: Any) -> str:
    """What is wrong with an answer; nothing when all is well."""
    if state in OUTSIDE and place.name not in STRANGERS_MAY and not is_turned_away(answer):
        return f"answers {answer.status_code}"
    told = without_echoes(body(answer), place.path)
    known = (
        ("P1U1", "P1U2", "Plant Alpha", "甲电厂") if state == "wrong role" else ()
    )  # one's own place, on one's own page
    secrets = AFTERWARDS if state == "former" else tuple(one for one in SECRETS if one not in known)
    return next((f"tells {secret}" for secret in secrets if secret in told), "")


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize("site", SITES)
def test_nobody_gets_through_in_any_of_the_states(world: World, site):
    people, rows = world
    assert [fault for state in ROUND for fault in faults(people, rows, state, site)] == []


@pytest.mark.req("M-5.6.2")
def test_the_operations_of_the_api_are_among_the_addresses(world: World):
    _people, rows = world
    with at_site("business"):
        named = {(one.name, one.path) for one in places(rows) if one.name.startswith("api ")}
    assert named == {(f"api {method}", path) for method, path in all_operations()} != set()


# Leaks, planted -------------------------------------------------------------------------------------------------------


@contextmanager
def opened(path: str) -> Iterator[None]:
    """One page that needs no sign-in any more."""
    view = resolve(path).func
    open_to_strangers(view)
    try:
        yield
    finally:
        del view.open_to_strangers  # type: ignore[attr-defined]


def test_a_page_left_open_is_found_in_every_state_without_a_session(world: World):
    people, rows = world
    with at_site("office"), opened("/organisations/"):
        for state in OUTSIDE:
            assert faults(people, rows, state, "office", PLANTED), state


def _session_whatever_became_of_it(monkeypatch: pytest.MonkeyPatch, user: User) -> None:
    load = SessionStore.load
    signed = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0]}

    def forgiving(self: SessionStore) -> dict[str, Any]:
        held = load(self)
        return held if self.ended is None else {**signed, HASH_SESSION_KEY: user.get_session_auth_hash()}

    monkeypatch.setattr(SessionStore, "load", forgiving)


@pytest.mark.parametrize("state", ["expired", "ousted"])
def test_a_session_that_does_not_end_is_found(world: World, monkeypatch, state):
    people, rows = world
    user = people.users["group"]
    assert user is not None
    _session_whatever_became_of_it(monkeypatch, user)
    through = faults(people, rows, state, "office", PLANTED)
    assert [fault for fault in through if "answers 200" in fault]


def test_a_session_that_is_known_at_both_sites_is_found(world: World, monkeypatch):
    people, rows = world
    monkeypatch.setattr("gangmu.foundation.accounts.sessions.served", lambda: "everywhere")
    assert faults(people, rows, "wrong site", "office", PLANTED)


@pytest.mark.parametrize("state", INSIDE)
def test_a_scope_that_is_too_wide_is_found(world: World, monkeypatch, state):
    people, rows = world
    group = people.users["group"]
    assert group is not None
    wide = scope_of(group, site="office")
    monkeypatch.setattr(middleware, "scope_of", lambda user, site: replace(wide, user_id=user.pk))
    assert [fault for fault in faults(people, rows, state, "office", PLANTED) if " tells " in fault]
