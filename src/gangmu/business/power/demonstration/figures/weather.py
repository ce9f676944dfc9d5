"""Weather by province and place: temperature, wind, clouds and rain. Places of one province share most of it."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gangmu.business.power.demonstration.figures.calendar import Calendar
from gangmu.business.power.demonstration.figures.noise import Floats, keys, persistent

# Latitude of the province's middle, its mean height above the sea in m: what temperature follows.
PROVINCES = {
    "北京": (40.0, 60), "天津": (39.2, 10), "河北": (38.5, 60), "山西": (37.5, 900), "内蒙古": (42.0, 1050),
    "辽宁": (41.5, 80), "吉林": (43.7, 220), "黑龙江": (46.5, 180), "上海": (31.2, 5), "江苏": (33.0, 10),
    "浙江": (29.5, 40), "安徽": (31.8, 30), "福建": (26.0, 60), "江西": (27.8, 60), "山东": (36.4, 50),
    "河南": (34.0, 100), "湖北": (31.0, 60), "湖南": (28.0, 70), "广东": (23.2, 30), "广西": (23.5, 120),
    "海南": (19.5, 20), "重庆": (29.7, 300), "四川": (30.5, 600), "贵州": (26.8, 1050), "云南": (25.0, 1700),
    "西藏": (30.5, 3700), "陕西": (35.5, 700), "甘肃": (37.0, 1500), "青海": (36.3, 2700), "宁夏": (38.0, 1150),
    "新疆": (43.5, 750),
}  # fmt: skip
FRONTS = {  # provinces over which weather passes together
    "north": ["北京", "天津", "河北", "山西", "山东"],
    "northeast": ["辽宁", "吉林", "黑龙江"],
    "mongolia": ["内蒙古"],
    "east": ["上海", "江苏", "浙江", "安徽", "福建"],
    "central": ["河南", "湖北", "湖南", "江西"],
    "south": ["广东", "广西", "海南", "贵州", "云南"],
    "southwest": ["四川", "重庆", "西藏"],
    "northwest": ["陕西", "甘肃", "青海", "宁夏", "新疆"],
}
FRONT_OF = {province: front for front, provinces in FRONTS.items() for province in provinces}


class Weather:
    """Of all provinces on all days of a calendar; rows in the order of `PROVINCES`."""

    def __init__(self, calendar: Calendar, seed: int) -> None:
        self.calendar, self.seed = calendar, seed
        self.row = {province: at for at, province in enumerate(PROVINCES)}
        self._front = np.array([list(FRONTS).index(FRONT_OF[province]) for province in PROVINCES])

    def rows(self, provinces: Sequence[str]) -> list[int]:
        """Where each province's weather stands; of one that is not known, the middle of the country's."""
        return [self.row.get(province, self.row["河南"]) for province in provinces]

    @cached_property
    def temperature(self) -> Floats:
        """Daily mean in °C: by latitude, height and season, warmer and colder by spells of days."""
        latitude, height = np.array(list(PROVINCES.values()), np.float64).T[:, :, None]
        mean = 27.5 - 0.62 * (latitude - 18) - 0.0042 * height
        swing = 5.0 + 0.52 * (latitude - 18)
        return mean + swing * self.calendar.season(203) + 2.6 * self._shared("temperature", 0.78, 0.75)

    @cached_property
    def wind(self) -> Floats:
        """Mean 0, spread 1: fronts pass in three or four days."""
        return self._shared("wind", 0.52, 0.98)

    @cached_property
    def clearness(self) -> Floats:
        """Mean 0, spread 1: clear skies above, clouds below; windy days are a little clearer."""
        return 0.95 * self._shared("clouds", 0.55, 0.70) + 0.18 * self.wind

    @cached_property
    def rain(self) -> Floats:
        """Mean 0, spread 1: wet and dry fortnights, that fill and empty rivers."""
        return self._shared("rain", 0.93, 0.80)

    def _shared(self, stream: str, memory: float, share: float) -> Floats:
        """What the provinces of a front have together, and what each has for itself."""
        days = self.calendar.ordinals
        together = persistent(keys(self.seed, list(FRONTS)), stream, days, memory)[self._front]
        alone = persistent(keys(self.seed, list(PROVINCES)), stream, days, memory)
        return share * together + (1 - share**2) ** 0.5 * alone

    def heating(self, rows: Sequence[int]) -> Floats:
        """Degrees below 18 °C as buildings feel them: of three days' mean, and never quite 0."""
        felt = self.temperature[rows]
        felt = (felt + np.roll(felt, 1, axis=1) + np.roll(felt, 2, axis=1)) / 3
        felt[:, :2] = self.temperature[rows][:, :2]
        return 5.0 * np.logaddexp(0, (17 - felt) / 5.0)
