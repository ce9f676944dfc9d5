"""A plant's clerk, reviewers at plant, region and group, and a route through the three tiers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.models import Case, Place
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.tests.papers import KIND, Papers, fresh_papers
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world

NOW = "2026-11-20T07:30"  # a Friday


def node(code: str, who: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A node of a route; by default held by the reviewers of the tier of its name."""
    return {
        "code": code,
        "name": {"zh": code, "en": code.title()},
        "who": who or {"role": "reviewer", "level": code},
    } | more


def route(code: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "name": {"zh": code, "en": code}, "nodes": list(nodes)}


TIERS = route(
    "tiers",
    node("plant", grants="plant", deadline={"hours": 4, "counted": "working"}),
    node("region", grants="region", deadline={"hours": 8}),
    node("group", grants="group"),
)


@dataclass
class Office:
    """The world with its people by name, and short ways to act as them: always as the web role, in their scope."""

    papers: Papers
    users: dict[str, User] = field(default_factory=dict)
    keys: int = 0

    def person(self, name: str, place: str | None = None, role: str = "reviewer") -> User:
        """Somebody with a role; asked for again, the same person with one role more."""
        if name not in self.users:
            self.users[name] = make_user(name, place, role)
        elif place:
            Assignment.objects.create(
                user=self.users[name],
                role=Role.objects.get(code=role),
                organisation=Organisation.objects.get(code=place),
                valid_from="2020-01-01",
            )
        return self.users[name]

    def organisation(self, code: str) -> int:
        return Organisation.objects.get(code=code).pk

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def paper(self, number: int = 1, at: str = "P1", text: str = "first") -> int:
        return self.papers.add(number, self.organisation(at), text)

    def submit(self, by: str = "clerk", number: int = 1, at: str = "P1", route: str = "tiers", **more: Any) -> Case:
        if number not in self.papers.texts:
            self.paper(number, at)
        user, organisation = self.users[by], self.organisation(at)
        with acting_as(user):
            more = {"key": self.key()} | more
            return services.submit(KIND, number, route=route, organisation=organisation, by=user, **more)

    def seen(self, case: Case) -> str:
        return self.papers.hash_of(case.subject_id)

    def do(self, verb: str, by: str, case: Case, **more: Any) -> Any:
        """One verb as somebody: `do("approve", "plant", case)`."""
        user = self.users[by]
        given: dict[str, Any] = {"by": user, "key": self.key()}
        if verb in ("approve", "acknowledge", "return_"):
            given["seen"] = self.seen(case)
        with acting_as(user):
            return getattr(services, verb)(case.pk, **(given | more))

    def approve(self, by: str, case: Case, **more: Any) -> Any:
        return self.do("approve", by, case, **more)

    def open_places(self, case: Case) -> list[Place]:
        return list(Place.objects.filter(case=case, status="open").order_by("number"))

    def fresh(self, case: Case) -> Case:
        return Case.objects.select_related("route").get(pk=case.pk)


def make_office(folder: Path, papers: Papers) -> Office:
    world = make_world(folder)
    office = Office(papers, {"clerk": world.clerk, "nobody": world.nobody, "other": world.other})
    for name, place in (("plant", "P1"), ("region", "R2"), ("group_reviewer", "G"), ("stranger", "R1")):
        office.person(name, place)
    load_routes([TIERS], "local")
    return office


@pytest.fixture
def office(db, tmp_path) -> Iterator[Office]:
    with clock.frozen(NOW), fresh_papers() as papers:
        yield make_office(tmp_path, papers)


@pytest.fixture
def committed_office(committed, tmp_path) -> Iterator[Office]:
    """The same in a database in which everything is committed, for several connections at once."""
    with clock.frozen(NOW), fresh_papers() as papers:
        yield make_office(tmp_path, papers)
