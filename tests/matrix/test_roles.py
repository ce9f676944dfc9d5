"""A leak planted in the scope of rights is found at the pages of roles. That there is none without one is proved in
test_matrix.py, where the same people ask the same pages among all others."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from gangmu.foundation.access import middleware
from gangmu.foundation.access.scope import Scope, scope_of
from gangmu.foundation.accounts.models import User
from gangmu.shell.testing.sites import at_site
from matrix.addresses import Address, addresses, answers
from matrix.people import People
from matrix.test_matrix import AFTERWARDS, SECRETS, without_echoes

pytestmark = pytest.mark.django_db


def pages(rows: Any) -> list[Address]:
    """The addresses of roles, each with every question that the matrix asks."""
    return [one for one in addresses(rows) if one.name.startswith("roles:")]


def faults(people: People, rows: Any, names: tuple[str, ...]) -> list[str]:
    found = []
    with at_site("office"):
        for name in names:
            with transaction.atomic():
                for tried, answer in answers(people.client(name), pages(rows)):
                    for secret in AFTERWARDS if name == "former" else SECRETS:
                        if secret in without_echoes(answer, tried.split(" ", 1)[1]):
                            found.append(f"{name}: {tried} tells {secret}")
                transaction.set_rollback(True)
    return found


def test_the_pages_of_roles_are_among_the_addresses(world):
    _people, rows = world
    with at_site("office"):
        assert len(pages(rows)) > 50


def test_a_leak_planted_in_the_scope_of_rights_is_found(world, monkeypatch):
    """The stranger is given the group's scope of rights, people and organisations: of rights alone nothing is shown,
    because each line names a person and an organisation that the other rooms keep."""
    people, rows = world
    group = people.users["group"]
    assert group is not None
    with at_site("office"):
        wide = middleware.scope_of(group)

    def leaking(user: User, site: str) -> Scope:
        own = scope_of(user, site=site)
        opened = {room: wide.ids(room) for room in ("access", "accounts", "parties")}
        return replace(own, permissions=wide.permissions, _view={**own._view, **opened})

    monkeypatch.setattr(middleware, "scope_of", leaking)
    found = faults(people, rows, ("other",))
    assert any("/roles/assignments/" in fault and "MARKAFTER" in fault for fault in found)
    assert any("/roles/reviews/parts/" in fault and "MARKAFTER" in fault for fault in found)
