"""The figures of many sheets as exact columns: one number for each row of a level.

A check costs a few array operations a rule, whether there is one sheet or there are thousands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from gangmu.figures.filing.definitions import SELF
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules.context import Context, Day, Filled, RowFacts
from gangmu.figures.filing.rules.levels import Levels
from gangmu.figures.indicators.definitions import CAPACITIES, Grain, OverOrganisations
from gangmu.figures.indicators.exact import rational
from gangmu.figures.indicators.exact.aggregating import Rule as Adding
from gangmu.figures.indicators.exact.aggregating import aggregate
from gangmu.figures.indicators.exact.cells import Booleans, Exact, Index
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.program import Leaf, Program
from gangmu.figures.indicators.formula.tree import Shift
from gangmu.foundation.periods.dates import same_day_last_year

NOTHING = RowFacts()


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of all sheets at one level: which sheet, and which organisation."""

    sheet: Index
    organisation: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.organisation)

    @cached_property
    def position(self) -> dict[tuple[int, int], int]:
        """Where the row of a sheet and organisation is."""
        return {row: at for at, row in enumerate(zip(self.sheet.tolist(), self.organisation, strict=True))}


@dataclass(frozen=True, eq=False)
class Column:
    """Exact numbers; `excused` where one is missing because its organisation is out of service."""

    cells: Exact
    excused: Booleans


