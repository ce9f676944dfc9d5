"""The two sites keep apart: addresses, sessions, roles, links, cookies."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from gangmu.foundation.access import middleware
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.scope import Scope, scope_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings.sites import SITES
from gangmu.foundation.ui import menu
from gangmu.foundation.ui.here import here
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user
from matrix.addresses import Address, addresses, answers, patterns
from matrix.conftest import World
from matrix.people import make_role

pytestmark = pytest.mark.django_db

# Everything but what the three powers keep apart: nobody holds parts of two of them.
NEARLY_EVERYTHING = (
    *("parties:*", "figures:*", "approvals:*", "documents:*", "jobs:*", "retention:*", "alarms:*"),
    *("accounts:view,export,contact", "access:view,export"),
)
POWERS = ("accounts:*", "access:*", "records:*")
OTHER = {"business": "office", "office": "business"}
WAY_IN = {
    "accounts:sign-in",
    "accounts:sign-out",
    *(f"accounts:{name}" for name in ("sound", "second", "send-code", "enrol", "due", "passkey", "passkey-question")),
    "accounts:certificate",
    *(f"accounts:{name}" for name in ("provider", "provider-back")),
}
# Pages that both sites have. Whatever joins them is judged here: who needs it at the other site?
SHARED = {
    "home",
    *WAY_IN,
    "accounts:demonstration",
    *(f"accounts:{name}" for name in ("account", "prove", "password", "authenticator", "recovery", "end-others")),
    *(f"accounts:{name}" for name in ("new-passkey", "new-passkey-question", "remove", "bind-certificate")),
    *(f"organisations:{name}" for name in ("tree", "list", "detail")),
    *(f"filing:{name}" for name in ("forms", "form", "duties")),
    # Looked up; administrators'.
    *(f"formulas:{name}" for name in ("list", "one", "make", "change", "names", "check", "taxes")),
    *(f"scopes:{name}" for name in ("list", "one")),
    "roles:why",  # of oneself, where a page has been refused
    *(f"approvals:{name}" for name in ("leave", "leave-end", "routes", "route")),
}
STRANGERS_MAY = {
    *WAY_IN,
    "accounts:demonstration",
    "ui:language",
    "ui:theme",
    "filing:worker",
}
LINK = re.compile(r'(?:href|action|hx-get|hx-post|formaction|src)="(/[^"]*)"')


def places_at(site: str, rows: Any) -> list[Address]:
    with at_site(site):
        return [one for one in addresses(rows) if "?" not in one.path]


def asked(client: Client, places: list[Address]) -> Iterator[tuple[str, Any]]:
    """(what was tried, the answer) for GET and POST of every address; what they change is undone."""
    with transaction.atomic():
        for place in places:
            yield f"GET {place.path}", client.get(place.path)
            yield f"POST {place.path}", client.post(place.path, {"next": "/"})
        transaction.set_rollback(True)


def is_turned_away(answer: Any) -> bool:
    """Whether a stranger is sent to the sign-in page, or a program told to sign in."""
    return answer.status_code == 401 or (answer.status_code == 302 and urlsplit(answer["Location"]).path == "/sign-in/")


def browser(user: User | None = None) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user)
    return client


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize("site", SITES)
def test_an_address_of_the_other_site_is_nowhere(world: World, site):
    people, rows = world
    with at_site(site):
        own = {name for name, _parameters in patterns()}
    theirs = [one for one in places_at(OTHER[site], rows) if one.name not in own]
    assert theirs
    with at_site(site):
        for client in (browser(), browser(people.users["group"])):
            found = {tried: answer.status_code for tried, answer in asked(client, theirs)}
            assert {tried: status for tried, status in found.items() if status != 404} == {}


def test_pages_of_both_sites_are_there_on_purpose(db):
    names = []
    for site in SITES:
        with at_site(site):
            names.append({name for name, _parameters in patterns() if not name.startswith("ui:")})
    assert names[0] & names[1] == SHARED


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize("site", SITES)
def test_a_session_of_the_other_site_is_a_strangers(world: World, site):
    """Also under the name that this site gives to its own."""
    people, rows = world
    person = people.users["group"]
    assert person is not None
    with at_site(OTHER[site]):
        elsewhere = browser(person)
        key = elsewhere.cookies[settings.SESSION_COOKIE_NAME].value
        assert elsewhere.get("/organisations/").status_code == 200
    places = [one for one in places_at(site, rows) if one.name not in STRANGERS_MAY]
    with at_site(site):
        elsewhere.cookies[settings.SESSION_COOKIE_NAME] = key
        turned_away = {tried: is_turned_away(answer) for tried, answer in asked(elsewhere, places)}
        assert [tried for tried, away in turned_away.items() if not away] == []
        assert browser(person).get("/organisations/").status_code == 200


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize("site", SITES)
def test_who_holds_roles_of_the_other_site_alone_is_a_stranger(world: World, site):
    """However they came by a session: the second lock under the refusal at signing in."""
    _people, rows = world
    make_role("everything-elsewhere", OTHER[site], *NEARLY_EVERYTHING)
    person = make_user("elsewhere", "G", "everything-elsewhere")
    places = [one for one in places_at(site, rows) if one.name not in STRANGERS_MAY]
    with at_site(site):
        for place in places:
            assert is_turned_away(browser(person).get(place.path)), place
        role = make_role("guest-here", site, "none:view")
        Assignment.objects.create(user=person, role=role, organisation=person.organisation, valid_from="2020-01-01")
        assert (
            "Plant Alpha" not in browser(person).get("/organisations/").content.decode()
        )  # the other role is of no use
    with at_site(OTHER[site]):
        assert "Plant Alpha" in browser(person).get("/organisations/").content.decode()


@pytest.mark.parametrize(
    ("site", "powers"),
    [("business", POWERS), *(("office", (power,)) for power in POWERS)],
    ids=["business", *(f"office-{power[:-2]}" for power in POWERS)],
)
def test_no_page_links_to_the_other_site_and_none_breaks(world: World, monkeypatch, site, powers):
    """Asked by somebody who is shown every button there is: of the three powers in the office, by three.

    Nobody holds two of them; at the business site, where none of their work is done, somebody is taken to hold all.
    """
    _people, rows = world
    make_role("everything", "both", *NEARLY_EVERYTHING, powers[0])
    person = make_user("everything", "G", "everything")

    def holding(user: User, site: str) -> Scope:
        own = scope_of(user, site=site)
        return replace(own, permissions=(*own.permissions, *powers))

    monkeypatch.setattr(middleware, "scope_of", holding)
    faults = []
    found_a_page = cache(leads_somewhere)  # most links stand on every page
    with at_site(site), transaction.atomic():
        for tried, answer in answers(browser(person), addresses(rows)):
            faults += [f"{tried} links to {link}" for link in set(LINK.findall(answer)) if not found_a_page(link)]
            if 'class="error-status">500<' in answer:
                faults.append(f"{tried} breaks")
        transaction.set_rollback(True)
    assert faults == []


def leads_somewhere(link: str) -> bool:
    """Whether this site has a page at the address."""
    path = urlsplit(link).path
    if path.startswith(settings.STATIC_URL):
        return True
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def test_every_entry_of_the_menu_has_a_page_at_a_site(db):
    lost = {entry.key for entry in menu.registered()}
    for site in SITES:
        with at_site(site):
            lost -= {entry.key for entry in menu.registered() if entry.site in ("", site) and here(entry.url_name)}
    assert lost == set()


def test_no_cookie_of_one_site_has_the_name_of_the_others():
    names = []
    for site in SITES:
        with at_site(site):
            names.append({value for name, value in vars(settings._wrapped).items() if name.endswith("_COOKIE_NAME")})
    assert len(names[0]) == len(names[1]) == 4
    assert not names[0] & names[1]
