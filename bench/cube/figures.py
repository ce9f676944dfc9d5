"""The figures of the bench's cube: made from seeds, so that every rival is given the same ones without sharing them."""

from datetime import date, timedelta
from functools import cache, lru_cache

import numpy as np

from bench.world import PLANTS, REGIONS, UNITS

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
LONG_AGO = date(2006, 1, 1)  # twenty years before the end
DAYS = (LAST - FIRST).days + 1
REPORTED = 0.98

SUMMED = [f"energy{number:02d}" for number in range(1, 35)]
PRICES = ["price1", "price2"]
MEANS = ["load", "level"]
LEAST, GREATEST = "lowest", "peak"
FILED = [*SUMMED, *PRICES, *MEANS, LEAST, GREATEST]  # 40, in the order of their ids
AGED = [
    f"aged{number:02d}" for number in range(1, 11)
]  # twenty years each; their last five are those of energy01 to 10

RATIOS = {
    "rate1": "energy02 / energy01",
    "rate2": "energy04 / energy03",
    "rate3": "(energy05 + energy06) / (energy07 + energy08)",
    "net1": "energy01 - energy02",
    "net2": "energy03 - energy04 - energy05",
    "share": "energy06 / (energy06 + energy07 + energy08)",
    "loss": "(energy09 - energy10) / energy09",
    "mixed": "(3 * energy11 + energy12) / energy13",
}
PRODUCTS = {"revenue1": "energy01 * price1", "revenue2": "energy02 * price2"}
DERIVED = [*RATIOS, *PRODUCTS]

UNIT = np.arange(UNITS)
PLANT = UNIT % PLANTS
REGION = PLANT % REGIONS


def indicators() -> str:
    """All of them as the loader reads them."""
    lines = [_line(code) for code in [*SUMMED, *AGED]]
    lines += [_line(code, "元/MWh", over_time="mean", over_organisations="mean") for code in PRICES]
    lines += [_line(code, "MW", over_time="mean", over_organisations="mean") for code in MEANS]
    lines += [_line(LEAST, "MW", over_time="min", over_organisations="min")]
    lines += [_line(GREATEST, "MW", over_time="max", over_organisations="max")]
    for code, formula in RATIOS.items():
        unit, precision = ("MWh", 1) if code.startswith("net") else ('"%"', 2)
        lines.append(_line(code, unit, precision, formula=formula))
    for code, formula in PRODUCTS.items():
        lines.append(_line(code, "元", 2, over_time="sum", over_organisations="sum", formula=formula))
    return "\n".join(lines) + "\n"


def _line(code: str, unit: str = "MWh", precision: int = 1, **more: str) -> str:
    rest = "".join(f', {key}: "{value}"' for key, value in more.items())
    return f"- {{code: {code}, name: {{zh: {code}, en: {code}}}, unit: {unit}, precision: {precision}{rest}}}"


@lru_cache(maxsize=18)  # what the formulas need stays in memory
def values(code: str) -> tuple[np.ndarray, np.ndarray]:
    """Scaled integers and what is reported, days × units; 0 where nothing is."""
    random = np.random.default_rng(FILED.index(code))
    scaled = random.integers(-500 if code in MEANS else 0, 72_000, (DAYS, UNITS))
    reported = random.random((DAYS, UNITS)) < REPORTED
    scaled[~reported] = 0
    scaled.flags.writeable = reported.flags.writeable = False
    return scaled, reported


def day(offset: int) -> date:
    return FIRST + timedelta(days=offset)


def offset(of: date) -> int:
    return (of - FIRST).days


@cache
def months() -> np.ndarray:
    """The month of each day, counted from year 0."""
    return np.array([day(at).year * 12 + day(at).month - 1 for at in range(DAYS)])


MONTHS = [f"{year}-{month:02d}" for year in range(FIRST.year, LAST.year + 1) for month in range(1, 13)]
