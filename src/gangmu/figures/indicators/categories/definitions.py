"""What a dictionary of categories 类别 is, as a value: trade types 交易类型, fee classes 费用类别."""

import re
from dataclasses import dataclass
from datetime import date

from gangmu.foundation.parties.kinds import Words

MOST_CATEGORIES = 40
LONGEST_CODE = 32
CATEGORY_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
BETWEEN = "."  # of an indicator's code and a category's
NOT_SPLIT = ""  # the code under which answers tell what is in the whole and in none of its parts


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a dictionary. `valid_from` and `valid_to` are the first and the last day on which it is used."""

    code: str
    name: Words
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A dictionary, its categories in the order in which they are shown."""

    code: str
    name: Words
    categories: tuple[Category, ...]


def member_code(indicator: str, category: str) -> str:
    """The code of the part of an indicator that is one category's: `on_grid_energy.spot`."""
    return f"{indicator}{BETWEEN}{category}"


def member_name(indicator: Words, category: Words) -> Words:
    """上网电量·现货, On-grid energy · Spot."""
    return Words(f"{indicator.zh}·{category.zh}", f"{indicator.en} · {category.en}")
