"""What the preview says is what the figures are afterwards: random changes of a small world, each held against the
cube's own answers before and after it."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from gangmu.figures.cube import database, services
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.tests.conftest import INDICATORS, make_indicators
from gangmu.figures.cube.tree import Tree
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.moving import figures
from gangmu.figures.moving.figures import facts, periods_of, preview
from gangmu.figures.moving.trees import NEW, planned_tree
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties import changes
from gangmu.foundation.parties.changes import ChangeRefused, Plan, Planner, World, regrouping, structure
from gangmu.foundation.parties.models import Change
from gangmu.foundation.parties.services import New, Part, load_organisations, withdraw
from gangmu.foundation.settings import clock

NOW = "2026-11-20T12:00+08:00"
TODAY = date(2026, 11, 20)
CODES = tuple(str(row["code"]) for row in INDICATORS)
BY_HAND = {"group": None, "region": "group", "plant": "region", "unit": "plant"}


@pytest.fixture
def small(committed: str, tmp_path: Path) -> Iterator[Callable[[int], random.Random]]:
    """Makes a random world: a tree of four tiers with figures of this year, and capacities."""

    def make(seed: int) -> random.Random:
        draw = random.Random(seed)
        counts = {"group": 1, "region": 3, "plant": 5, "unit": 9}
        lines, filed = ["code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province"], []
        made: dict[str, list[str]] = {}
        for kind, count in counts.items():
            made[kind] = [f"{kind[0].upper()}{n}" for n in range(count)]
            for code in made[kind]:
                above = BY_HAND[kind]
                parent = draw.choice(made[above]) if above else ""
                capacity = str(draw.randrange(50, 700)) if kind == "unit" else ""
                fuel = draw.choice(["coal", "gas", "wind", ""]) if kind == "plant" else ""
                lines.append(f"{code},,{code},{kind},{parent},2020-01-01,,{capacity},{fuel},")
        for unit in made["unit"]:
            for day in sorted(draw.sample(range(324), 40)):
                on = date(2026, 1, 1) + timedelta(day)
                for code in ("gen", "aux", "price", "level", "peak", "low", "opening"):
                    if draw.random() < 0.7:
                        filed.append(f"{unit},{code},{on},actual,{draw.randrange(1, 900)}")
        for plant in made["plant"]:
            filed += [f"{plant},staff,2026-{month:02},actual,{draw.randrange(10, 90)}" for month in range(1, 12)]
        for name, rows in (("tree", lines), ("facts", ["organisation,indicator,period,scenario,value", *filed])):
            (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n", "utf-8")
        assert not load_organisations(tmp_path / "tree.csv").problems
        make_indicators()
        assert not load_facts(tmp_path / "facts.csv").problems
        services.fold()
        return draw

    with clock.frozen(NOW), translation.override("en"):
        yield make


def some_change(draw: random.Random, number: int) -> Planner:
    """A change that may or may not be possible."""
    world = World.read()
    by_kind = {kind: [one.id for one in world.organisations.values() if one.kind == kind] for kind in BY_HAND}
    kind = draw.choice(["region", "plant", "plant", "unit", "unit"])
    above = by_kind[str(BY_HAND[kind])]
    one, day = draw.choice(by_kind[kind]), date(2026, 1, 1) + timedelta(draw.randrange(0, 420))
    new = New(f"N{number}", kind, name_en=f"N{number}")
    match draw.choice(["move", "move", "move", "merge", "merge", "split", "create", "close", "reopen", "parameters"]):
        case "move":
            target = draw.choice([*above, *by_kind["region"], *by_kind["plant"]])
            return lambda given: structure.move(given, one, target, day)
        case "merge":
            ones = draw.sample(by_kind[kind], min(2, len(by_kind[kind])))
            into: New | int = draw.choice([new, ones[0], draw.choice(by_kind[kind])])
            return lambda given: regrouping.merge(given, ones, into, day)
        case "split":
            children = world.children(one, structure.Days(day))
            parts = [Part(new, [c for c in children if draw.random() < 0.5]), Part(draw.choice(by_kind[kind]))]
            keep = draw.random() < 0.7
            return lambda given: regrouping.split(given, one, parts[: 1 if keep else 2], day, keep=keep)
        case "create":
            parent, values = draw.choice(above), {"capacity_mw": "77"} if kind == "unit" else {}
            return lambda given: structure.create(given, new, parent, day, None, values)
        case "close":
            all_below = draw.random() < 0.8
            return lambda given: structure.close(given, one, day, all_below)
        case "reopen":
            return lambda given: structure.reopen(given, one, None, day)
    unit = draw.choice(by_kind["unit"])
    capacity = str(draw.randrange(1, 900))
    return lambda given: structure.parameters(given, [(unit, "capacity_mw", capacity, day), (one, "fuel", "gas", day)])


def shown(codes: set[str], plan: Plan) -> dict[tuple[str, str, str], str | None]:
    """What the cube answers: by the tree of each day, or by that of the change's day where it has not come."""
    periods = tuple(period.code for period in periods_of(TODAY))
    future = plan.from_date is not None and plan.from_date > TODAY
    when = f"{plan.from_date}T12:00+08:00" if future else NOW
    with clock.frozen(when):
        known = [code for code in sorted(codes) if code in services_tree().by_code]
        rows = ask(Question(CODES, tuple(known), periods, structure="now" if future else "then"), SYSTEM).rows
    return {(row.organisation, row.indicator, row.period): row.value for row in rows}


