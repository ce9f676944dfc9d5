"""Cut the demonstration's plants from the public trackers: python tools/cut_demonstration.py FOLDER_OF_CSV_FILES.

Writes src/gangmu/business/power/demonstration/organisations.csv. Names, capacities, positions and years are real;
that they form one group is not, and the demonstration says so. What else is made: ATTRIBUTION.md beside the file.
The provinces of plants that have only a position come from the map of npm's echarts 4 (Apache-2.0).
"""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from demonstration_world import (
    BEGINS,
    CITIES,
    COGENERATION,
    NEW_HYDRO,
    NEW_NUCLEAR,
    NEW_PUMPED,
    PROVINCES,
    REGION_OF,
    REGIONS,
    RESERVOIRS,
    SHARES,
)

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/gangmu/business/power/demonstration/organisations.csv"
MAP = ROOT / "node_modules/echarts4/map/json/china.json"
PICKS = ROOT / "tools/demonstration_picks.csv"
COLUMNS = (  # noqa: SIM905
    "code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province,longitude,latitude,commissioned,"
    "cogeneration,ownership"
).split(",")
HELD = {0: "51", 1: "65", 2: "80", 3: "33.34"}  # of the group in plants, made: by the digits of their codes
INVENTED = {  # names, kind
    "storage": ("储能电站", "storage station", "storage"),
    "virtual": ("虚拟电厂", "virtual power plant", "virtual_plant"),
    "heat": ("供热公司", "heat company", "heat_company"),
    "biomass": ("生物质电厂", "biomass plant", "plant"),
}
NOISE = (
    "wind",
    "gas",
    "solar",
    "farm",
    "park",
    "plant",
    "pv",
    "power",
    "station",
    "waste",
    "incineration",
    "municipal",
)
NUMERALS = {"I": "一", "II": "二", "III": "三", "IV": "四", "V": "五", "VI": "六", "VII": "七", "VIII": "八"}
DAYS = [
    "03-28",
    "06-27",
    "09-19",
    "12-18",
]  # when units still under construction in the sources begin, one after another


@dataclass
class Unit:
    zh: str  # without the plant's name
    en: str
    megawatts: float
    begins: str  # a year, or a day; "" when not known
    phase: str = ""


@dataclass
class Plant:
    fuel: str
    province: str  # Chinese
    zh: str
    en: str
    longitude: float
    latitude: float
    units: list[Unit] = field(default_factory=list)
    heat: bool = False

    @property
    def region(self) -> str:
        return REGION_OF[self.province]

    @property
    def megawatts(self) -> float:
        return sum(unit.megawatts for unit in self.units)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# Coal -----------------------------------------------------------------------------------------------------------------


def coal(folder: Path, *, construction: bool = False) -> Iterator[tuple[str, Plant]]:
    """Plants with units that run (or are built), by their place's number."""
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    status = "construction" if construction else "operating"
    for row in read(folder / "gem_gcpt_2023-07_china_coal_units.csv"):
        if row["Status"] == status and row["Plant name (local)"] and row["Start year"]:
            grouped[row["GEM location ID"]].append(row)
    for place, rows in grouped.items():
        first = rows[0]
        plant = Plant(
            "coal",
            PROVINCES.get(first["Subnational unit (province, state)"], ""),
            first["Plant name (local)"],
            first["Plant name"],
            float(first["Longitude"]),
            float(first["Latitude"]),
            heat="热电" in first["Plant name (local)"],
        )
        for row in rows:
            match = re.search(r"(\d+)(?:-\d+)?$", row["Unit name"])
            label = match[1] if match else str(len(plant.units) + 1)
            phase = re.search(r"Phase ([IVX]+)", row["Unit name"])
            begins = str(int(float(row["Start year"])))
            if construction:
                begins = f"{begins}-{DAYS[len(plant.units) % len(DAYS)]}"
            plant.units.append(
                Unit(
                    label,
                    row["Unit name"] or f"Unit {label}",
                    float(row["Capacity (MW)"]),
                    begins,
                    phase[1] if phase else "",
                )
            )
        if plant.province:
            yield place, plant


