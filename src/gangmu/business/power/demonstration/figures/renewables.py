"""Wind and sun: what the weather gives, less what finds no way into the grid."""

import numpy as np

from gangmu.business.power.demonstration.figures.book import as_filed
from gangmu.business.power.demonstration.figures.money import benchmark, file_money
from gangmu.business.power.demonstration.figures.noise import ROOT_3, Floats, between, keys, uniform, white
from gangmu.business.power.demonstration.figures.outages import Habits
from gangmu.business.power.demonstration.figures.units import Fleet

TURBINES = Habits(planned=(6, 7, 8), planned_days=(1, 2), forced=0.5, forced_days=1, derated=4.0, derated_days=5)
PANELS = Habits(planned=(1, 6, 11), planned_days=(1, 1), forced=0.3, forced_days=1, derated=2.0, derated_days=4)
GOLDEN_RATIO = (5**0.5 - 1) / 2
SUNNY = {  # how clear the sky is in the mean: share of the radiation above the air
    **dict.fromkeys(("四川", "重庆", "贵州"), 0.36),
    **dict.fromkeys(("西藏", "青海"), 0.60),
    **dict.fromkeys(("甘肃", "新疆", "宁夏", "内蒙古"), 0.56),
    **dict.fromkeys(("河北", "山西", "北京", "天津", "辽宁", "吉林", "黑龙江", "陕西", "云南", "海南"), 0.50),
    **dict.fromkeys(("山东", "河南", "江苏"), 0.455),
}


def wind(fleet: Fleet) -> None:
    """Wind farms. The reference turbine stands where the wind of the farm is measured."""
    fleet.draw(lambda _plant: TURBINES)
    offshore = np.array([plant.fuel == "offshore_wind" for plant in fleet.plants])[:, None]
    mean = np.where(offshore, 7.7, 6.4) + between(fleet.keys, "site", -0.35, 0.35)[:, None]
    local = 0.56 * fleet.of_province(fleet.weather.wind) + 0.83 * spread_out(fleet, "gusts")
    season = 0.075 * fleet.calendar.season(75)[None, :]
    speed = as_filed("reference_wind_speed", np.maximum(mean * (1 + 0.255 * local + season), 1.2))
    rated = mean + np.where(offshore, 0.8, 1.45) + between(fleet.keys, "rated", -0.25, 0.25)[:, None]
    share = 0.82 / (1 + np.exp(-(speed - rated) / 1.8))
    its = fleet.spells
    share = fleet.per_unit(share) * (1 + 0.06 * white(fleet.unit_keys, "share", fleet.days))
    whole = its.run_hours / 24
    potential = fleet.mw * 24 * np.minimum(share, 0.97) * whole * (1 - 0.6 * its.derated) * 0.985
    np.copyto(its.run_hours, as_filed("run_hours", its.run_hours * np.clip(0.5 + 6 * share, 0, 1)))
    lost = np.clip(
        fleet.of_province(fleet.grid.crowding) * (0.75 + 0.25 * white(fleet.keys, "lost", fleet.days)), 0, 0.4
    )
    lost = np.where(offshore, lost * 0.3, lost)
    generation, auxiliary = fleet.file_units(potential * (1 - fleet.per_unit(lost)), potential * 0.012, derated=False)
    on_grid = fleet.on_grid(generation, auxiliary, 0.018)
    fleet.book.figure("reference_wind_speed", fleet.codes, speed, fleet.in_service)
    _file_curtailed(fleet, "curtailed_wind", "wind_use_rate_filed", generation, lost)
    price = benchmark(fleet) * np.where(offshore, 1.12, 0.90)
    file_money(fleet, on_grid, price * fleet.of_province(fleet.grid.price), on_grid * np.where(offshore, 22.0, 12.0))


def solar(fleet: Fleet) -> None:
    """Photovoltaic plants: height of the sun, length of the day, clouds."""
    fleet.draw(lambda _plant: PANELS)
    latitude = np.radians(np.array([plant.latitude for plant in fleet.plants]))[:, None]
    radiation, daylight = sun(latitude, fleet.calendar.of_year[None, :])
    sky = np.array([SUNNY.get(province, 0.42) for province in fleet.provinces])[:, None]
    local = 0.88 * fleet.of_province(fleet.weather.clearness) + 0.47 * spread_out(fleet, "clouds")
    clear = np.clip(sky + 0.105 * local, 0.16, 0.82)
    sunshine = as_filed("sunshine_hours", daylight * (0.34 + 0.84 * (clear - 0.16)))
    tilt = 1.03 + 0.16 * (1 - fleet.calendar.season(172)) * np.sin(latitude)
    its = fleet.spells
    hours = fleet.per_unit(radiation * clear / 3.6 * tilt * 0.78)
    hours = (
        hours * (1 + 0.03 * white(fleet.unit_keys, "share", fleet.days)) * its.run_hours / 24 * (1 - 0.6 * its.derated)
    )
    np.copyto(its.run_hours, as_filed("run_hours", fleet.per_unit(daylight) * its.run_hours / 24))
    lost = fleet.of_province(fleet.grid.crowding) * (0.80 + 0.25 * white(fleet.keys, "lost", fleet.days))
    generation, auxiliary = fleet.file_units(
        fleet.mw * hours * (1 - fleet.per_unit(np.clip(lost, 0, 0.4))), fleet.mw * hours * 0.010, derated=False
    )
    on_grid = fleet.on_grid(generation, auxiliary, 0.018)
    fleet.book.figure("sunshine_hours", fleet.codes, sunshine, fleet.in_service)
    _file_curtailed(fleet, "curtailed_solar", "solar_use_rate_filed", generation, np.clip(lost, 0, 0.4))
    file_money(fleet, on_grid, benchmark(fleet) * 0.82 * fleet.of_province(fleet.grid.price), on_grid * 9.0)


def spread_out(fleet: Fleet, stream: str) -> Floats:
    """As `white`, but plants whose codes follow each other lie evenly apart on every day, none far from all others."""
    place = np.array([float(key % np.uint64(1000)) / 1000 for key in fleet.keys])
    numbers = [int("".join(filter(str.isdigit, code)) or 0) for code in fleet.codes]
    place = np.where(np.array(numbers) > 0, np.array(numbers) * GOLDEN_RATIO, place)
    turn = uniform(keys(fleet.seed, [stream]), "turn", fleet.days)
    return ((place[:, None] + turn) % 1 * 2 - 1) * ROOT_3


def sun(latitude: Floats, day: Floats) -> tuple[Floats, Floats]:
    """Radiation above the air in MJ/m² a day, and the hours from sunrise to sunset (FAO 56, equations 21 to 34)."""
    declination = 0.409 * np.sin(2 * np.pi * day / 365 - 1.39)
    distance = 1 + 0.033 * np.cos(2 * np.pi * day / 365)
    sunset = np.arccos(np.clip(-np.tan(latitude) * np.tan(declination), -1, 1))
    height = sunset * np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.sin(sunset)
    return 37.586 * distance * height, 24 / np.pi * sunset


def _file_curtailed(fleet: Fleet, indicator: str, rate: str, generation: Floats, lost: Floats) -> None:
    """What could have been generated and was not, and the share that was used, of what is filed."""
    made = fleet.summed(generation)
    curtailed = as_filed(indicator, made * lost / (1 - lost))
    fleet.book.figure(indicator, fleet.codes, curtailed, fleet.in_service)
    could = made + curtailed
    used = np.where(could > 0, made / np.maximum(could, 0.1), 1) * 100
    fleet.book.figure(rate, fleet.codes, used, fleet.in_service & (could > 0))
