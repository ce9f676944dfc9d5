"""What the printed guide says in numbers and letters: the keys of chapters 4 to 14 and their printed strengths.

`structure.txt` beside this file is made of it, so that the clauses are held to the print where nobody has it:

    python -m gangmu.business.continuity.tests.printed FILE

A key is a section and a paragraph (`4.3-2`), an item (`4.3-b`, `4.5-a-1`) or a dash (`5.2-n3`).
"""

import re
import sys
from pathlib import Path

STRUCTURE = Path(__file__).parent / "structure.txt"
HEADING = re.compile(r"(\d+(?:\.\d+)*) (\S+)")
ITEM = re.compile(r"([a-z])\) (.*)")
SUBITEM = re.compile(r"(\d)\) (.*)")
ENDS = re.compile(r"[。：；]$|等$")
STRENGTHS = {
    "must": re.compile(r"(?<![供响反相适效])应(?![急对商])|必须"),
    "should": re.compile(r"宜"),
    "may": re.compile(r"可(?=采取|用于|作为|通过|根据需要|以利用|依据自身)"),
    "must_not": re.compile(r"禁止|不得"),
}


def read_structure() -> dict[str, set[str]]:
    """Key → printed strengths, none for a clause without a modal verb; in printed order."""
    lines = (line.split(" | ") for line in STRUCTURE.read_text("utf-8").splitlines())
    return {key: set(strengths.split()) - {"-"} for key, strengths in lines}


def read_document(text: str) -> dict[str, set[str]]:
    """The same from the printed text. An item of a list has its own strengths and those of the sentence before it."""
    found: dict[str, set[str]] = {}
    section = letter = ""
    paragraph = dash = 0
    lead: set[str] = set()
    for kind, label, words in _blocks(text):
        if kind == "heading":
            section, paragraph, dash, letter, lead = label, 0, 0, "", set()
            continue
        own = {name for name, pattern in STRENGTHS.items() if pattern.search(words)}
        if kind == "paragraph":
            paragraph += 1
            key, lead = f"{section}-{paragraph}", own
        elif kind == "item":
            key, letter = f"{section}-{label}", label
        elif kind == "subitem":
            key = f"{section}-{letter}-{label}"
        else:
            dash += 1
            key = f"{section}-n{dash}"
        found[key] = own if kind == "paragraph" else own | lead
    return found


def _blocks(text: str) -> list[tuple[str, str, str]]:
    """Headings, paragraphs, items and dashes; lines are broken anywhere, so one goes on until a mark ends it."""
    found: list[tuple[str, str, str]] = []
    body = text[text.index("\n4 组织架构") :]
    for line in (line.strip() for line in body.splitlines() if line.strip()):
        if heading := HEADING.fullmatch(line):
            found.append(("heading", heading[1], heading[2]))
        elif item := ITEM.match(line):
            found.append(("item", item[1], item[2]))
        elif item := SUBITEM.match(line):
            found.append(("subitem", item[1], item[2]))
        elif line.startswith("——"):
            found.append(("dash", "", line[2:]))
        elif found[-1][0] != "heading" and (not ENDS.search(found[-1][2]) or line == "职责主要包括："):
            kind, label, words = found.pop()
            found.append((kind, label, words + line))
        else:
            found.append(("paragraph", "", line))
    return found


if __name__ == "__main__":
    entries = read_document(Path(sys.argv[1]).read_text("utf-8"))
    STRUCTURE.write_text("".join(f"{key} | {' '.join(sorted(one)) or '-'}\n" for key, one in entries.items()), "utf-8")
