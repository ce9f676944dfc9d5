"""What tiles ask of a period that is not over."""

import pytest

from gangmu.figures.tiles.wanting import so_far
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock


@pytest.mark.parametrize(
    ("period", "asked"),
    [
        ("2026-11", "2026-11-01..2026-11-20"),
        ("2026", "2026-01-01..2026-11-20"),
        ("2026-10", "2026-10"),
        ("2025", "2025"),
        ("2026-12", "2026-12"),
        ("2026-11-20", "2026-11-20"),
        ("2026-11-21", "2026-11-21"),
    ],
)
def test_a_running_month_or_year_is_asked_up_to_yesterday(period: str, asked: str):
    with clock.frozen("2026-11-21T07:30"):
        found = so_far(Period.parse(period))
    assert found.code == asked


def test_on_the_first_day_of_a_month_there_is_nothing_to_cut():
    with clock.frozen("2026-12-01T07:30"):
        assert so_far(Period.parse("2026-12")).code == "2026-12"
        assert so_far(Period.parse("2026-11")).code == "2026-11"