class Sheets:
    """Columns of the sheets that are checked together; each is made once."""

    def __init__(self, grain: Grain, levels: Levels, sheets: Sequence[Filled], context: Context) -> None:
        self.grain, self.levels, self.sheets, self.context = grain, levels, sheets, context
        self._rows: dict[str, Rows] = {}
        self._columns: dict[tuple[object, ...], Column] = {}
        self._uppers: dict[tuple[str, str], Index] = {}

    def rows(self, level: str) -> Rows:
        if level not in self._rows:
            of_each = [
                (sheet.organisation_id,) if level == SELF else tuple(sheet.rows.get(level, ())) for sheet in self.sheets
            ]
            sheet = np.repeat(np.arange(len(of_each)), [len(organisations) for organisations in of_each])
            self._rows[level] = Rows(sheet, tuple(one for organisations in of_each for one in organisations))
        return self._rows[level]

    def facts(self, sheet: int, organisation: int) -> RowFacts:
        return self.context.rows.get((organisation, self.sheets[sheet].period), NOTHING)

    def evaluated(self, program: Program, level: str, base: str, *, zero: bool) -> tuple[Exact, dict[Leaf, Column]]:
        """A program's result for each row of `level`, and what it was given."""
        columns = {leaf: self.column(leaf, level, base, zero=zero) for leaf in program.leaves}
        inputs = {leaf: column.cells for leaf, column in columns.items()}
        return evaluate(program, inputs, len(self.rows(level))).exact(), columns

    def column(self, leaf: Leaf, level: str, base: str, *, zero: bool) -> Column:
        """What a program at `level` asks for; see `Levels.template`.

        Args:
            base: the level at which capacities are taken.
            zero: a figure that is missing counts as 0. Capacities never do.
        """
        key = (leaf, level, base, zero)
        if key not in self._columns:
            self._columns[key] = self._column(leaf, level, base, zero)
        return self._columns[key]

    def _column(self, leaf: Leaf, level: str, base: str, zero: bool) -> Column:
        if leaf.code in CAPACITIES:
            own, adding = self._capacity(leaf.code, base), OverOrganisations.SUM
            return own if base == level else self._added_up(own, base, level, adding, None, strict=True)
        below = self.levels.meets(leaf.code)
        definition = self.levels.catalogue[leaf.code]
        if below == level:
            return self._stored(leaf, level, zero)
        if definition.formula:
            own = self._made(leaf, below, zero)
        else:
            own = self.column(leaf, below, below, zero=False)
        weights = (
            self.column(Leaf(definition.weight, leaf.shifts), below, below, zero=False) if definition.weight else None
        )
        assert definition.over_organisations is not None
        whole = self._added_up(
            own, below, level, definition.over_organisations, weights, strict=not (zero or leaf.shifts)
        )
        return _filled_with_zeros(whole) if zero else whole

    def _made(self, leaf: Leaf, level: str, zero: bool) -> Column:
        """A cell formula at the level at which it is made."""
        base = self.levels.lowest(self.levels.stored_below(leaf.code))
        program = self.levels.program(leaf.code)
        columns = {
            inner: self.column(Leaf(inner.code, leaf.shifts + inner.shifts), level, base, zero=zero)
            for inner in program.leaves
        }
        inputs = {inner: column.cells for inner, column in columns.items()}
        cells = evaluate(program, inputs, len(self.rows(level))).exact()
        excused = np.any([column.excused for column in columns.values()], axis=0) & ~cells.present
        return Column(cells, excused)

    def _added_up(
        self,
        column: Column,
        lower: str,
        upper: str,
        adding: OverOrganisations,
        weights: Column | None,
        *,
        strict: bool,
    ) -> Column:
        """The numbers of the rows below each row of `upper`; with `strict` only where none of them is missing."""
        count, groups = len(self.rows(upper)), self.upper(lower, upper)
        present = column.cells.present if weights is None else column.cells.present & weights.cells.present
        if adding is OverOrganisations.NONE:
            alone = np.bincount(groups[(groups >= 0) & present], minlength=count) == 1
            cells = aggregate(Adding.FIRST, column.cells, groups, count).exact()
            cells = Exact.of(cells.numerator, cells.denominator, cells.present & alone)
        else:
            rule = Adding(adding.value)
            cells = aggregate(rule, column.cells, groups, count, weights.cells if weights else None).exact()
        excused = np.zeros(count, np.bool_)
        excused[groups[(groups >= 0) & column.excused]] = True
        excused &= ~cells.present
        if strict:
            incomplete = np.zeros(count, np.bool_)
            incomplete[groups[(groups >= 0) & ~present & ~column.excused]] = True
            cells = Exact.of(cells.numerator, cells.denominator, cells.present & ~incomplete)
            excused &= ~incomplete
        return Column(cells, excused)

    def upper(self, lower: str, upper: str) -> Index:
        """For each row of the lower level the row of the upper one to which it adds up; -1 for none."""
        if (lower, upper) not in self._uppers:
            rows, above = self.rows(lower), self.rows(upper).position
            found = np.full(len(rows), -1, np.intp)
            for at, (sheet, organisation) in enumerate(zip(rows.sheet.tolist(), rows.organisation, strict=True)):
                if upper == SELF:
                    found[at] = above[sheet, self.sheets[sheet].organisation_id]
                    continue
                line = (organisation, *self.facts(sheet, organisation).ancestors)
                found[at] = next((above[sheet, one] for one in line if (sheet, one) in above), -1)
            self._uppers[lower, upper] = found
        return self._uppers[lower, upper]

    def _capacity(self, name: str, level: str) -> Column:
        rows = self.rows(level)
        pairs = zip(rows.sheet.tolist(), rows.organisation, strict=True)
        values = [getattr(self.facts(sheet, organisation), name) for sheet, organisation in pairs]
        return Column(Exact.of_fractions(values), np.zeros(len(values), np.bool_))

    def _stored(self, leaf: Leaf, level: str, zero: bool) -> Column:
        rows, precision = self.rows(level), self.levels.catalogue[leaf.code].scale
        read = self._filed if not leaf.shifts else self._earlier
        scaled = [
            read(sheet, organisation, leaf, precision)
            for sheet, organisation in zip(rows.sheet.tolist(), rows.organisation, strict=True)
        ]
        present = np.array([value is not None for value in scaled], np.bool_)
        cells = Exact.scaled(np.array([value or 0 for value in scaled], np.int64), precision, present)
        excused = np.zeros(len(rows), np.bool_)
        if not leaf.shifts and any(sheet.marks for sheet in self.sheets):
            for at in np.flatnonzero(~present).tolist():
                marks = self.sheets[rows.sheet[at]].marks
                excused[at] = marks.get((rows.organisation[at], leaf.code)) == Mark.OUT_OF_SERVICE
        column = Column(cells, excused)
        return _filled_with_zeros(column) if zero else column

    def _filed(self, sheet: int, organisation: int, leaf: Leaf, precision: int) -> int | None:
        value = self.sheets[sheet].values.get((organisation, leaf.code))
        return None if value is None else int(value.scaleb(precision))

    def _earlier(self, sheet: int, organisation: int, leaf: Leaf, precision: int) -> int | None:
        """The figure of an earlier period: from a sheet that is checked too, or as it is filed."""
        day = moved(self.sheets[sheet].period, leaf.shifts[0], self.grain)
        other = self._by_period.get((self.sheets[sheet].organisation_id, day))
        if other is not None:
            value = self._filed(other, organisation, leaf, precision)
            if value is not None:
                return value
        series = self.context.earlier.get((organisation, leaf.code))
        return series.at(day) if series else None

    @cached_property
    def _by_period(self) -> dict[tuple[int, Day], int]:
        return {(sheet.organisation_id, sheet.period): at for at, sheet in enumerate(self.sheets)}


def moved(day: Day, shift: Shift, grain: Grain) -> Day:
    """The first day of the period before, or of the same one last year."""
    if shift is Shift.YEAR_AGO:
        return same_day_last_year(day)
    before = date.fromordinal(day.toordinal() - 1)
    return before if grain is Grain.DAY else before.replace(day=1)


def _filled_with_zeros(column: Column) -> Column:
    cells = column.cells
    if cells.present.all():
        return column
    full = rational.made(cells.numerator, cells.denominator, np.ones(cells.size, np.bool_))
    return Column(full, np.zeros(cells.size, np.bool_))
