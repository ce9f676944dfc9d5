"""How yesterday stands at each plant, so that every account has something to do.

| account | finds |
| --- | --- |
| plant | a draft begun, a sheet returned, units' events that propose what to file |
| review | a sheet that waits for the plant's review |
| region | sheets of every kind of plant that wait for the region, some with warnings and the clerks' words |
| group | sheets that wait for the group; plants that have filed nothing, two of them for two days |

All other plants have filed, and their figures have passed all tiers. What is due this morning at nine is late from then
on; so that something is late at any hour, two plants have not filed the day before either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum

from gangmu.business.power.demonstration.figures import Plant, model_of

OWN = "401"  # where the accounts `plant` and `review` are at home
HOME_REGION = "EAST"  # and `region`


class Stage(IntEnum):
    """How far a sheet has come."""

    MISSING = 0
    BEGUN = 1
    AT_THE_PLANT = 2
    RETURNED_BY_THE_PLANT = 3
    AT_THE_REGION = 4
    RETURNED_BY_THE_REGION = 5
    AT_THE_GROUP = 6
    APPROVED = 7

    @property
    def is_submitted(self) -> bool:
        return self >= Stage.AT_THE_PLANT


@dataclass(frozen=True)
class Change:
    """What is unusual in a sheet, so that a rule asks for words: an indicator of the plant times a factor."""

    indicator: str
    factor: Decimal
    words: str


@dataclass(frozen=True)
class Scene:
    """How a plant's sheets of the last days stand, yesterday's first; older ones are locked."""

    stages: tuple[Stage, ...]
    change: Change | None = None


_COAL_YARD = Change("coal_stock", Decimal("1.02"), "煤场盘点尚未完成，明日补报盘点盈亏。")
_METER = Change("on_grid_energy", Decimal("1.04"), "关口表倍率更换当日，按调度机构数据填报。")
_LABORATORY = Change("coal_heating_value", Decimal("0.38"), "入炉煤化验仪器检修，采用入厂煤收到基数据。")
_OWN = Scene((Stage.BEGUN, Stage.RETURNED_BY_THE_PLANT, Stage.AT_THE_PLANT))
_WAITS = Scene((Stage.AT_THE_REGION,))

# Of each region and model so many plants, in the order of their codes, each taken once.
PLAN: Sequence[tuple[str, str, Scene]] = (
    (HOME_REGION, "coal", _WAITS),
    (HOME_REGION, "coal", Scene((Stage.AT_THE_REGION,), _COAL_YARD)),
    (HOME_REGION, "coal", Scene((Stage.AT_THE_REGION,), _METER)),
    (HOME_REGION, "coal", Scene((Stage.AT_THE_REGION,), _LABORATORY)),
    (HOME_REGION, "coal", Scene((Stage.AT_THE_GROUP,))),
    (HOME_REGION, "coal", Scene((Stage.AT_THE_GROUP,))),
    (HOME_REGION, "coal", Scene((Stage.BEGUN,))),
    (HOME_REGION, "coal", Scene((Stage.RETURNED_BY_THE_REGION,))),
    *((HOME_REGION, model, _WAITS) for model in (
        "cogeneration", "gas", "hydro", "pumped_storage", "onshore_wind", "offshore_wind", "solar", "waste", "biomass",
        "nuclear", "storage", "virtual_plant",
    )),
    (HOME_REGION, "solar", Scene((Stage.BEGUN,))),
    ("NORTH", "onshore_wind", Scene((Stage.AT_THE_GROUP,))),
    ("NORTHWEST", "solar", Scene((Stage.AT_THE_GROUP,))),
    ("SOUTHWEST", "hydro", Scene((Stage.AT_THE_GROUP,))),
    ("NORTHEAST", "heat_company", Scene((Stage.AT_THE_GROUP,))),
    ("NORTHEAST", "heat_company", Scene((Stage.MISSING, Stage.MISSING))),
    ("CENTRAL", "coal", Scene((Stage.MISSING, Stage.MISSING))),
    ("CENTRAL", "hydro", Scene((Stage.MISSING,))),
    ("SOUTH", "coal", Scene((Stage.MISSING,))),
    ("SOUTH", "offshore_wind", Scene((Stage.MISSING,))),
    ("MONGOLIA", "onshore_wind", Scene((Stage.MISSING,))),
)  # fmt: skip


def cast(plants: Iterable[Plant], region_of: Mapping[str, str]) -> dict[str, Scene]:
    """The plants that play a part, by their codes."""
    parts: dict[str, Scene] = {}
    free: dict[tuple[str, str], list[str]] = {}
    for plant in sorted(plants, key=lambda plant: plant.code):
        if plant.code == OWN:
            parts[OWN] = _OWN
        else:
            free.setdefault((region_of[plant.code], model_of(plant)), []).append(plant.code)
    for region, model, scene in PLAN:
        if waiting := free.get((region, model)):
            parts[waiting.pop(0)] = scene
    return parts


def through_sheets(
    plants: Iterable[Plant], parts: Mapping[str, Scene], yesterday: date, first: date, *, everybody: bool
) -> dict[date, set[str]]:
    """Whose figures of which days, from `first` on, come through sheets: yesterday's of those that play a part, or of
    everybody; earlier ones of those whose part goes back so far."""
    found: dict[date, set[str]] = {yesterday: {plant.code for plant in plants} if everybody else set()}
    for code, scene in parts.items():
        for days_before in range(len(scene.stages)):
            day = yesterday - timedelta(days=days_before)
            if day >= first and (everybody or day == yesterday):
                found.setdefault(day, set()).add(code)
    return found
