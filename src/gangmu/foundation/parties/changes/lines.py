"""A line: what held when, one value a day at most. Placements and values of attributes are both lines.

Of a placement the value is the parent's id, `TOP` at the top; of an attribute its text. A day without a value is a day
on which the organisation does not stand in the tree, or has no value.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from gangmu.foundation.parties.days import EVER, OPEN, Days, minus

V = TypeVar("V", int, str)
Piece = tuple[Days, V]
Line = tuple[Piece[V], ...]

TOP = 0


def line(pieces: Iterable[Piece[V]]) -> Line[V]:
    """Pieces in order of their days, equal neighbours joined. They must not overlap."""
    joined: list[Piece[V]] = []
    for days, value in sorted(pieces, key=lambda piece: piece[0]):
        if joined and joined[-1][1] == value and joined[-1][0].end == days.start:
            joined[-1] = (Days(joined[-1][0].start, days.end), value)
        else:
            joined.append((days, value))
    return tuple(joined)


def piece_on(of: Line[V], day: date) -> Piece[V] | None:
    """What holds on a day, with all the days on which it does without a break."""
    return next((piece for piece in of if day in piece[0]), None)


def put(of: Line[V], days: Days, value: V | None) -> Line[V]:
    """The line with `value` on `days`, or with nothing there."""
    kept = [(rest, held) for piece, held in of for rest in minus(piece, [days])]
    return line([*kept, (days, value)] if value is not None else kept)


def days_of(of: Iterable[Piece[Any]]) -> list[Days]:
    """The days on which anything holds, touching stretches joined."""
    return [days for days, _value in line((days, 0) for days, _value in of)]


def as_json(of: Line[V]) -> list[list[Any]]:
    """For a column of JSON; no bound is null."""
    return [
        [
            None if days.start == EVER else days.start.isoformat(),
            None if days.end == OPEN else days.end.isoformat(),
            value,
        ]
        for days, value in of
    ]


def from_json(rows: Iterable[Iterable[Any]]) -> Line[Any]:
    """What `as_json` gave."""
    return line(
        (Days(date.fromisoformat(start) if start else EVER, date.fromisoformat(end) if end else OPEN), value)
        for start, end, value in rows
    )
