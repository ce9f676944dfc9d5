"""Curves in the small world: output of plants in MW, energy that a market cleared in MWh."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from django.utils.translation import override

from gangmu.figures.cube import services
from gangmu.figures.curves.defining import load_curve_indicators
from gangmu.figures.curves.loading import LoadResult, load_curves
from gangmu.figures.curves.points import POINTS
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_world

STANDS_AT = "2026-11-20T07:30+08:00"
INDICATORS = (
    ("output", "电量", "Energy by curve", "MWh", 4, "sum", "sum"),
    ("peak", "最大出力", "Peak output", "MW", 1, "max", "none"),
    ("valley", "最小出力", "Lowest output", "MW", 1, "min", "none"),
    ("load", "平均出力", "Mean output", "MW", 2, "mean", "sum"),
    ("cleared", "出清电量", "Cleared energy", "万kWh", 3, "sum", "sum"),
)
DEFINED = """\
- {indicator: output, unit: MW, precision: 2, highest: peak, lowest: valley, mean: load}
- {indicator: cleared, unit: MWh, precision: 1}
"""
WIDE = "organisation,indicator,date," + ",".join(map(str, range(1, POINTS + 1)))
LONG = "organisation,indicator,date,time,value"
Load = Callable[..., LoadResult]


def make_curves() -> None:
    for code, zh, en, unit, precision, over_time, over_organisations in INDICATORS:
        Indicator.objects.create(
            code=code, name_zh=zh, name_en=en, unit=unit, precision=precision, level="plant", over_time=over_time,
            over_organisations=over_organisations,
        )  # fmt: skip
    result = load_curve_indicators(DEFINED)
    assert not result.problems, [str(one) for one in result.problems]


def wide(organisation: str, day: str, values: Sequence[object], indicator: str = "output") -> str:
    return ",".join([organisation, indicator, day, *("" if one is None else str(one) for one in values)])


@pytest.fixture
def world(committed: str, tmp_path: Path) -> Iterator[World]:
    with clock.frozen(STANDS_AT), override("en"):
        made = make_world(tmp_path)
        make_curves()
        services.fold(sync=False)
        yield made


@pytest.fixture
def load(world: World, tmp_path: Path) -> Load:
    def loaded(*lines: str, header: str = WIDE, correct: str = "", labels: str = "end") -> LoadResult:
        path = tmp_path / "curves.csv"
        path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
        result = load_curves(path, correct=correct, labels=labels)
        services.fold(sync=False)
        return result

    return loaded
