"""A scheme of grading 定级规则: factors with levels, and the steps that make a result of them.

```yaml
scheme: HS/T-42                       # as written on the command line
number: HS/T 42-2014                  # as printed
title: {zh: …, en: …}
result: {name: grade, title: {zh: …, en: …}, values: {"1": {zh: 一级, en: Grade 1}, …}}      # the highest first
propagates: true                      # supporting systems take the highest result of what needs them
confirmers: {business: {zh: 业务方, en: Business side}, …}
agree: [business, technical]          # of them, who agrees to a re-grading; all when left out
catalogue: {standard: HS/T-42-2014, cell: "{}"}     # whose cell is the catalogue of services; {} is the result's code
unverified: {zh: …, en: …}            # what could not be read in the standard itself; shown with every result
factors:
  realtime: {title: {zh: …, en: …}, levels: {high: {zh: 高, en: High}, …}}                   # the highest first
steps:
  - gives: impact                     # a factor that may be given, or made of others; or the result
    of: [sensitivity, dependency]
    printed: {high: {major: {is: "1", clause: 4.1.5}}}    # cells of the standard's own text: locked
    house: {high: {obvious: "2"}}                         # cells of the house's making: parameters
  - {gives: level, of: [information, service], highest: true}
```

The first factor of `of` names the rows. A matrix has a value for each pair, each printed or of the house; and no
factor's rise may lower what comes out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, product
from typing import Literal

from gangmu.duties.grading.errors import FactorsRefused, SchemeFault, _
from gangmu.foundation.settings.refusing import in_chinese

Source = Literal["printed", "house"]
Cell = tuple[str, str]


@dataclass(frozen=True)
class Words:
    """A text in both languages; `str()` is the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if in_chinese() else self.en


@dataclass(frozen=True)
class Scale:
    """Something that has levels: a factor, what a step makes, or the result. `levels` begin with the highest."""

    code: str
    title: Words
    levels: Mapping[str, Words]

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Level → 0 for the highest, 1 for the next, …."""
        return {level: number for number, level in enumerate(self.levels)}

    @property
    def accepted(self) -> str:
        return ", ".join(self.levels)

    def highest(self, levels: list[str]) -> str:
        return min(levels, key=self.ranks.__getitem__)


@dataclass(frozen=True)
class Value:
    """What stands in a cell of a matrix: a level, whether the standard prints it, and in which clause."""

    level: str
    source: Source
    clause: str = ""


@dataclass(frozen=True)
class Step:
    """`gives` is made of `of`: through a matrix, or as the highest of all when `cells` are empty."""

    gives: str
    of: tuple[str, ...]
    cells: Mapping[Cell, Value] = field(default_factory=dict)

    @property
    def house(self) -> dict[Cell, str]:
        """The cells of the house's making."""
        return {cell: value.level for cell, value in self.cells.items() if value.source == "house"}

    @property
    def printed(self) -> dict[Cell, Value]:
        """The cells that the standard prints."""
        return {cell: value for cell, value in self.cells.items() if value.source == "printed"}


@dataclass(frozen=True)
class Scheme:
    """A scheme as read; `scale` finds a factor, what a step makes, or the result."""

    code: str
    number: str
    title: Words
    result: Scale
    factors: Mapping[str, Scale]
    steps: tuple[Step, ...]
    confirmers: Mapping[str, Words]
    propagates: bool = False
    catalogue: str = ""  # a standard
    cell: str = "{}"  # how the result's code becomes a cell of it
    unverified: Words | None = None  # what of it could not be read in the standard itself
    agree: tuple[str, ...] = ()  # of the confirmers, those that agree to a re-grading; empty: all

    @property
    def slug(self) -> str:
        """The code as it stands in addresses: `hs-t-42`."""
        return self.code.lower().replace("/", "-")

    def confirmers_of(self, again: bool) -> tuple[str, ...]:
        """The parties that confirm a first grading, or agree to a re-grading."""
        return self.agree if again and self.agree else tuple(self.confirmers)

    def scale(self, code: str) -> Scale:
        return self.result if code == self.result.code else self.factors[code]

    def step(self, gives: str) -> Step | None:
        """The step that makes something, if any."""
        return next((step for step in self.steps if step.gives == gives), None)

    @property
    def matrices(self) -> list[Step]:
        return [step for step in self.steps if step.cells]

    def with_steps(self, steps: tuple[Step, ...]) -> "Scheme":
        return replace(self, steps=steps)

    def with_house(self, values: Mapping[str, Mapping[Cell, str]]) -> "Scheme":
        """The scheme with the house's cells of some steps replaced: step → cell → level.

        Raises:
            SchemeFault: a step or cell that is not there, a printed cell, a level that is not there, not monotone.
        """
        steps = {step.gives: step for step in self.steps}
        for gives, cells in values.items():
            step = steps.get(gives)
            if step is None or not step.cells:
                made = ", ".join(one.gives for one in self.matrices)
                raise SchemeFault(
                    "", _("%(scheme)s has no matrix for “%(step)s”; it has: %(steps)s."),
                    scheme=self.code, step=gives, steps=made,
                )  # fmt: skip
            steps[gives] = changed = replace(step, cells={**step.cells, **self._house(step, cells)})
            require_monotone(self, changed)
        return replace(self, steps=tuple(steps[step.gives] for step in self.steps))

    def _house(self, step: Step, cells: Mapping[Cell, str]) -> dict[Cell, Value]:
        made = self.scale(step.gives)
        found: dict[Cell, Value] = {}
        for cell, level in cells.items():
            stands = step.cells.get(cell)
            named = place(self, step, cell) if stands else " × ".join(cell)
            if stands is None:
                text = _("There is no cell %(cell)s in the matrix of “%(step)s”.")
                raise SchemeFault("", text, cell=named, step=step.gives)
            if stands.source == "printed":
                if level == stands.level:
                    continue
                raise SchemeFault(
                    "", _("%(cell)s is printed in %(number)s (clause %(clause)s) as %(level)s and cannot be changed."),
                    cell=named, number=self.number, clause=stands.clause or "–", level=made.levels[stands.level],
                )  # fmt: skip
            if level not in made.levels:
                raise SchemeFault(
                    "", _("%(cell)s: there is no level “%(level)s”; accepted: %(accepted)s."),
                    cell=named, level=level, accepted=made.accepted,
                )  # fmt: skip
            found[cell] = Value(level, "house")
        return found


