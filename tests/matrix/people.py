"""Who tries, and which rows are theirs.

All rows of the matrix are plant P1's (which left region R1 for R2 on 2026-06-01) or its clerk's. Everybody holds a
role that may read every room at either site, so that only the place decides.
"""

from dataclasses import dataclass
from pathlib import Path

from django.test import Client

from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.shell.testing.worlds import make_user, make_world

OWNERS = ("clerk", "present", "group")
STRANGERS = ("other", "nobody", "anonymous")
EVERYBODY = (*OWNERS, "former", *STRANGERS)
PLACES = {"clerk": "P1", "present": "R2", "group": "G", "former": "R1", "other": "P2", "nobody": None}


@dataclass
class People:
    """Accounts by name; `anonymous` is None."""

    users: dict[str, User | None]

    def client(self, name: str) -> Client:
        """A browser in which the person has signed in, at the site of the test."""
        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        user = self.users[name]
        if user is not None:
            client.force_login(user)
        return client


def make_role(code: str, site: str, *permissions: str) -> Role:
    """A role that may be used at a site."""
    role = Role(code=code, name_zh=code, name_en=code, site=site, permissions=list(permissions))
    role.full_clean()
    role.save()
    return role


def make_people(folder: Path) -> People:
    """The small world, and a reader of everything at each place."""
    make_world(folder)
    make_role("reads-everything", "both", "*:view,export")
    users: dict[str, User | None] = {"anonymous": None}
    for name, place in PLACES.items():
        users[name] = make_user(f"matrix-{name}", place, "reads-everything")
    return People(users)
