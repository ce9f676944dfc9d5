"""Tiles that show single figures: one with its comparison and its last periods, several in a list, a gauge."""

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from gangmu.figures.cube.gateway import Question
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.tiles.asking import Figures
from gangmu.figures.tiles.names import Name
from gangmu.figures.tiles.restating import Restatements, restated
from gangmu.figures.tiles.showing import Figure, figure, lookup, marks, restated_mark
from gangmu.figures.tiles.wanting import back, question, so_far, to_date
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period

Found = Mapping[Any, Any]
SPARK = {Kind.DAY: 14, Kind.MONTH: 13, Kind.YEAR: 5}
SPARK_WIDTH, SPARK_HEIGHT = 120, 32


# One figure -----------------------------------------------------------------------------------------------------------


def _figure(asked: Asked) -> Question:
    return question(asked, [asked.options["indicator"]], compare=asked.compare)


def _spark(asked: Asked) -> Question:
    return question(asked, [asked.options["indicator"]], periods=back(asked.period, SPARK[asked.period.kind]))


def wants_figure(asked: Asked) -> Sequence[Hashable]:
    wants: list[Hashable] = [_figure(asked), restated(asked)]
    return [*wants, _spark(asked)] if asked.options.get("spark", True) else wants


def show_figure(asked: Asked, found: Found) -> dict[str, Any] | None:
    asking, code = _figure(asked), asked.options["indicator"]
    figures: Figures = found[asking]
    one = figure(figures.row(code), asking)
    if one is None:
        return {"problem": figures.problem}
    if asked.options.get("optional") and not (one.row.expected or one.row.reported):
        return None
    moved: Restatements = found[restated(asked)]
    spark = [row.value for row in found[_spark(asked)].of(code)] if asked.options.get("spark", True) else []
    return {
        "figure": one,
        "compare": asked.compare,
        "spark": sparkline(spark),
        "good": asked.options.get("good", ""),
        "marks": marks([one.row]) + (restated_mark() if code in moved.moved else []),
        "url": lookup(asked, [code], by="children"),
    }


def sparkline(values: Sequence[str | None]) -> list[str]:
    """The points of lines in a drawing of 120 × 32; a gap begins a new line. Empty where there is too little to see."""
    numbers = [None if value is None else Decimal(value) for value in values]
    known = [number for number in numbers if number is not None]
    if len(known) < 3:
        return []
    low, high = min(known), max(known)
    step = SPARK_WIDTH / (len(numbers) - 1)
    lines: list[list[str]] = [[]]
    for place, number in enumerate(numbers):
        if number is None:
            lines.append([])
            continue
        height = float((number - low) / (high - low)) if high > low else 0.5
        lines[-1].append(f"{place * step:.1f},{2 + (SPARK_HEIGHT - 4) * (1 - height):.1f}")
    return [" ".join(line) for line in lines if len(line) > 1]


# Several figures ------------------------------------------------------------------------------------------------------


def _codes(asked: Asked) -> list[str]:
    return list(asked.options["indicators"])


def _figures(asked: Asked) -> Question:
    return question(asked, _codes(asked), compare=asked.compare)


def wants_figures(asked: Asked) -> Sequence[Hashable]:
    return [_figures(asked), *map(Name, _codes(asked))]


def show_figures(asked: Asked, found: Found) -> dict[str, Any] | None:
    """The figures that are there; None where nobody here files any of them.

    How many have reported is not said: of what only some kinds of plants file, everybody is never expected.
    """
    asking = _figures(asked)
    answer: Figures = found[asking]
    if answer.problem:
        return {"problem": answer.problem}
    rows = [row for code in _codes(asked) if (row := answer.row(code)) and row.reported]
    if not rows:
        return None
    return {
        "figures": [Figure(one.row, one.url, found[Name(one.row.indicator)]) for one in _each(rows, asking)],
        "compare": asked.compare,
        "marks": marks(rows),
        "url": lookup(asked, _codes(asked), by="children", compare=asked.compare),
    }


def _each(rows: Sequence[Any], asking: Question) -> list[Figure]:
    return [one for row in rows if (one := figure(row, asking)) is not None]


# A table of day, month and year to date -------------------------------------------------------------------------------


def _spans(asked: Asked) -> list[Period]:
    """The period, and those that it is a part of, up to its last day."""
    period = so_far(asked.period)
    month, year = to_date(period)
    wider = {Kind.DAY: (month, year), Kind.MONTH: (year,)}
    return [period, *wider.get(asked.period.kind, ())]


def _table(asked: Asked) -> Question:
    return question(asked, _codes(asked), periods=_spans(asked), compare="year-ago")


def wants_table(asked: Asked) -> Sequence[Hashable]:
    return [_table(asked), *map(Name, _codes(asked))]


def show_table(asked: Asked, found: Found) -> dict[str, Any] | None:
    asking = _table(asked)
    answer: Figures = found[asking]
    if answer.problem:
        return {"problem": answer.problem}
    spans = _spans(asked)
    each = [(code, [answer.row(code, period=span.code) for span in spans]) for code in _codes(asked)]
    filed = [code for code, rows in each if any(row and row.reported for row in rows)]  # a wind farm has no coal
    lines = [
        (found[Name(code)], [figure(row, asking) for row in rows])
        for code, rows in each
        if (code in filed if filed else any(row and row.expected for row in rows))
    ]
    if not lines:
        return None
    return {
        "lines": lines,
        "spans": [(str(span.kind), place) for place, span in enumerate(spans)],
        "period_kind": str(asked.period.kind),
        "marks": marks([one.row for _name, figures in lines for one in figures if one]),
        "url": lookup(asked, _codes(asked), compare="year-ago"),
    }


# A gauge --------------------------------------------------------------------------------------------------------------


def _gauge(asked: Asked) -> Question:
    return question(asked, _codes(asked), compare=asked.compare, as_filed=True)  # `max` is in the indicator's unit


def wants_gauge(asked: Asked) -> Sequence[Hashable]:
    return [_gauge(asked), *map(Name, _codes(asked))]


def show_gauge(asked: Asked, found: Found) -> dict[str, Any] | None:
    """One or more rates as parts of a circle; `max` is the full one."""
    asking = _gauge(asked)
    answer: Figures = found[asking]
    if answer.problem:
        return {"problem": answer.problem}
    rows = [row for code in _codes(asked) if (row := answer.row(code)) and (row.expected or row.reported)]
    if not rows:
        return None
    gauges = []
    for one in _each(rows, asking):
        name = found[Name(one.row.indicator)]
        chart = {
            "kind": "gauge",
            "unit": unit_words(one.row.unit),
            "name": "",  # it stands below, as a link
            "max": asked.options.get("max", 100),
            "figure": {"value": one.value, "shown": one.shown, "url": one.url},
        }
        gauges.append((name, one, chart))
    return {
        "gauges": gauges,
        "compare": asked.compare,
        "marks": marks(rows),
        "url": lookup(asked, _codes(asked), by="children"),
    }
