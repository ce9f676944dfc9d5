"""A system administrator of everything, one of region R2's branch, and a security administrator, at the back office."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_user, make_world

NOW = "2026-11-20T07:30+08:00"


@dataclass(frozen=True)
class Office:
    """Who administers, and the world that they administer."""

    world: World
    system: User
    branch: User  # looks after the accounts of R2's branch
    security: User
    audit: User


@pytest.fixture
def at_the_office(db: None, office: None, tmp_path: Path) -> Iterator[Office]:
    with clock.frozen(NOW):
        yield make_office(tmp_path)


@pytest.fixture
def committed_office(committed: str, office: None, tmp_path: Path) -> Iterator[Office]:
    """As `at_the_office`, where everything commits, so that workers see it."""
    with clock.frozen(NOW):
        yield make_office(tmp_path)


def make_office(folder: Path) -> Office:
    world = make_world(folder)
    keeper = Role(code="keeper", name_zh="分公司账号管理", name_en="Branch keeper", site="office")
    keeper.permissions = ["accounts:view,change", "parties:view"]
    keeper.full_clean()
    keeper.save()
    return Office(
        world,
        make_user("sysadmin", "G", "system_administrator"),
        make_user("keeper2", "R2", "keeper"),
        make_user("secadmin", "G", "security_administrator"),
        make_user("auditor", "G", "audit_administrator"),
    )


def browser_of(user: User) -> Client:
    """A browser in which somebody has signed in and proved who they are."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client
