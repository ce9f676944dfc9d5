"""The answer to a question as a file of any length: one line for each figure, made while the file is written.

What is held meanwhile are the figures' arrays, some thirty bytes for each.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.cube.arrays import Arrays, arrays
from gangmu.figures.cube.question import STATES, Question
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.documents.streaming import write_csv, write_xlsx
from gangmu.shell.figures.sheets import state_word

_AT_ONCE = 6  # indicators
WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


def kind_of(path: Path) -> str | None:
    """The kind of file that a path's ending asks for; None when it is none that can be written."""
    kind = path.suffix.lower().removeprefix(".")
    return kind if kind in WRITERS else None


def export(question: Question, scope: Scope, target: IO[bytes], kind: str) -> int:
    """Write what `question` asks for as a table; the number of its lines. A comparison's periods are lines as well.

    Raises:
        CannotAnswer, PeriodError: as `gangmu.figures.cube.arrays.arrays`; nothing has been written then.
    """
    found = gathered(question, scope)
    count = 0

    def counted() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        for line in lines(found, by=question.by):
            count += 1
            yield line

    WRITERS[kind](target, counted(), headers())
    return count


def gathered(question: Question, scope: Scope) -> Arrays:
    """The figures, a few indicators at a time, all of one state of the cube."""
    codes = tuple(question.indicators)
    parts = [codes[at : at + _AT_ONCE] for at in range(0, len(codes), _AT_ONCE)] or [codes]
    found = arrays([replace(question, indicators=part) for part in parts], scope, lean=True)
    first = found[0]
    if len(found) == 1:
        return first
    return Arrays(
        indicators=tuple(code for one in found for code in one.indicators),
        units=tuple(unit for one in found for unit in one.units),
        precisions=tuple(decimals for one in found for decimals in one.precisions),
        periods=first.periods,
        groups=first.groups,
        scaled=np.concatenate([one.scaled for one in found]),
        present=np.concatenate([one.present for one in found]),
        reported=np.concatenate([one.reported for one in found]),
        expected=np.concatenate([one.expected for one in found]),
        state=np.concatenate([one.state for one in found]),
    )


def headers() -> list[str]:
    return [
        _("Organisation"), _("Group"), _("Code"), _("Indicator"), _("Unit"), _("Period"), _("Value"), _("Reported"),
        _("Expected"), _("State"),
    ]  # fmt: skip


def lines(found: Arrays, *, by: str | None = None) -> Iterator[tuple[Any, ...]]:
    """Organisation by organisation, period by period, indicator by indicator, then by group. Groups of an attribute
    that have nothing in a period have no line."""
    names, units = _names(found.indicators), dict(zip(found.indicators, found.units, strict=True))
    states = [None, *map(state_word, STATES)]
    everything = by in (None, "children")
    for organisation, columns in groupby(range(len(found.groups)), lambda at: found.groups[at][0]):
        first, *_rest = places = list(columns)
        here = slice(first, first + len(places))
        labels = [label for _organisation, label in found.groups[here]]
        for at, period in enumerate(found.periods):
            for which, code in enumerate(found.indicators):
                cell = which, at, here
                precision = found.precisions[which][at]
                for label, scaled, present, reported, expected, state in zip(
                    labels,
                    found.scaled[cell].tolist(),
                    found.present[cell].tolist(),
                    found.reported[cell].tolist(),
                    found.expected[cell].tolist(),
                    found.state[cell].tolist(),
                    strict=True,
                ):
                    if everything or present or reported or expected:
                        value = Decimal(scaled).scaleb(-precision) if present else None
                        word = states[state]
                        yield (
                            organisation,
                            label,
                            code,
                            names[code],
                            units[code],
                            period,
                            value,
                            reported,
                            expected,
                            word,
                        )


def _names(codes: tuple[str, ...]) -> dict[str, str]:
    """In the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    found = Indicator.objects.filter(code__in=codes)
    return {str(one.code): str(one.name_zh if chinese else one.name_en) for one in found}