def label_units(plant: Plant) -> None:
    """`2号机组`, or `二期2号机组` where several phases count from 1; no two alike."""
    twice = {zh for zh, count in Counter(unit.zh for unit in plant.units).items() if count > 1}
    for unit in plant.units:
        number = unit.zh
        if number in twice:
            whole = re.search(r"(\d+-\d+)$", unit.en)
            if unit.phase:
                number = f"{NUMERALS[unit.phase]}期{number}"
            elif whole:
                number = whole[1]
            else:
                number = f"老厂{number}"
        unit.zh = f"{number}号机组"
    names = Counter(unit.zh for unit in plant.units)
    for zh in [zh for zh, count in names.items() if count > 1]:
        for letter, unit in zip("甲乙丙丁", [unit for unit in plant.units if unit.zh == zh], strict=False):
            unit.zh = f"{unit.zh[:-4]}{letter}线{zh[-4:]}" if len(zh) > 4 else f"{letter}线{zh}"


# Nuclear and hydro ----------------------------------------------------------------------------------------------------


def nuclear(folder: Path) -> Iterator[Plant]:
    grouped: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in read(folder / "gem_gnpt_2023-10_china_nuclear.csv"):
        name = row["Project Name in Local Language / Script"]
        built = row["Status"] == "construction" and (name, row["Unit Name"]) in NEW_NUCLEAR
        if built or (row["Status"] == "operating" and row["Start Year"] and float(row["Capacity (MW)"]) > 200):
            grouped[row["GEM location ID"], name].append(row)
    for rows in grouped.values():
        first = rows[0]
        name = first["Project Name in Local Language / Script"] or first["Project Name"]
        units = [
            Unit(
                str(number),
                f"Unit {row['Unit Name'] or number}",
                float(row["Capacity (MW)"]),
                NEW_NUCLEAR.get((name, row["Unit Name"])) or str(int(float(row["Start Year"]))),
            )
            for number, row in enumerate(rows, 1)
        ]
        place = (float(first["Longitude"]), float(first["Latitude"]))
        yield Plant("nuclear", PROVINCES[first["State/Province"]], name, first["Project Name"], *place, units)


def hydro(folder: Path) -> Iterator[tuple[bool, Plant]]:
    """(whether it is still built in the source, plant)."""
    new = NEW_HYDRO | NEW_PUMPED
    for row in read(folder / "gem_ghpt_2023-05_china_hydro.csv"):
        name = row["Project Name (local lang/script)"]
        built = row["Status"] == "construction" and name in new
        if not built and (row["Status"] != "operating" or not row["Start Year"] or not name):
            continue
        where = row["State/Province 1"]
        province = PROVINCES.get(where.split(" ")[0] if built else where)
        if not province:
            continue
        capacity = float(row["Country 1 Capacity (MW)"] or row["Capacity (MW)"])
        start = str(int(float(row["Start Year"]))) if row["Start Year"] else ""
        pumped = row["Technology Type"] == "pumped storage"
        units = [
            Unit(str(n), f"Unit {n}", megawatts, _later(new[name], n) if built else start)
            for n, megawatts in enumerate(turbines(row["Turbines"], capacity, 4 if built else 1), 1)
        ]
        place = (float(row["Longitude"]), float(row["Latitude"]))
        yield built, Plant("pumped_storage" if pumped else "hydro", province, name, row["Project Name"], *place, units)


def turbines(text: str, capacity: float, usual: int) -> list[float]:
    """MW of each: of `5 x 36 MW; 1 x 40 MW`, of a bare number, or as many as usual; together the plant's capacity."""
    parts = [(int(count), float(each)) for count, each in re.findall(r"(\d{1,2})\s*[xX]\s*([\d.]+)\s*MW", text)]
    if parts:
        listed = [each for count, each in parts for _turbine in range(count)]
        return [each * capacity / sum(listed) for each in listed]
    bare = re.fullmatch(r"\d{1,2}", text.strip())
    count = int(bare[0]) if bare else usual
    return [capacity / count] * count


def _later(day: str, number: int) -> str:
    """Five days after the unit before."""
    return (date.fromisoformat(day) + timedelta(days=5 * (number - 1))).isoformat()


# Wind, sun, gas, waste ------------------------------------------------------------------------------------------------


