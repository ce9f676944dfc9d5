"""One figure of an answer, with the state of the cube in which it was computed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gangmu.figures.cube.engine import Engine, on_axis
from gangmu.figures.cube.gateway import Asked
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.question import STATES, Row, decimal_text
from gangmu.figures.cube.reading import Reading
from gangmu.figures.cube.results import Result, figures, rounded_by_period, stretch
from gangmu.figures.cube.stretches import Stretch, common
from gangmu.figures.cube.tree import Grouping, OrganisationRow, Segment, Tree
from gangmu.foundation.periods.period import Period


@dataclass(frozen=True)
class Shown:
    """A figure as it is told: rounded, with its coverage and lowest state."""

    value: str | None
    reported: int
    expected: int
    state: str | None

    @property
    def is_there(self) -> bool:
        """Whether a cell was expected or came."""
        return bool(self.reported or self.expected)

    def as_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "coverage": {"reported": self.reported, "expected": self.expected},
            "state": self.state,
        }


class Subject:
    """What is explained: a row, the cells that belong to it, and what may be told of them."""

    def __init__(
        self, asked: Asked, reading: Reading, row: Row, measure: Measure, grouping: Grouping, group: int, period: Period
    ) -> None:
        self.asked, self.reading, self.row, self.measure, self.period = asked, reading, row, measure, period
        self.tree: Tree = reading.tree
        self.engine: Engine = reading.engine
        self.whole = grouping if len(grouping.labels) == 1 else self._only(grouping, group)

    @staticmethod
    def _only(grouping: Grouping, group: int) -> Grouping:
        segments = (one for one in grouping.segments if one.group == group)
        return Grouping(
            ("",),
            tuple(Segment(0, one.organisation, one.start, one.end) for one in segments),
            grouping.now,
            grouping.today,
            grouping.shares,
        )

    # Organisations ---------------------------------------------------------------------------------------------------

    @cached_property
    def organisation(self) -> OrganisationRow:
        """The organisation whose figure it is: the one asked for, or the child that the row is of."""
        question = self.asked.question
        code = self.row.group if question.by == "children" and self.row.group else self.row.organisation
        return self.tree.by_code[code]

    @cached_property
    def ids(self) -> list[int]:
        """The organisations that can have cells in it, by code."""
        found = {one.organisation for one in self.whole.segments}
        return sorted(found, key=lambda one: self.tree.organisations[one].code)

    @cached_property
    def each(self) -> Grouping:
        """The same cells, every organisation a group of its own, in the order of `ids`. To count, not to tell: among
        them can be days of organisations that the asker may know of in totals alone."""
        return self._each(self.ids, self.days.__getitem__)

    @cached_property
    def visible(self) -> Grouping:
        """As `each`, without the days that the asker may not see by themselves."""
        return self.alone(self.ids)

    def alone(self, organisations: Sequence[int]) -> Grouping:
        """Organisations without those below them, on the days that the asker may see by themselves."""
        return self._each(organisations, self._visible_days)

    def _each(self, organisations: Sequence[int], days: Callable[[int], list[Stretch]]) -> Grouping:
        segments = [
            Segment(place, organisation, *stretch)
            for place, organisation in enumerate(organisations)
            for stretch in days(organisation)
        ]
        labels = tuple(map(self.code, organisations))
        return Grouping(labels, tuple(segments), self.whole.now, self.whole.today, self.whole.shares)

    def _visible_days(self, organisation: int) -> list[Stretch]:
        windows, days = self.reading.visibility.windows(organisation), self.days.get(organisation, [])
        if windows is None:
            return days
        return [] if self.whole.now else common(days, windows)

    @cached_property
    def days(self) -> dict[int, list[Stretch]]:
        """By organisation: the days on which its cells belong to the figure."""
        found: dict[int, list[Stretch]] = {}
        for one in self.whole.segments:
            found.setdefault(one.organisation, []).append((one.start, one.end))
        return found

    def within(self, grouping: Grouping) -> Grouping:
        """Another grouping, cut to the figure's cells."""
        segments = [
            Segment(one.group, one.organisation, *days)
            for one in grouping.segments
            for days in common([(one.start, one.end)], self.days.get(one.organisation, []))
        ]
        return Grouping(grouping.labels, tuple(segments), grouping.now, grouping.today, self.whole.shares)

    def named(self, organisation: int) -> bool:
        """Whether the asker may know the organisation at all."""
        return self.reading.visibility.named(organisation)

    def sees(self, organisation: int, day: int) -> bool:
        """Whether the asker may see the organisation on a day."""
        windows = self.reading.visibility.windows(organisation)
        return windows is None or any(start <= day < end for start, end in windows)

    def name(self, organisation: int) -> dict[str, str]:
        row = self.tree.organisations[organisation]
        return {"zh": row.name_zh, "en": row.name_en}

    def code(self, organisation: int) -> str:
        return self.tree.organisations[organisation].code

    # Periods and figures ---------------------------------------------------------------------------------------------

    def cells_in(self, period: Period, measure: Measure | None = None) -> Stretch:
        """The period on the axis of the indicator's grain."""
        return on_axis(stretch(period), (measure or self.measure).grain)

    def shown(self, grouping: Grouping, periods: Sequence[Period], measure: Measure | None = None) -> list[list[Shown]]:
        """The figures of groups, a line for each period."""
        one = measure or self.measure
        return told(figures(self.engine, one, grouping, list(periods)), one, periods, len(grouping.labels))

    def there(self, grouping: Grouping) -> list[bool]:
        """Of which groups a cell was expected or came: the indicator's own, or of a formula on totals an input's."""
        measures = self.filed if self.measure.is_result and self.filed else [self.measure]
        lines = [self.shown(grouping, [self.period], one)[0] for one in measures]
        return [any(shown.is_there for shown in column) for column in zip(*lines, strict=True)]

    @cached_property
    def filed(self) -> list[Measure]:
        """The filed indicators that go into it, itself if it is one."""
        return list(dict.fromkeys(self._filed(self.measure)))

    def _filed(self, measure: Measure) -> Iterable[Measure]:
        if measure.program is None:
            yield measure
            if measure.weight:
                yield from self._filed(self.engine.measures(measure.weight))
            return
        programs = measure.within(self.period).programs if measure.is_result else measure.programs
        for leaf in dict.fromkeys(leaf for program in programs for leaf in program.leaves):
            if capacity_of(leaf.code) is None:
                yield from self._filed(self.engine.measures(leaf.code))


def told(result: Result, measure: Measure, periods: Sequence[Period], groups: int) -> list[list[Shown]]:
    """Results by period and group, rounded once to the decimals of each period."""
    decimals = list(map(measure.decimals, periods))
    numbers = rounded_by_period(result.values, decimals)
    lines = []
    for period, digits in enumerate(decimals):
        line = []
        for group in range(groups):
            at, state = result.place(period, group), int(result.state[period, group])
            line.append(
                Shown(
                    decimal_text(int(numbers.scaled[at]), digits) if numbers.present[at] else None,
                    int(result.reported[period, group]),
                    int(result.expected[period, group]),
                    STATES[state - 1] if state else None,
                )
            )
        lines.append(line)
    return lines
