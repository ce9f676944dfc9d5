"""What the cube needs to know of an indicator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from gangmu.figures.cube.storage import Grain
from gangmu.figures.indicators.decimals import MOST_DECIMALS, EarlierPrecision, decimals_on
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step
from gangmu.foundation.periods.period import Period

CAPACITIES = frozenset({"capacity_mw", "capacity_mwh"})


@dataclass(frozen=True)
class Shown:
    """In which unit figures are told: how many of it make one of the measure's own, and with how many decimals (None:
    as many as nothing is lost with)."""

    unit: str
    factor: Fraction
    tens: int | None  # by how many places the point moves, where that is all
    decimals: int | None = None

    def decimals_of(self, own: int) -> int:
        kept = own if self.tens is None else own - self.tens
        return max(0, min(kept, MOST_DECIMALS if self.decimals is None else self.decimals))


@dataclass(frozen=True)
class Measure:
    """An indicator, stored or computed.

    Without a `program` it is filed. A `program` with `over_organisations` is evaluated cell by cell, one without on
    totals; result formulas that it mentions are put in, so its leaves are filed, cell formulas or capacities.

    `precision` is the newest, `precisions` those before it; figures are stored with the decimals of their slab.

    `program` is the newest. Where it or what is put in changes with time, `since` are all programs of a cell formula
    with the days (ordinals) from which each is valid, the first from 0, and `in_period` gives that of a formula on
    totals for a period: each formula in it by the last day of the period that it is evaluated for.
    """

    id: int
    code: str
    unit: str
    precision: int
    grain: Grain
    level: str
    over_time: str = ""
    over_organisations: str = ""
    weight: str = ""
    is_profit: bool = False
    program: Program | None = None
    formula: str = ""
    name_zh: str = ""
    name_en: str = ""
    since: tuple[tuple[int, Program], ...] = ()
    in_period: Callable[[Period], Program] | None = field(default=None, compare=False)
    settles: str = ""
    category: str = ""  # of the part of a split indicator
    precisions: tuple[EarlierPrecision, ...] = ()
    scale: int = 0  # the decimals with which facts are stored
    shown: Shown | None = None  # in another unit

    @property
    def told_unit(self) -> str:
        return self.shown.unit if self.shown else self.unit

    @property
    def is_filed(self) -> bool:
        return self.program is None

    @property
    def is_result(self) -> bool:
        return self.program is not None and not self.over_organisations

    @property
    def programs(self) -> tuple[Program, ...]:
        """All that cells are evaluated with at one time or another."""
        newest = (self.program,) if self.program is not None else ()
        return tuple(program for _day, program in self.since) or newest

    def decimals(self, period: Period) -> int:
        """With how many decimals the figures of a period are told: those that hold on its last day."""
        own = decimals_on(period.end, self.precision, self.precisions) if self.precisions else self.precision
        return self.shown.decimals_of(own) if self.shown else own

    def decimals_in(self, periods: Sequence[Period]) -> list[int]:
        """As `decimals`, of each period."""
        if self.precisions:
            return [self.decimals(period) for period in periods]
        return [self.decimals(periods[0])] * len(periods) if periods else []

    def within(self, period: Period) -> "Measure":
        """The measure with nothing but the program and the decimals that hold on the period's last day."""
        if self.precisions:
            own = decimals_on(period.end, self.precision, self.precisions)
            return replace(self, precision=own, precisions=()).within(period)
        if self.in_period is not None:
            return replace(self, program=self.in_period(period), in_period=None)
        if self.since:
            day = period.end.toordinal()
            return replace(self, program=[one for start, one in self.since if start <= day][-1], since=())
        return self


Measures = Callable[[str], Measure]


def capacity_of(code: str) -> tuple[str, str | None] | None:
    """For the leaf `capacity_mw@plant`: the capacity's name and the kind whose capacities it adds up; None for
    indicators. In the formula of a cell there is no kind: it is the cell's own organisation's."""
    name, _, level = code.partition("@")
    return (name, level or None) if name in CAPACITIES else None


def only_where_reported(program: Program) -> Program:
    """The program for one cell: without a value where no indicator that it looked at had one.

    `if(capacity_mw > 100, 1, x)` would otherwise give a value to cells that nobody filed. A formula of capacities
    alone is left as it is.
    """
    touched = _always_touched(program.steps)
    if touched[-1] or all(capacity_of(leaf.code) for leaf in program.leaves):
        return program
    steps = list(program.steps)

    def add(op: Op, *arguments: int, payload: Leaf | Fraction | int | None = None) -> int:
        steps.append(Step(op, arguments, payload))
        return len(steps) - 1

    zero, one = add(Op.CONSTANT, payload=Fraction(0)), add(Op.CONSTANT, payload=Fraction(1))
    marks: list[int] = []  # for each step, the step that says 1 where an indicator was looked at
    for number, step in enumerate(program.steps):
        if step.op is Op.LEAF:
            is_indicator = isinstance(step.payload, Leaf) and capacity_of(step.payload.code) is None
            marks.append(one if is_indicator else zero)
        elif step.op is Op.CHOOSE:
            condition, yes, no = step.arguments
            taken = add(Op.CHOOSE, condition, marks[yes], marks[no])
            marks.append(add(Op.MAXIMUM, marks[condition], taken))
        elif step.op is Op.TOTAL:  # the marks of those that are there
            there = [add(Op.CHOOSE, add(Op.EQUAL, one, one), marks[one], marks[one]) for one in step.arguments]
            marks.append(add(Op.TOTAL, *there))
        else:
            mark = zero
            for argument in step.arguments:
                mark = marks[argument] if mark == zero else add(Op.MAXIMUM, mark, marks[argument])
            marks.append(mark)
        assert len(marks) == number + 1
    nothing = add(Op.DIVIDE, one, zero)
    add(Op.CHOOSE, add(Op.LESS, zero, marks[-1]), len(program.steps) - 1, nothing)
    return Program(tuple(steps), program.leaves)


def always_needed(program: Program) -> frozenset[Leaf]:
    """The leaves without which there is never a result: not those of one side of an `if` alone."""
    needed: list[frozenset[Leaf]] = []
    for step in program.steps:
        given = [needed[argument] for argument in step.arguments]
        if step.op is Op.LEAF:
            assert isinstance(step.payload, Leaf)
            needed.append(frozenset({step.payload}))
        elif step.op is Op.CHOOSE:
            condition, yes, no = given
            needed.append(condition | (yes & no))
        elif step.op is Op.TOTAL:
            needed.append(given[0] & given[1])
        else:
            needed.append(frozenset().union(*given))
    return needed[-1]


def _always_touched(steps: tuple[Step, ...]) -> list[bool]:
    """Whether a step that has a value has certainly looked at an indicator that has one."""
    touched: list[bool] = []
    for step in steps:
        if step.op is Op.LEAF:
            touched.append(isinstance(step.payload, Leaf) and capacity_of(step.payload.code) is None)
        elif step.op is Op.CHOOSE:
            condition, yes, no = (touched[argument] for argument in step.arguments)
            touched.append(condition or (yes and no))
        elif step.op is Op.TOTAL:
            touched.append(all(touched[argument] for argument in step.arguments))
        else:
            touched.append(any(touched[argument] for argument in step.arguments))
    return touched
