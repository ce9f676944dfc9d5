"""A pivot's address: what it says, what a move makes of it, and what is refused before anybody is asked."""

import pytest
from django.http import QueryDict
from django.utils.translation import override

from gangmu.figures.pivots import items
from gangmu.figures.pivots.errors import PivotError
from gangmu.figures.pivots.grid import _bound
from gangmu.figures.pivots.layout import Layout
from gangmu.figures.pivots.workbook import _ranges
from gangmu.foundation.boards.places import Places
from gangmu.foundation.settings import clock


def of(query: str) -> Layout:
    return Layout.of(QueryDict(query))


def test_equal_pivots_have_one_address_and_it_says_everything():
    asked = (
        "indicator=a&indicator=b&place=G/children&period=2026-10,2026-11&show=value&show=year-ago-rate&rows=indicator"
    )
    layout = of(asked)
    assert layout.periods == ("2026-10", "2026-11")
    assert layout.rows == ("indicator",) and set(layout.columns) == {"place", "period", "show"}
    assert Layout.of_query(layout.query()) == layout
    assert of("rows=-&columns=place,period&indicator=a").columns == ("place", "period", "show", "indicator")


def test_dimensions_move_along_and_across_the_axes_and_never_get_lost():
    layout = of("indicator=a&place=G&period=2026")
    across = layout.moved("period", "rows")
    assert (across.rows, across.columns) == (("place", "indicator", "period"), ("show",))
    assert across.moved("period", "up").rows == ("place", "period", "indicator")
    assert across.moved("period", "down") == across and layout.moved("colour", "rows") == layout
    assert sorted(across.rows + across.columns) == sorted(layout.rows + layout.columns)
    assert of("indicator=a&move=show:rows").rows == ("place", "indicator", "show")


def test_periods_are_codes_series_and_words_that_move_with_the_day():
    with clock.frozen("2026-11-20T07:30+08:00"):
        told = [one.code for one in items.periods(("last-month", "2026-09~2026-11", "yesterday", "2026-10"))]
        assert told == ["2026-10", "2026-09", "2026-11", "2026-11-19"]
        assert [one.code for one in items.periods(("this-month",))] == ["2026-11-01..2026-11-19"]
        assert len(items.periods(("last-12-months",))) == 12
    with pytest.raises(PivotError, match="no series"):
        items.periods(("2026-11~2026-09",))
    with pytest.raises(PivotError, match="400"):
        items.periods(("2020-01-01~2026-01-01",))


def test_an_option_that_does_not_exist_is_told_with_what_exists():
    with pytest.raises(PivotError, match="year-ago-rate"):
        of("indicator=a&place=G&period=2026&show=weather").check()
    with pytest.raises(PivotError, match="children"):
        of("indicator=a&place=G/colour&period=2026").check()


def test_a_pivot_of_a_million_cells_says_how_many_and_what_to_narrow():
    with override("en"), pytest.raises(PivotError) as told:
        _bound({"indicator": 40, "place": 1200, "period": 12, "show": 2}, 5000)
    assert "1,152,000 cells" in str(told.value) and "at most 5,000" in str(told.value)
    assert "Organisations" in str(told.value) and "at most 5 beside the rest" in str(told.value)
    _bound({"indicator": 40, "place": 5, "period": 12, "show": 2}, 5000)


def test_organisations_are_codes_tiers_and_groups():
    found = items.groups(("P1", "G/children", "G/fuel"), Places([]))
    assert [(one.code, one.by, one.codes) for one in found] == [
        ("P1", "", ("P1",)),
        ("G", "children", ()),
        ("G", "fuel", ()),
    ]


def test_neighbouring_cells_are_one_reference():
    assert _ranges([(4, 2), (5, 2), (6, 2)]) == ["C5:C7"]
    assert _ranges([(4, 2), (4, 3), (4, 4)]) == ["C5:E5"]
    assert _ranges([(4, 2), (6, 2)]) == ["C5", "C7"]
