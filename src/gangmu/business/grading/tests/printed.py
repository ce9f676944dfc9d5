"""What the printed standard says in numbers and signs: ticks of table 1, items of chapters 3 to 5, times.

`structure.txt` beside this file has key, strengths, figures and the number of ticks of each entry. What the print gives
of it by itself is read here; what 4.1.1 to 4.1.5 name in running text was divided into items by hand.
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

STRUCTURE = Path(__file__).parent / "structure.txt"
GRADES = {"4.1.1": "5", "4.1.2": "4", "4.1.3": "3", "4.1.4": "2", "4.1.5": "1"}
TIME = re.compile(r"(\d)(小时|个工作日)")
UNITS = {"小时": "hours", "个工作日": "working_days"}


@dataclass(frozen=True)
class Row:
    """An entry in numbers and letters."""

    strengths: tuple[str, ...]
    figures: tuple[str, ...]
    ticks: int


def read_structure() -> dict[str, Row]:
    found = {}
    for line in STRUCTURE.read_text("utf-8").splitlines():
        key, strengths, figures, ticks = line.split(" | ")
        found[key] = Row(tuple(strengths.split()), tuple(figures.split()) if figures != "-" else (), int(ticks))
    return found


@dataclass(frozen=True)
class Printed:
    """What the print gives by itself."""

    ticks: list[int]  # of table 1, row by row
    services: list[int]  # dashes of the three groups in chapter 3
    marks: dict[str, int]  # section → its marks of systems
    times: dict[str, tuple[str, str]]  # section → figure and unit of its time for major faults
    recovery: list[tuple[str, str]]  # figures and units of the last rows of the table
    principles: int  # paragraphs of chapter 5
    chapters: list[str]  # chapters with a text
    obliges: dict[str, int]  # section → how often 应 stands there as a verb
    text: str


def read_document(text: str) -> Printed:
    plain = unicodedata.normalize("NFKC", text)
    body = plain[plain.index("\n1 范围\n") :]
    flat = re.sub(r"[ \n]", "", body)
    sections = _sections(body)
    table = body[body.index("\n表1") : body.index("\n注1")]
    return Printed(
        ticks=[line.count("◆") for line in table.splitlines() if "◆" in line],
        services=[len(part.split("———")) - 1 for part in sections["3"].split("包括以下")[1:]],
        marks={section: sections[section].count("———") for section in GRADES},
        times={section: _time(sections[section]) for section in GRADES},
        recovery=[(one[0], UNITS[one[1]]) for one in re.findall(r"(\d)(小时|个工作日)恢复", flat)],
        principles=len(re.findall(r"。(?=\n|$)", _without_page(sections["5"]))),
        chapters=sorted(number for number in sections if "." not in number),
        obliges={number: len(re.findall(r"(?<![相响反对])应(?![用急对])", part)) for number, part in sections.items()},
        text=plain,
    )


def _sections(body: str) -> dict[str, str]:
    """Section → its text up to the next heading; the points of numbers are lost in the print (`411`)."""
    found: dict[str, str] = {}
    number = ""
    for line in _without_page(body).splitlines():
        heading = re.fullmatch(r"([1-7])(\d?)(\d?) (\S+)", line.strip())
        if heading and not line.strip().endswith(("。", "；")):
            number = ".".join(part for part in heading.groups()[:3] if part)
            found[number] = ""
        elif number:
            found[number] += line.strip() + "\n"
    return found


def _without_page(text: str) -> str:
    """Lines without the pages' numbers and heads."""
    return "\n".join(line for line in text.splitlines() if not re.fullmatch(r"\d|HS/T42!2014", line.strip()))


def _time(section: str) -> tuple[str, str]:
    figure, unit = TIME.findall(section.replace("\n", "").replace("天×8小时", ""))[-1]
    return figure, UNITS[unit]