def place(scheme: Scheme, step: Step, cell: Cell) -> str:
    """A cell in words: “Real-time need high × impact major”."""
    parts = (
        f"{scheme.scale(factor).title} {scheme.scale(factor).levels[level]}"
        for factor, level in zip(step.of, cell, strict=True)
    )
    return " × ".join(parts)


def require_monotone(scheme: Scheme, step: Step, where: str = "") -> None:
    """See that no factor's rise lowers what a matrix gives.

    Raises:
        SchemeFault: names the two cells, what stands there, and what would be right.
    """
    if broken := next(falls(scheme, step), None):
        low, high = broken
        made = scheme.scale(step.gives)
        raise SchemeFault(
            where,
            _(
                "The matrix of “%(step)s” is not monotone: %(low)s gives %(low_level)s, but %(high)s only "
                "%(high_level)s. Make the second at least %(low_level)s, or the first at most %(high_level)s."
            ),
            step=made.title,
            low=place(scheme, step, low),
            low_level=made.levels[step.cells[low].level],
            high=place(scheme, step, high),
            high_level=made.levels[step.cells[high].level],
        )  # fmt: skip


def falls(scheme: Scheme, step: Step) -> Iterator[tuple[Cell, Cell]]:
    """Neighbouring cells (lower factors, higher factors) of which the second gives less than the first."""
    rows, columns = (list(scheme.scale(factor).levels) for factor in step.of)
    ranks = scheme.scale(step.gives).ranks
    beside = [((low, column), (high, column)) for high, low in pairwise(rows) for column in columns]
    beside += [((row, low), (row, high)) for high, low in pairwise(columns) for row in rows]
    for low, high in beside:
        if ranks[step.cells[high].level] > ranks[step.cells[low].level]:
            yield low, high


def bounds(scheme: Scheme, step: Step, cell: Cell) -> list[str]:
    """The levels that the printed cells leave open for a cell of the house, when nothing may fall."""
    scales = [scheme.scale(factor).ranks for factor in step.of]
    made = scheme.scale(step.gives)
    least, most = 0, len(made.levels) - 1
    for other, value in step.printed.items():
        rank = made.ranks[value.level]
        if all(scale[other[i]] <= scale[cell[i]] for i, scale in enumerate(scales)):
            least = max(least, rank)  # the printed one has higher factors: no higher than it
        if all(scale[other[i]] >= scale[cell[i]] for i, scale in enumerate(scales)):
            most = min(most, rank)
    return [level for level, rank in made.ranks.items() if least <= rank <= most]


def cells(scheme: Scheme, step: Step) -> list[Cell]:
    """All cells of a step's matrix, row by row."""
    rows, columns = (scheme.scale(factor).levels for factor in step.of)
    return list(product(rows, columns))


def require_level(scheme: Scheme, factor: str, level: str) -> None:
    """See that a factor has this level.

    Raises:
        FactorsRefused: names what is accepted.
    """
    scale = scheme.factors[factor]
    if level not in scale.levels:
        raise FactorsRefused(
            _("%(scheme)s, %(factor)s (%(title)s): “%(level)s” is not accepted. Accepted: %(accepted)s."),
            scheme=scheme.code, factor=factor, title=scale.title, level=level[:40], accepted=scale.accepted,
        )  # fmt: skip