def services_tree() -> Tree:
    with database.snapshot() as connection:
        return database.read_tree(connection)


def as_sets(tree: Tree, ids: dict[int, int]) -> tuple[set, set, set]:
    """Memberships, placements and values of a tree, in whichever rows they are written."""

    def days(rows: list[tuple]) -> set:
        found: dict[tuple, set[int]] = {}
        for *key, start, end in rows:
            at = found.setdefault(tuple(ids.get(one, one) if isinstance(one, int) else one for one in key), set())
            at.symmetric_difference_update({start, end})  # touching rows become one
        return {(key, frozenset(edges)) for key, edges in found.items()}

    values = [(row.organisation, row.name, row.value, row.start, row.end) for row in tree.attributes]
    return days(tree.memberships.tolist()), days(tree.placements.tolist()), days(values)


def try_one(planner: Planner) -> str:
    """Preview a change, make it, and hold both together; which sort it was, or why it was refused."""
    try:
        plan, _objections = changes.preview(planner)
    except ChangeRefused as error:
        return type(error).__name__
    said = preview(plan, SYSTEM, CODES)
    codes = {one.code for one in said.organisations}
    existing = codes - {one.code for one in plan.made}
    before = shown(existing, plan)
    planned = planned_tree(services_tree(), plan)
    try:
        change = changes.perform(planner, although=changes.EVERYTHING, seen=plan.digest)
    except ChangeRefused as error:
        return type(error).__name__
    services.fold()
    ids = {NEW + place + 1: pk for place, pk in enumerate(change.opened)}
    assert as_sets(planned, ids) == as_sets(services_tree(), {}), change
    after = shown(codes, plan)
    for key, figure in facts(said).items():
        assert figure.before == before.get(key), (change, key)
        assert figure.after == after.get(key), (change, key)
    return (
        plan.verb + (" ahead" if said.as_if else "") + (" seen" if any(o.differs for o in said.organisations) else "")
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_preview_is_what_the_figures_are_afterwards(small, seed):
    draw = small(seed)
    outcomes = [try_one(some_change(draw, number)) for number in range(28)]
    made = [outcome for outcome in outcomes if outcome.split()[0] in {"move", "merge", "split", "create", "close"}]
    assert len(made) >= 6, outcomes
    assert any(outcome == "move seen" for outcome in outcomes), outcomes
    for change in Change.objects.filter(from_date__gt=TODAY).order_by("-id"):
        try_withdrawing(change)


def try_withdrawing(change: Change) -> None:
    """Taking a plan back leaves the figures of today's tree as they were."""
    question = Question(("gen", "hours"), ("G0",), ("2026-10", "2026-01-01..2026-11-20"))
    before = ask(question, SYSTEM).as_json()
    try:
        withdraw(change)
    except ChangeRefused:
        return
    services.fold()
    assert ask(question, SYSTEM).as_json() == before


def test_a_planted_fault_is_seen(small, monkeypatch):
    """A preview that forgets the change would not go unnoticed."""
    draw = small(0)
    monkeypatch.setattr(figures, "planned_tree", lambda tree, plan: tree)
    with pytest.raises(AssertionError):
        for number in range(28):
            try_one(some_change(draw, number))
