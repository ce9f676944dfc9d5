"""The world in which the machine acts, and the truth about it in the simplest words."""

from dataclasses import dataclass, field, replace
from datetime import time

from hypothesis import strategies as st

from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.people import Grant, People, Person, Tier
from gangmu.foundation.approvals.routes import NodeDefinition, RouteDefinition, Who
from gangmu.foundation.parties.kinds import Words

GROUP, REGION, PLANT, ELSEWHERE = 1, 2, 3, 4
PERSONS = range(1, 9)
ATOMS = {  # what each role grants, as plain words
    "reviewer": {"approvals:decide", "figures:approve"},
    "manager": {"approvals:decide", "approvals:ask", "approvals:issue", "figures:approve", "figures:file"},
    "clerk": {"approvals:ask", "figures:file"},
    "half": {"approvals:decide"},
    "other half": {"figures:approve"},
    "administrator": {"approvals:configure"},
}
DECIDING = {"approvals:decide", "figures:approve"}
NAME = Words("名", "name")
VERB = "approve or acknowledge"
SHARING = (Action.DELEGATE, Action.ADD, Action.COUNTERSIGN, Action.CONSULT, Action.REASSIGN)
ENDED = ("approved", "acknowledged", "withdrawn")

people_drawn = st.sampled_from(list(PERSONS))
actors_drawn = st.just(0) | people_drawn  # 0: somebody whom the case waits for
STAFF = [
    (1, PLANT, "clerk"),
    (2, PLANT, "reviewer"),
    (7, PLANT, "reviewer"),
    (3, REGION, "reviewer"),
    (4, GROUP, "reviewer"),
    (5, GROUP, "manager"),
    (6, REGION, "manager"),
]
grants_drawn = st.builds(
    Grant,
    user=people_drawn,
    at=st.sampled_from([GROUP, REGION, PLANT, PLANT, ELSEWHERE]),
    branch=st.booleans() | st.just(True),
    role=st.sampled_from(["reviewer", "reviewer", "reviewer", *ATOMS]),
    permissions=st.just(()),
).map(lambda grant: replace(grant, permissions=tuple(sorted(ATOMS[grant.role]))))
whos_drawn = st.one_of(
    st.builds(Who, roles=st.sampled_from([("reviewer",), ("manager", "reviewer")]),
              level=st.sampled_from(["plant", "region", "group", ""])),
    st.builds(Who, users=st.lists(st.sampled_from([f"u{one}" for one in PERSONS]), min_size=1, max_size=4,
                                  unique=True).map(tuple)),
    st.builds(Who, post=st.just("HEAD"), level=st.sampled_from(["plant", "region"])),
)  # fmt: skip


@st.composite
def routes_drawn(draw) -> RouteDefinition:
    """One to six nodes of any mode; some under a condition, some that refuse to be skipped."""
    purpose = draw(st.sampled_from(["approve", "approve", "acknowledge"]))
    nodes = [
        NodeDefinition(
            code=f"n{number}",
            name=NAME,
            who=draw(whos_drawn),
            mode=draw(st.sampled_from(["any", "all", "order"])),
            purpose=purpose,
            condition=draw(st.sampled_from([(), (), (("big", ("true",)),)])),
            grants=draw(st.sampled_from(["", f"g{number}"])),
            refuse_absent=draw(st.booleans()) and draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 6)))
    ]
    return RouteDefinition("route", NAME, tuple(nodes), ((time(9), time(17)),))


@dataclass
class World:
    """Everybody as they are now; changes under the case's feet."""

    has_region: bool
    grants: list[Grant]
    contacts: dict[int, int]
    posts: dict[tuple[int, str], tuple[int, ...]]
    away: dict[int, int] = field(default_factory=dict)

    @property
    def line(self) -> list[int]:
        return [PLANT, REGION, GROUP] if self.has_region else [PLANT, GROUP]

    def people(self) -> People:
        """As the engine is told."""
        kinds = {PLANT: "plant", REGION: "region", GROUP: "group"}
        tiers = tuple(Tier(one, kinds[one], NAME) for one in self.line)
        return People(
            persons={one: Person(one, f"u{one}", f"u{one}", contact=self.contacts.get(one)) for one in PERSONS},
            grants=tuple(self.grants),
            lines={PLANT: tiers},
            posts=self.posts,
            away=self.away,
        )

    # The truth, in the simplest words ---

    def reaching(self, user: int) -> list[Grant]:
        return [
            one for one in self.grants if one.user == user and (one.at == PLANT or (one.branch and one.at in self.line))
        ]

    def atoms(self, user: int) -> set[str]:
        return set().union(*(ATOMS[one.role] for one in self.reaching(user)))

    def persons_of(self, users: set[int]) -> set[int]:
        """Users and every other account of the same people."""
        contacts = {self.contacts[one] for one in users if one in self.contacts}
        return users | {one for one in PERSONS if self.contacts.get(one) in contacts}

    def decides(self, user: int, askers: set[int]) -> bool:
        return self.atoms(user) >= DECIDING and user not in self.persons_of(askers)

    def tier_of(self, node: NodeDefinition) -> int | None:
        """Where a node is held; None when that tier is absent."""
        at = {"plant": PLANT, "region": REGION, "group": GROUP, "": PLANT}[node.who.level]
        return at if at in self.line else None

    def asked_by(self, node: NodeDefinition) -> set[int]:
        at = self.tier_of(node)
        if node.who.users:
            return {int(name[1:]) for name in node.who.users}
        if node.who.post:
            return set(self.posts.get((at or 0, "HEAD"), ()))
        return {one.user for one in self.grants
                if one.role in node.who.roles and one.at == at and (one.branch or at == PLANT)}  # fmt: skip

    def node_holders(self, node: NodeDefinition, askers: set[int]) -> set[int]:
        return {user for user in self.asked_by(node) if self.decides(user, askers)}

    def acts_for(self, user: int) -> set[int]:
        """Those whose stand-in somebody is, directly or at the end of others who are away."""
        found = {user}
        while more := {one for one, stand_in in self.away.items() if stand_in in found} - found:
            found |= more
        return found