def picked(folder: Path) -> Iterator[Plant]:
    """What is named in the table of picks; its source has English names, no province and no units."""
    rows = {row["Power Plant ID"]: row for row in read(folder / "wri_gppd_china_plants.csv")}
    provinces = Provinces()
    suffix = {
        "onshore_wind": "wind farm",
        "offshore_wind": "offshore wind farm",
        "solar": "solar park",
        "gas": "gas plant",
    }
    for pick in read(PICKS):
        row = rows[pick["id"]]
        fuel, _plus, heat = pick["fuel"].partition("+")
        capacity, longitude, latitude = (float(row[name]) for name in ("Capacity (MW)", "Longitude", "Latitude"))
        per, word = {"solar": (40, "号方阵"), "gas": (390, "号机组"), "waste": (12, "号机组")}.get(
            fuel, (75, "号风机群")
        )
        count = int(pick["units"] or 0) or min(max(round(capacity / per), 1), 4)
        words = [word for word in row["Name"].split() if word.lower() not in NOISE]
        name = f"{' '.join(words)} {suffix.get(fuel, 'waste-to-energy plant')}"
        year = row["Commissioning Date"][:4]
        english = {"solar": "Array", "gas": "Unit", "waste": "Unit"}.get(fuel, "Turbines")
        units = [Unit(f"{n}{word}", f"{english} {n}", capacity / count, year) for n in range(1, count + 1)]
        province = provinces.at(longitude, latitude)
        yield Plant(fuel, province, pick["name_zh"], name, longitude, latitude, units, bool(heat))


class Provinces:
    """The province of a position, by the outlines that the charts draw."""

    def __init__(self) -> None:
        self.outlines: list[tuple[str, list[tuple[float, float]]]] = []
        for feature in json.loads(MAP.read_text("utf-8"))["features"]:
            shape = feature["geometry"]
            parts = zip(shape["coordinates"], shape["encodeOffsets"], strict=True)
            for text, offset in parts:
                several = [(text, offset)] if isinstance(text, str) else list(zip(text, offset, strict=True))
                self.outlines += [(feature["properties"]["name"], _decoded(*one)) for one in several]

    def at(self, longitude: float, latitude: float) -> str:
        for province, outline in self.outlines:
            if _inside(longitude, latitude, outline):
                return province

        def away(one: tuple[str, list[tuple[float, float]]]) -> float:  # at sea: the nearest coast
            return min((x - longitude) ** 2 + (y - latitude) ** 2 for x, y in one[1])

        return min(self.outlines, key=away)[0]


def _decoded(text: str, offset: list[int]) -> list[tuple[float, float]]:
    """ECharts writes differences in zigzag, 1/1024 of a degree."""
    x, y = offset
    points = []
    for one, other in zip(text[::2], text[1::2], strict=True):
        a, b = ord(one) - 64, ord(other) - 64
        x, y = x + ((a >> 1) ^ -(a & 1)), y + ((b >> 1) ^ -(b & 1))
        points.append((x / 1024, y / 1024))
    return points


