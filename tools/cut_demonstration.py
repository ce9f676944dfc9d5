"""Cut the demonstration's plants from the public trackers: python tools/cut_demonstration.py FOLDER_OF_CSV_FILES.

Writes src/gangmu/business/power/demonstration/organisations.csv. Names, capacities, positions and years are real;
that they form one group is not, and the demonstration says so. Sources and licences: ATTRIBUTION.md beside the file.
"""

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src/gangmu/business/power/demonstration/organisations.csv"
COLUMNS = (
    "code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province,longitude,latitude,commissioned"
)

REGIONS = {
    "NORTH": ("华北区域公司", "North China Company", ["Beijing", "Tianjin", "Hebei", "Shanxi", "Shandong"]),
    "NORTHEAST": ("东北区域公司", "Northeast Company", ["Liaoning", "Jilin", "Heilongjiang"]),
    "MONGOLIA": ("内蒙古区域公司", "Inner Mongolia Company", ["Inner Mongolia"]),
    "EAST": ("华东区域公司", "East China Company", ["Shanghai", "Jiangsu", "Zhejiang", "Anhui", "Fujian"]),
    "CENTRAL": ("华中区域公司", "Central China Company", ["Henan", "Hubei", "Hunan", "Jiangxi"]),
    "SOUTH": ("南方区域公司", "South China Company", ["Guangdong", "Guangxi", "Hainan", "Guizhou", "Yunnan"]),
    "SOUTHWEST": ("西南区域公司", "Southwest Company", ["Sichuan", "Chongqing", "Tibet", "Xizang"]),
    "NORTHWEST": ("西北区域公司", "Northwest Company", ["Shaanxi", "Gansu", "Qinghai", "Ningxia", "Xinjiang"]),
}
PROVINCES = {
    "Beijing": "北京", "Tianjin": "天津", "Hebei": "河北", "Shanxi": "山西", "Shandong": "山东", "Liaoning": "辽宁",
    "Jilin": "吉林", "Heilongjiang": "黑龙江", "Shanghai": "上海", "Jiangsu": "江苏", "Zhejiang": "浙江",
    "Anhui": "安徽", "Fujian": "福建", "Henan": "河南", "Hubei": "湖北", "Hunan": "湖南", "Jiangxi": "江西",
    "Guangdong": "广东", "Guangxi": "广西", "Hainan": "海南", "Guizhou": "贵州", "Yunnan": "云南", "Sichuan": "四川",
    "Chongqing": "重庆", "Tibet": "西藏", "Xizang": "西藏", "Shaanxi": "陕西", "Gansu": "甘肃", "Qinghai": "青海",
    "Ningxia": "宁夏", "Xinjiang": "新疆", "Inner Mongolia": "内蒙古",
}  # fmt: skip
REGION_OF = {province: region for region, (_zh, _en, provinces) in REGIONS.items() for province in provinces}
SHARES = {"coal": 24, "hydro": 14, "nuclear": 2}  # plants a region


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def year(text: str) -> str:
    return f"{int(float(text))}-01-01" if text else ""


