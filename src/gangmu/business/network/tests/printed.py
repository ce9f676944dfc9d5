"""What the printed rules say in numbers and letters: articles 2 to 19, their items, and their printed strengths.

`structure.txt` beside this file is made of it, so that the clauses are held to the print where nobody has it:

    python -m gangmu.business.network.tests.printed FILE

A key is an article (what it says before its items), an item of it (`7-4`), or a paragraph of article 8 (`8-p2`), whose
nodes are numbered.
"""

import re
import sys
from pathlib import Path

STRUCTURE = Path(__file__).parent / "structure.txt"
ARTICLE = re.compile(r"\*\*第([一二三四五六七八九十]+)条\*\*\s*(.*)")
ITEM = re.compile(r"(?:- )?[（(]([一二三四五六七])[）)]\s*(.*)")
NUMERALS = "一二三四五六七八九十"
STRENGTHS = {
    "must": re.compile(r"应(?=坚持)|(?<!主)要(?=充分|做好|高度|加强|有互)"),
    "may": re.compile(r"可(?=申请|向)"),
}
NODES = ("上海核心", "深圳核心", "北京核心", "北京", "大连", "郑州", "上海")


def read_structure() -> dict[str, set[str]]:
    """Key → printed strengths, none for a clause without a modal verb; in printed order."""
    lines = (line.split(" | ") for line in STRUCTURE.read_text("utf-8").splitlines())
    return {key: set(strengths.split()) - {"-"} for key, strengths in lines}


def read_document(text: str) -> dict[str, set[str]]:
    """The same from the printed text. The items of an article have its strengths too."""
    found: dict[str, set[str]] = {}
    for number, paragraphs in _articles(text).items():
        if number in (1, 20):
            continue
        lead: set[str] = set()
        paragraph = 0
        for label, words in paragraphs:
            own = {name for name, pattern in STRENGTHS.items() if pattern.search(words)}
            if label:
                found[f"{number}-{label}"] = own | lead
                continue
            paragraph += 1
            if number == 8 and paragraph == 2:
                found |= {f"8-p2-{node}": own for node in range(1, len(NODES) + 1)}
            elif number == 8 and paragraph == 3:
                found["8-p3"] = own
            else:
                found[str(number)] = lead = found.get(str(number), set()) | own
    return found


def spellings(text: str) -> dict[str, list[int]]:
    """How the guiding office is spelled → in which articles."""
    found: dict[str, list[int]] = {}
    for number, paragraphs in _articles(text).items():
        for one in re.findall(r"[证征][监信]办", "".join(words for _, words in paragraphs)):
            if number not in found.setdefault(one, []):
                found[one].append(number)
    return found


def _articles(text: str) -> dict[int, list[tuple[str, str]]]:
    """Article → its paragraphs and items; a page's end breaks a paragraph, so what no mark has ended goes on."""
    found: dict[int, list[tuple[str, str]]] = {}
    number = 0
    for line in (line.strip() for line in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if article := ARTICLE.match(line):
            number = _number(article[1])
            found[number] = [("", article[2])]
        elif item := ITEM.match(line):
            found[number].append((str(NUMERALS.index(item[1]) + 1), item[2]))
        elif number and not found[number][-1][1].endswith(("。", "；", "：")):
            label, words = found[number].pop()
            found[number].append((label, words + line))
        elif number:
            found[number].append(("", line))
    return found


def _number(numeral: str) -> int:
    tens, _, ones = numeral.rpartition("十")
    if "十" not in numeral:
        return NUMERALS.index(numeral) + 1
    return (NUMERALS.index(tens) + 1 if tens else 1) * 10 + (NUMERALS.index(ones) + 1 if ones else 0)


if __name__ == "__main__":
    entries = read_document(Path(sys.argv[1]).read_text("utf-8"))
    STRUCTURE.write_text("".join(f"{key} | {' '.join(sorted(one)) or '-'}\n" for key, one in entries.items()), "utf-8")
