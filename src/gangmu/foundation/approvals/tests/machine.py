"""A machine that does anything to the pure engine: routes of any shape, anybody, any act, at any time.

What must hold is computed from the world itself, in the simplest way (`truth.World`), and never by asking the engine's
own helpers: who may decide, who holds a node, and what was accepted so far.
"""

from collections import Counter
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gangmu.foundation.approvals import engine
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.engine.acting import Done
from gangmu.foundation.approvals.engine.standing import Standing
from gangmu.foundation.approvals.errors import ApprovalError, CaseClosed, ContentChanged, NobodyHolds, NoSuchTier
from gangmu.foundation.approvals.people import Grant
from gangmu.foundation.approvals.tests.truth import (
    ATOMS,
    DECIDING,
    ENDED,
    GROUP,
    PERSONS,
    PLANT,
    REGION,
    SHARING,
    STAFF,
    VERB,
    World,
    actors_drawn,
    grants_drawn,
    people_drawn,
    routes_drawn,
)

COUNTS: Counter[str] = Counter()


class ApprovalMachine(RuleBasedStateMachine):
    """One case after the other, in one world."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: Standing | None = None
        self.content = 0
        self.sound = True  # nothing was found yet: what is found is not hidden by what follows from it
        self.askers: set[int] = set()
        self.submitted = -1
        self.passed: list[int] = []  # steps passed since the round began, returns taken away
        self.said: list[tuple[int, int]] = []  # (place, content) approved at the present node
        self.named: set[int] = set()  # people named at the present node
        self.entitled: set[int] = set()  # who held the present node when it opened

    @initialize(
        route=routes_drawn(),
        has_region=st.booleans() | st.just(True),
        grants=st.lists(grants_drawn, min_size=4, max_size=16),
        staffed=st.sampled_from([True, True, False]),
        contacts=st.dictionaries(people_drawn, st.integers(1, 3), max_size=3),
        heads=st.lists(people_drawn, min_size=1, max_size=3, unique=True),
        downward=st.booleans(),
        big=st.booleans(),
        first=people_drawn,
    )
    def begin(self, route, has_region, grants, staffed, contacts, heads, downward, big, first) -> None:
        if staffed:
            grants = [*grants, *(Grant(user, at, True, role, tuple(sorted(ATOMS[role]))) for user, at, role in STAFF)]
        self.world = World(has_region, grants, contacts, {(PLANT, "HEAD"): tuple(heads), (REGION, "HEAD"): (1, 2)})
        if not has_region:
            self.world.posts.pop((REGION, "HEAD"))
        self.route, self.downward, self.big = route, downward, big
        self.ask(first)

    # What may happen at any time. One rule alone: hypothesis leaves rules out by chance, and every one is needed ---

    @rule(
        what=st.sampled_from(["act"] * 9 + ["submit", "change", "change"]),
        action=st.sampled_from([*[VERB] * 8, *SHARING, *SHARING, *[Action.RETURN, Action.ANSWER] * 2, Action.WITHDRAW]),
        by=actors_drawn,
        who=people_drawn,
        pick=st.sampled_from([*[None] * 12, *range(1, 7)]),
        stale=st.sampled_from([0, 0, 0, 0, 0, 1]),
        to=st.sampled_from(["requester", 0, 1, 2, 3]),
        when=st.sampled_from(["before", "after"]),
        reason=st.sampled_from(["why", "why", " "]),
        grant=grants_drawn,
    )
    def step(self, what, action, by, who, pick, stale, to, when, reason, grant) -> None:
        ended = self.standing is None or self.standing.state in ENDED
        if what == "change":
            self.change_the_world(who + grant.user, who, grant)
        elif what == "submit" or ended:
            if ended:
                self.standing, self.askers = None, set()
            self.ask(who)
        else:
            action = self.verb() if action == VERB else action
            named = self.somebody_else(by, who) if action in SHARING else None
            seen = str(self.content - stale)
            self.attempt(
                engine.Act(action, by, pick, seen=seen, to=to, who=named, when=when, reason=reason, words=reason)
            )

    def change_the_world(self, which: int, who: int, grant: Grant) -> None:
        """Under the case's feet: what is decided on, roles, and who is away."""
        grants = self.world.grants
        match which % 5:
            case 0:
                self.content += 1
            case 1:
                grants.append(grant)
            case 2 if len(grants) > 3:
                grants.pop(who % len(grants))
            case 3 if who != grant.user:
                self.world.away[who] = grant.user
            case 4:
                self.world.away.pop(who, None)

    # Asking ---

    def unskipped(self) -> list[int]:
        """The nodes that take part, by the route and the world as they are."""
        return [
            index
            for index, node in enumerate(self.route.nodes)
            if (not node.condition or self.big) and (node.who.users or self.world.tier_of(node) is not None)
        ]

    def ask(self, by: int) -> None:
        old = self.standing
        if old is not None and not (old.state == "returned" or (old.is_live and self.content != self.submitted)):
            return
        askers = (self.askers if old is not None else set()) | {by}
        people = self.world.people()
        fresh = Standing(
            route=self.route,
            organisation=PLANT,
            decide=tuple(sorted(DECIDING)),
            ask=("approvals:ask", "figures:file"),
            requester=by,
            askers=frozenset(askers),
            content_hash=str(self.content),
            downward=self.downward,
            round=old.round + 1 if old else 1,
            places_count=old.places_count if old else 0,
        )
        try:
            path = engine.resolve(self.route, PLANT, people, {"big": self.big})
            standing = engine.submit(replace(fresh, path=path), people)
        except NoSuchTier:
            refusing = [node for node in self.route.nodes if node.refuse_absent and not node.who.users]
            assert not self.unskipped() or any(self.world.tier_of(node) is None for node in refusing)
            return
        except NobodyHolds:
            nodes = [self.route.nodes[index] for index in self.unskipped()]
            assert any(not self.world.node_holders(node, askers) for node in nodes)
            return
        assert [index for index, step in enumerate(path) if not step.skipped] == self.unskipped()
        assert all(self.world.node_holders(self.route.nodes[index], askers) for index in self.unskipped())
        self.standing, self.askers, self.submitted, self.passed = standing, askers, self.content, []
        self.entered()
        COUNTS["submitted" if old is None else "submitted again"] += 1

    # Acting: anybody, anything; refused or not, the ledger knows what is right ---

    def attempt(self, deed: engine.Act) -> Done | None:
        if self.standing is None:
            return None
        people = self.world.people()
        if deed.by == 0:
            deed = replace(deed, by=self.somebody(deed.action))
        allowed = engine.allowed_actions(self.standing, deed.by, people)
        try:
            done = engine.act(self.standing, deed, people, str(self.content))
        except ApprovalError as error:
            COUNTS[f"refused: {type(error).__name__}"] += 1
            plain = deed.action in (Action.APPROVE, Action.ACKNOWLEDGE) and deed.place is None
            if plain and deed.action in allowed:  # what is offered is done, unless the content changed
                assert isinstance(error, ContentChanged), error
            if isinstance(error, CaseClosed):
                assert not self.standing.is_live
            return None
        assert deed.action in allowed, f"{deed.action} was done, not allowed"
        COUNTS[f"done: {deed.action}"] += 1
        if done.on_behalf_of is not None:
            COUNTS["done on behalf"] += 1
        self.sound = False
        self.require_right(deed, done)
        before, self.standing = self.standing, done.standing
        self.record(deed, done, before)
        self.sound = True
        return done

    def somebody(self, action: Action) -> int:
        """Whoever is offered an action, by the lowest number; the first of all when nobody is."""
        assert self.standing is not None
        people = self.world.people()
        return next((one for one in PERSONS if action in engine.allowed_actions(self.standing, one, people)), 1)

    def somebody_else(self, by: int, who: int) -> int:
        """For half of the people themselves, for the others the next who may decide, so that many can be named."""
        able = [one for one in PERSONS if one != by and self.world.decides(one, self.askers)]
        return who if who % 2 or not able else able[(who // 2) % len(able)]

    def require_right(self, deed: engine.Act, done: Done) -> None:
        """Whoever acted at a place had every right to."""
        if deed.action in (Action.WITHDRAW, Action.REASSIGN, Action.ANSWER):
            return
        holder = done.on_behalf_of or deed.by
        assert self.world.decides(deed.by, self.askers), "nobody decides without the permission, nor on their own"
        assert self.world.decides(holder, self.askers), "nobody decides on behalf of somebody who could not"
        assert holder in self.world.acts_for(deed.by), "nobody stands in for somebody who is there"
        assert self.standing is not None and self.standing.step is not None
        node = self.route.nodes[self.standing.step]
        assert holder in self.world.asked_by(node) | self.entitled | self.named, "nobody decides unasked"

    def record(self, deed: engine.Act, done: Done, before: Standing) -> None:
        after, step = done.standing, before.step
        if deed.action in (Action.APPROVE, Action.ACKNOWLEDGE):
            assert deed.seen == str(self.content) == str(self.submitted), "nobody approves what they did not see"
            assert done.place is not None
            self.said.append((done.place.number, self.content))
            if done.passed:
                self.leave_node(before, after)
            else:
                assert (after.step, after.state) == (step, before.state)
        elif deed.action == Action.RETURN:
            assert deed.reason.strip()
            if deed.to == "requester":
                assert (after.state, after.step) == ("returned", None)
            else:
                assert isinstance(deed.to, int) and step is not None and after.step == deed.to < step
                earlier = int(deed.to)
                self.passed = [one for one in self.passed if one < earlier]
                self.entered()
        elif deed.action == Action.WITHDRAW:
            speaks = deed.by == before.requester or before.requester in self.world.acts_for(deed.by)
            assert speaks, "nobody stands in for somebody who is there"
            assert (after.state, after.step) == ("withdrawn", None)
        else:
            assert (after.step, after.state, after.stage) == (step, before.state, before.stage)
            if deed.action in (Action.DELEGATE, Action.ADD, Action.COUNTERSIGN, Action.REASSIGN):
                assert deed.who is not None and deed.who != deed.by
                assert self.world.decides(deed.who, self.askers), "nobody is named who may not decide"
                self.named.add(deed.who)

    def leave_node(self, before: Standing, after: Standing) -> None:
        """A node has passed: everybody it needed has said so, and the next one is the next one."""
        step = before.step
        assert step is not None
        said = [number for number, _content in self.said]
        assert len(said) == len(set(said)), "no place decides twice"
        needed = len(self.entitled) if self.route.nodes[step].mode != "any" else 1
        assert len(said) >= max(1, needed), "a node passes when everybody it asks has decided"
        if self.route.nodes[step].mode == "order" and self.entitled:
            own = [number for number in said if before.place(number).kind == "node"]  # pyright: ignore
            assert own == sorted(own), "in order means in order"
        self.passed.append(step)
        path = [index for index, one in enumerate(before.path) if not one.skipped]
        assert self.passed == path[: len(self.passed)], "no node is skipped"
        if after.step is None:
            assert self.passed == path, "no node is skipped at the end"
            assert after.state == ("acknowledged" if self.downward else "approved")
            COUNTS["ended"] += 1
        else:
            assert after.step == path[len(self.passed)], "no node is skipped on the way"
            self.entered()
        words = [self.route.nodes[one].grants for one in self.passed]
        assert after.stage == next((word for word in reversed(words) if word), "")

    def entered(self) -> None:
        """The case has come to a node: who holds it now is who has to decide in `all` and `order`."""
        assert self.standing is not None and self.standing.step is not None
        self.said, self.named = [], set()
        node = self.route.nodes[self.standing.step]
        self.entitled = self.world.node_holders(node, self.askers) if node.mode != "any" else set()

    def verb(self) -> Action:
        return Action.ACKNOWLEDGE if self.route.nodes[0].purpose == "acknowledge" else Action.APPROVE

    # What always holds ---

    @invariant()
    def it_ended_or_says_who_holds_it(self) -> None:
        standing = self.standing
        if standing is None:
            return
        numbers = [one.number for one in standing.places]
        assert numbers == sorted(set(numbers)) and max([0, *numbers]) <= standing.places_count
        if not standing.is_live:
            assert standing.step is None and not standing.open_places
            return
        assert standing.open_places, "an open case waits for somebody at some place"
        people = self.world.people()
        for place in standing.open_places:
            assert place.step == standing.step
            for user in engine.holders(standing, place, people):
                assert self.world.decides(user, self.askers)

    @invariant()
    def whoever_asked_is_offered_no_decision(self) -> None:
        if self.standing is not None:
            people = self.world.people()
            for user in self.world.persons_of(self.askers) & set(PERSONS):
                offered = engine.allowed_actions(self.standing, user, people)
                assert not offered & {Action.APPROVE, Action.ACKNOWLEDGE, Action.RETURN, Action.DELEGATE, Action.ADD}
                assert Action.REASSIGN not in offered, "nobody chooses who approves their own"

    def teardown(self) -> None:
        """Whatever happened: when everybody who holds it approves, and a vacant place is given to somebody, it ends."""
        if self.standing is None or not self.standing.is_live or self.content != self.submitted or not self.sound:
            return
        helper, friend = 7, 8
        self.world.contacts.pop(friend, None)
        if friend in self.askers or helper in self.askers:
            return
        self.world.grants += [
            Grant(helper, GROUP, True, "administrator", tuple(ATOMS["administrator"])),
            Grant(friend, GROUP, True, "reviewer", tuple(ATOMS["reviewer"])),
        ]
        self.world.away.clear()
        for _turn in range(200):
            if self.standing is None or not self.standing.is_live:
                COUNTS["brought to its end"] += 1
                return
            people = self.world.people()
            place = self.standing.open_places[0]
            holding = engine.holders(self.standing, place, people)
            if holding:
                deed = engine.Act(self.verb(), holding[0], place.number, seen=str(self.content))
            else:
                deed = engine.Act(Action.REASSIGN, helper, place.number, who=friend, reason="vacant")
            done = self.attempt(deed)
            if done is None and not holding:
                return  # the one friend is asked at this node already
            assert done is not None, "whoever holds a place can decide"
        raise AssertionError("a case goes round in circles")
