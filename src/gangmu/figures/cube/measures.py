"""The indicators of the database as the cube wants them."""

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _

from gangmu.figures.cube.errors import UnknownIndicator
from gangmu.figures.cube.measure import CAPACITIES, Measure
from gangmu.figures.cube.storage import Grain
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import IndicatorDefinition, Making
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, link
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of

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
)


class KnownMeasures:
    """All indicators; formulas are linked when first asked for."""

    def __init__(self, rows: tuple[tuple[Any, ...], ...]) -> None:
        self.stamp = blake2b(repr(rows).encode(), digest_size=16).hexdigest()  # the same for the same indicators
        named: list[dict[str, Any]] = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        self._ids = {row["code"]: row["id"] for row in named}
        self.catalogue = Catalogue(definition_of(Indicator(**row)) for row in named)
        self._measures: dict[str, Measure] = {}

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
        return Measure(
            id=self._ids[definition.code],
            code=definition.code,
            unit=definition.unit,
            precision=definition.precision,
            grain=Grain(definition.grain.value),
            level=definition.level,
            over_time=definition.over_time.value if definition.over_time else "",
            over_organisations=definition.over_organisations.value if definition.over_organisations else "",
            weight=definition.weight or "",
            program=self._program(definition) if definition.formula else None,
            formula=definition.formula,
            name_zh=definition.name.zh,
            name_en=definition.name.en,
        )

    def _program(self, asked: IndicatorDefinition) -> Program:
        """The formula's steps. A capacity in a result formula is that of the organisations of its own level, also
        where another formula mentions it; a cell's is the cell's own."""
        self.catalogue.program(asked.code)  # refuses cycles and everything else that cannot be evaluated

        def template_of(code: str) -> Program | None:
            found = self.catalogue.get(code)
            if found is None or not found.formula or (code != asked.code and found.making is not Making.RESULT):
                return None
            program = self.catalogue.compiled(code).program
            return program if asked.making is Making.CELL else _with_level(program, found.level)

        return link(Leaf(asked.code), template_of)

    def _unknown(self, code: str) -> UnknownIndicator:
        nearest = get_close_matches(code, list(self.catalogue), n=1, cutoff=0.5)
        return UnknownIndicator(
            _("There is no indicator “%(code)s”.") % {"code": code[:80]}, nearest[0] if nearest else None
        )


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


def known_measures() -> KnownMeasures:
    """The indicators as they are defined now."""
    return _known(tuple(Indicator.objects.order_by("id").values_list(*_COLUMNS)))
