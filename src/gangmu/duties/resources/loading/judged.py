"""A line of a file, with what it would change or what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.documents.workbooks.tables import Line
from gangmu.foundation.settings import clock


class Outcome(StrEnum):
    """What a line comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass
class Need:
    """A dependency that a line asks for. `held` is the one that stands already; `until` is exclusive."""

    on: str
    group: str | None = None  # None: the line says nothing of it
    needed: int | None = None
    since: date | None = None
    until: date | None = None
    held: Dependency | None = None
    on_is_new: bool = False  # made by the same file


@dataclass
class Wanted:
    """A resource that the file names. `values` are what goes in; `until` the day after its last."""

    code: str
    row: Resource | None
    values: dict[str, Any] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    @property
    def start(self) -> date:
        """The first day in the register."""
        return self.row.since if self.row else self.since or clock.today()

    @property
    def owner_id(self) -> int | None:
        place = self.values.get("organisation")
        return place.pk if place else self.row.organisation_id if self.row else None


@dataclass
class Judged:
    """One line, judged. `changes` are (column, before, after) in words of the file."""

    line: Line
    wanted: Wanted
    outcome: Outcome = Outcome.UNCHANGED
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    need: Need | None = None

    def fault(self, column: str, message: str) -> None:
        self.faults.append((column, message))

    @property
    def given(self) -> dict[str, str]:
        return self.line.fields


def counts(judged: Iterable[Judged]) -> dict[str, int]:
    """How many lines come to what."""
    found = {str(outcome): 0 for outcome in Outcome}
    for one in judged:
        found[str(one.outcome)] += 1
    return found
