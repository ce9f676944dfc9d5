"""A study in words, links and bars, for the page and for files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.analysis.words import Words, in_unit, percent
from gangmu.figures.cube.links import explanation
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.scopes.queries import book
from gangmu.figures.studies import course
from gangmu.figures.studies.asked import BASES, Asked, so_far
from gangmu.figures.studies.factoring import Factor, PartEffects
from gangmu.figures.studies.parts import REST, Contribution, Place
from gangmu.figures.studies.study import Study, record_words
from gangmu.figures.tiles.showing import attribute_word, is_provisional, signed
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import places
from gangmu.foundation.parties.models import Organisation

MOST_PLACES = 250
INDENT = "\u2003"
WIDTH = 1000  # of a waterfall's drawing
SLIT = 4  # what a bar of nothing is drawn with


@dataclass(frozen=True)
class Bar:
    """Where a step of a waterfall is drawn, of a width of 1000; `tone` is total, up or down."""

    start: Decimal
    width: Decimal
    tone: str


@dataclass(frozen=True)
class Step:
    """A line of a waterfall: base, effects, actual."""

    name: str
    value: Decimal
    bar: Bar
    factor: Factor | None = None
    is_total: bool = False
    earlier: str = ""  # addresses that move the factor in the order
    later: str = ""

    @property
    def shown(self) -> str:
        return f"{self.value:,f}" if self.is_total else signed(self.value)


def bars(base: Decimal, effects: Iterable[Decimal], actual: Decimal) -> tuple[list[Bar], Decimal]:
    """The bars of a waterfall, and where zero is. When the totals are far from zero beside the effects, the drawing
    begins nearer to them, and zero lies outside: below 0."""
    levels = [base]
    for effect in effects:
        levels.append(levels[-1] + effect)
    low, high = min(levels), max(levels)
    span = high - low
    floor = low - span * Decimal("0.35") if span and low > 0 and span * 4 < low else min(low, Decimal(0))
    ceiling = max(high, Decimal(0)) if floor <= 0 else high
    reach = (ceiling - floor) or Decimal(1)

    def at(value: Decimal) -> Decimal:
        return (value - floor) / reach * WIDTH

    def bar(one: Decimal, other: Decimal, tone: str) -> Bar:
        start, end = sorted((at(one), at(other)))
        return Bar(min(start, Decimal(WIDTH - SLIT)), max(end - start, Decimal(SLIT)), tone)

    ground = max(floor, Decimal(0))
    found = [bar(ground, base, "total")]
    for before, after in pairwise(levels):
        found.append(bar(before, after, "up" if after >= before else "down"))
    return [*found, bar(ground, actual, "total")], at(ground) if floor <= 0 else Decimal(-1)


@dataclass(frozen=True)
class Labels:
    """What parts are called: organisations by name, values of an attribute in words."""

    by: str
    names: Mapping[str, str]

    def __call__(self, label: str | None) -> str:
        if label == REST:
            return _("Not in a line above")
        if self.by == "children":
            return self.names.get(label or "", label or "")
        return _("Not stated") if label is None else attribute_word(self.by, label)


class Shown:
    """A study for a template."""

    def __init__(self, study: Study, scope: Scope) -> None:
        self.study, self.asked = study, study.asked
        codes = {study.asked.organisation}
        if study.asked.by == "children" and study.places.value:
            codes |= {one.label for one in study.places.value if one.label}
        found = Organisation.objects.filter(code__in=codes)
        self.names = {str(one.code): one.name for one in found}
        self.label = Labels(study.asked.by, self.names)
        self.language = get_language() or ""

    @property
    def name(self) -> str:
        chinese = (self.language or "zh-hans").startswith("zh")
        return self.study.measure.name_zh if chinese else self.study.measure.name_en

    @property
    def organisation(self) -> str:
        return self.names.get(self.asked.organisation, self.asked.organisation)

    @property
    def unit(self) -> str:
        return unit_words(self.study.measure.unit)

    @property
    def change_unit(self) -> str:
        return _("points") if self.study.measure.unit == "%" else self.unit

    @property
    def period(self) -> str:
        return self.study.period.label(self.language)

    @property
    def base(self) -> str:
        return self.study.base.label(self.language)

    @property
    def change(self) -> str:
        return "" if self.study.change is None else signed(self.study.change)

    @property
    def rate(self) -> str:
        change, base = self.study.change, self.study.base_row.value
        if change is None or base is None or Decimal(base) <= 0 or self.study.measure.unit == "%":
            return ""
        return signed((change / Decimal(base) * 100).quantize(Decimal("0.1"))) + "%"

    @property
    def direction(self) -> str:
        change = self.study.change
        return "" if not change else "up" if change > 0 else "down"

    @property
    def explained(self) -> str:
        return explanation(self.study.row, self.study.question)

    @property
    def base_explained(self) -> str:
        if self.asked.scope and self.asked.base in BASES:  # by some scopes who is new is out of both: told together
            return explanation(self.study.row, replace(self.study.question, compare=self.asked.base))
        return explanation(self.study.base_row, self.study.question)

    @property
    def scope(self) -> str:
        """The statistical scope in words; empty without one."""
        if not self.asked.scope:
            return ""
        return _("Scope: %(scope)s") % {"scope": str(book()[self.asked.scope].name)}

    @property
    def is_provisional(self) -> bool:
        return any(is_provisional(row.state) for row in (self.study.row, self.study.base_row))

    @property
    def incomplete(self) -> list[str]:
        """Of which of the two periods not everybody has reported."""
        return [
            _("%(period)s: %(reported)d of %(expected)d")
            % {"period": row.period, "reported": row.reported, "expected": row.expected}
            for row in (self.study.row, self.study.base_row)
            if row.reported < row.expected
        ]

    @property
    def like_for_like(self) -> str:
        """The address of the same study of the days that are over, while the period is running."""
        over = so_far(self.study.period)
        return f"?{self.asked.but(period=over.code)}" if over != self.study.period else ""

    # Factors ----------------------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[Step]:
        table = self.study.factors.value
        if table is None:
            return []
        drawn, _zero = bars(table.base, [one.effect for one in table.factors], table.actual)
        steps = [Step(self.base, table.base, drawn[0], is_total=True)]
        for place, factor in enumerate(table.factors):
            earlier, later = self._moved(factor.code, -1), self._moved(factor.code, 1)
            steps.append(Step(factor.name, factor.effect, drawn[place + 1], factor, earlier=earlier, later=later))
        return [*steps, Step(self.period, table.actual, drawn[-1], is_total=True)]

    def _moved(self, code: str, by: int) -> str:
        """The address with a factor moved in the order; empty where the order says nothing."""
        table = self.study.factors.value
        if table is None or table.method != "chain" or code not in table.order:
            return ""
        order = list(table.order)
        place = order.index(code)
        if not 0 <= place + by < len(order):
            return ""
        order[place], order[place + by] = order[place + by], order[place]
        return f"?{self.asked.but(order=tuple(order))}"

    @property
    def factor_parts(self) -> list[tuple[str, str, PartEffects]]:
        table = self.study.factors.value
        return [(self.label(one.label), self._down(one.label), one) for one in table.parts] if table else []

    # Parts ------------------------------------------------------------------------------------------------------------

    @cached_property
    def contributions(self) -> list[tuple[str, str, Contribution, Bar]]:
        found = self.study.contributions.value
        if found is None:
            return []
        drawn, _zero = bars(found.base, [one.change for one in found.lines], found.actual)
        return [
            (self.label(one.label), "" if one.is_rest else self._down(one.label), one, drawn[place + 1])
            for place, one in enumerate(found.lines)
        ]

    @property
    def places(self) -> list[tuple[str, str, Place, str]]:
        unit, digits = in_unit(self.study.measure.unit), self.study.measure.precision
        return [
            (
                self.label(one.label),
                self._down(one.label),
                one,
                str(one.judged.words(digits, unit)) if one.judged and one.judged.stands_out else "",
            )
            for one in self.study.places.value or ()
        ]

    def _down(self, label: str | None) -> str:
        """The address of the same study of a part that is an organisation."""
        if self.asked.by != "children" or label is None:
            return ""
        return f"?{self.asked.but(organisation=label)}"

    # Course -----------------------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[Words]:
        return record_words(self.study)

    @property
    def own_past(self) -> Words | None:
        found = self.study.own_past
        return found.words(self.study.measure.precision, in_unit(self.study.measure.unit)) if found else None

    @property
    def plans(self) -> list[dict[str, Any]]:
        found = []
        unit = in_unit(self.study.measure.unit)
        for one in self.study.plans.value or ():
            done = one.progress
            found.append(
                {
                    "period": one.period.label(self.language),
                    "plan": one.plan,
                    "done": one.done,
                    "completion": percent(done.completion),
                    "time": percent(done.time),
                    "ahead": signed(Decimal(str(round(float(done.ahead) * 100, 1)))),
                    "is_ahead": done.ahead >= 0,
                    "bar": min(100, round(float(done.completion) * 100, 1)),
                    "mark": round(float(done.time) * 100, 1),
                    "words": done.words(self.study.measure.precision, unit),
                }
            )
        return found

    @property
    def forecasts(self) -> list[tuple[str, bool, Any]]:
        ends = self.study.month_end.value
        if ends is None:
            return []
        unit = in_unit(self.study.measure.unit)
        return [
            (
                str(one.words(self.study.measure.precision, unit)),
                ends.best is not None and one.method == ends.best.method,
                str(one.why_not) if one.why_not else "",
            )
            for one in ends.forecasts
        ]

    @property
    def month(self) -> str:
        ends = self.study.month_end.value
        return ends.period.label(self.language) if ends else ""

    @property
    def kind_of_records(self) -> bool:
        return self.study.period.kind in course.BACK


def place_choices(scope: Scope, asked: Asked) -> list[tuple[str, str, bool]]:
    """The organisations to choose from, those below indented; the asked one is among them always."""
    known = places(scope)
    found: list[tuple[str, str, bool]] = []
    deep = len(known) <= MOST_PLACES

    def add(place: Any, depth: int) -> None:
        found.append((place.code, INDENT * depth + place.name, place.code == asked.organisation))
        if deep or depth < 1:
            for child in known.children(place):
                add(child, depth + 1)

    for top in known.tops:
        add(top, 0)
    if asked.organisation and not any(chosen for *_rest, chosen in found):
        own = Organisation.objects.filter(code=asked.organisation).first()
        found.insert(0, (asked.organisation, own.name if own else asked.organisation, True))
    return found
