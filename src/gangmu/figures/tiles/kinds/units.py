"""The states of units: how many run, stand by, are being repaired, have failed."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from gangmu.figures.cube.gateway import Question
from gangmu.figures.tiles.asking import Figures
from gangmu.figures.tiles.names import Name
from gangmu.figures.tiles.showing import figure, lookup, marks
from gangmu.figures.tiles.wanting import question
from gangmu.foundation.boards.tiles import Asked

BAR = 100.0  # the width of the drawing


def _states(asked: Asked) -> Question:
    return question(asked, list(asked.options["states"]))


def wants_states(asked: Asked) -> Sequence[Hashable]:
    return [_states(asked), *map(Name, asked.options["states"])]


def show_states(asked: Asked, found: Mapping[Any, Any]) -> dict[str, Any] | None:
    """A bar of the counts and the counts themselves, each in its tone."""
    asking = _states(asked)
    answer: Figures = found[asking]
    counted = []
    for code, tone in asked.options["states"].items():
        one = figure(answer.row(code), asking, found[Name(code)])
        if one and (one.row.expected or one.row.reported):
            counted.append((one, tone))
    if not counted:
        return {"problem": answer.problem} if answer.problem else None
    total = sum(one.value or 0 for one, _tone in counted)
    bar, start = [], 0.0
    for one, tone in counted:
        width = BAR * (one.value or 0) / total if total else 0
        if width:
            bar.append((f"{start:.2f}", f"{width:.2f}", tone))
        start += width
    return {
        "counted": counted,
        "bar": bar,
        "total": f"{total:,.0f}",
        "coverage": counted[0][0].coverage,
        "marks": marks([one.row for one, _tone in counted]),
        "url": lookup(asked, list(asked.options["states"]), by="children"),
    }
