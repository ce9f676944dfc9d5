"""A small form in the small world of `worlds.py`: what units and the plant file every day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gangmu.figures.filing.models import Fact, Form, Sheet
from gangmu.figures.filing.services import Edit, Saved, load_forms, open_sheet, save_cells, submit_sheet
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.subjects import kind_of
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


def _node(code: str, role: str, grants: str = "", **who: Any) -> dict[str, Any]:
    return {"code": code, "name": {"zh": code, "en": code}, "who": {"role": role, **who}} | (
        {"grants": grants} if grants else {}
    )


ROUTES: list[dict[str, Any]] = [
    {
        "code": "small",
        "name": {"zh": "逐级审批", "en": "Upward"},
        "nodes": [
            _node("plant", "reviewer", "plant", at="subject"),
            _node("region", "reviewer", "region", level="region"),
            _node("group", "manager", "group", level="group"),
        ],
    },
    {
        "code": "small_correction",
        "name": {"zh": "更正审批", "en": "Corrections"},
        "nodes": [_node("region", "reviewer", level="region"), _node("group", "manager", level="group")],
    },
]


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
    load_routes(ROUTES, "shipped")
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


# Doing ---------------------------------------------------------------------------------------------------------------

GOOD = {  # of a sheet in which nothing is wrong
    ("P1U1", "gen"): "12000",
    ("P1U1", "state"): "running",
    ("P1U2", "gen"): "6000.5",
    ("P1", "stock_open"): "1000",
    ("P1", "received"): "500",
    ("P1", "burnt"): "700",
    ("P1", "stock"): "800",
}


def opened(small: Small, period: Period = DAY) -> Sheet:
    """P1's sheet, opened by its clerk."""
    place = organisation("P1")
    with acting_as(small.clerk) as scope:
        return open_sheet(small.form, place, period, by=small.clerk, scope=scope)


def put(small: Small, sheet: Sheet, values: Mapping[tuple[str, str], str], *, base: int | None = None) -> Saved:
    """Type into cells, as the clerk, with the newest version on the screen."""
    edits = [
        Edit(organisation(code).pk, indicator, text, 0, 10**6 if base is None else base)
        for (code, indicator), text in values.items()
    ]
    with acting_as(small.clerk) as scope:
        return save_cells(sheet, edits, by=small.clerk, key="", scope=scope)


def filled(small: Small, period: Period = DAY, **changed: str) -> Sheet:
    """P1's sheet, filled in well."""
    sheet = opened(small, period)
    put(small, sheet, GOOD)
    return sheet


def submit(small: Small, sheet: Sheet, key: str = "s1", words: str = "") -> Case:
    with acting_as(small.clerk) as scope:
        return submit_sheet(sheet, by=small.clerk, scope=scope, key=key, words=words)


def approve(case: Case, user: User, key: str = "") -> None:
    """Approve what is seen now."""
    with acting_as(user):
        seen = kind_of(case.kind).content_hash(case.subject_id)
        approving.approve(case.pk, by=user, seen=seen, key=key or f"a{user.pk}-{case.round}")


def send_back(case: Case, user: User, reason: str = "look again", key: str = "r1") -> None:
    with acting_as(user):
        seen = kind_of(case.kind).content_hash(case.subject_id)
        approving.return_(case.pk, by=user, seen=seen, key=key, reason=reason)


def approved(small: Small, period: Period = DAY) -> Sheet:
    """P1's sheet, approved by all three tiers."""
    sheet = filled(small, period)
    case = submit(small, sheet, key=f"s{period}")
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        approve(case, user, key=f"a{user.pk}{period}")
    sheet.refresh_from_db()
    return sheet


def states() -> set[int]:
    """The states of all figures that stand."""
    return set(Fact.objects.filter(superseded_by=None).values_list("state", flat=True))


def stands(code: str, indicator: str, day: str = "2026-11-19") -> Fact | None:
    """The figure that stands in a cell."""
    return Fact.objects.filter(
        organisation__code=code, indicator__code=indicator, period=day, superseded_by=None
    ).first()
