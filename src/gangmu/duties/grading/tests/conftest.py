"""Systems of the group with four parties, and short ways to act as them: always as the web role, in their scope."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gangmu.business.grading.schemes import register
from gangmu.duties.grading import services
from gangmu.duties.grading.models import Grading
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals import subjects
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world, settle

register()
NOW = "2026-11-20T09:30+08:00"
PARTIES = ("business", "technical", "sponsor", "operation")
SINCE = ("2026-01-01", None)
HIGH = {"realtime": "high", "impact": "major"}


@dataclass
class Register:
    """The world, its systems by code, and the people of the parties by name."""

    users: dict[str, User] = field(default_factory=dict)
    keys: int = 0

    def person(self, name: str, role: str, place: str = "G") -> User:
        """Somebody with a role; asked for again, the same person with one role more."""
        if name in self.users:
            found = {"user": self.users[name], "organisation": Organisation.objects.get(code=place)}
            Assignment.objects.create(role=Role.objects.get(code=role), valid_from="2020-01-01", **found)
        else:
            self.users[name] = make_user(name, place, role)
        return self.users[name]

    def system(self, code: str, place: str = "G", **more: Any) -> Resource:
        owner = Organisation.objects.get(code=place)
        names = {"name_zh": f"系统{code}", "name_en": f"System {code}"}
        made = Resource(organisation=owner, code=code, valid=SINCE, **{"kind": "system"} | names | more)
        made.save()
        return made

    def needs(self, one: Resource, other: Resource, **group: Any) -> None:
        Dependency.objects.create(organisation=one.organisation, resource=one, on=other, valid=SINCE, **group)
        settle()

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys:06d}"

    def prepare(self, system: Resource, factors: dict[str, Any] = HIGH, *, by: str = "asker", **more: Any) -> Grading:
        with acting_as(self.users[by]) as scope:
            scheme = more.pop("scheme", "HS/T-42")
            return services.prepare_grading(system, scheme, factors, by=self.users[by], scope=scope, **more)

    def submit(self, grading: Grading, *, by: str = "asker") -> Case:
        with acting_as(self.users[by]) as scope:
            return services.submit_grading(grading, by=self.users[by], key=self.key(), scope=scope)

    def confirm(self, case: Case, by: str) -> None:
        user = self.users[by]
        with acting_as(user):
            case = Case.objects.get(pk=case.pk)
            seen = subjects.kind_of(case.kind).content_hash(case.subject_id)
            place = approvals.places_of(case, user)
            approving.approve(case.pk, by=user, seen=seen, key=self.key(), place=place[0].number if place else None)

    def graded(self, system: Resource, factors: dict[str, Any] = HIGH, **more: Any) -> Grading:
        """A system with a grade that four parties have confirmed."""
        grading = self.prepare(system, factors, **more)
        case = self.submit(grading, by=more.get("by", "asker"))
        again = grading.kind == Grading.Kind.AGAIN
        for party in PARTIES[:2] if again else PARTIES:
            self.confirm(case, party)
        return Grading.objects.get(pk=grading.pk)


@pytest.fixture
def register_(db: None, tmp_path: Path) -> Iterator[Register]:
    with clock.frozen(NOW):
        make_world(tmp_path)
        made = Register()
        for party in PARTIES:
            made.person(party, f"system_{party}")
        made.person("asker", "system_sponsor")
        yield made