def _inside(x: float, y: float, outline: list[tuple[float, float]]) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
        crossings += (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossings % 2 == 1


# The group ------------------------------------------------------------------------------------------------------------


def chosen(folder: Path) -> dict[str, list[Plant]]:
    """The plants of each region in the order of their codes: what is added comes last."""
    built = dict(coal(folder, construction=True))
    running = dict(coal(folder))
    waters = list(hydro(folder))
    first = [*running.values(), *(plant for plant in nuclear(folder) if plant.zh not in NEW_PLANTS)]
    first += [plant for new, plant in waters if not new]
    first.sort(key=lambda plant: (-plant.megawatts, plant.zh))
    found: dict[tuple[str, str], list[Plant]] = defaultdict(list)
    seen: set[str] = set()
    for plant in first:
        group = "hydro" if plant.fuel == "pumped_storage" else plant.fuel
        place = found[plant.region, group]
        if len(place) < SHARES[group] and plant.zh not in seen and len(plant.units) <= (40 if group == "hydro" else 18):
            place.append(plant)
            seen.add(plant.zh)
    regions = {region: [plant for fuel in SHARES for plant in found[region, fuel]] for region in REGIONS}
    for place, plant in running.items():  # before names are made: units that were still built
        if plant.zh in seen and place in built:
            plant.units += [unit for unit in built[place].units if unit.begins >= "2024"]
    for plant in heating(first, seen):
        regions[plant.region].append(plant)
    for plant in [*nuclear(folder), *(plant for new, plant in waters if new)]:
        if plant.zh in NEW_PLANTS:
            regions[plant.region].append(plant)
    for plant in picked(folder):
        regions[plant.region].append(plant)
    return regions


NEW_PLANTS = {name for name, _unit in NEW_NUCLEAR} | set(NEW_HYDRO) | set(NEW_PUMPED)


def heating(plants: list[Plant], seen: set[str]) -> Iterator[Plant]:
    """Heat-and-power plants of two to four units, the largest of each province."""
    taken: Counter[str] = Counter()
    for plant in plants:
        if not plant.heat or plant.zh in seen or "自备" in plant.zh or not 2 <= len(plant.units) <= 4:
            continue
        if taken[plant.province] < COGENERATION.get(plant.province, 0):
            taken[plant.province] += 1
            seen.add(plant.zh)
            yield plant


def main() -> None:
    folder = Path(sys.argv[1])
    rows: list[dict[str, str]] = []

    def add(code: str, zh: str, en: str, kind: str, parent: str, valid_from: str, **attributes: str) -> None:
        row = {"code": code, "name_zh": zh, "name_en": en, "kind": kind, "parent": parent, "valid_from": valid_from}
        share = HELD.get(sum(map(ord, code)) % 9, "") if kind == "plant" else ""
        rows.append(dict.fromkeys(COLUMNS, "") | row | {"ownership": share} | attributes)

    add("DEMO", "示范能源集团", "Demonstration Energy Group", "group", "", BEGINS)
    regions = chosen(folder)
    for number, (region, (zh, en, _provinces)) in enumerate(REGIONS.items(), 1):
        add(region, zh, en, "region", "DEMO", BEGINS)
        for index, plant in enumerate(regions[region], 1):
            code = f"{number}{index:02d}"
            if plant.fuel in ("coal", "nuclear", "hydro", "pumped_storage"):
                label_units(plant)
            begun = min((unit.begins for unit in plant.units if unit.begins), default="")
            add(
                code, plant.zh, plant.en, "plant", region, _day(begun, least=BEGINS), fuel=plant.fuel,
                province=plant.province, longitude=f"{plant.longitude:.6f}", latitude=f"{plant.latitude:.6f}",
                commissioned=_day(begun), cogeneration="yes" if plant.heat else "",
            )  # fmt: skip
            for position, unit in enumerate(plant.units, 1):
                add(
                    f"{code}-{position}", f"{plant.zh}{unit.zh}", f"{plant.en} {unit.en}", "unit", code,
                    _day(unit.begins, least=BEGINS), capacity_mw=f"{unit.megawatts:.6g}",
                    commissioned=_day(unit.begins),
                )  # fmt: skip
            if plant.zh in RESERVOIRS:
                name, english = RESERVOIRS[plant.zh]
                add(f"{code}-R", name, english, "reservoir", code, _day(begun, least=BEGINS))
        invented(number, region, len(regions[region]), add)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter[str](file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(dict(Counter(row["kind"] for row in rows)), dict(Counter(row["fuel"] for row in rows if row["fuel"])))


def invented(number: int, region: str, count: int, add) -> None:
    """Storage, heat, biomass and virtual plants: of no source, and called 示范."""
    for index, (kind, city, english, province, x, y, megawatts) in enumerate(CITIES[region], count + 1):
        code = f"{number}{index:02d}"
        zh, en, sort = INVENTED[kind]
        names = f"{city}示范{zh}", f"{english} demonstration {en}"
        place = {"province": province, "longitude": f"{x:.4f}", "latitude": f"{y:.4f}"}
        capacity = {"capacity_mw": str(megawatts)} if kind in ("storage", "virtual") else {}
        fuel = {"fuel": kind} if kind in ("storage", "biomass") else {}
        add(code, *names, sort, region, BEGINS, **capacity, **fuel, **place)
        if kind == "heat":
            for part, where, side in ((1, "东部", "East"), (2, "西部", "West")):
                label = f"{names[0]}{where}热源站", f"{names[1]} {side} station"
                add(f"{code}-H{part}", *label, "heat_station", code, BEGINS, **place)
        elif kind == "biomass":
            for unit in (1, 2):
                label = f"{names[0]}{unit}号机组", f"{names[1]} Unit {unit}"
                add(f"{code}-{unit}", *label, "unit", code, BEGINS, capacity_mw=str(megawatts))


def _day(text: str, least: str = "") -> str:
    if len(text) == 4:
        text = f"{text}-01-01"
    return max(text, least) if text or least else ""


if __name__ == "__main__":
    main()
