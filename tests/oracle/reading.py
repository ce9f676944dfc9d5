"""What the cells of a world hold, and what they come to in a group and period."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

from oracle import formula, periods
from oracle.cells import STATES, Cell, Coverage, Group, Total, over_organisations, over_time
from oracle.filing import Held
from oracle.formula import Node
from oracle.periods import Period
from oracle.scopes import Counting
from oracle.settling import Settling
from oracle.taxes import FOLLOWS, made
from oracle.tree import Tree
from oracle.units import Unit, unit
from oracle.world import Indicator, Question, World, WorldError

CAPACITIES = {"capacity_mw": "MW", "capacity_mwh": "MWh"}


class Reading:
    """One world, read with one structure and one lowest state."""

    def __init__(
        self, world: World, held: Held, question: Question, today: date, seen: Counter[str] | None = None
    ) -> None:
        self.world, self.held_in_the_end = world, held
        fixed = world.scope(question.scope).structure if question.scope else ""
        self.structure = fixed or question.structure
        self.accepted = STATES[STATES.index(question.at_least) :]
        self.scenario = "actual"
        self.today = today
        self.seen = Counter[str]() if seen is None else seen
        self.history, self.facts = held.history, held.facts
        self.counting = Counting(world, self.history, today, now=self.structure == "now")
        self.settling = Settling(self)
        self._nodes: dict[tuple[str, str], Node] = {}
        self._cells: dict[tuple[str, str], list[Cell]] = {}
        self._values: dict[tuple[str, str, str], Fraction | None] = {}
        self._totals: dict[tuple[str, Group, str], Total] = {}

    # Definitions

    @cached_property
    def _by_name(self) -> dict[str, str]:
        found = {indicator.code: indicator.code for indicator in self.world.everything}
        for indicator in self.world.everything:
            found.setdefault(indicator.name_zh, indicator.code)
            found.setdefault(indicator.name_en, indicator.code)
        return found

    def code_of(self, name: str) -> str:
        """The indicator's code behind a code or a 「name」; capacities stand for themselves."""
        if name in CAPACITIES:
            return name
        try:
            return name if name in self.world.on_other_bases else self._by_name[name]
        except KeyError:
            raise WorldError(f"no indicator {name}") from None

    def unit_of(self, name: str) -> Unit:
        code = self.code_of(name)
        return unit(CAPACITIES[code] if code in CAPACITIES else self.world.indicator(code).unit)

    def node(self, indicator: Indicator, period: Period) -> Node:
        """Its formula, the one that holds on the period's last day."""
        text = indicator.formula_on(period.end)
        if text != indicator.formula:
            self.seen["formula: an earlier one"] += 1
        if indicator.made_from:
            return self._on_other_basis(indicator, text, period)
        if (indicator.code, text) not in self._nodes:
            node = self._nodes[indicator.code, text] = formula.read(text)
            own = formula.unit_of(node, self.unit_of)
            if own is not None and own.powers != unit(indicator.unit).powers:
                raise WorldError(f"{indicator.code} does not come out in {indicator.unit}")
        return self._nodes[indicator.code, text]

    def _on_other_basis(self, indicator: Indicator, text: str, period: Period) -> Node:
        tax = None if indicator.tax == FOLLOWS else self.world.tax(indicator.tax)
        if tax is not None and tax.on(period.end) != tax.on(date.max):
            self.seen["tax: an earlier rate"] += 1

        def named(name: str) -> Indicator | None:
            code = self.code_of(name)
            return None if code in CAPACITIES else self.world.indicator(code)

        return made(formula.read(text), indicator, tax, period.end, named)

    def inputs(self, indicator: Indicator, period: Period) -> list[Indicator]:
        """The indicators with cells that a formula rests on, through result formulas, in order of writing."""
        if indicator.is_made_of_parts:
            return self.world.parts(indicator)
        return [indicator] if indicator.is_filed else self._written(self.node(indicator, period), period)

    def _written(self, node: Node, period: Period) -> list[Indicator]:
        if node[0] == "name":
            code = self.code_of(node[1])
            if code in CAPACITIES:
                return []
            one = self.world.indicator(code)
            return self.inputs(one, period) if one.is_result_formula else [one]
        moments = periods_looked_at(node[0], period) if node[0] in formula.TIME_FUNCTIONS else [period]
        parts = [part for part in node[1:] if isinstance(part, tuple)]
        return [one for moment in moments for part in parts for one in self._written(part, moment)]

    # Cells

    def place(self, code: str, period: Period) -> Tree | None:
        """The tree in which a cell stands: of its day, of the last day in its month, or of today."""
        if self.structure == "now":
            now = self.history.tree(self.today)
            return now if code in now else None
        return self.history.last_tree_with(code, period)

    def in_service(self, code: str, period: Period) -> bool:
        return self.history.last_tree_with(code, period) is not None

    def cells(self, indicator: Indicator, period: Period) -> list[Cell]:
        """The cells, expected or reported, of all organisations."""
        return [cell for grain in period.grains(indicator.grain) for cell in self._cells_of(indicator, grain)]

    def _cells_of(self, indicator: Indicator, grain: Period) -> list[Cell]:
        memory = (indicator.code, grain.code)
        if memory not in self._cells:
            self._cells[memory] = self._find_cells(indicator, grain)
        return self._cells[memory]

    def _find_cells(self, indicator: Indicator, period: Period) -> list[Cell]:
        level = indicator.kind_of_organisation
        found = {}
        if self.anything_filed(indicator, period):
            for code in self.world.codes():
                if (value := self.cell_value(indicator, code, period)) is not None:
                    found[code] = value
        elsewhere = [code for code in found if self._kind(code, period) != level]
        cells = []
        for code in self.world.codes():
            tree = self.place(code, period)
            if tree is None:
                continue
            expected = code in elsewhere or (
                tree.kind(code) == level
                and self.in_service(code, period)
                and not self._stands_below(code, elsewhere, period)
            )
            value = found.get(code)
            if value is not None or expected:
                state = "" if value is None else self._cell_state(indicator, code, period)
                cells.append(Cell(code, period, tree, value, expected, state))
        return cells

    def _kind(self, code: str, period: Period) -> str:
        """Its kind in the period, or today's where it was not there yet."""
        tree = self.history.last_tree_with(code, period) or self.place(code, period)
        return tree.kind(code) if tree else ""

    def _stands_below(self, code: str, others: Sequence[str], period: Period) -> bool:
        """On any day of the period: for these days the other has filed in its place."""
        trees = self.history.trees(period) if others else []
        return any(tree.is_below(code, other) for tree in trees for other in others)

    def anything_filed(self, indicator: Indicator, period: Period) -> bool:
        """Whether looking at the cells is worth while: no formula gives a value where no input is filed."""
        if not indicator.is_filed:
            inputs = self.inputs(indicator, period)
            return not inputs or any(self.anything_filed(one, period) for one in inputs)
        return any((indicator.code, one.code, self.scenario) in self.facts for one in period.grains(indicator.grain))

    def cell_value(self, indicator: Indicator, code: str, period: Period) -> Fraction | None:
        """The value filed for, or calculated in, one cell."""
        if indicator.is_filed:
            filed = self.facts.get((indicator.code, period.code, self.scenario), {}).get(code)
            return filed.value if filed and filed.state in self.accepted else None
        memory = (indicator.code, code, period.code)
        if memory not in self._values:
            self._values[memory] = self._calculated(indicator, code, period)
        return self._values[memory]

    def _calculated(self, indicator: Indicator, code: str, period: Period) -> Fraction | None:
        """As `_of_parts`, or a formula's value where an input that it looked at is reported.

        A formula of capacities alone has no input to be reported: it has a value for those of its level.
        """
        if indicator.is_made_of_parts:
            return self._of_parts(indicator, code, period)
        cell = InCell(self, indicator, code, period)
        value = cell.value(self.node(indicator, period))
        counts = (
            cell.anything_reported if self.inputs(indicator, period) else self._kind(code, period) == indicator.level
        )
        return value / unit(indicator.unit).factor if counts and value is not None else None

    def _of_parts(self, indicator: Indicator, code: str, period: Period) -> Fraction | None:
        """The sum of the parts that are there; of weighted ones their mean, each by the part of the weight."""
        above, below, found = Fraction(0), Fraction(0), False
        for part in self.world.parts(indicator):
            value, weight = self.cell_value(part, code, period), Fraction(1)
            if value is not None and part.weight:
                given = self.cell_value(self.world.indicator(part.weight), code, period)
                weight = given if given is not None else Fraction(0)
                value = value if given is not None else None
            if value is not None:
                above, below, found = above + value * weight, below + weight, True
        if not indicator.weight:
            return above if found else None
        return above / below if below else None

    def _cell_state(self, indicator: Indicator, code: str, period: Period) -> str:
        """The lowest state of what was filed into a cell that has a value; "" where capacities alone went into it."""
        if indicator.is_filed:
            return self.facts[indicator.code, period.code, self.scenario][code].state
        states = [
            cell.state
            for one in self.inputs(indicator, period)
            for cell in self.cells(one, period)
            if cell.state and code in cell.tree.path(cell.organisation)
        ]
        return min(states, key=STATES.index, default="")

    # Shares

    def share(self, group: Group, code: str, period: Period, rule: str) -> Fraction:
        """With which share a cell counts; 0: it does not. A month goes by the last of its days on which the
        organisation was there, and counts with the mean share of those of its days on which it counted."""
        if not group.scope:
            return Fraction(1)
        days = [period.start] if self.structure == "now" else period.days()
        there = days if self.structure == "now" else [day for day in days if code in self.history.tree(day)]
        shares = [self.counting.share(group.scope, code, day, group.begins) for day in there]
        if not shares or not shares[-1]:
            return Fraction(0)
        counted = [share for share in shares if share]
        if len(set(counted)) > 1:
            self.seen["scope: a share changes within a month"] += 1
        if rule == "first":
            return counted[0]
        return counted[-1] if rule == "last" else sum(counted, Fraction(0)) / len(counted)

    def held(self, group: Group, indicator: Indicator, period: Period) -> list[Cell]:
        """The cells that belong to a group and are counted by its scope."""
        return [
            cell
            for cell in self.cells(indicator, period)
            if group.holds(cell.tree, cell.organisation) and self.share(group, cell.organisation, cell.period, "")
        ]

    # Totals

    def total(self, indicator: Indicator, group: Group, period: Period) -> Total:
        memory = (indicator.code, group, period.code)
        if memory not in self._totals:
            if indicator.is_result_formula:
                self._totals[memory] = self._result(indicator, group, period)
            else:
                self._totals[memory] = self._sum(indicator, group, period, indicator.over_time)
        return self._totals[memory]

    def last(self, indicator: Indicator, group: Group, period: Period) -> Total:
        """As `total`, but over time the last reported value of each organisation."""
        if indicator.is_result_formula or indicator.over_organisations == "weighted":
            raise WorldError("the oracle reads last(x) only of what has an over_time to replace")
        return self._sum(indicator, group, period, "last")

    def _result(self, indicator: Indicator, group: Group, period: Period) -> Total:
        evaluation = InGroup(self, indicator, group, period)
        value = evaluation.value(self.node(indicator, period))
        used = evaluation.used(self.node(indicator, period))
        return Total(
            None if value is None else value / unit(indicator.unit).factor,
            tuple(coverage for total in used for coverage in total.coverages),
            tuple(state for total in used for state in total.states),
        )

    def _sum(self, indicator: Indicator, group: Group, period: Period, rule: str) -> Total:
        """First over time, organisation by organisation, then over organisations."""
        cells = self.held(group, indicator, period)
        reported = [cell for cell in cells if cell.value is not None]
        coverage = Coverage(len(reported), sum(cell.expected for cell in cells))
        states = tuple(dict.fromkeys(cell.state for cell in reported if cell.state))
        self._notice(indicator, group, period, cells)
        if indicator.over_organisations == "weighted":
            value = self._weighted(self.world.indicator(indicator.weight), reported, group)
        else:
            organisations = {cell.organisation for cell in cells}
            adds_up = indicator.over_organisations == "sum"
            of_each = [
                over_time(
                    rule,
                    [
                        cell.value and cell.value * (self.share(group, code, cell.period, rule) if adds_up else 1)
                        for cell in reported
                        if cell.organisation == code
                    ],
                )
                for code in sorted({cell.organisation for cell in reported})
            ]
            value = over_organisations(indicator.over_organisations, of_each, len(organisations))
        total = Total(value, (coverage,), states)
        return self.settling.adjusted(total, indicator, group, period) if rule == indicator.over_time else total

    def _weighted(self, weight: Indicator, cells: list[Cell], group: Group) -> Fraction | None:
        above, below = Fraction(0), Fraction(0)
        for cell in cells:
            factor = self.cell_value(weight, cell.organisation, cell.period)
            if factor is None:
                self.seen["weighted: a cell without its weight"] += 1
            elif cell.value is not None:
                share = self.share(group, cell.organisation, cell.period, "")
                above += cell.value * factor * share
                below += factor * share
        if below == 0:
            self.seen["weighted: weights come to nothing"] += bool(cells)
            return None
        return above / below

    def capacity(self, kind: str, group: Group, period: Period) -> Fraction | None:
        """Megawatts in service, added up day by day; None where no organisation of this kind has a capacity."""
        total, known = Fraction(0), False
        for day in period.days():
            in_service = self.history.tree(day)
            tree = self.history.tree(self.today) if self.structure == "now" else in_service
            for code, line in tree.lines.items():
                if code not in in_service or not line.capacity_mw or (kind and line.kind != kind):
                    continue
                share = self.counting.share(group.scope, code, day, group.begins) if group.scope else Fraction(1)
                if group.holds(tree, code) and share:
                    known = True
                    total += Fraction(line.capacity_mw) * share
        return total if known else None

    def _notice(self, indicator: Indicator, group: Group, period: Period, cells: list[Cell]) -> None:
        reported = [cell for cell in cells if cell.value is not None]
        organisations = {cell.organisation for cell in reported}
        if not reported or group.alone:
            return
        if len(reported) < len(cells):
            self.seen["coverage: some but not all"] += 1
        if any(cell.tree.kind(cell.organisation) != indicator.kind_of_organisation for cell in reported):
            self.seen["coverage: an organisation filed for those below it"] += 1
        alone = indicator.over_organisations == "none" and len({cell.organisation for cell in cells}) == 1
        if len(reported) > len(organisations) and (len(organisations) > 1 or alone):
            self.seen[f"added up: {indicator.over_time} then {indicator.over_organisations}"] += 1
        if group.by in ("", "children") and any(
            cell.value is not None
            and cell.organisation in organisations
            and not group.holds(cell.tree, cell.organisation)
            for cell in self.cells(indicator, period)
        ):
            self.seen["moved: some of an organisation's cells belong to the group"] += 1


