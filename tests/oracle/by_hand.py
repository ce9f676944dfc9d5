"""Small worlds written by hand, for the tests of the oracle."""

import csv
import io
from datetime import date
from typing import Any

from oracle.answer import answer
from oracle.world import FactFile, FactLine, Indicator, OrganisationLine, Question, World

TODAY = date(2026, 12, 31)

# One group, two regions, two plants, three units. U3 moves from P1 to P2 on 16 November.
ORGANISATIONS = """\
code,kind,parent,valid_from,valid_to,capacity_mw,fuel,province
G,group,,2020-01-01,,,,
R1,region,G,2020-01-01,,,,Hebei
R2,region,G,2020-01-01,,,,Yunnan
P1,plant,R1,2020-01-01,,,coal,
P2,plant,R2,2020-01-01,,,hydro,
U1,unit,P1,2020-01-01,,100,,
U2,unit,P1,2020-01-01,,200,gas,
U3,unit,P1,2020-01-01,2026-11-15,300,,
U3,unit,P2,2026-11-16,,300,,
"""


def organisations(text: str = ORGANISATIONS) -> tuple[OrganisationLine, ...]:
    return tuple(
        OrganisationLine(name_zh=line["code"], name_en=line["code"], **line)
        for line in csv.DictReader(io.StringIO(text))
    )


def indicator(code: str, **given: Any) -> Indicator:
    usual = {"unit": "MWh", "precision": 2, "name_zh": f"{code}名", "name_en": f"{code} name"}
    if "formula" not in given:
        usual |= {"grain": "day", "level": "unit", "over_time": "sum", "over_organisations": "sum"}
    return Indicator(code=code, **(usual | given))


def facts(text: str, reason: str = "") -> FactFile:
    """Lines of `organisation indicator period value`."""
    lines = [line.split() for line in text.strip().splitlines()]
    return FactFile(tuple(FactLine(a, b, c, "actual", d) for a, b, c, d in lines), reason)


def ask(
    indicators: list[Indicator], filed: str | list[FactFile], question: str, world: str = ORGANISATIONS, **more: str
) -> list[dict[str, Any]]:
    """The rows for a question `indicator organisation period`."""
    files = [facts(filed)] if isinstance(filed, str) else filed
    made = World(organisations(world), tuple(indicators), tuple(files), TODAY)
    code, organisation, period = question.split()
    return answer(made, Question(code, organisation, period, **more), TODAY)["rows"]


def one(*arguments: Any, **more: Any) -> dict[str, Any]:
    (row,) = ask(*arguments, **more)
    return row


def covered(row: dict[str, Any]) -> tuple[int, int]:
    return row["coverage"]["reported"], row["coverage"]["expected"]


GENERATION = indicator("gen")
PRICE = indicator("price", unit="CNY/MWh", over_time="mean", over_organisations="weighted", weight="gen")

MOVING = """
U3 gen 2026-11-14 1
U3 gen 2026-11-15 2
U3 gen 2026-11-16 4
U3 gen 2026-11-17 8
"""

RATE = [
    indicator("gen", over_time="sum"),
    indicator("aux", unit="kWh"),
    indicator("rate", unit="%", formula="aux / gen"),
    indicator(
        "rate_of_cells",
        unit="%",
        formula="aux / gen",
        grain="day",
        level="unit",
        over_time="mean",
        over_organisations="mean",
    ),
]
RATED = """
U1 gen 2026-11-01 100
U1 aux 2026-11-01 5000
U2 gen 2026-11-01 300
U2 aux 2026-11-01 3000
"""
