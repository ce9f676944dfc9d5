"""Rivers and reservoirs of the demonstration's hydro plants.

Levels, storages and heads are rough: orders of magnitude set for the models, not taken from a source. A plant that is
not listed gets some of its own by its code.
"""

from dataclasses import dataclass

import numpy as np

from gangmu.business.power.demonstration.figures.calendar import Calendar
from gangmu.business.power.demonstration.figures.noise import Floats, Keys, between, keys, own, uniform
from gangmu.business.power.demonstration.figures.world import Plant

REGIME_OF = {
    **dict.fromkeys(("四川", "云南", "西藏", "贵州", "重庆", "湖北"), "southwest"),
    **dict.fromkeys(("湖南", "江西", "福建", "浙江", "安徽", "江苏", "上海", "广东", "广西", "海南"), "southeast"),
    **dict.fromkeys(("辽宁", "吉林", "黑龙江"), "northeast"),
}
# Peaks of the inflow: (day of the year, width in days, height), and what flows in winter; hours at full load a year.
REGIMES: dict[str, tuple[list[tuple[int, int, float]], float, float]] = {
    "southwest": ([(222, 68, 1.55)], 0.45, 4050),
    "southeast": ([(165, 64, 1.25)], 0.58, 2550),
    "northeast": ([(220, 54, 1.2), (118, 46, 0.4)], 0.45, 2150),
    "north": ([(232, 66, 1.1)], 0.54, 3500),
}
# Normal level in m, depth of use in m, storage of use in 亿 m³, head in m; some with hours at full load of their own.
KNOWN: dict[str, tuple[float, ...]] = {
    "225": (413, 33, 35.4, 110), "226": (263.5, 20, 53.5, 60), "230": (123.3, 25, 76.7, 90),
    "232": (585, 20, 3.9, 105), "233": (300, 10, 8.2, 50), "234": (318.8, 37, 26.3, 100), "235": (290, 1, 0.13, 25),
    "237": (191.5, 2, 0.2, 32), "238": (683, 15, 1.1, 110), "326": (977, 20, 4.5, 75), "327": (898, 8, 0.7, 36),
    "328": (216, 20, 59.6, 26), "329": (1076, 6, 4.0, 8.5), "430": (65, 10, 7.0, 52), "437": (108, 20, 102.7, 75),
    "438": (173, 24, 11.2, 90), "525": (175, 28, 165, 95, 3950), "526": (66, 2, 0.9, 18, 5800),
    "527": (400, 48, 23.8, 180), "528": (275, 40, 40, 115, 3300), "531": (108, 16, 20.2, 50),
    "533": (200, 38, 19.8, 115), "536": (170, 18, 120, 62, 3600), "537": (169.5, 24, 22.6, 70),
    "538": (205, 33, 10.6, 75), "625": (812, 46, 113, 190, 4300), "626": (375, 40, 111.5, 135, 3300),
    "627": (1240, 70, 99, 220, 4500), "628": (630, 40, 29, 165, 3100), "632": (1418, 18, 3.5, 110, 4600),
    "634": (1223, 8, 3.8, 80, 4500), "635": (1504, 10, 2.4, 78, 4400), "636": (1619, 28, 8.3, 180, 4500),
    "637": (223, 10, 10.5, 60, 4300), "638": (1298, 5, 1.1, 66, 4300), "133": (222, 40, 19.5, 60, 900),
    "131": (218, 14, 15.9, 50, 1450), "725": (1646, 5, 0.05, 300, 4900), "726": (850, 55, 38.8, 160, 4100),
    "727": (1880, 75, 49.1, 200, 4600), "728": (1200, 45, 33.7, 165, 5000), "729": (2865, 75, 65.6, 225, 3650),
    "730": (1130, 8, 1.2, 160, 4400), "731": (1690, 38, 4.2, 200, 4200), "732": (1330, 5, 0.6, 115, 4600),
    "733": (293, 14, 5.2, 70, 3500), "734": (1842, 38, 3.9, 130, 4100), "735": (2094, 6, 0.5, 105, 4500),
    "736": (458, 19, 17.3, 75, 2900), "737": (1378, 3, 0.2, 78, 4100), "738": (1476, 4, 0.2, 60, 4200),
    "825": (2452, 10, 1.5, 205, 2700), "826": (2005, 3, 0.8, 100, 3500), "827": (2600, 60, 193, 130, 4500),
    "828": (1735, 38, 41.5, 100, 4300), "829": (2180, 3, 0.6, 122, 3300), "830": (1856, 4, 0.5, 66, 3300),
    "831": (330, 25, 16.8, 70, 3100), "832": (1619, 2, 0.1, 38, 4600), "833": (2760, 3, 0.1, 35, 3700),
    "834": (1480, 2, 0.1, 25, 4500), "835": (2202, 15, 2.4, 65, 3300), "836": (707, 20, 1.5, 80, 4500),
    "837": (2033, 1, 0.1, 20, 3300), "838": (217, 5, 0.3, 24, 3300),
}  # fmt: skip


