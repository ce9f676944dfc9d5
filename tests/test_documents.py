"""What the documents name is there: files they link to, commands and options, make targets, words on pages."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from gangmu.shell.cli import gangmu

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")])
GUIDES = sorted((ROOT / "docs" / "guides").rglob("*.md"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Links ----------------------------------------------------------------------------------------------------------------


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)


def links(path: Path) -> Iterator[str]:
    text = without_code(path.read_text("utf-8"))
    for match in re.finditer(r"\]\(([^)\s]+)\)|<(?:img|a)[^>]+(?:src|href)=\"([^\"]+)\"", text):
        target = match[1] or match[2]
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(path: Path) -> set[str]:
    """The anchors that headings of a document get."""
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.S)
    heads = re.findall(r"^#+\s+(.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path):
    broken = []
    for target in links(path):
        place, _hash, anchor = target.partition("#")
        there = (path.parent / place).resolve() if place else path
        is_known = not anchor or there.suffix != ".md" or (there.exists() and anchor in anchors(there))
        if not (there.exists() and is_known):
            broken.append(target)
    assert broken == []


def test_the_index_lists_every_document():
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / target).resolve() for target in links(index)}
    missing = [name(path) for path in (ROOT / "docs").rglob("*.md") if path != index and path.resolve() not in listed]
    assert missing == []


def test_every_picture_is_used_and_small():
    used = {(path.parent / target).resolve() for path in DOCUMENTS for target in links(path)}
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert [name(one) for one in pictures if one.resolve() not in used] == []
    assert [name(one) for one in pictures if one.stat().st_size > 160_000] == []
    assert len(pictures) <= 8


# Commands -------------------------------------------------------------------------------------------------------------


def spoken(path: Path) -> Iterator[str]:
    """Every `gangmu …` in code, without comments."""
    text = path.read_text("utf-8")
    for match in re.finditer(r"```(\w*)\n(.*?)```|`([^`\n]+)`", text, re.S):
        if match[1] in ("python", "csv", "yaml", "sql", "mermaid", "nginx", "ini"):
            continue
        for line in (match[2] or match[3]).replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|\||;", line.split(" #")[0]):
                if found := re.search(r"(?:^|[\s/=])gangmu\s+(?=[a-z])(.*)$", part.strip()):
                    yield found[1]


def fault_of(words: str) -> str:
    """What is wrong with a command as it is written; empty when it and its options exist."""
    command: click.Command = gangmu
    context = click.Context(gangmu)
    parts = words.split()
    while parts and isinstance(command, click.Group):
        word = parts[0].strip("[]…,.")
        below = command.get_command(context, word)
        if below is None:
            return "" if command is not gangmu else f"no command {word}"
        command = below
        parts.pop(0)
    known = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
    strange = [one for one in re.findall(r"(?<![\w-])--[a-z][\w-]*", " ".join(parts)) if one not in known | {"--help"}]
    return f"{words.split(maxsplit=1)[0]} has no {', '.join(strange)}" if strange else ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_commands_and_their_options_exist(path):
    assert [fault for words in spoken(path) if (fault := fault_of(words))] == []


def test_the_test_of_commands_sees_what_does_not_exist():
    assert fault_of("restore --all") == "no command restore"
    assert fault_of("load facts FILE --force") == "load has no --force"
    assert fault_of("load facts FILE --correct REASON") == ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    asked = set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", path.read_text("utf-8"), re.M))
    assert asked - targets == set()


# Words ----------------------------------------------------------------------------------------------------------------


@cache
def catalogue() -> tuple[set[str], set[str]]:
    """The texts of pages and the names in the content: English, Chinese; parts to be filled in taken out."""
    english, chinese = set(), set()
    for path in (ROOT / "src").rglob("zh_Hans/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                ids = message.id if isinstance(message.id, (list, tuple)) else [message.id]
                strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
                english |= {plain(str(one)) for one in ids}
                chinese |= {plain(str(one)) for one in strings}
    for path in (ROOT / "src" / "gangmu" / "business").rglob("content/**/*.yaml"):
        text = path.read_text("utf-8")
        chinese |= {plain(one) for one in re.findall(r"\bzh: *\"?([^,}\"\n]+)", text)}
        english |= {plain(one) for one in re.findall(r"\ben: *\"?([^,}\"\n]+)", text)}
    return english, chinese


def plain(text: str) -> str:
    return re.sub(r"%\(\w+\)[sd]|\{\w*\}|\bn\b|[\s…]", "", text).rstrip("。.:：").lower()


@pytest.mark.parametrize("path", GUIDES, ids=name)
def test_what_a_guide_prints_bold_stands_on_a_page(path):
    """Bold words of the user's guides are words of the pages; several steps are joined by →."""
    known = catalogue()[1 if path.parent.name == "zh" else 0]
    bold = re.findall(r"\*\*(.+?)\*\*", path.read_text("utf-8"))
    words = [part for one in bold for part in re.split(r" → | / ", one)]
    assert [word for word in words if plain(word) not in known] == []