def plants(folder: Path):
    """(fuel, province, zh, en, longitude, latitude, [(unit zh, unit en, MW, start)]) of plants with units that run."""
    grouped = defaultdict(list)
    for row in read(folder, "gem_gcpt_2023-07_china_coal_units.csv"):
        if row["Status"] == "operating" and row["Plant name (local)"] and row["Start year"]:
            grouped["coal", row["GEM location ID"]].append(row)
    for (fuel, _id), rows in grouped.items():
        first = rows[0]
        units = []
        for row in rows:
            match = re.search(r"(\d+)(?:-\d+)?$", row["Unit name"])
            label = match[1] if match else str(len(units) + 1)
            units.append(
                (f"{label}号机组", row["Unit name"] or f"Unit {label}", row["Capacity (MW)"], row["Start year"])
            )
        yield (
            fuel,
            first["Subnational unit (province, state)"],
            first["Plant name (local)"],
            first["Plant name"],
            first["Longitude"],
            first["Latitude"],
            units,
        )
    grouped = defaultdict(list)
    for row in read(folder, "gem_gnpt_2023-10_china_nuclear.csv"):
        if row["Status"] == "operating" and row["Start Year"] and float(row["Capacity (MW)"]) > 200:
            grouped[row["GEM location ID"]].append(row)
    for rows in grouped.values():
        first = rows[0]
        units = [
            (f"{number}号机组", f"Unit {row['Unit Name'] or number}", row["Capacity (MW)"], row["Start Year"])
            for number, row in enumerate(rows, 1)
        ]
        name = first["Project Name in Local Language / Script"] or first["Project Name"]
        yield (
            "nuclear",
            first["State/Province"],
            name,
            first["Project Name"],
            first["Longitude"],
            first["Latitude"],
            units,
        )
    for row in read(folder, "gem_ghpt_2023-05_china_hydro.csv"):
        if row["Status"] != "operating" or not row["Start Year"] or not row["Project Name (local lang/script)"]:
            continue
        match = re.fullmatch(r"(\d{1,2})(?:\s*x\s*([\d.]+)\s*MW)?", row["Turbines"].strip())
        capacity = float(row["Country 1 Capacity (MW)"] or row["Capacity (MW)"])
        count = int(match[1]) if match else 1
        units = [(f"{n}号机组", f"Unit {n}", f"{capacity / count:.6g}", row["Start Year"]) for n in range(1, count + 1)]
        yield (
            "hydro",
            row["State/Province 1"],
            row["Project Name (local lang/script)"],
            row["Project Name"],
            row["Longitude"],
            row["Latitude"],
            units,
        )


def main() -> None:
    folder = Path(sys.argv[1])
    chosen = defaultdict(list)
    seen: set[str] = set()
    everything = [plant for plant in plants(folder) if plant[1] in REGION_OF and plant[2] not in seen]
    everything.sort(key=lambda plant: (-sum(float(unit[2]) for unit in plant[6]), plant[2]))
    for plant in everything:
        place = chosen[REGION_OF[plant[1]], plant[0]]
        if len(place) < SHARES[plant[0]] and plant[2] not in seen and len(plant[6]) <= 18:
            place.append(plant)
            seen.add(plant[2])
    rows = [["DEMO", "示范能源集团", "Demonstration Energy Group", "group", "", "2000-01-01", *[""] * 7]]
    for number, (region, (zh, en, _provinces)) in enumerate(REGIONS.items(), 1):
        rows.append([region, zh, en, "region", "DEMO", "2000-01-01", *[""] * 7])
        index = 0
        for fuel in SHARES:
            for _fuel, province, name_zh, name_en, longitude, latitude, units in chosen[region, fuel]:
                index += 1
                code = f"{number}{index:02d}"
                first = min(unit[3] for unit in units)
                rows.append(
                    [
                        code,
                        name_zh,
                        name_en,
                        "plant",
                        region,
                        "2000-01-01",
                        "",
                        "",
                        fuel,
                        PROVINCES[province],
                        f"{float(longitude):.6f}",
                        f"{float(latitude):.6f}",
                        year(first),
                    ]
                )
                for position, (unit_zh, unit_en, megawatts, start) in enumerate(units, 1):
                    begins = max(year(start), "2000-01-01")
                    rows.append(
                        [
                            f"{code}-{position}",
                            f"{name_zh}{unit_zh}",
                            f"{name_en} {unit_en}",
                            "unit",
                            code,
                            begins,
                            "",
                            f"{float(megawatts):.6g}",
                            "",
                            "",
                            "",
                            "",
                            year(start),
                        ]
                    )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS.split(","))
        writer.writerows(rows)
    kinds = defaultdict(int)
    for row in rows:
        kinds[row[3]] += 1
    print(dict(kinds))


if __name__ == "__main__":
    main()
