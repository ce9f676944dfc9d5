"""What figures are made for: plants with their units, as the organisations' file or the database has them."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

UNKNOWN = date(2000, 1, 1)


@dataclass(frozen=True)
class Unit:
    """A generating unit.

    Args:
        commissioned: its first day in service: before, nothing is filed.
    """

    code: str
    capacity_mw: float
    commissioned: date = UNKNOWN


@dataclass(frozen=True)
class Plant:
    """Whoever files a form: a plant, a storage station, a heat company, a virtual power plant.

    Args:
        capacity_mw: of one that has no units.
        province: its Chinese name without 省 or 市, as in content/provinces.yaml.
        cogeneration: whether it supplies heat.
        reservoirs: codes of the reservoirs below it; without any, it files its water itself.
    """

    code: str
    kind: str
    fuel: str
    province: str
    longitude: float
    latitude: float
    cogeneration: bool = False
    units: tuple[Unit, ...] = ()
    reservoirs: tuple[str, ...] = ()
    capacity_mw: float = 0.0
    commissioned: date = UNKNOWN


FILING = ("plant", "storage", "heat_company", "virtual_plant")  # kinds that have a form


def read_plants(path: Path) -> list[Plant]:
    """The plants of an organisations' file, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(plants_of(csv.DictReader(file)))


def plants_of(rows: Iterable[Mapping[str, str]]) -> Iterable[Plant]:
    """The plants among rows of an organisations' file."""
    filing: dict[str, Mapping[str, str]] = {}
    units: dict[str, list[Unit]] = defaultdict(list)
    reservoirs: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["kind"] in FILING:
            filing[row["code"]] = row
        elif row["kind"] == "unit":
            units[row["parent"]].append(Unit(row["code"], float(row["capacity_mw"]), _day(row["valid_from"])))
        elif row["kind"] == "reservoir":
            reservoirs[row["parent"]].append(row["code"])
    for code, row in filing.items():
        yield Plant(
            code=code,
            kind=row["kind"],
            fuel=row["fuel"],
            province=row["province"],
            longitude=float(row["longitude"] or 110),
            latitude=float(row["latitude"] or 33),
            cogeneration=row.get("cogeneration") == "yes",
            units=tuple(units[code]),
            reservoirs=tuple(reservoirs[code]),
            capacity_mw=float(row["capacity_mw"] or 0),
            commissioned=_day(row["valid_from"]),
        )


def _day(text: str) -> date:
    return date.fromisoformat(text) if text else UNKNOWN