@dataclass(frozen=True)
class Basins:
    """Of hydro plants, one row each; volumes in 万 m³."""

    normal: Floats
    depth: Floats
    storage: Floats
    head: Floats
    hours: Floats
    inflow: Floats  # (plants, days), 1 in the mean of a usual year

    @property
    def rate(self) -> Floats:
        """m³ of water for a kWh."""
        return 367.0 / (0.905 * self.head)

    @property
    def dead(self) -> Floats:
        """What stays below the depth of use."""
        return self.storage * 0.8 + 300

    def level(self, used: Floats) -> Floats:
        """The level when so much of the storage of use is full (rows of plants)."""
        share = np.clip(used / self.storage, 0, 1.05)
        return self.normal - self.depth * (1 - share**0.85)


def basins(plants: list[Plant], of: Keys, calendar: Calendar, rain: Floats, seed: int) -> Basins:
    """What each plant has to do with its river."""
    regimes = [REGIME_OF.get(plant.province, "north") for plant in plants]
    mw = np.array([sum(unit.capacity_mw for unit in plant.units) for plant in plants])
    head = between(of, "head", 22, 90)
    hours = np.array([REGIMES[regime][2] for regime in regimes]) * between(of, "hours", 0.88, 1.12)
    full = mw * 24 * 367.0 / (0.905 * head) / 10
    table = np.column_stack(
        [between(of, "level", 90, 620), between(of, "depth", 4, 16), full * between(of, "days", 6, 45), head, hours]
    )
    for row, plant in enumerate(plants):
        known = KNOWN.get(plant.code)
        if known:
            table[row, : len(known)] = known
            table[row, 2] *= 10000  # 亿 m³
    normal, depth, storage, head, hours = table.T
    curves = {regime: _curve(regime, calendar) * _years(regime, calendar, seed) for regime in REGIMES}
    inflow = np.array([curves[regime] for regime in regimes])
    swing = (0.13 + 0.07 * own(of, "swing"))[:, None]
    return Basins(normal, depth, storage, head, hours, inflow * np.exp(swing * rain))


def _curve(regime: str, calendar: Calendar) -> Floats:
    """Inflow by season, 1 in the mean."""
    peaks, base, _hours = REGIMES[regime]
    days = np.full(calendar.count, base)
    for peak, width, height in peaks:
        days += height * calendar.bell(peak, width)
    mean = base + sum(height * width * np.pi**0.5 / 365.25 for _peak, width, height in peaks)
    return days / mean


def _years(regime: str, calendar: Calendar, seed: int) -> Floats:
    """Wet years and dry ones: from the middle of one to the middle of the next."""
    middles = np.arange(int(calendar.years[-1]) + 3)
    shares = 0.90 + 0.20 * uniform(keys(seed, [f"river {regime}"]), "year", middles)[0]
    return np.interp(calendar.years + 0.5, middles, shares)
