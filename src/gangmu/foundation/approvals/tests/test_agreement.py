"""Services and rules agree: whatever anybody tries in the database, it becomes what the pure engine says, and no more.

The database's own refusals (functions.sql) are an independent third: an act that the engine accepts and a trigger
refuses fails here too.
"""

import os
import random
from collections import Counter
from dataclasses import replace

import pytest
from django.db import transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import engine, queries, services
from gangmu.foundation.approvals.actions import LIVE, UNENDED, Action
from gangmu.foundation.approvals.errors import ApprovalError, NotFound
from gangmu.foundation.approvals.loading import load
from gangmu.foundation.approvals.models import Case, Decision, Leave
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.tests.conftest import Office, node, route
from gangmu.foundation.approvals.tests.papers import KIND
from gangmu.foundation.settings import clock

PROVING = os.environ.get("GANGMU_PROVE") == "1"
NAMES = [f"p{number}" for number in range(8)]
ROLES = [("P1", "reviewer"), ("P1", "clerk"), ("R2", "reviewer"), ("G", "manager"), ("R2", "clerk")]
SHARES = [Action.DELEGATE, Action.ADD, Action.COUNTERSIGN, Action.CONSULT, Action.REASSIGN]
ACTS = [*[Action.APPROVE] * 8, Action.RETURN, Action.WITHDRAW, *SHARES, *SHARES, Action.ANSWER, Action.ANSWER]


