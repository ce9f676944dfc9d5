"""A small world with figures, and somebody who may change indicators."""

from pathlib import Path
from typing import Any

import pytest

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world

NOW = "2026-06-03T07:30+08:00"
INDICATORS = """\
- {code: gen, name: {zh: 发电量, en: Generation}, unit: MWh, precision: 1}
- {code: aux, name: {zh: 厂用电量, en: Auxiliary}, unit: MWh, precision: 1}
- {code: coal, name: {zh: 耗煤, en: Coal}, unit: t, precision: 0}
- {code: rate, name: {zh: 厂用电率, en: Auxiliary rate}, unit: "%", precision: 2, formula: 「厂用电量」 / gen}
- {code: double, name: {zh: 两倍, en: Double}, unit: "%", precision: 1, formula: rate * 2}
"""
FACTS = """\
organisation,indicator,period,scenario,value
P1U1,gen,2026-05-31,actual,100
P1U1,aux,2026-05-31,actual,5
P1U1,gen,2026-06-01,actual,200
P1U1,aux,2026-06-01,actual,10
"""


def make_figures(folder: Path) -> User:
    """Loads them; the person who configures figures of the whole tree."""
    make_world(folder)
    for name, text, loader in (("i.yaml", INDICATORS, load_indicators), ("f.csv", FACTS, load_facts)):
        (folder / name).write_text(text, "utf-8")
        result: Any = loader(folder / name)
        assert not result.problems, [str(problem) for problem in result.problems]
    cube.fold()
    permissions = ["parties:view", "figures:view,configure"]
    Role.objects.create(code="configurer", name_zh="配置", name_en="Configurer", site="both", permissions=permissions)
    make_user("local", "P1", "configurer")
    return make_user("configurer", "G", "configurer")


@pytest.fixture
def configurer(committed: str, tmp_path: Path):
    with clock.frozen(NOW):
        yield make_figures(tmp_path)
