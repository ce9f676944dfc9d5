"""What the grid asks for: load by province, what wind, sun and water give, and what is left for thermal plants."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gangmu.business.power.demonstration.figures.calendar import Calendar
from gangmu.business.power.demonstration.figures.noise import Floats, keys, persistent
from gangmu.business.power.demonstration.figures.weather import PROVINCES, Weather

# Shares of yearly generation by (wind, sun, water), about as they stand; what is left is thermal and nuclear.
SHARES = {
    "北京": (.01, .02, .02), "天津": (.04, .05, .0), "河北": (.20, .15, .01), "山西": (.13, .08, .01),
    "内蒙古": (.20, .06, .01), "辽宁": (.13, .04, .03), "吉林": (.20, .06, .09), "黑龙江": (.17, .06, .03),
    "上海": (.02, .02, .0), "江苏": (.09, .06, .0), "浙江": (.03, .07, .05), "安徽": (.04, .07, .02),
    "福建": (.08, .03, .10), "江西": (.06, .08, .08), "山东": (.09, .11, .0), "河南": (.12, .07, .04),
    "湖北": (.05, .08, .42), "湖南": (.09, .04, .32), "广东": (.05, .03, .04), "广西": (.12, .04, .24),
    "海南": (.02, .09, .05), "重庆": (.04, .02, .24), "四川": (.03, .02, .78), "贵州": (.06, .07, .30),
    "云南": (.08, .06, .68), "西藏": (.01, .15, .82), "陕西": (.09, .09, .05), "甘肃": (.22, .14, .20),
    "青海": (.15, .28, .45), "宁夏": (.13, .12, .01), "新疆": (.14, .07, .06),
}  # fmt: skip
FLAT = 0.55  # of changes of wind, sun and water, so much is passed on to thermal plants; lines carry away the rest
WET_DAY = 220  # of the year: rivers stand highest


class Grid:
    """Of all provinces on all days; 1 is the mean of a year."""

    def __init__(self, calendar: Calendar, weather: Weather, seed: int) -> None:
        self.calendar, self.weather, self.seed = calendar, weather, seed

    @cached_property
    def load(self) -> Floats:
        """What is used: more in heat and frost, less on days of rest; more every year, as far as new wind and sun of
        others do not cover it."""
        temperature = self.weather.temperature
        cooling = 4.0 * np.logaddexp(0, (temperature - 25) / 4.0)
        heating = 5.0 * np.logaddexp(0, (4 - temperature) / 5.0)
        wanted = 0.925 + 0.030 * cooling + 0.0085 * heating
        own = 0.022 * persistent(keys(self.seed, list(PROVINCES)), "load", self.calendar.ordinals, 0.7)
        growth = 1.012 ** (self.calendar.years - 2)
        return (wanted + own) * (1 - self.calendar.rest) * growth

    @cached_property
    def renewables(self) -> Floats:
        """Wind, sun and water above or below their mean, as a share of the province's load."""
        wind, sun, water = np.array(list(SHARES.values())).T[:, :, None]
        calendar = self.calendar
        windy = 0.45 * self.weather.wind + 0.22 * calendar.season(70)
        sunny = 0.28 * self.weather.clearness + 0.30 * calendar.season(160)
        wet = 0.55 * calendar.season(WET_DAY) + 0.20 * self.weather.rain
        return wind * windy + sun * sunny + np.minimum(water, 0.45) * wet

    @cached_property
    def thermal(self) -> Floats:
        """What is left for thermal plants, 1 in the mean: much wind and water mean little coal."""
        wind, sun, water = np.array(list(SHARES.values())).T[:, :, None]
        left = np.maximum(1 - wind - sun - np.minimum(water, 0.45), 0.45)
        return 1 + (self.load - 1 - FLAT * self.renewables) / left * 0.8

    @cached_property
    def crowding(self) -> Floats:
        """From 0 to 1: how much of wind and sun finds no way, where there is much of it and little is used."""
        wind, sun, _water = np.array(list(SHARES.values())).T[:, :, None]
        pressed = (wind + sun - 0.07) * (1.2 + 1.6 * self.renewables / (wind + sun + 0.02) - 1.5 * (self.load - 1))
        return np.clip(pressed * 0.27, 0.0, 0.35)

    @cached_property
    def price(self) -> Floats:
        """Spot prices follow what is left for thermal plants; 1 in the mean."""
        own = 0.03 * persistent(keys(self.seed, list(PROVINCES)), "price", self.calendar.ordinals, 0.6)
        return np.clip(1 + 0.25 * (self.thermal - 1) + own, 0.7, 1.35)

    def of(self, table: Floats, provinces: Sequence[str]) -> Floats:
        """The rows of some plants' provinces."""
        return table[self.weather.rows(provinces)]
