"""Whom a scope counts on a day: as far as the asker sees these organisations by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gangmu.figures.analysis.rounding import half_up
from gangmu.figures.cube import services
from gangmu.figures.cube.counting import Counting, listed, shares
from gangmu.figures.cube.question import decimal_text
from gangmu.figures.cube.reading import read
from gangmu.figures.cube.tree import Tree
from gangmu.figures.cube.visibility import Visibility
from gangmu.figures.scopes.definitions import ScopeDefinition
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

MOST_LINES = 100


@dataclass(frozen=True)
class Line:
    """An organisation with a capacity: what of it counts. Numbers are decimal texts."""

    code: str
    name: str
    capacity: str
    share: str
    counted: str


@dataclass(frozen=True)
class Preview:
    day: date
    lines: list[Line]
    organisations: int  # that count and have a capacity
    capacity: str
    counted: str
    left_out: int  # with a capacity, and not counted

    @property
    def more(self) -> int:
        return self.organisations - len(self.lines)


def preview(
    one: ScopeDefinition, others: Mapping[str, ScopeDefinition], stamp: str, day: date, scope: Scope
) -> Preview:
    """Whom `one` counts on a day.

    Raises:
        TooMuch: parts come to more than 100 %.
        CubeBehind: the tree cannot be read now.
    """
    services.ensure_fresh()
    book = {**others, one.code: one}
    now, today = one.structure == "now", clock.today().toordinal()

    def compute(_snapshot: object, tree: Tree) -> Preview:
        counting = Counting.of(one, book, Period.day(day), now, today)
        counted = dict(listed(shares(tree, book, stamp, one.code, counting), today if now else day.toordinal()))
        return _told(tree, Visibility(tree, scope), counted, day, today if now else day.toordinal())

    return read(compute)


def _told(tree: Tree, visibility: Visibility, counted: Mapping[int, Fraction], shown: date, day: int) -> Preview:
    lines: list[tuple[str, Line]] = []
    whole = part = Fraction(0)
    left_out = 0
    for organisation, row in tree.organisations.items():
        windows = visibility.windows(organisation)
        if windows is not None and not any(start <= day < end for start, end in windows):
            continue
        held = next((value for start, end, value in tree.own_attribute(organisation, "capacity_mw")
                     if start <= day < end and tree.exists_on(organisation, day)), None)  # fmt: skip
        if held is None:
            continue
        share = counted.get(organisation)
        if share is None:
            left_out += 1
            continue
        capacity = Fraction(held)
        whole, part = whole + capacity, part + capacity * share
        name = str(Words(row.name_zh or row.name_en, row.name_en or row.name_zh))
        lines.append((row.code, Line(row.code, name, _text(capacity), _text(share * 100, 4), _text(capacity * share))))
    lines.sort(key=lambda one: one[0])
    told = [line for _code, line in lines[:MOST_LINES]]
    return Preview(shown, told, len(lines), _text(whole), _text(part), left_out)


def _text(number: Fraction, decimals: int = 2) -> str:
    """Rounded once, without zeros at the end."""
    text = decimal_text(half_up(number, decimals), decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text
