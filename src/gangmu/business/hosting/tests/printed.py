"""What the printed document says in numbers and letters: keys, strengths, figures, citations, references.

`structure.txt` beside this file is made of it, so that the clauses are held to the document where nobody has it:

    python -m gangmu.business.hosting.tests.printed FILE
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

STRUCTURE = Path(__file__).parent / "structure.txt"
HEADING = re.compile(r"([4-7](?:\.\d+)+) (.*)")
ITEM = re.compile(r"([a-z])\) (.*)")
PAGE = re.compile(r"JR/T 0133—2015|\d+|—+")
TABLE = "表1 托管类型"

STRENGTHS = {
    "must": re.compile(r"(?<!相)应(?![用急])"),
    "should": re.compile(r"宜"),
    "may": re.compile(r"可(?=留有|进行托管)"),
    "must_not": re.compile(r"禁止|不得(?!少于)"),
}
LEVELS = {"二级": "2", "三级": "3", "三+级": "3+"}
# Each pattern gives a figure: what it catches, or the figure it stands for.
FIGURES: list[tuple[str, str | None]] = [
    (r"(\d+(?:\.\d+)?)%", None),
    (r"(\d+)(?:分钟|个工作日|天)", None),
    (r"7×24", "7×24"),
    (r"N\+1", "N+1"),
    (r"((?:GB|JR)(?:/T)? \d+)", None),
    (r"([AB])级", None),
    (r"两路|双路|双人|两家|两种|至少两年|两年内", "2"),
    (r"次数不少于三次", "3"),
    (r"次数不少于六次", "6"),
    (r"少于一年|至少一年|每年|年度计划", "1"),
    (r"每半年", "2"),
    (r"每季度", "4"),
    (r"公共监控工位", "shared"),
    (r"专用的?监控工位", "dedicated"),
    (r"三级、三\+级系统", "3 and 3+"),
]
PROTECTION = re.compile(r"(?:等级保护|本标准)(二级|三\+级|三级)")


@dataclass(frozen=True)
class Printed:
    """One entry of the document; `text` is the printed text and stays out of the structure."""

    key: str
    strengths: tuple[str, ...]
    figures: tuple[str, ...]
    to: tuple[str, ...]
    text: str = ""

    @property
    def line(self) -> str:
        columns = (self.strengths, tuple(one.replace(" ", "_") for one in self.figures), self.to)
        return " | ".join([self.key, *(" ".join(column) or "-" for column in columns)])


def read_structure() -> list[Printed]:
    """The committed structure."""
    found = []
    for line in STRUCTURE.read_text("utf-8").splitlines():
        key, *columns = line.split(" | ")
        strengths, figures, to = (() if one == "-" else tuple(one.split()) for one in columns)
        found.append(Printed(key, strengths, tuple(one.replace("_", " ") for one in figures), to))
    return found


def read_document(text: str) -> list[Printed]:
    """The entries of the document, in printed order: lettered items, bare references, and section 4.1."""
    texts: dict[str, str] = {}
    section = key = ""
    for line in (line.strip() for line in text.splitlines()):
        if PAGE.fullmatch(line) or re.match(r"[5-7] \S", line):
            continue
        if line.startswith(TABLE):
            key = ""
        elif heading := HEADING.match(line):
            section = key = heading[1]
            texts[key] = ""
        elif section and (item := ITEM.match(line)):
            key = f"{section}-{item[1]}"
            texts[key] = item[2]
        elif key:
            # words are broken anywhere; a space counts only between letters
            texts[key] += line
    return [_printed(key, text) for key, text in texts.items() if "-" in key or key == "4.1" or _bare(text)]


def _bare(text: str) -> bool:
    """Whether a section is nothing but a reference."""
    return text.startswith("受托方应满足同级")


def _printed(key: str, text: str) -> Printed:
    text = re.sub(r"(?<=[A-Z]) +(?=\d)|(?<=/T) +(?=\d)", "\0", text)
    text = re.sub(r"\s", "", text).replace("\0", " ")
    to = tuple(re.findall(r"[5-7](?:\.\d+){2,}", text)) if "受托方应满足同级" in text else ()
    figures: list[str] = []
    if not to:
        for pattern, figure in FIGURES:
            figures += [figure or one for one in re.findall(pattern, text)]
    if key.startswith("4.2-"):
        figures += [LEVELS[one] for one in PROTECTION.findall(text)]
    strengths = tuple(name for name, pattern in STRENGTHS.items() if pattern.search(text))
    return Printed(key, strengths, tuple(sorted(figures)), to, text)


if __name__ == "__main__":
    entries = read_document(Path(sys.argv[1]).read_text("utf-8"))
    STRUCTURE.write_text("".join(f"{one.line}\n" for one in entries), "utf-8")
