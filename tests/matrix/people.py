"""Who tries, and which rows are theirs.

All rows of the matrix are plant P1's (which left region R1 for R2 on 2026-06-01) or its clerk's. Everybody holds a
role that may read every room, so that only the place decides.
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
        """A browser in which the person has signed in."""
        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        user = self.users[name]
        if user is not None:
            client.force_login(user)
        return client


def make_people(folder: Path) -> People:
    """The small world, and a reader of everything at each place."""
    make_world(folder)
    role = Role(code="reads-everything", name_zh="全部可读", name_en="Reads everything", permissions=["*:view,export"])
    role.full_clean()
    role.save()
    users: dict[str, User | None] = {"anonymous": None}
    for name, place in PLACES.items():
        users[name] = make_user(f"matrix-{name}", place, "reads-everything")
    return People(users)
