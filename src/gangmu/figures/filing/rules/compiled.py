"""What `compile_rules` makes: rules and comparisons as values."""

from dataclasses import dataclass
from fractions import Fraction

from gangmu.figures.filing.definitions import Missing, RuleDefinition
from gangmu.figures.indicators.formula.program import Program


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a rule, in the rule's unit."""

    program: Program
    missing: Missing


@dataclass(frozen=True, eq=False)
class Rule:
    """left operator right ± (share × |right| + amount), for each organisation of `level`.

    Args:
        base: the level at which capacities are taken, and added up to `level`.
        items: the items that both sides need, through formulas, in their order.
        unit: in which both sides, and `amount`, are given.
        digits: decimals with which numbers are shown.
    """

    definition: RuleDefinition
    level: str
    base: str
    left: Side
    right: Side
    amount: Fraction
    share: Fraction
    items: tuple[str, ...]
    unit: str
    digits: int


@dataclass(frozen=True, eq=False)
class Measured:
    """An indicator, filed or made of items of one level, that is compared with its past or with neighbours.

    Args:
        additive: neighbours are compared per MW, since the larger has more of it.
        limit: the robust z from which a figure is unusual.
    """

    code: str
    level: str
    program: Program
    items: tuple[str, ...]
    additive: bool
    limit: float
