"""Taxes, and which indicators have them."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from oracle import formula
from oracle.draw.expressions import DIMENSION
from oracle.taxes import FOLLOWS, Tax
from oracle.world import Indicator, World

RATES = ("13%", "0.16", "17%", "9%", "12.5%", "0", "100%", "0.066667", "1%")


def with_taxes(world: World, days: list[date], rng: Random) -> World:
    """The world with taxes in most worlds that have money; all else of it stays."""
    if rng.random() < 0.2:
        return world
    taxes = tuple(_tax(rng, code, days) for code in ("t1", "t2")[: rng.choice((1, 1, 2))])
    count = world.features
    found: dict[str, Indicator] = {}
    for one in world.indicators:
        bases, is_money = _bases(one, found), DIMENSION.get(one.unit) in ("money", "price")
        has_own = is_money and not one.is_result_formula
        if len(bases) == 1 and rng.random() < (0.5 if has_own else 0.85):
            one = replace(one, tax=FOLLOWS, filed=bases.pop())
            count["tax: a formula that follows"] += 1
            count["tax: a formula of cells that follows"] += one.is_cell_formula
        elif has_own and rng.random() < 0.85:
            one = replace(one, tax=rng.choice(taxes).code, filed=rng.choice(("included", "excluded")))
            count[f"tax: filed {one.filed}"] += 1
            count["tax: of a split one"] += bool(one.split)
            count["tax: of a formula of cells"] += bool(one.formula)
            count["tax: weighted"] += bool(one.weight)
        found |= dict.fromkeys((one.code, one.name_zh, one.name_en), one)
    indicators = tuple(found[one.code] for one in world.indicators)
    if not any(one.tax for one in indicators):
        return world
    first = tuple(_tax(rng, one.code, days) for one in taxes) if rng.random() < 0.5 else ()
    count["tax: other rates after the facts"] += bool(first)
    count["tax: a rate that changes"] += any(len(one.rates) > 1 for one in taxes)
    return replace(world, indicators=indicators, taxes=taxes, first_taxes=first)


def _bases(one: Indicator, found: dict[str, Indicator]) -> set[str]:
    """The bases of what its formulas stand on; parts are as their wholes."""
    names = [name for text in one.formulas if text for name in formula.names(formula.read(text))]
    wholes = [(name, name.rpartition(".")[0], name.rpartition("·")[0].strip()) for name in names]
    known = [next((found[way] for way in ways if way in found), None) for ways in wholes]
    return {one.filed for one in known if one and one.tax}


def _tax(rng: Random, code: str, days: list[date]) -> Tax:
    """Rates that change around days of interest."""
    ends = set()
    for day in rng.sample(days, min(len(days), rng.choice((0, 1, 1, 2, 3)))):
        ends.add(rng.choice((day, day - timedelta(days=1), day.replace(day=1) - timedelta(days=1))))
    rates = [(end.isoformat(), rng.choice(RATES)) for end in sorted(ends)]
    return Tax(code, (*rates, ("", rng.choice(RATES))))