class Chance:
    """Draws a world and acts; the same seed draws the same."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.dice = office, random.Random(seed)
        self.counts: Counter[str] = Counter()

    def world(self) -> None:
        dice, office = self.dice, self.office
        for name, place, role in (
            ("p0", "P1", "clerk"), ("p1", "P1", "reviewer"), ("p2", "R2", "reviewer"), ("p3", "G", "reviewer"),
            ("p5", "G", "business_administrator"),
        ):  # fmt: skip
            office.person(name, place, role)
        held = set()
        for name in NAMES:
            for place, role in dice.sample(ROLES, dice.randint(1, 2)):
                if name not in ("p0", "p1", "p2") and (name, place, role) not in held:
                    held.add((name, place, role))
                    office.person(name, place, role)
        for name in dice.sample(NAMES, 3):
            other = dice.choice([one for one in NAMES if one != name])
            user, stand_in = office.users[name], office.users[other]
            Leave.objects.create(
                user=user, user_name=name, organisation=user.organisation, stand_in=stand_in, stand_in_name=other,
                valid=("2026-11-20", "2026-11-21"), set_by=user, set_at=clock.now(),
            )  # fmt: skip

    def route(self) -> str:
        whos = [
            *[{"role": "reviewer", "level": level} for level in ("plant", "region", "group")],
            {"role": ["manager", "reviewer"], "at": "subject"},
            {"users": self.dice.sample(NAMES, 3)},
        ]
        nodes = [
            node(f"n{number}", self.dice.choice(whos), mode=self.dice.choice(["any", "any", "all", "order"]))
            for number in range(self.dice.randint(1, 5))
        ]
        load_routes([route("chance", *nodes)], "local")
        return "chance"

    def deed(self, case: Case) -> tuple[str, engine.Act]:
        """An act of anybody; more often of somebody who may."""
        dice = self.dice
        action = dice.choice(ACTS)
        able = [name for name in NAMES if action in queries.allowed_actions(case, self.office.users[name])]
        name = dice.choice(able if able and dice.random() < 0.8 else NAMES)
        seen = self.office.seen(case) if action in (Action.APPROVE, Action.RETURN) else ""
        who = self.office.users[dice.choice(NAMES)].pk if action in SHARES else None
        deed = engine.Act(
            action, self.office.users[name].pk, seen=seen, to=dice.choice(["requester", 0, 1]) if seen else "requester",
            who=who, when=dice.choice(["before", "after"]), reason="why", words="so",
        )  # fmt: skip
        return name, replace(deed, place=dice.randint(1, 6)) if dice.random() < 0.1 else deed


def perform(office: Office, name: str, case: Case, deed: engine.Act, key: str) -> None:
    """The service of an act, as somebody in their scope."""
    by, place = office.users[name], deed.place
    with acting_as(by), transaction.atomic():
        match deed.action:
            case Action.APPROVE:
                services.approve(case.pk, by=by, seen=deed.seen, key=key, words=deed.words, place=place)
            case Action.RETURN:
                services.return_(case.pk, by=by, seen=deed.seen, key=key, reason="why", to=deed.to, place=place)
            case Action.WITHDRAW:
                services.withdraw(case.pk, by=by, key=key, reason="why")
            case Action.ANSWER:
                asked = [one for one in queries.places_of(queries.case_of(KIND, 1), by) if one.kind == "consult"]  # pyright: ignore
                if not asked:
                    raise NotFound("nothing to answer")
                services.answer(asked[0].pk, by=by, words="so", key=key)
            case Action.CONSULT:
                services.consult(case.pk, by=by, who=deed.who or 0, question="so", key=key, place=place)
            case Action.COUNTERSIGN:
                services.countersign(case.pk, by=by, who=deed.who or 0, words="so", key=key, place=place)
            case Action.ADD:
                services.add_approver(
                    case.pk, by=by, who=deed.who or 0, when=deed.when, key=key, reason="why", place=place
                )
            case _:
                verb = services.delegate if deed.action == Action.DELEGATE else services.reassign
                verb(case.pk, by=by, to=deed.who or 0, key=key, reason="why", place=place)


def live_one(office: Office, chance: Chance, case: Case | None) -> Case | None:
    """The case, submitted when it is not yet, or again when it was returned or has ended."""
    if case is not None and case.state in LIVE:
        return case
    name = chance.dice.choice(["p0", "p0", "p4", *NAMES])
    try:
        office.submit(name, route="chance", number=1)
    except ApprovalError as error:
        chance.counts[f"not submitted: {type(error).__name__}"] += 1
    return latest()


def latest() -> Case | None:
    return queries.case_of(KIND, 1)


def check(office: Office, case: Case) -> None:
    """What every question answers is what the rules say of the rows."""
    one = queries.read([case])[case.pk]
    assert bool(queries.holders(case)) == (case.state in UNENDED)
    for name in NAMES:
        user = office.users[name]
        with acting_as(user):
            mine = {place.number for found, place in queries.waiting_for(user) if found.pk == case.pk}
        assert mine == {chair.place.number for chair in engine.seats(one.standing, user.pk, one.people)}, name


def try_everything(office: Office, seed: int, acts: int) -> Counter[str]:
    chance = Chance(office, seed)
    chance.world()
    chance.route()
    office.paper(1)
    case: Case | None = None
    for number in range(acts):
        case = live_one(office, chance, case)
        if case is None or case.state not in LIVE:
            continue
        before = load([case])[case.pk]
        name, deed = chance.deed(case)
        try:
            expected = engine.act(before.standing, deed, before.people, office.seen(case)).standing
        except ApprovalError as error:
            expected = type(error)
        try:
            perform(office, name, case, deed, f"act {number}")
            chance.counts[f"done: {deed.action}"] += 1
            found = load([latest()])[case.pk].standing  # pyright: ignore
        except ApprovalError as error:
            found = type(error)
            chance.counts[f"refused: {found.__name__}"] += 1
            if found is NotFound:  # out of their scope, or no question of theirs: the engine refuses for less
                expected = NotFound if isinstance(expected, type) else expected
        assert found == expected, f"seed {seed}, act {number}: {name} {deed}"
        case = latest()
        assert case is not None
        if number % 5 == 0:
            check(office, case)
    assert len(office.papers.moves) == Decision.objects.count(), "the subject is told of every decision"
    return chance.counts


@pytest.mark.parametrize("seed", range(1, 4))
def test_what_services_do_is_what_the_rules_say(office, seed):
    counts = try_everything(office, seed, 35)
    assert counts["done: approve"], counts


@pytest.mark.prove
def test_what_services_do_is_what_the_rules_say_in_many_worlds(office, capsys):
    counts: Counter[str] = Counter()
    for seed in range(100, 180):
        with transaction.atomic():
            counts += try_everything(replace(office, users=dict(office.users)), seed, 60)
            transaction.set_rollback(True)
        office.papers.moves.clear()
    told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    with capsys.disabled():
        print(f"\nPROOF approvals: services against rules in 80 random worlds, 60 acts each: they agree. {told}.")