class _Named(formula.Evaluation):
    """Names are indicators; values are in base units."""

    def __init__(self, reading: Reading, indicator: Indicator, period: Period) -> None:
        self.reading, self.indicator, self.period = reading, indicator, period

    def unit_of_name(self, name: str) -> Unit:
        return self.reading.unit_of(name)

    def happened(self, what: str) -> None:
        self.reading.seen[what] += 1

    def in_base_units(self, value: Fraction | None, name: str) -> Fraction | None:
        return None if value is None else value * self.unit_of_name(name).factor

    def capacity_named(self, name: str, kind: str, group: Group) -> Fraction | None:
        days = self.reading.capacity(kind, group, self.period)
        if days is None:
            return None
        value = days * 24 if name == "capacity_mwh" else days / len(self.period.days())
        return self.in_base_units(value, name)


class InCell(_Named):
    """A formula in one cell: one organisation, one day or month."""

    def __init__(self, reading: Reading, indicator: Indicator, code: str, period: Period) -> None:
        super().__init__(reading, indicator, period)
        self.code = code
        self.anything_reported = False

    def value_of_name(self, name: str) -> Fraction | None:
        code = self.reading.code_of(name)
        if code in CAPACITIES:
            return self.capacity_named(code, "", Group(self.code, alone=True))
        one = self.reading.world.indicator(code)
        if one.is_result_formula:
            return self.value(self.reading.node(one, self.period))
        value = self._input(one)
        if value is not None:
            self.anything_reported = True
        return self.in_base_units(value, name)

    def _input(self, one: Indicator) -> Fraction | None:
        """Its cell here. Days are first added up to a month, and lower levels to this organisation."""
        level = self.indicator.kind_of_organisation
        if one.kind_of_organisation == level:
            if one.grain == self.indicator.grain:
                return self.reading.cell_value(one, self.code, self.period)
            return self.reading.total(one, Group(self.code, alone=True), self.period).value
        tree = self.reading.place(self.code, self.period)
        if tree is None or tree.kind(self.code) != level:
            return None
        self.happened("formula: levels meet at the higher")
        return self.reading.total(one, Group(self.code), self.period).value


