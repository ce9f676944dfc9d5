"""Who there is, as the engine knows them: people, what their roles grant where, who is away. Pure data.

`gathering.gather` fills it from the database; tests make it up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gangmu.foundation.access.permissions import any_implies
from gangmu.foundation.parties.kinds import Words

DECIDE, ASK, ISSUE, CONFIGURE = "approvals:decide", "approvals:ask", "approvals:issue", "approvals:configure"


NAMELESS = Words("", "")


@dataclass(frozen=True)
class Person:
    """Somebody with an account that is not closed. Accounts with the same `contact` are one person's."""

    id: int
    name: str
    username: str = ""
    phone: str = ""
    organisation: Words = NAMELESS
    contact: int | None = None


@dataclass(frozen=True)
class Grant:
    """A role held at an organisation, for it alone or (`branch`) for everything below it too."""

    user: int
    at: int
    branch: bool
    role: str
    permissions: tuple[str, ...]


@dataclass(frozen=True)
class Tier:
    """An organisation in the line from a subject's organisation upward."""

    id: int
    kind: str
    name: Words


@dataclass(frozen=True)
class People:
    """Everybody whose roles reach one of some organisations on a day.

    Args:
        persons: by id.
        grants: the roles they hold in the lines of these organisations.
        lines: organisation → itself and those above it, the nearest first.
        posts: (organisation, post's code) → ids, the primary holder first.
        away: who is on leave → who stands in.
        roles: names of roles by code.
    """

    persons: Mapping[int, Person]
    grants: tuple[Grant, ...]
    lines: Mapping[int, tuple[Tier, ...]]
    posts: Mapping[tuple[int, str], tuple[int, ...]] = field(default_factory=dict)
    away: Mapping[int, int] = field(default_factory=dict)
    roles: Mapping[str, Words] = field(default_factory=dict)

    @cached_property
    def _by_user(self) -> Mapping[int, list[Grant]]:
        found: dict[int, list[Grant]] = defaultdict(list)
        for grant in self.grants:
            found[grant.user].append(grant)
        return found

    @cached_property
    def _by_place(self) -> Mapping[int, list[Grant]]:
        found: dict[int, list[Grant]] = defaultdict(list)
        for grant in self.grants:
            found[grant.at].append(grant)
        return found

    @cached_property
    def _rights(self) -> dict[tuple[int, int, str], bool]:
        return {}

    def may(self, user: int, organisation: int, *permissions: str) -> bool:
        """Whether the roles that reach the organisation grant each of the permissions."""
        return all(self._may(user, organisation, permission) for permission in permissions)

    def may_any(self, user: int, organisation: int, *permissions: str) -> bool:
        """Whether the roles that reach the organisation grant one of the permissions."""
        return any(self._may(user, organisation, permission) for permission in permissions)

    def _may(self, user: int, organisation: int, permission: str) -> bool:
        key = (user, organisation, permission)
        if key not in self._rights:
            self._rights[key] = user in self.persons and any_implies(self._granted(user, organisation), permission)
        return self._rights[key]

    def _granted(self, user: int, organisation: int) -> Iterator[str]:
        above = {tier.id for tier in self.lines.get(organisation, ())}
        for grant in self._by_user.get(user, ()):
            if grant.at == organisation or (grant.branch and grant.at in above):
                yield from grant.permissions

    def with_role(self, roles: Iterable[str], at: int, organisation: int) -> list[int]:
        """Who holds one of the roles at `at` so that it reaches `organisation`, in the order of roles and ids."""
        order = {role: place for place, role in enumerate(roles)}
        found = [
            (order[grant.role], grant.user)
            for grant in self._by_place.get(at, ())
            if grant.role in order and (grant.branch or at == organisation) and grant.user in self.persons
        ]
        return list(dict.fromkeys(user for _role, user in sorted(found)))

    def with_post(self, post: str, at: int) -> list[int]:
        """Who holds a post, the primary holder first."""
        return [user for user in self.posts.get((at, post), ()) if user in self.persons]

    def is_one_of(self, user: int, others: Collection[int]) -> bool:
        """Whether a user is one of others, be it with another account."""
        if user in others:
            return True
        mine = self.persons[user].contact if user in self.persons else None
        return mine is not None and any(mine == self.persons[one].contact for one in others if one in self.persons)

    def stand_ins(self, user: int) -> list[int]:
        """Who acts for somebody who is away: the stand-in, that one's stand-in if away too, and so on."""
        chain: list[int] = []
        while (stand_in := self.away.get(user)) is not None and stand_in not in chain:
            chain.append(stand_in)
            user = stand_in
        return chain

    def name_of(self, user: int, otherwise: str = "") -> str:
        """A person's name, or `otherwise` when they are not among these people."""
        return self.persons[user].name if user in self.persons else otherwise

    @cached_property
    def tiers(self) -> Mapping[int, Tier]:
        """Every organisation of the lines by id."""
        return {tier.id: tier for line in self.lines.values() for tier in line}
