"""What a change of an indicator would do to figures, before it is made: old and new beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from gangmu.figures.cube import services
from gangmu.figures.cube.gateway import Asked
from gangmu.figures.cube.measures import KnownMeasures, definitions, known_with
from gangmu.figures.cube.question import Question, Row
from gangmu.figures.cube.reading import Reading, read
from gangmu.figures.cube.rows import rows_of
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.tree import Tree
from gangmu.figures.cube.visibility import Scope
from gangmu.figures.indicators.changing import Proposal
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.foundation.settings import clock

MOST_INDICATORS = 60  # further ones that a change can reach are counted, and named without figures
BEGINNING = date(2000, 1, 1)  # of locked entries that are counted, where a change holds for all time


@dataclass(frozen=True)
class Difference:
    """One indicator in one period, before and after; decimal strings. `locked`: entries that are settled already in the
    days that the change is valid for, up to today, and that go into this indicator at the organisation."""

    indicator: str
    name_zh: str
    name_en: str
    period: str
    unit: str
    old: str | None
    new: str | None
    state: str | None
    locked: int

    @property
    def name(self) -> dict[str, str]:
        return {"zh": self.name_zh, "en": self.name_en}

    @property
    def change(self) -> str | None:
        if self.old is None or self.new is None:
            return None
        return str(Decimal(self.new) - Decimal(self.old))

    @property
    def differs(self) -> bool:
        return self.old != self.new

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator,
            "name": self.name,
            "period": self.period,
            "unit": self.unit,
            "old": self.old,
            "new": self.new,
            "change": self.change,
            "state": self.state,
            "locked": self.locked,
        }


@dataclass(frozen=True)
class Preview:
    """The differences by indicator and period; the indicator itself first. `beyond` are codes that were left out."""

    rows: tuple[Difference, ...]
    beyond: tuple[str, ...]
    behind: bool

    @property
    def changed(self) -> int:
        return sum(row.differs for row in self.rows)

    @property
    def locked(self) -> int:
        """Entries that are settled already and go into the changed indicator."""
        return self.rows[0].locked if self.rows else 0

    @property
    def stamp(self) -> str:
        """Another one as soon as a figure in it is another one."""
        return sha256(repr((self.rows, self.beyond)).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {"rows": [row.as_json() for row in self.rows], "beyond": list(self.beyond), "locked": self.locked}


def preview(proposal: Proposal, organisation: str, periods: Sequence[str], scope: Scope) -> Preview:
    """Old and new figures of an organisation, of the indicator and of all that need it, from one state of the cube.

    Raises:
        CannotAnswer, PeriodError: as `gateway.ask`; FormulaError: a proposal with faults.
    """
    look = services.ensure_fresh()
    now, then = definitions(look.definitions).known, known_with(proposal.definition)
    codes = proposal.affected[:MOST_INDICATORS]
    since = max(proposal.since or BEGINNING, BEGINNING)
    until = max(clock.today(), since)
    asked = Question(codes, (organisation,), tuple(periods))
    settled = Question(codes, (organisation,), (f"{since}..{until}",), at_least="locked")
    asked.check()

    def answers(known: KnownMeasures, question: Question, snapshot: Snapshot, tree: Tree, here: Scope) -> list[Row]:
        existing = [code for code in question.indicators if _is_known(known, code)]
        if not existing:
            return []
        one = Asked.of(replace(question, indicators=tuple(existing)), known)
        return [row for row, *_rest in rows_of(one, Reading.of(one, snapshot, tree, here))]

    def compute(snapshot: Snapshot, tree: Tree) -> list[list[Row]]:
        questions = ((now, asked), (then, asked), (then, settled))
        return [answers(known, question, snapshot, tree, scope) for known, question in questions]

    old, new, locked = read(compute)
    before = {(row.indicator, row.period): row for row in old}
    counts = {row.indicator: row.reported for row in locked}
    rows = tuple(
        Difference(
            row.indicator,
            then.catalogue[row.indicator].name.zh,
            then.catalogue[row.indicator].name.en,
            row.period,
            row.unit,
            before[row.indicator, row.period].value if (row.indicator, row.period) in before else None,
            row.value,
            row.state,
            counts.get(row.indicator, 0),
        )
        for row in sorted(new, key=lambda row: codes.index(row.indicator))
    )
    return Preview(rows, proposal.affected[MOST_INDICATORS:], not look.fresh)


def _is_known(known: KnownMeasures, code: str) -> bool:
    """Whether there is such an indicator, and its formula holds (a change may be what mends it)."""
    try:
        return code in known.catalogue and known(code) is not None
    except FormulaError:
        return False
