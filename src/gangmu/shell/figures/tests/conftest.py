"""A sheet that went the whole way: warned, explained, returned, put right, approved, locked, corrected."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.utils import translation

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.queries.checking import examine
from gangmu.figures.filing.services import (
    Edit,
    Value,
    explain,
    lock_sheets,
    receive,
    remark,
    save_correction,
    start_correction,
    submit_correction,
)
from gangmu.figures.filing.tests.small import (
    Small,
    approve,
    filled,
    make_small,
    opened,
    organisation,
    put,
    send_back,
    submit,
)
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.plugin import undone

FORMULAS = [
    {"code": "rate", "name_zh": "耗煤率", "name_en": "Coal rate", "unit": "kg/MWh", "formula": "burnt / gen"},
    {"code": "growth", "name_zh": "发电量增长", "name_en": "Growth", "unit": "%", "formula": "yoy(「发电量」)"},
    {"code": "use", "name_zh": "利用小时", "name_en": "Utilisation", "unit": "h", "formula": "gen / capacity_mw"},
    {
        "code": "idle",
        "name_zh": "可用未发电量",
        "name_en": "Idle energy",
        "unit": "MWh",
        "formula": "if(capacity_mwh > gen, capacity_mwh - gen, 0)",
        "over_time": "sum",
        "over_organisations": "sum",
    },
]
WARNED = "the meter showed it twice"
REMARK = "unit 1 ran above its plate"
RETURNED = "please read the meter again"
CORRECTED = "the gateway meter was misread"


def explain_all(small: Small, sheet, words: str = WARNED) -> None:
    """Say why of every warning that the sheet still has."""
    with acting_as(small.clerk):
        for finding in examine([sheet])[sheet.pk].unexplained:
            explain(sheet, finding, words=words, by=small.clerk)


@pytest.fixture
def told(told_once: Small) -> Iterator[Small]:
    """P1's sheet of 19 November, to the correction in force; its sheet of the 18th is approved by the plant only, that
    of the 17th was never filed. What the test writes is taken back."""
    with clock.frozen("2026-11-20T16:00"), undone():
        yield deepcopy(told_once)


@pytest.fixture(scope="module")
def told_once(committed_once: str, tmp_path_factory: pytest.TempPathFactory) -> Small:
    with translation.override("en"):
        return make_told(tmp_path_factory.mktemp("told"))


def make_told(folder: Path) -> Small:
    with clock.frozen("2026-11-19T07:30"):
        small = make_small(folder)
        User.objects.filter(username="clerk").update(phone="0512-6688")
        small.clerk.refresh_from_db()
        for one in FORMULAS:
            rules = {"precision": 2, "level": "unit", "over_time": "", "over_organisations": ""}
            Indicator.objects.create(**(rules | one))
        before = filled(small, Period.parse("2026-11-18"))
        case = submit(small, before, key="before")
        approve(case, small.plant_reviewer, key="before plant")
    with clock.frozen("2026-11-20T07:30"):
        sheet = opened(small)
        put(small, sheet, {("P1U1", "gen"): "15000", ("P1U1", "state"): "running", ("P1U2", "gen"): "6,000.5"})
        put(small, sheet, {("P1", "stock_open"): "800", ("P1", "received"): "500", ("P1", "burnt"): "700"})
        put(small, sheet, {("P1", "stock"): "600"})
        receive([Value("P1U1", "gen", "2026-11-19", "14390")], source="SIS", by=small.clerk)
        explain_all(small, sheet)
        with acting_as(small.clerk) as scope:
            remark(sheet, (organisation("P1U1").pk, "gen"), words=REMARK, by=small.clerk, scope=scope)
        case = submit(small, sheet, key="first")
    with clock.frozen("2026-11-20T08:00"):
        send_back(case, small.plant_reviewer, RETURNED)
    with clock.frozen("2026-11-20T08:20"):
        put(small, sheet, {("P1U1", "gen"): "14400"})
        case = submit(small, sheet, key="second")
    for hour, user in ((9, small.plant_reviewer), (10, small.region_reviewer), (11, small.group_manager)):
        with clock.frozen(f"2026-11-20T{hour:02}:00"):
            case = Case.objects.get(pk=case.pk)
            approve(case, user, key=f"hour {hour}")
    with clock.frozen("2026-11-20T12:00"), acting_as(small.group_manager) as scope:
        lock_sheets([sheet], by=small.group_manager, scope=scope)
    with clock.frozen("2026-11-20T13:00"):
        correct(small, sheet)
    with clock.frozen("2026-11-20T16:00"):
        cube.fold()
    return small


def correct(small: Small, sheet) -> None:
    """Replace the generation of unit 1, which region and group approve."""
    with acting_as(small.clerk) as scope:
        correction = start_correction(sheet, reason=CORRECTED, by=small.clerk, key="c", scope=scope)
        edits = [Edit(organisation("P1U1").pk, "gen", "14380.5")]
        save_correction(correction, edits, by=small.clerk, key="", scope=scope)
        case = submit_correction(correction, by=small.clerk, key="cs", scope=scope)
    approve(case, small.region_reviewer, key="c region")
    approve(Case.objects.get(pk=case.pk), small.group_manager, key="c group")