class InGroup(_Named):
    """A formula on the totals of a group in a period."""

    def __init__(self, reading: Reading, indicator: Indicator, group: Group, period: Period) -> None:
        super().__init__(reading, indicator, period)
        self.group = group
        self.only_last = False

    def value_of_name(self, name: str) -> Fraction | None:
        code = self.reading.code_of(name)
        if code in CAPACITIES:
            return self.capacity_named(code, self.indicator.kind_of_organisation, self.group)
        return self.in_base_units(self._total(code).value, name)

    def _total(self, code: str) -> Total:
        whole = self.reading.last if self.only_last else self.reading.total
        return whole(self.reading.world.indicator(code), self.group, self.period)

    def at(self, period: Period) -> "InGroup":
        moment = InGroup(self.reading, self.indicator, self.group, period)
        moment.only_last = self.only_last
        return moment

    def moments(self, function: str) -> list["InGroup"]:
        """The periods that a function of time looks at."""
        moments = [self.at(period) for period in periods_looked_at(function, self.period)]
        for moment in moments:
            moment.only_last |= function == "last"
        return moments

    def value_in_time(self, function: str, node: Node) -> Fraction | None:
        values = [moment.value(node) for moment in self.moments(function)]
        if function != "yoy":
            return values[0]
        now, before = values
        if now is None or before is None:
            return None
        if before == 0:
            self.happened("formula: division by zero")
            return None
        return (now - before) / before

    def used(self, node: Node) -> list[Total]:
        """The totals of every indicator that is written in it, for the periods that are looked at."""
        if node[0] == "name":
            code = self.reading.code_of(node[1])
            return [] if code in CAPACITIES else [self._total(code)]
        parts = [part for part in node[1:] if isinstance(part, tuple)]
        if node[0] in formula.TIME_FUNCTIONS:
            return [total for moment in self.moments(node[0]) for total in moment.used(parts[0])]
        return [total for part in parts for total in self.used(part)]


def periods_looked_at(function: str, period: Period) -> list[Period]:
    """Those of which a function of time takes its argument."""
    match function:
        case "prior":
            return [periods.previous(period)]
        case "year_ago":
            return [periods.year_ago(period)]
        case "yoy":
            return [period, periods.year_ago(period)]
        case "ytd":
            return [periods.to_date(period)]
        case "mtd":
            return [periods.month_to_date(period)]
    return [period]
