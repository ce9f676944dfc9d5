"""A change in words where a rate says nothing: the base is zero or negative, or a profit became a loss.

| base | now | |
| --- | --- | --- |
| < 0 | > 0 | 扭亏为盈 turned to profit |
| < 0 | 0 | 止亏 loss ended |
| < 0 | < 0, more | 减亏 loss narrowed |
| < 0 | < 0, less | 增亏 loss widened |
| > 0 | < 0 | 由盈转亏 turned to loss |
| 0 | < 0 | 新增亏损 new loss |
| 0 | > 0 | 基期为零 base was zero |

These hold for what can be a profit or a loss. Any other figure (a temperature, a balance of energy) has words only
for the base: 基期为零, 基期为负. Source: usage of Chinese statistical and financial reports (from general knowledge);
that no rate is given for a base that is zero or negative is a rule of the house.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from gangmu.figures.analysis.rounding import half_up, shown
from gangmu.figures.analysis.words import Words, decimal


class Kind(StrEnum):
    """What became of a figure."""

    RATE = "rate"
    NO_FIGURE = "no_figure"
    TURNED_TO_PROFIT = "turned_to_profit"
    TURNED_TO_LOSS = "turned_to_loss"
    LOSS_ENDED = "loss_ended"
    LOSS_NARROWED = "loss_narrowed"
    LOSS_WIDENED = "loss_widened"
    LOSS_UNCHANGED = "loss_unchanged"
    NEW_LOSS = "new_loss"
    FROM_ZERO = "from_zero"
    BOTH_ZERO = "both_zero"
    NEGATIVE_BASE = "negative_base"


_SHORT = {
    Kind.NO_FIGURE: Words("无数据", "no figure"),
    Kind.TURNED_TO_PROFIT: Words("扭亏为盈", "turned to profit"),
    Kind.TURNED_TO_LOSS: Words("由盈转亏", "turned to loss"),
    Kind.LOSS_ENDED: Words("止亏", "loss ended"),
    Kind.LOSS_NARROWED: Words("减亏", "loss narrowed"),
    Kind.LOSS_WIDENED: Words("增亏", "loss widened"),
    Kind.LOSS_UNCHANGED: Words("亏损持平", "loss unchanged"),
    Kind.NEW_LOSS: Words("新增亏损", "new loss"),
    Kind.FROM_ZERO: Words("基期为零", "base was zero"),
    Kind.BOTH_ZERO: Words("均为零", "zero as before"),
    Kind.NEGATIVE_BASE: Words("基期为负", "base was negative"),
}
_WITH_AMOUNT = {
    Kind.LOSS_NARROWED: Words("减亏{amount}", "loss narrowed by {amount}"),
    Kind.LOSS_WIDENED: Words("增亏{amount}", "loss widened by {amount}"),
    Kind.TURNED_TO_PROFIT: Words("扭亏为盈，增利{amount}", "turned to profit, up {amount}"),
    Kind.TURNED_TO_LOSS: Words("由盈转亏，减利{amount}", "turned to loss, down {amount}"),
}


@dataclass(frozen=True)
class Change:
    """A change: `rate` where there is one to show, else only what `kind` says. Exact, of figures of one unit."""

    kind: Kind
    value: Fraction | None
    base: Fraction | None
    rate: Fraction | None

    def short(self, digits: int = 1) -> Words:
        """What stands in a report's column of growth rates: 12.3%, or 扭亏为盈."""
        if self.kind is Kind.RATE and self.rate is not None:
            shown_rate = f"{decimal(self.rate * 100, digits)}%"
            return Words(shown_rate, shown_rate)
        return _SHORT[self.kind]

    def long(self, digits: int, unit: Words) -> Words:
        """With the amount, as a sentence of a report has it: 减亏120.5万元.

        Args:
            digits: the decimals of the figures; the amount is the difference of the figures as shown.
        """
        pattern = _WITH_AMOUNT.get(self.kind)
        if pattern is None or self.value is None or self.base is None:
            return self.short()
        amount = f"{shown(abs(half_up(self.value, digits) - half_up(self.base, digits)), digits):f}"
        english = f"{amount} {unit.en}".strip()
        return Words(pattern.zh.format(amount=amount + unit.zh), pattern.en.format(amount=english))


def in_words(kind: str) -> Words:
    """What is said in the place of a rate."""
    return _SHORT[Kind(kind)]


def change(value: Fraction | None, base: Fraction | None, *, profit: bool) -> Change:
    """What became of a figure since its base.

    Args:
        profit: the figure can be a profit or a loss, so the words for these are used; a base that is positive and a
            value below zero then has words too, and no rate.
    """
    kind = _kind(value, base, profit)
    rate = None
    if kind is Kind.RATE and value is not None and base:
        rate = (value - base) / base
    return Change(kind, value, base, rate)


def _kind(value: Fraction | None, base: Fraction | None, profit: bool) -> Kind:
    if value is None or base is None:
        return Kind.NO_FIGURE
    if base > 0:
        return Kind.TURNED_TO_LOSS if profit and value < 0 else Kind.RATE
    if base == 0:
        if value == 0:
            return Kind.BOTH_ZERO
        return Kind.NEW_LOSS if profit and value < 0 else Kind.FROM_ZERO
    if not profit:
        return Kind.NEGATIVE_BASE
    if value >= 0:
        return Kind.TURNED_TO_PROFIT if value else Kind.LOSS_ENDED
    if value == base:
        return Kind.LOSS_UNCHANGED
    return Kind.LOSS_NARROWED if value > base else Kind.LOSS_WIDENED
