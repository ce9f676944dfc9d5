"""Prices, marginal cost and marginal contribution, which is revenue less cost to the last of their decimals."""

import numpy as np

from gangmu.business.power.demonstration.figures.book import as_filed
from gangmu.business.power.demonstration.figures.noise import Booleans, Floats, between, persistent
from gangmu.business.power.demonstration.figures.units import Fleet

COAL_BENCHMARK = {  # 燃煤基准价, 元/MWh, about
    "北京": 360, "天津": 366, "河北": 368, "山西": 332, "内蒙古": 283, "辽宁": 375, "吉林": 373, "黑龙江": 374,
    "上海": 416, "江苏": 391, "浙江": 415, "安徽": 384, "福建": 393, "江西": 414, "山东": 395, "河南": 378,
    "湖北": 416, "湖南": 450, "广东": 453, "广西": 421, "海南": 430, "重庆": 396, "四川": 401, "贵州": 352,
    "云南": 336, "西藏": 342, "陕西": 355, "甘肃": 308, "青海": 325, "宁夏": 260, "新疆": 250,
}  # fmt: skip
OTHER_COST = 8.0  # 元/MWh: water, limestone, what is paid to the market


def benchmark(fleet: Fleet) -> Floats:
    """元/MWh, one a plant."""
    return np.array([COAL_BENCHMARK.get(province, 380) for province in fleet.provinces], np.float64)[:, None]


def standard_coal_price(fleet: Fleet) -> Floats:
    """元/t of standard coal: dearer far from the mines, falling since 2024, dearer in winter."""
    calendar = fleet.calendar
    place = 260 + 1.72 * benchmark(fleet) + 40 * between(fleet.keys, "coal price", -1, 1)[:, None]
    trend = 1.06 * 0.945**calendar.years + 0.025 * calendar.season(10)
    return as_filed("standard_coal_price", place * trend + 6 * persistent(fleet.keys, "coal price", fleet.days, 0.97))


def file_money(fleet: Fleet, on_grid: Floats, price: Floats, cost: Floats, sells: Booleans | None = None) -> None:
    """Price, cost and contribution.

    Args:
        on_grid: MWh as filed.
        price: 元/MWh.
        cost: 元 in all.
        sells: where there is a price at all.
    """
    shown = fleet.in_service & (on_grid > 0 if sells is None else sells)
    price = as_filed("on_grid_price", price)
    cost = as_filed("marginal_cost", cost / 10000)
    earned = as_filed("marginal_contribution", on_grid * price / 10000 - cost)
    fleet.book.figure("on_grid_price", fleet.codes, price, shown)
    fleet.book.figure("marginal_cost", fleet.codes, cost, fleet.in_service)
    fleet.book.figure("marginal_contribution", fleet.codes, earned, fleet.in_service)
