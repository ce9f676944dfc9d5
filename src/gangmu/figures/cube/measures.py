"""The indicators of the database as the cube wants them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from gangmu.figures.cube.errors import UnknownIndicator
from gangmu.figures.cube.measure import CAPACITIES, Measure
from gangmu.figures.cube.results import shifted
from gangmu.figures.cube.storage import Grain
from gangmu.figures.filing.models import Scenario
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.changing import as_row
from gangmu.figures.indicators.definitions import IndicatorDefinition, Making
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, link
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of
from gangmu.figures.indicators.taxes.companions import original
from gangmu.figures.indicators.timeline import Timeline
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period

_COLUMNS: tuple[str, ...] = (
    "id",
    "code",
    "name_zh",
    "name_en",
    "unit",
    "precision",
    "grain",
    "level",
    "over_time",
    "over_organisations",
    "weight",
    "formula",
    "source",
    "earlier",
    "settles",
    "is_profit",
    "split_by",
    "split_total",
    "member_of",
    "category",
    "valid_from",
    "valid_to",
    "precisions",
    "tax_basis",
    "tax",
    "tax_of",
)
NOT_YET = -1  # the id of an indicator that is only proposed: nobody has filed it
_VERSIONS_KEPT = 4
_MOST_REMEMBERED = 4_000  # periods for which the programs of dated formulas are kept


class KnownMeasures:
    """All indicators; formulas are linked when first asked for. `catalogue` has the newest of each."""

    def __init__(self, rows: tuple[tuple[Any, ...], ...]) -> None:
        self.stamp = blake2b(repr(rows).encode(), digest_size=16).hexdigest()  # the same for the same indicators
        named: list[dict[str, Any]] = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        self._ids = {row["code"]: row["id"] for row in named}
        self.timeline = Timeline(definition_of(Indicator(**row)) for row in named)
        self.catalogue: Catalogue = self.timeline.newest
        self._measures: dict[str, Measure] = {}
        self._dated: dict[str, bool] = {}
        self._in_period: dict[tuple[str, Period], Program] = {}
        self._programs: dict[Hashable, Program] = {}

    def __call__(self, code: str) -> Measure:
        """The measure of an indicator.

        Raises:
            UnknownIndicator: there is none with this code.
            FormulaError: its formula cannot be evaluated.
        """
        if code not in self._measures:
            if code not in self.catalogue:
                raise self._unknown(code)
            self._measures[code] = self._made(self.catalogue[code])
        return self._measures[code]

    def _made(self, definition: IndicatorDefinition) -> Measure:
        member = original(definition, self.catalogue).member
        return Measure(
            id=self._ids[definition.code],
            code=definition.code,
            unit=definition.unit,
            precision=definition.precision,
            precisions=definition.precisions,
            scale=definition.scale,
            grain=Grain(definition.grain.value),
            level=definition.level,
            over_time=definition.over_time.value if definition.over_time else "",
            over_organisations=definition.over_organisations.value if definition.over_organisations else "",
            weight=definition.weight or "",
            is_profit=definition.is_profit,
            program=self._program(definition) if definition.formula else None,
            since=self._since(definition),
            in_period=self._by_period(definition),
            formula=definition.formula,
            name_zh=definition.name.zh,
            name_en=definition.name.en,
            settles=definition.settles or "",
            category=member.category if member else "",
        )

    def _program(self, asked: IndicatorDefinition) -> Program:
        """The formula's steps, the newest."""
        self.catalogue.program(asked.code)  # refuses cycles and everything else that cannot be evaluated
        return link(Leaf(asked.code), lambda leaf: _template(self.catalogue, asked, leaf.code))

    # Formulas that were others before --------------------------------------------------------------------------------

    def _is_dated(self, code: str) -> bool:
        """Whether its formula, or one that is put into it, changes with time."""
        if code not in self._dated:
            found = self.catalogue.get(code)
            needs = self.catalogue.needs(code) if found and found.formula else ()
            inside = (one for one in needs if one in self.catalogue and self.catalogue[one].making is Making.RESULT)
            self._dated[code] = bool(found and found.earlier) or any(map(self._is_dated, inside))
        return self._dated[code]

    def _since(self, asked: IndicatorDefinition) -> tuple[tuple[int, Program], ...]:
        if asked.making is not Making.CELL or not self.timeline.days or not self._is_dated(asked.code):
            return ()
        found: list[tuple[int, Program]] = []
        for day, catalogue in self.timeline.stretches():
            catalogue.program(asked.code)
            program = link(Leaf(asked.code), lambda leaf, of=catalogue: _template(of, asked, leaf.code))
            if not found or found[-1][1] != program:
                found.append((day.toordinal() if found else 0, program))
        return tuple(found)

    def _by_period(self, asked: IndicatorDefinition) -> Callable[[Period], Program] | None:
        if asked.making is not Making.RESULT or not self.timeline.days or not self._is_dated(asked.code):
            return None
        return partial(self._program_in, asked)

    def _program_in(self, asked: IndicatorDefinition, period: Period) -> Program:
        """The formula's steps for a period; the same object where they are the same."""
        if (asked.code, period) not in self._in_period:
            if len(self._in_period) >= _MOST_REMEMBERED:
                self._in_period.clear()
                self._programs.clear()
            numbers: dict[Leaf, int] = {}

            def template_of(leaf: Leaf) -> Program | None:
                try:
                    day = shifted(period, leaf.shifts).end
                except PeriodError:
                    day = period.end  # whoever asks for that period is told
                numbers[leaf] = self.timeline.number(day)
                return _template(self.timeline.on(day), asked, leaf.code)

            program = link(Leaf(asked.code), template_of)
            self._in_period[asked.code, period] = self._programs.setdefault(frozenset(numbers.items()), program)
        return self._in_period[asked.code, period]

    def _unknown(self, code: str) -> UnknownIndicator:
        nearest = get_close_matches(code, list(self.catalogue), n=1, cutoff=0.5)
        return UnknownIndicator(
            _("There is no indicator “%(code)s”.") % {"code": code[:80]}, nearest[0] if nearest else None
        )


