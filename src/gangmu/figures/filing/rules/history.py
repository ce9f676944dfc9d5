"""Reading from the database what checks need to know: a few queries, however many sheets there are.

All of it passes row security. So a check under the web role compares with no neighbour that its asker may not see.
"""

import logging
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache

import numpy as np
from django.db import connection

from gangmu.figures.filing.definitions import SELF, FormDefinition
from gangmu.figures.filing.models import Form, Mark
from gangmu.figures.filing.rules.columns import moved
from gangmu.figures.filing.rules.compiling import compile_what_holds
from gangmu.figures.filing.rules.context import AllSeries, Context, Day, Filled, RowFacts, Series
from gangmu.figures.filing.rules.ruleset import RuleSet
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition
from gangmu.figures.indicators.formula.tree import Shift
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import catalogue
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement
from gangmu.foundation.periods.dates import month_end

logger = logging.getLogger("gangmu.filing")
CAPACITY, FUEL = "capacity_mw", "fuel"


def rules_of(form: Form, known: Catalogue | None = None) -> RuleSet:
    """The compiled rules of a version of a form; kept until the form or an indicator changes.

    A rule that an indicator's new name has left without meaning is told to the log, and to who asks `consistency`; the
    others go on.

    Args:
        known: the catalogue, where the caller has read it.
    """
    return _compiled(form.defined, tuple((known or catalogue()).values()))


@lru_cache(maxsize=64)
def _compiled(definition: FormDefinition, indicators: tuple[IndicatorDefinition, ...]) -> RuleSet:
    rules, faults = compile_what_holds(definition, Catalogue(indicators))
    for fault in faults:
        logger.error("form %s: a rule is not checked any more: %s", definition.code, fault)
    return rules


def load_context(rules: RuleSet, sheets: Sequence[Filled], *, within: Collection[int] | None = None) -> Context:
    """What the check of these sheets needs.

    Args:
        within: ids of the only organisations whose figures a neighbour's may be compared with; for the system's role,
            which sees everybody's. None: all that the transaction may see.
    """
    if not sheets:
        return Context()
    days = sorted({sheet.period for sheet in sheets})
    organisations = {one for sheet in sheets for rows in sheet.rows.values() for one in rows}
    organisations |= {sheet.organisation_id for sheet in sheets}
    last = days[-1] if rules.grain is Grain.DAY else month_end(days[-1].year, days[-1].month)
    tree = _Tree(days[0], last, rules)
    rows = {(one, day): tree.facts(one, day) for day in days for one in organisations}
    beside = _neighbours(rules, sheets, rows, tree, within)
    earlier = _Facts(rules, {moved(day, shift, rules.grain) for day in days for shift in (Shift.PRIOR, Shift.YEAR_AGO)})
    shifted = rules.items_shifted(Shift.PRIOR) | rules.items_shifted(Shift.YEAR_AGO)
    window = rules.definition.history.days
    past_items = {item for measured in rules.history for item in measured.items}
    beside_items = {item for measured in rules.neighbours for item in measured.items}
    past = _Facts(rules, range(days[0].toordinal() - window, days[-1].toordinal()), in_service=True)
    now = _Facts(rules, days, in_service=True)
    return Context(
        rows={**beside, **rows},
        earlier=earlier.of(shifted, organisations),
        past=past.of(past_items, organisations),
        beside=now.of(beside_items, {one for one, _day in beside}),
    )


def _neighbours(
    rules: RuleSet,
    sheets: Sequence[Filled],
    rows: dict[tuple[int, Day], RowFacts],
    tree: "_Tree",
    within: Collection[int] | None,
) -> dict[tuple[int, Day], RowFacts]:
    """The other organisations of the groups to which the sheets' rows belong."""
    if not rules.neighbours:
        return {}
    wanted: dict[Day, set[object]] = defaultdict(set)
    for (_one, day), facts in rows.items():
        if facts.group is not None:
            wanted[day].add(facts.group)
    found: dict[tuple[int, Day], RowFacts] = {}
    for day in {sheet.period for sheet in sheets}:
        for one in tree.candidates() if wanted[day] else ():
            if (one, day) in rows or (within is not None and one not in within):
                continue
            facts = tree.facts(one, day)
            if facts.group in wanted[day]:
                found[one, day] = facts
    return found


