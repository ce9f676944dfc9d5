"""Revenue as energy × price of two plants in two months, a ratio, and a plan, in the small world."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from gangmu.figures.cube import services
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_world

STANDS_AT = "2026-11-20T07:30+08:00"
INDICATORS = (
    ("energy", "电量", "Energy", "MWh", 1, "plant", "sum", "sum", "", ""),
    ("price", "电价", "Price", "元/MWh", 2, "plant", "mean", "weighted", "energy", ""),
    ("revenue", "电费", "Revenue", "元", 2, "plant", "sum", "sum", "", "energy * price"),
    ("earned", "平均收入", "Earned per energy", "元/MWh", 2, "plant", "", "", "", "revenue / energy"),
)
# plant → (October's energy and price, November's of each day 1..19)
FACTS = {"P1": ("1000.0", "400.00", "110.0", "390.00"), "P2": ("500.0", "500.00", "40.0", "520.00")}


def figures_of_studies(folder: Path) -> None:
    """Each plant's October on one day, its November on every day up to the 19th; a plan for November."""
    for code, zh, en, unit, precision, level, over_time, over_organisations, weight, formula in INDICATORS:
        Indicator.objects.create(
            code=code, name_zh=zh, name_en=en, unit=unit, precision=precision, level=level, over_time=over_time,
            over_organisations=over_organisations, weight=weight, formula=formula,
        )  # fmt: skip
    rows = ["organisation,indicator,period,scenario,value"]
    for plant, (energy, price, daily, now) in FACTS.items():
        rows += [f"{plant},energy,2026-10-15,actual,{energy}", f"{plant},price,2026-10-15,actual,{price}"]
        for day in range(1, 20):
            rows += [f"{plant},energy,2026-11-{day:02},actual,{daily}", f"{plant},price,2026-11-{day:02},actual,{now}"]
        rows.append(f"{plant},energy,2026-11-01,plan-2026,2500.0")
    path = folder / "studies.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    result = load_facts(path)
    assert not result.problems, [str(problem) for problem in result.problems]
    services.fold(sync=False)


@pytest.fixture
def world(committed: str, tmp_path: Path) -> Iterator[World]:
    with clock.frozen(STANDS_AT), override("en"):
        made = make_world(tmp_path)
        figures_of_studies(tmp_path)
        yield made
