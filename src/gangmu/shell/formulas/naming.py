"""Finding an indicator by its Chinese or English name, by pinyin (whole or initials), and by code."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin

from gangmu.figures.indicators.definitions import CAPACITIES, IndicatorDefinition
from gangmu.figures.indicators.formula.tree import FUNCTIONS

CAPACITY_NAMES = {
    "capacity_mw": ("装机容量", "Capacity"),
    "capacity_mwh": ("装机可发电量", "Capacity × hours"),
}


@lru_cache(maxsize=8192)
def pinyin(name: str) -> tuple[str, str]:
    """Whole and initials: 发电量 as fadianliang and fdl."""
    whole = "".join(lazy_pinyin(name, style=Style.NORMAL))
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return whole.casefold(), initials.casefold()


def matches(definition: IndicatorDefinition, words: str) -> bool:
    """Whether every word occurs in code, names, pinyin or formula."""
    name = definition.name
    places = [definition.code, name.zh, name.en, definition.formula, *pinyin(name.zh)]
    places = [place.casefold() for place in places]
    return all(any(word in place for place in places) for word in words.casefold().split()[:10])


def completions(definitions: Iterable[IndicatorDefinition]) -> list[dict[str, Any]]:
    """What an editor offers: indicators, capacities, functions. `text` is what is written into the formula."""
    found = [
        _offer(one.code, one.name.zh, one.name.en, one.unit) for one in sorted(definitions, key=lambda one: one.code)
    ]
    found += [_offer(code, *CAPACITY_NAMES[code], unit) for code, unit in CAPACITIES.items()]
    found += [{"code": name, "zh": "", "en": "", "unit": "", "keys": [name], "function": True} for name in FUNCTIONS]
    return found


def _offer(code: str, zh: str, en: str, unit: str) -> dict[str, Any]:
    return {"code": code, "zh": zh, "en": en, "unit": unit, "keys": [zh, *pinyin(zh), code.casefold(), en.casefold()]}
