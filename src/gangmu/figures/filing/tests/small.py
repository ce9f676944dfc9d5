"""A small form in the small world of `worlds.py`: what units and the plant file every day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gangmu.figures.filing.models import Form
from gangmu.figures.filing.services import load_forms
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.shell.testing.worlds import World, make_user, make_world

DAY = Period.day(date(2026, 11, 19))
NOW = "2026-11-20T07:30"
INDICATORS: list[dict[str, Any]] = [
    {"code": "gen", "name_zh": "发电量", "name_en": "Generation", "unit": "MWh", "precision": 1, "level": "unit"},
    {"code": "state", "name_zh": "机组状态", "name_en": "State", "level": "unit", "over_time": "last"},
    {"code": "hours", "name_zh": "运行小时", "name_en": "Hours", "unit": "h", "precision": 2, "level": "unit"},
    {"code": "stock_open", "name_zh": "期初库存", "name_en": "Opening stock", "unit": "t", "level": "plant"},
    {"code": "stock", "name_zh": "期末库存", "name_en": "Closing stock", "unit": "t", "level": "plant"},
    {"code": "burnt", "name_zh": "耗煤量", "name_en": "Coal burnt", "unit": "t", "level": "plant"},
    {"code": "received", "name_zh": "来煤量", "name_en": "Coal received", "unit": "t", "level": "plant"},
]
FORM: dict[str, Any] = {
    "code": "small_daily",
    "name": {"zh": "小日报", "en": "Small daily form"},
    "grain": "day",
    "route": "small",
    "correction_route": "small_correction",
    "due": {"days": 1, "time": "09:00"},
    "locks": {"days": 3, "time": "12:00"},
    "filed_by": {"kinds": ["plant"], "fuels": ["coal"]},
    "choices": {
        "states": [
            {"value": 1, "code": "running", "zh": "运行", "en": "Running"},
            {"value": 2, "code": "stopped", "zh": "停机", "en": "Stopped"},
        ]
    },
    "sections": [
        {
            "code": "units",
            "name": {"zh": "机组", "en": "Units"},
            "level": "unit",
            "items": [
                {"indicator": "gen", "required": True, "out_of_service": "zero"},
                {"indicator": "state", "choices": "states", "out_of_service": "blank"},
                {"indicator": "hours"},
            ],
        },
        {
            "code": "plant",
            "name": {"zh": "全厂", "en": "Plant"},
            "level": "self",
            "items": [
                {"indicator": "stock_open", "opens_with": "stock"},
                {"indicator": "received"},
                {"indicator": "burnt", "required": True},
                {"indicator": "stock"},
            ],
        },
    ],
    "rules": [
        {
            "code": "within_capacity",
            "strength": "warning",
            "left": "gen",
            "operator": "<=",
            "right": "capacity_mwh",
            "name": {"zh": "发电量不超过装机", "en": "Generation within capacity"},
            "advice": {"zh": "请核对或说明", "en": "Check the meter or say why"},
        },
        {
            "code": "stock_balances",
            "strength": "error",
            "left": "stock",
            "operator": "=",
            "right": "stock_open + received - burnt",
            "name": {"zh": "库存平衡", "en": "The stock balances"},
            "advice": {"zh": "请核对", "en": "Check the four figures"},
        },
    ],
}


@dataclass(frozen=True)
class Small:
    """The world, its form, and people at every tier of plant P1."""

    world: World
    form: Form
    clerk: User
    colleague: User
    plant_reviewer: User
    region_reviewer: User
    group_manager: User


def make_small(folder) -> Small:
    """Load world, indicators and form; people who file and approve P1's sheets."""
    world = make_world(folder)
    for one in INDICATORS:
        Indicator.objects.create(**{"over_time": "sum", "over_organisations": "sum", "precision": 0} | one)
    forms = load_forms([FORM])
    return Small(
        world,
        forms["small_daily"],
        world.clerk,
        make_user("colleague", "P1", "clerk"),
        make_user("plant-reviewer", "P1", "reviewer"),
        make_user("region-reviewer", "R2", "reviewer"),
        make_user("group-manager", "G", "manager"),
    )


def organisation(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


__all__ = ["DAY", "FORM", "INDICATORS", "NOW", "SYSTEM", "Small", "make_small", "organisation"]
