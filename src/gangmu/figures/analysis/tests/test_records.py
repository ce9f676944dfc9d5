"""Records against looking through all days, and the columns against one by one."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.analysis.records import column_standings, records_set, standings
from gangmu.figures.analysis.words import Words

START = date(2025, 1, 1)
small = st.none() | st.integers(-4, 4)
histories = st.lists(small, max_size=20)


def dated(values):
    return [(START + timedelta(days=n), None if value is None else Fraction(value)) for n, value in enumerate(values)]


@given(histories, st.integers(-4, 4))
def test_since_and_place_are_what_looking_through_all_days_finds(values, now):
    history = dated(values)
    found = standings(iter(history), Fraction(now))
    known = [(day, value) for day, value in history if value is not None]
    if not known:
        assert found is None
        return
    assert found is not None
    for standing, sign in zip(found, (1, -1), strict=True):
        as_much = [day for day, value in known if value * sign >= now * sign]
        assert standing.since == (as_much[-1] if as_much else None)
        assert standing.equalled == (bool(as_much) and dict(known)[as_much[-1]] == now)
        assert standing.beaten == len([day for day, _value in known if not as_much or day > as_much[-1]])
        assert standing.place == 1 + sum(value * sign > now * sign for _day, value in known)
        assert (standing.count, standing.first) == (len(known) + 1, known[0][0])


@given(st.integers(1, 5), st.integers(1, 12), st.data())
def test_columns_at_once_are_as_one_by_one(columns, rows, data):
    table = [[data.draw(small) for _column in range(columns)] for _row in range(rows)]
    scaled = np.array([[value or 0 for value in row] for row in table], dtype=np.int64)
    present = np.array([[value is not None for value in row] for row in table])
    for end, highest in enumerate((True, False)):
        found = column_standings(scaled, present, highest=highest)
        for column in range(columns):
            *before, now = [row[column] for row in table]
            assert found.present[column] == (now is not None)
            one = None if now is None else standings(dated(before), Fraction(now))
            if one is None:
                expected = (-1, False, *((0, 0, -1) if now is None else (1, 1, rows - 1)))
            else:
                since = one[end].since
                row = -1 if since is None else (since - START).days
                expected = (row, one[end].equalled, one[end].place, one[end].count, (one[end].first - START).days)
            assert (
                found.since[column], found.equalled[column], found.place[column], found.count[column],
                found.first[column],
            ) == expected  # fmt: skip


@given(histories)
def test_a_record_is_beyond_all_before(values):
    history = dated(values)
    for highest, sign in ((True, 1), (False, -1)):
        expected = [
            (day, value)
            for n, (day, value) in enumerate(history)
            if value is not None and all(one is None or one * sign < value * sign for _day, one in history[:n])
        ]
        assert records_set(iter(history), highest=highest) == expected


def said(values, now, **options):
    found = standings(dated(values), Fraction(now))
    assert found is not None
    return found[0].words(**options)


def test_words():
    long_ago = [50, 60, 55] + [10] * 20
    assert said(long_ago, 70) == Words("2025-01-01有记录以来最高", "highest since records began on 2025-01-01")
    assert said(long_ago, 52) == Words(
        "2025-01-03以来最高，有记录以来第3高", "highest since 2025-01-03, 3rd highest ever"
    )
    assert said(long_ago, 55) == Words(
        "2025-01-03以来最高（与该日持平），有记录以来第2高",
        "highest since 2025-01-03 (which had as much), 2nd highest ever",
    )
    assert said(long_ago, 60) == Words("追平2025-01-02的历史最高", "equals the highest ever, of 2025-01-02")
    assert said(long_ago, 20) == Words("2025-01-03以来最高", "highest since 2025-01-03")
    assert said(long_ago, 5) is None
    assert said([1, 2], 3) is None  # too short a history for records
    low = standings(dated(long_ago), Fraction(9))
    assert low is not None
    assert low[1].words() == Words("2025-01-01有记录以来最低", "lowest since records began on 2025-01-01")


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="days × organisations"):
        column_standings(np.zeros((0, 2), np.int64), np.zeros((0, 2), bool), highest=True)
    with pytest.raises(ValueError, match="days × organisations"):
        column_standings(np.zeros((1, 2), np.int64), np.zeros((2, 2), bool), highest=True)