def _template(catalogue: Catalogue, asked: IndicatorDefinition, code: str) -> Program | None:
    """The steps of a formula that is put in. A capacity in a result formula is that of the organisations of its own
    level, also where another formula mentions it; a cell's is the cell's own."""
    found = catalogue.get(code)
    if found is None or not found.formula or (code != asked.code and found.making is not Making.RESULT):
        return None
    program = catalogue.compiled(code).program
    return program if asked.making is Making.CELL else _with_level(program, found.level)


def _with_level(program: Program, level: str) -> Program:
    def leveled(leaf: Leaf) -> Leaf:
        return Leaf(f"{leaf.code}@{level}", leaf.shifts) if leaf.code in CAPACITIES else leaf

    steps = tuple(
        replace(step, payload=leveled(step.payload))
        if step.op is Op.REFERENCE and isinstance(step.payload, Leaf)
        else step
        for step in program.steps
    )
    return Program(steps, tuple(dict.fromkeys(leveled(leaf) for leaf in program.leaves)))


_known: Callable[[tuple[tuple[Any, ...], ...]], KnownMeasures] = lru_cache(maxsize=4)(KnownMeasures)


class Definitions(NamedTuple):
    """What is asked with: the indicators, and the ids of scenarios by code."""

    known: KnownMeasures
    scenarios: Mapping[str, int]


_kept: OrderedDict[tuple[str, int], Definitions] = OrderedDict()  # by database and version
_guard = threading.Lock()


def definitions(stamp: int | None = None) -> Definitions:
    """Indicators and scenarios as they are defined now. `stamp` is their version, for who has asked for it
    (`services.look`)."""
    if stamp is None:
        stamp = _stamp()
    key = str(connection.settings_dict["NAME"]), stamp
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = Definitions(_known(_rows()), scenario_ids())
    if stamp != _stamp() or not found.known.catalogue or not found.scenarios:
        return found  # changed meanwhile; or read by who may not see any, which says nothing to others
    with _guard:
        _kept[key] = found
        while len(_kept) > _VERSIONS_KEPT:
            _kept.popitem(last=False)
    return found


def known_measures() -> KnownMeasures:
    """The indicators as they are defined now."""
    return definitions().known


def scenario_ids() -> dict[str, int]:
    return dict(Scenario.objects.values_list("code", "id"))


def _stamp() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cube_definition_stamp()")
        (stamp,) = cursor.fetchone()
    return stamp


def known_with(definition: IndicatorDefinition) -> KnownMeasures:
    """The indicators as they would be with one of them made or changed."""
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in _rows()]
    one = next((row for row in rows if row["code"] == definition.code), None)
    if one is None:
        rows.append(one := dict.fromkeys(_COLUMNS, "") | {"id": NOT_YET, "source": Indicator.Source.LOCAL})
    one.update(as_row(definition))
    return KnownMeasures(tuple(tuple(row[name] for name in _COLUMNS) for row in rows))


def _rows() -> tuple[tuple[Any, ...], ...]:
    return tuple(Indicator.objects.order_by("id").values_list(*_COLUMNS))
