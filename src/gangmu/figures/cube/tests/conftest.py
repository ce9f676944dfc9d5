"""A small world in a database of the test's own, committed like the real thing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import translation

from gangmu.figures.cube import services
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import ORGANISATIONS

INDICATORS = [
    {"code": "gen", "unit": "MWh", "precision": 2},
    {"code": "aux", "unit": "MWh", "precision": 3},
    {
        "code": "price",
        "unit": "元/MWh",
        "precision": 2,
        "over_time": "mean",
        "over_organisations": "weighted",
        "weight": "gen",
    },
    {"code": "level", "unit": "m", "precision": 2, "over_time": "last", "over_organisations": "none"},
    {"code": "peak", "unit": "MW", "precision": 1, "over_time": "max", "over_organisations": "max"},
    {"code": "low", "unit": "MW", "precision": 1, "over_time": "min", "over_organisations": "min"},
    {"code": "opening", "unit": "t", "precision": 0, "over_time": "first", "over_organisations": "sum"},
    {"code": "staff", "unit": "人", "precision": 0, "grain": "month", "level": "plant", "over_time": "mean"},
    {
        "code": "aux_rate",
        "unit": "%",
        "precision": 2,
        "formula": "aux / gen",
        "over_time": "",
        "over_organisations": "",
    },
    {
        "code": "hours",
        "unit": "h",
        "precision": 2,
        "formula": "gen / capacity_mw",
        "over_time": "",
        "over_organisations": "",
    },
    {"code": "revenue", "unit": "元", "precision": 2, "formula": "gen * price"},
    {"code": "growth", "unit": "%", "precision": 2, "formula": "yoy(gen)", "over_time": "", "over_organisations": ""},
]


def make_indicators(rows: list[dict] = INDICATORS) -> None:
    for row in rows:
        rules = {"grain": "day", "level": "unit", "over_time": "sum", "over_organisations": "sum"}
        Indicator.objects.create(**{**rules, "name_zh": row["code"], "name_en": row["code"], **row})


@pytest.fixture
def world(committed: str, tmp_path: Path) -> Iterator[Callable[..., object]]:
    """The world of two regions, with indicators; gives a function that files facts (and folds them)."""
    organisations = tmp_path / "organisations.csv"
    organisations.write_text(ORGANISATIONS, "utf-8")
    count = 0

    def file(*lines: str, correct: str = "", fold: bool = True) -> object:
        nonlocal count
        count += 1
        path = tmp_path / f"facts-{count}.csv"
        path.write_text("organisation,indicator,period,scenario,value\n" + "\n".join(lines) + "\n", "utf-8")
        result = load_facts(path, correct=correct)
        assert not result.problems, [str(problem) for problem in result.problems]
        if fold:
            services.fold()
        return result

    with clock.frozen("2026-11-20T12:00+08:00"), translation.override("en"):
        load_organisations(organisations)
        make_indicators()
        yield file