class _Facts:
    """What is filed now for some periods: their first days, or a range of ordinals."""

    def __init__(self, rules: RuleSet, days: Collection[date] | range, *, in_service: bool = False) -> None:
        self.scenario, self.days = rules.definition.scenario, days
        self.marks = "AND f.mark <> %(out)s" if in_service else ""

    def of(self, items: Collection[str], organisations: Collection[int]) -> AllSeries:
        """Their figures by organisation and indicator.

        Values arrive as packed integers: a row for each series and not for each figure, which is what 60 days of
        thousands of units would cost most.
        """
        if not items or not organisations or not self.days:
            return {}
        when = "f.period = ANY(%(days)s)"
        if isinstance(self.days, range):
            when = "f.period >= %(first)s AND f.period < %(after)s"
        given = {
            "items": sorted(items),
            "organisations": list(organisations),
            "scenario": self.scenario,
            "out": Mark.OUT_OF_SERVICE.value,
            "days": [] if isinstance(self.days, range) else list(self.days),
            "first": date.fromordinal(self.days[0]) if isinstance(self.days, range) else None,
            "after": date.fromordinal(self.days[-1] + 1) if isinstance(self.days, range) else None,
        }
        ids = dict(Indicator.objects.filter(code__in=given["items"]).values_list("id", "code"))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT f.organisation_id, f.indicator_id,
                       string_agg(int4send(f.period - DATE '0001-01-01' + 1), ''::bytea ORDER BY f.period),
                       string_agg(int8send(f.value), ''::bytea ORDER BY f.period)
                FROM filing_fact f
                WHERE f.indicator_id = ANY(%(ids)s) AND f.organisation_id = ANY(%(organisations)s)
                  AND f.scenario_id = (SELECT id FROM filing_scenario WHERE code = %(scenario)s)
                  AND {when} AND f.superseded_by_id IS NULL {self.marks}
                GROUP BY 1, 2
                """,
                {**given, "ids": list(ids)},
            )
            return {
                (organisation, ids[indicator]): Series(
                    np.frombuffer(days, ">i4").astype(np.int64), np.frombuffer(values, ">i8").astype(np.int64)
                )
                for organisation, indicator, days, values in cursor.fetchall()
            }


class _Tree:
    """Where organisations stood and what they could do during the sheets' periods."""

    def __init__(self, first: date, last: date, rules: RuleSet) -> None:
        self.rules = rules
        during = Days(first, date.fromordinal(last.toordinal() + 1)).valid
        self.placements: dict[int, list[tuple[Days, int | None]]] = defaultdict(list)
        for child, parent, valid in (
            Placement.objects.filter(valid__overlap=during).values_list("child_id", "parent_id", "valid").order_by()
        ):
            self.placements[child].append((Days.of(valid), parent))
        self.attributes: dict[tuple[int, str], list[tuple[Days, str]]] = defaultdict(list)
        values = AttributeValue.objects.filter(valid__overlap=during, name__in=(CAPACITY, FUEL)).order_by()
        for one, name, value, valid in values.values_list("organisation_id", "name", "value", "valid"):
            self.attributes[one, name].append((Days.of(valid), value))
        self.kinds: dict[int, str] = {}
        if rules.neighbours:
            self.kinds = dict(Organisation.objects.order_by().values_list("id", "kind"))

        ends = {
            day
            for rows in (self.placements, self.attributes)
            for held in rows.values()
            for one in held
            for day in one[0]
        }
        self.cuts = sorted(ends)
        self._facts: dict[tuple[int, int], RowFacts] = {}

    def facts(self, one: int, day: Day) -> RowFacts:
        """What is known of an organisation; computed once for all days between two changes of the tree."""
        stretch = bisect_right(self.cuts, day) if self.rules.grain is Grain.DAY else day.toordinal()
        if (one, stretch) not in self._facts:
            self._facts[one, stretch] = self._made(one, day)
        return self._facts[one, stretch]

    def _made(self, one: int, day: Day) -> RowFacts:
        first, last = self.period(day)
        megawatt_days = self.megawatt_days(one, first, last)
        above = tuple(self.above(one, last))
        return RowFacts(
            ancestors=above,
            capacity_mw=None if megawatt_days is None else megawatt_days / ((last - first).days + 1),
            capacity_mwh=None if megawatt_days is None else megawatt_days * 24,
            group=self.group((one, *above), last),
        )

    def period(self, day: Day) -> tuple[date, date]:
        return (day, day) if self.rules.grain is Grain.DAY else (day, month_end(day.year, day.month))

    def above(self, one: int, day: date) -> Iterator[int]:
        """Those above on a day, nearest first."""
        parent = self.parent(one, day)
        while parent is not None:
            yield parent
            parent = self.parent(parent, day)

    def parent(self, one: int, day: date) -> int | None:
        return next((parent for days, parent in self.placements.get(one, ()) if day in days), None)

    def megawatt_days(self, one: int, first: date, last: date) -> Fraction | None:
        """Σ over the days of the capacity in service, as the cube counts it; None without any."""
        after = date.fromordinal(last.toordinal() + 1)
        total: Fraction | None = None
        for days, value in self.attributes.get((one, CAPACITY), ()):
            for placed, _parent in self.placements.get(one, ()):
                start = max(days.start, placed.start, first)
                count = (min(days.end, placed.end, after) - start).days
                if count > 0:
                    total = (total or Fraction(0)) + Fraction(value) * count
        return total

    def group(self, line: Sequence[int], day: date) -> object:
        """Neighbours are of one kind and fuel, and their filing organisations stand below the same one."""
        if not self.kinds:
            return None
        filer = next((place for place, one in enumerate(line) if self.kinds.get(one) in self.filers), None)
        if filer is None or filer + 1 >= len(line):
            return None
        return self.kinds.get(line[0]), self.fuel(line, day), line[filer + 1]

    def fuel(self, line: Iterable[int], day: date) -> str:
        values = (value for one in line for days, value in self.attributes.get((one, FUEL), ()) if day in days)
        return next(values, "")

    @property
    def filers(self) -> tuple[str, ...]:
        return self.rules.definition.kinds

    def candidates(self) -> list[int]:
        """Organisations of the kinds whose figures are compared."""
        levels = {measured.level for measured in self.rules.neighbours}
        wanted = {kind for level in levels for kind in (self.filers if level == SELF else (level,))}
        return [one for one in self.placements if self.kinds.get(one) in wanted]
