"""What is said of a sheet, for its pages: findings with the clerk's words, and remarks, each with its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gangmu.figures.filing.layouts import Key
from gangmu.figures.filing.models import Explanation, Remark
from gangmu.figures.filing.queries.checking import AnyFinding, Fault, explains
from gangmu.figures.filing.rules import Finding
from gangmu.figures.filing.views import tables

LOOKS = {
    "rule": ("warning", "alert-triangle"),
    "missing": ("warning", "alert-triangle"),
    "history": ("info", "chart-line"),
    "neighbours": ("info", "chart-line"),
}
GRAVITY = {"danger": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Place:
    """A cell that something is said of: its address on a page, and where it is in words."""

    anchor: str
    text: str


@dataclass(frozen=True)
class Line:
    """One line of what deserves a look: what was found, where, and what the clerk says to it.

    `stale`: the words were said of other figures, and do not count any more.
    """

    key: str
    text: str
    tone: str
    icon: str
    places: tuple[Place, ...]
    advice: str = ""
    words: str = ""
    by: str = ""
    at: datetime | None = None
    stale: bool = False
    anchor: str = ""  # of a fault that is one cell's: its text says where, and leads there


@dataclass(frozen=True)
class Note:
    """A remark: on a cell, or on the sheet."""

    words: str
    by: str
    at: datetime
    place: Place | None


def exceptions(
    found: Iterable[AnyFinding], explanations: Mapping[str, Explanation], named: Mapping[Key, str]
) -> list[Line]:
    """Findings with the words that were said of them, the gravest first."""
    lines = [line(one, explanations.get(one.key), named) for one in found]
    return sorted(lines, key=lambda one: GRAVITY[one.tone])


def line(finding: AnyFinding, said: Explanation | None, named: Mapping[Key, str]) -> Line:
    if isinstance(finding, Fault) or finding.strength == "error":
        tone, icon = "danger", "alert-circle"
    else:
        tone, icon = LOOKS[finding.about]
    return Line(
        key=finding.key,
        text=finding.text,
        tone=tone,
        icon=icon,
        places=_places(finding, named),
        anchor=tables.anchor(finding.cells[0]) if isinstance(finding, Fault) else "",
        advice=str(finding.advice) if isinstance(finding, Finding) else "",
        words=said.words if said else "",
        by=said.said_by_name if said else "",
        at=said.said_at if said else None,
        stale=said is not None and isinstance(finding, Finding) and not explains(said, finding),
    )


def _places(finding: AnyFinding, named: Mapping[Key, str]) -> tuple[Place, ...]:
    if isinstance(finding, Fault):
        return ()
    return tuple(Place(tables.anchor(key), named[key]) for key in dict.fromkeys(finding.cells) if key in named)


def notes(remarks: Iterable[Remark], named: Mapping[Key, str]) -> list[Note]:
    """Remarks with the places that they are about."""
    made = []
    for one in remarks:
        key = (one.organisation_id, one.indicator.code) if one.indicator else None
        place = Place(tables.anchor(key), named.get(key, one.indicator.name)) if key and one.indicator else None
        made.append(Note(one.words, one.said_by_name, one.said_at, place))
    return made
