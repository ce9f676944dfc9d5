"""Taxes: their rates, and what an indicator comes to with tax and without."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle.formula import Node
    from oracle.world import Indicator

FOLLOWS = "follows"
OTHER = {"included": "excluded", "excluded": "included"}
_ENDING = {"included": "taxed", "excluded": "untaxed"}


@dataclass(frozen=True)
class Tax:
    """`rates` are (last day, rate as it is written) in order; the last one has no last day."""

    code: str
    rates: tuple[tuple[str, str], ...]

    def on(self, day: date) -> Fraction:
        text = next(rate for until, rate in self.rates if not until or day.isoformat() <= until)
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)

    def as_yaml(self) -> str:
        """One entry of the list; JSON is YAML."""
        source = {"zh": "依据", "en": "Some act"}
        rates = [{**({"until": until} if until else {}), "rate": rate, "source": source} for until, rate in self.rates]
        name = {"zh": f"税{self.code}", "en": f"Tax {self.code}"}
        return f"- {json.dumps({'code': self.code, 'name': name, 'rates': rates}, ensure_ascii=False)}\n"


def other_code(indicator: "Indicator") -> str:
    """The code under which it is told on the other basis."""
    return indicator.made_from or f"{indicator.code}.{_ENDING[OTHER[indicator.filed]]}"


def on_other_basis(indicator: "Indicator") -> "Indicator":
    """What tells an indicator that has a tax on the other basis; of a formula that follows, with its own formulas, in
    which names shall mean others."""
    formula, earlier = indicator.code, ()
    if indicator.tax == FOLLOWS:
        formula, earlier = indicator.formula, indicator.earlier
    return replace(
        indicator,
        code=other_code(indicator),
        formula=formula,
        earlier=earlier,
        settles="",
        split="",
        total="",
        over_time="" if indicator.is_result_formula else indicator.over_time or "sum",
        over_organisations="" if indicator.is_result_formula else indicator.over_organisations or "sum",
        filed=OTHER[indicator.filed],
        made_from=indicator.code,
    )


def made(node: "Node", indicator: "Indicator", tax: Tax | None, day: date, named: Callable[[str], "Indicator | None"]):
    """The formula of what is on the other basis: the original with the rate of a day, or the original's own formula
    with each name of what has a tax standing for its other basis."""
    if tax is not None:
        sign = "*" if indicator.filed == "included" else "/"
        return (sign, node, ("number", 1 + tax.on(day)))

    def swapped(part: "Node") -> "Node":
        if part[0] == "name":
            found = named(part[1])
            return ("name", other_code(found)) if found is not None and found.tax else part
        return tuple(swapped(one) if isinstance(one, tuple) else one for one in part)

    return swapped(node)
