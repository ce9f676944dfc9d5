"""The shipped reports designed in Excel 生产经营报表: day, week, ten-day, month, quarter, year, in both languages.

Their workbooks lie in `content/designs/`; `tools/power_designs.py` has made them.
"""

from datetime import time
from importlib.resources import files

from gangmu.business.power import content
from gangmu.figures.designs.models import Design

STANDING = ["generation", "heat_sold", "response_energy", "discharge_energy"]
KINDS = ["group", "region"]
LANGUAGES = ("zh-hans", "en")
NAMES = {
    "day": ("生产经营日报", "Daily production report"),
    "week": ("生产经营周报", "Weekly production report"),
    "ten_day": ("生产经营旬报", "Ten-day production report"),
    "month": ("生产经营月报", "Monthly operations report"),
    "quarter": ("生产经营季报", "Quarterly operations report"),
    "year": ("生产经营年报", "Yearly operations report"),
}
AFTER = {"week": 1, "ten_day": 1, "month": 3, "quarter": 5, "year": 10}  # days; the day's is issued by hand
PATIENCE = {"week": 2, "ten_day": 2, "month": 5, "quarter": 10, "year": 20}


def designs() -> list[tuple[Design, dict[str, tuple[str, bytes]]]]:
    """Each with its workbooks by language: file name and content."""
    return [(_design(grain), _workbooks(grain)) for grain in NAMES]


def _design(grain: str) -> Design:
    zh, en = NAMES[grain]
    return Design(
        code=f"power_{grain}",
        name_zh=zh,
        name_en=en,
        grain=grain,
        kinds=KINDS,
        standing=STANDING,
        issue_at=time(10) if grain in AFTER else None,
        issue_after=AFTER.get(grain, 1),
        patience=PATIENCE.get(grain),
        reader_roles=["manager"],
    )


def _workbooks(grain: str) -> dict[str, tuple[str, bytes]]:
    folder = files(content.__name__).joinpath("designs")
    found = {}
    for place, language in enumerate(LANGUAGES):
        made = folder.joinpath(f"power_{grain}.{language}.xlsx").read_bytes()
        found[language] = (f"{NAMES[grain][place].replace(' ', '_')}.xlsx", made)
    return found
