"""Formulas that change with time: of a formula by cell each cell by its own day, of one on totals the period's last."""

from datetime import date

from gangmu.figures.cube.gateway import Question, ask, explain
from gangmu.figures.cube.measures import known_measures
from gangmu.figures.indicators.definitions import Earlier
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import written
from gangmu.foundation.access.scope import SYSTEM


def changed(code: str, until: str, formula: str) -> None:
    earlier = written([Earlier(date.fromisoformat(until), formula)])
    Indicator.objects.filter(code=code).update(earlier=earlier)


def values(code: str, *periods: str, **options) -> list[str | None]:
    rows = ask(Question((code,), ("P1",), periods, **options), SYSTEM).rows
    return [row.value for row in rows]


def test_a_formula_on_totals_is_that_of_the_last_day(world):
    world("P1U1,gen,2026-11-14,actual,100", "P1U1,gen,2026-11-16,actual,100", "P1U1,aux,2026-11-14,actual,5")
    changed("aux_rate", "2026-11-15", "aux / gen * 2")
    assert values("aux_rate", "2026-11-14", "2026-11", "2026-11-01..2026-11-15") == ["10.00", "2.50", "10.00"]
    [row] = ask(Question(("aux_rate",), ("P1",), ("2026-11",), compare="previous"), SYSTEM).rows
    assert row.value == "2.50" and row.compare and row.compare.value is None


def test_inside_a_time_function_it_is_that_of_the_period_looked_at(world):
    world(*(f"P1U1,{code},{month}-10,actual,10" for code in ("gen", "aux") for month in ("2026-10", "2026-11")))
    rules = {"unit": "%", "precision": 2, "over_time": "", "over_organisations": "", "name_zh": "x", "name_en": "x"}
    Indicator.objects.create(code="before", formula="prior(aux_rate)", **rules)
    changed("aux_rate", "2026-10-31", "aux / gen * 3")
    assert values("before", "2026-11") == ["300.00"] == values("aux_rate", "2026-10")
    assert values("aux_rate", "2026-11") == ["100.00"]


def test_a_formula_by_cell_is_that_of_each_day(world):
    lines = [f"P1U1,{code},2026-11-{day},actual,2" for code in ("gen", "price") for day in (14, 15, 16)]
    world(*lines)
    changed("revenue", "2026-11-15", "gen * price * 10")
    assert values("revenue", "2026-11-15", "2026-11-16", "2026-11") == ["40.00", "4.00", "84.00"]
    [told] = explain(Question(("revenue",), ("P1",), ("2026-11",)), SYSTEM)["rows"]
    formula = told["formula"]
    assert formula["text"] == "gen * price" and formula["since"] == "2026-11-16" and formula["until"] is None
    assert formula["before"] == [{"until": "2026-11-15", "text": "gen * price * 10"}]
    [told] = explain(Question(("revenue",), ("P1",), ("2026-11-14",)), SYSTEM)["rows"]
    formula = told["formula"]
    assert formula["text"] == "gen * price * 10" and formula["until"] == "2026-11-15" and not formula["before"]


def test_a_formula_that_changed_nothing_costs_nothing(world):
    changed("aux_rate", "2026-11-15", "aux / gen")
    known = known_measures()
    assert known("hours").in_period is None and known("revenue").since == ()
    assert known("aux_rate").in_period is not None
