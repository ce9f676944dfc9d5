"""Records 历史新高: "highest since 12 January 2025", "third highest ever", in one pass over a history of any length.

A figure is the highest *since* the last day before it that had as much or more; with none, the highest ever. Its place
*ever* is one more than the number of days that had more. What is missing is neither.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from gangmu.figures.analysis.words import Words, iso, ordinal


@dataclass(frozen=True)
class Standing:
    """Where a day's figure stands at one end of its history.

    `since`: the last day before with a figure as extreme or more, None if there is none; `equalled`: that day had the
    same figure. `beaten` figures lie between that day and this one. `place` among all days up to this one: 1 with
    nothing beyond it. `count` days had a figure, this one included, the first of them on `first`.
    """

    highest: bool
    since: date | None
    equalled: bool
    beaten: int
    place: int
    count: int
    first: date

    def words(self, most: int = 3, fewest: int = 7, named: Callable[[date], str] = iso) -> Words | None:
        """What is worth saying, None for nothing.

        Args:
            most: the last place that is told.
            named: what a day of the history is called; periods stand in it by their first days.
            fewest: figures that must be beaten for "since" to be told, and that a history must have.
        """
        if self.count <= fewest:
            return None
        end = Words("最高", "highest") if self.highest else Words("最低", "lowest")
        began = named(self.first)
        if self.since is None:
            return Words(f"{began}有记录以来{end.zh}", f"{end.en} since records began on {began}")
        since = named(self.since)
        if self.place == 1:
            return Words(f"追平{since}的历史{end.zh}", f"equals the {end.en} ever, of {since}")
        said: list[Words] = []
        if self.beaten >= fewest:
            equal = Words("（与该日持平）", " (which had as much)") if self.equalled else Words("", "")
            said.append(Words(f"{since}以来{end.zh}{equal.zh}", f"{end.en} since {since}{equal.en}"))
        if self.place <= most:
            place = ordinal(self.place)
            said.append(Words(f"有记录以来{place.zh}{end.zh[1:]}", f"{place.en} {end.en} ever"))
        if not said:
            return None
        return Words("，".join(one.zh for one in said), ", ".join(one.en for one in said))


def standings(history: Iterable[tuple[date, Fraction | None]], value: Fraction) -> tuple[Standing, Standing] | None:
    """Where `value` stands among the days before it, at the high and at the low end.

    Args:
        history: the days before, in order of time; read once and not kept.

    Returns:
        highest, lowest; None without any day before.
    """
    count = 0
    first: date | None = None
    since: list[date | None] = [None, None]
    equal = [False, False]
    beyond, beaten = [0, 0], [0, 0]
    for day, past in history:
        if past is None:
            continue
        count += 1
        first = first or day
        for end, is_beyond in enumerate((past > value, past < value)):
            beyond[end] += is_beyond
            if is_beyond or past == value:
                since[end], equal[end], beaten[end] = day, not is_beyond, 0
            else:
                beaten[end] += 1
    if first is None:
        return None
    high, low = (
        Standing(end == 0, since[end], equal[end], beaten[end], beyond[end] + 1, count + 1, first) for end in (0, 1)
    )
    return high, low


@dataclass(frozen=True, eq=False)
class ColumnStandings:
    """Where the last row of a table stands in each of its columns, as arrays.

    `since` is the number of the row of `Standing.since`, -1 for none; `first` that of the first figure. All are 0 (-1
    for rows) where the last row has no figure, `present` says where.
    """

    present: npt.NDArray[np.bool_]
    since: npt.NDArray[np.intp]
    equalled: npt.NDArray[np.bool_]
    place: npt.NDArray[np.intp]
    count: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]


def column_standings(
    scaled: npt.NDArray[np.int64], present: npt.NDArray[np.bool_], *, highest: bool
) -> ColumnStandings:
    """`standings` of the last row for all columns (organisations) at once.

    Args:
        scaled: days × organisations, one indicator's integers at its precision: exact.
        present: where there is a figure.

    Raises:
        ValueError: no rows, or arrays of different shapes.
    """
    if scaled.shape != present.shape or scaled.ndim != 2 or not len(scaled):
        raise ValueError(f"days × organisations are needed, not {scaled.shape} and {present.shape}")
    now, there = scaled[-1], present[-1]
    before, known = scaled[:-1], present[:-1]
    beyond = (before > now if highest else before < now) & known & there
    equal = (before == now) & known & there
    since = _last(beyond | equal)
    columns = np.arange(scaled.shape[1])
    equalled = (since >= 0) & (equal[since, columns] if len(before) else False)
    first = np.where(there, np.where(present.any(axis=0), present.argmax(axis=0), -1), -1)
    place = np.where(there, beyond.sum(axis=0) + 1, 0)
    return ColumnStandings(there, since, equalled, place, np.where(there, present.sum(axis=0), 0), first)


def _last(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The last row with a mark in each column, -1 without."""
    if not len(marks):
        return np.full(marks.shape[1], -1, dtype=np.intp)
    rows = len(marks) - 1 - marks[::-1].argmax(axis=0)
    return np.where(marks.any(axis=0), rows, -1)


def records_set(
    history: Iterable[tuple[date, Fraction | None]], *, highest: bool = True
) -> list[tuple[date, Fraction]]:
    """The days on which a record was set, in order: each beyond all before it. One pass."""
    found: list[tuple[date, Fraction]] = []
    for day, value in history:
        if value is not None and (not found or (value > found[-1][1] if highest else value < found[-1][1])):
            found.append((day, value))
    return found
