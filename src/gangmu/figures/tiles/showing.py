"""How tiles tell figures: rounded by the cube, marked where they are provisional or incomplete, with where they come
from behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gangmu.figures.cube.links import explanation
from gangmu.figures.cube.question import CATEGORY, STATES, Question, Row
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.tiles.choosing import carried
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.templatetags.ui import number

TENTH = Decimal("0.1")
APPROVED = "group"
MINUS = "\u2212"


@dataclass(frozen=True)
class Figure:
    """One figure as a tile shows it."""

    row: Row
    url: str = ""
    name: str = ""

    @property
    def known(self) -> bool:
        return self.row.value is not None

    @property
    def value(self) -> float | None:
        """To place it in a chart; what is read is `shown`."""
        return None if self.row.value is None else float(self.row.value)

    @property
    def shown(self) -> str:
        return number(self.row.value)

    @property
    def parts(self) -> tuple[str, str]:
        """What stands before the decimals, and the decimals with their point."""
        whole, point, decimals = self.shown.partition(".")
        return whole, point + decimals

    @property
    def rate(self) -> str:
        """The change against what it is compared with, in percent; of percentages the difference in points."""
        compare = self.row.compare
        if compare is None:
            return ""
        if self.row.unit == "%":
            return "" if compare.change is None else f"{signed(Decimal(compare.change))} {_('points')}"
        if compare.word:
            return compare.told
        if compare.rate is None:
            return ""
        return signed((Decimal(compare.rate) * 100).quantize(TENTH, ROUND_HALF_UP)) + "%"

    @property
    def direction(self) -> str:
        change = Decimal(self.row.compare.change or 0) if self.row.compare else Decimal(0)
        return "up" if change > 0 else "down" if change < 0 else ""

    @property
    def is_provisional(self) -> bool:
        return self.known and is_provisional(self.row.state)

    @property
    def is_complete(self) -> bool:
        return self.row.reported >= self.row.expected

    @property
    def coverage(self) -> str:
        """Told where somebody is missing: 287 of 300."""
        if self.is_complete:
            return ""
        return _("%(reported)s of %(expected)s") % {
            "reported": number(self.row.reported),
            "expected": number(self.row.expected),
        }


def signed(value: Decimal) -> str:
    return f"+{value:,f}" if value > 0 else f"{value:,f}".replace("-", MINUS, 1)


def is_provisional(state: str | None) -> bool:
    """Whether the group has not approved all of it yet 未审定."""
    return state is not None and STATES.index(state) < STATES.index(APPROVED)


def figure(row: Row | None, question: Question, name: str = "") -> Figure | None:
    return Figure(row, explanation(row, question), name) if row is not None else None


def lookup(asked: Asked, indicators: Sequence[str], **more: str) -> str:
    """The address under which the same is looked up, with everything that can be asked besides."""
    query = [("indicator", code) for code in indicators]
    query += [("organisation", asked.organisation.code), ("period", asked.period.code)]
    said = {"at_least": asked.at_least, **carried(asked), **more}
    if said.get("by") == CATEGORY:  # parts are told as they were filed
        said["unit"] = ""
    query += [(name, value) for name, value in said.items() if value]
    return f"{resolve_url(settings.FIGURES_URL)}?{urlencode(query)}"


Mark = tuple[str | Promise, str, str | Promise]


def marks(rows: Iterable[Row | None]) -> list[Mark]:
    """What must be said of the figures of a tile: text, tone and the words behind it."""
    known = [row for row in rows if row is not None]
    found = provisional() if any(row.value is not None and is_provisional(row.state) for row in known) else []
    if any("behind" in row.marks for row in known):
        found.append((_("behind"), "warning", _("The latest entries may be missing")))
    return found


def provisional() -> list[Mark]:
    """The mark of figures that the group has not approved."""
    words = _("At least one of its entries is not yet approved by the group: it may still change.")
    return [(pgettext("figure", "provisional"), "warning", words)]


def restated_mark() -> list[Mark]:
    """The mark of figures that a correction has changed."""
    words = _("At least one of its entries was corrected after it had been approved; press the figure to see which.")
    return [(pgettext("figure", "restated"), "info", words)]


def attribute_word(name: str, value: str | None) -> str:
    """A value of an attribute for a reader."""
    if value is None:
        return _("Not stated")
    attribute = kinds.attributes().get(name)
    return attribute.shown(value) if attribute else value


def short(period: Period) -> str:
    """A period as a chart's axis has room for it."""
    return {"day": period.code[5:], "month": period.code, "year": period.code}.get(str(period.kind), period.code)


def one_unit(rows: Sequence[Row]) -> str:
    return unit_words(rows[0].unit) if rows else ""
