"""Dictionaries of categories, and filed indicators that are split by them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from oracle.world import Category, Dictionary, FactLine, Indicator, parts_of

CATEGORIES = (("base", "基数"), ("spot", "现货"), ("green", "绿电"), ("other_1", "其他"))


def draw_dictionaries(rng: Random, days: Sequence[date], features: Counter[str]) -> tuple[Dictionary, ...]:
    """None in some worlds; categories begin and end around days of interest."""
    found = []
    for code in ("d1", "d2")[: rng.choice((0, 1, 1, 2))]:
        chosen = rng.sample(CATEGORIES, rng.choice((1, 2, 2, 3, 4)))
        categories = [_category(rng, one, name, days, features) for one, name in chosen]
        found.append(Dictionary(code, tuple(categories)))
    features["categories: dictionaries"] += len(found)
    return tuple(found)


def _category(rng: Random, code: str, name: str, days: Sequence[date], features: Counter[str]) -> Category:
    first = last = ""
    if days and rng.random() < 0.25:
        last = (rng.choice(days) - timedelta(days=rng.choice((0, 0, 1, 20)))).isoformat()
        features["categories: one that ends"] += 1
    elif days and rng.random() < 0.25:
        first = (rng.choice(days) + timedelta(days=rng.choice((0, 0, 1, 20)))).isoformat()
        features["categories: one that begins"] += 1
    return Category(code, name, first, last)


def split(
    rng: Random, indicators: list[Indicator], dictionaries: tuple[Dictionary, ...], features: Counter[str]
) -> tuple[list[Indicator], list[Indicator]]:
    """The filed indicators with some of them split, and the parts of these."""
    found: list[Indicator] = []
    for one in indicators:
        chosen = rng.choice(dictionaries).code if dictionaries and rng.random() < 0.5 else ""
        if one.weight:
            weight = next(other for other in found if other.code == one.weight)
            chosen = weight.split if rng.random() < 0.8 else ""
        if chosen and one.is_filed:
            total = rng.choice(("filed", "parts"))
            features[f"categories: a total {'of parts' if total == 'parts' else 'filed'}"] += 1
            features["categories: weighted"] += bool(one.weight)
            one = replace(one, split=chosen, total=total)
        found.append(one)
    return found, [part for one in found for part in parts_of(one, dictionaries)]


def strange_lines(rng: Random, indicators: Sequence[Indicator], parts: Sequence[Indicator], like: FactLine) -> list:
    """Lines that no part takes: a category of no dictionary, and one of a whole that is made of its parts."""
    wholes = [one for one in indicators if one.split]
    codes = [f"{one.code}.nothing" for one in wholes] + [one.code for one in wholes if one.is_made_of_parts]
    codes += [f"{one.code}.{part.category}" for one in wholes for part in parts if f"{one.code}." not in part.code]
    known = {part.code for part in parts}
    return [replace(like, indicator=code) for code in rng.sample(codes, min(2, len(codes))) if code not in known]
