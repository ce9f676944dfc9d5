"""The bench's world: 8 regions, 240 plants, 1,200 units, and facts of as many days as a case wants."""

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random

REGIONS, PLANTS, UNITS = 8, 240, 1200
INDICATORS = """\
- {code: generation, name: {zh: 发电量, en: Generation}, unit: MWh, precision: 1}
- {code: auxiliary, name: {zh: 厂用电量, en: Auxiliary energy}, unit: MWh, precision: 1}
- {code: coal, name: {zh: 标煤量, en: Standard coal}, unit: t, precision: 1}
- {code: hours, name: {zh: 运行小时, en: Run hours}, unit: h, precision: 1, over_time: sum, over_organisations: mean}
- {code: rate, name: {zh: 厂用电率, en: Auxiliary rate}, unit: "%", precision: 2, formula: auxiliary / generation}
"""
STORED = ("generation", "auxiliary", "coal", "hours")
FIRST = date(2026, 1, 1)


def write_organisations(path: Path) -> None:
    """The tree as the loader reads it."""
    header = [
        "code",
        "name_zh",
        "name_en",
        "kind",
        "parent",
        "valid_from",
        "valid_to",
        "capacity_mw",
        "fuel",
        "province",
    ]
    rows = [["G", "集团", "Group", "group", "", "2020-01-01", "", "", "", ""]]
    rows += [[f"R{n}", f"区域{n}", f"Region {n}", "region", "G", "2020-01-01", "", "", "", ""] for n in range(REGIONS)]
    fuels, provinces = ["coal", "gas", "hydro", "wind", "solar"], ["江苏", "浙江", "四川", "云南", "新疆", "山东"]
    for n in range(PLANTS):
        rows.append(
            [
                f"P{n:03d}",
                f"第{n}电厂",
                f"Plant {n}",
                "plant",
                f"R{n % REGIONS}",
                "2020-01-01",
                "",
                "",
                fuels[n % 5],
                provinces[n % 6],
            ]
        )
    for n in range(UNITS):
        rows.append(
            [f"U{n:04d}", f"{n}号机组", f"Unit {n}", "unit", f"P{n % PLANTS:03d}", "2020-01-01", "", "300", "", ""]
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def write_facts(path: Path, days: int, *, first: date = FIRST, units: int = UNITS, seed: int = 1) -> int:
    """A facts file of every stored indicator for `days` days; the number of lines is returned."""
    random = Random(seed)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("organisation,indicator,period,scenario,value\n")
        for offset in range(days):
            day = (first + timedelta(days=offset)).isoformat()
            for unit in range(units):
                for indicator in STORED:
                    file.write(f"U{unit:04d},{indicator},{day},actual,{random.randrange(72000) / 10}\n")
                    count += 1
    return count
