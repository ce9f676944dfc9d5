"""The house's order where the import linter cannot see: names in strings, addresses, templates; and its manners."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "gangmu"

FOREIGN_KEYS = {"ForeignKey", "OneToOneField", "ManyToManyField", "get_model", "ByParent"}
ADDRESSES = {"reverse", "reverse_lazy", "redirect", "resolve_url"}


@cache
def rooms() -> list[Path]:
    """Every room's folder, lowest first: a room may refer to those before it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    order = {contract["containers"][0]: contract["layers"] for contract in contracts if "containers" in contract}
    found = []
    for wing in ("foundation", "figures", "duties"):
        layers = [layer.split("|") for layer in reversed(order[f"gangmu.{wing}"])]
        names = [name.strip(" ()") for layer in layers for name in layer]
        found += [SOURCE / wing / name for name in names if (SOURCE / wing / name / "apps.py").is_file()]
    found += sorted(path.parent for path in (SOURCE / "business").glob("*/apps.py"))
    return [*found, SOURCE / "shell"]


@cache
def rank(path: Path) -> int:
    """The place of the room that holds `path`."""
    for place, room in enumerate(rooms()):
        if path.is_relative_to(room):
            return place
    raise LookupError(path)


def files(suffix: str) -> Iterator[Path]:
    for room in rooms():
        for path in sorted(room.rglob(f"*{suffix}")):
            if "tests" not in path.parts and "migrations" not in path.parts and "static" not in path.parts:
                yield path


@cache
def labels() -> dict[str, Path]:
    """App label → its room."""
    found = {}
    for room in rooms():
        match = re.search(r'label = "(\w+)"', (room / "apps.py").read_text("utf-8"))
        assert match, room
        found[match[1]] = room
    return found


@cache
def namespaces() -> dict[str, Path]:
    """URL namespace → the file that defines it."""
    return {
        match[1]: path
        for path in files(".py")
        if path.name == "urls.py" and (match := re.search(r'^app_name = "([\w-]+)"', path.read_text("utf-8"), re.M))
    }


def strings_in(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, callee, text) of every text given to a call that names a model or an address."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FOREIGN_KEYS | ADDRESSES:
                for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield node.lineno, name, argument.value


def upward(path: Path, target: Path | None) -> bool:
    return target is not None and rank(target) > rank(path)


def faults_in_python(path: Path) -> Iterator[str]:
    for line, name, text in strings_in(path):
        if name in FOREIGN_KEYS and re.fullmatch(r"\w+\.\w+", text):
            target = labels().get(text.split(".")[0])
        elif name in ADDRESSES and ":" in text:
            target = namespaces().get(text.split(":")[0])
        else:
            continue
        if upward(path, target):
            yield f"{path.relative_to(SOURCE)}:{line} refers upward to {text}"


def template_roots() -> dict[str, Path]:
    return {child.name: child for path in SOURCE.rglob("templates") if path.is_dir() for child in path.iterdir()}


def faults_in_template(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    for match in re.finditer(r"""{%\s*(?:include|extends)\s+['"]([\w-]+)/""", text):
        target = template_roots().get(match[1])
        if upward(path, target):
            yield f"{path.relative_to(SOURCE)} uses the template of an upper room: {match[0]}"
    for match in re.finditer(r"""{%\s*url\s+['"]([\w-]+):""", text):
        if upward(path, namespaces().get(match[1])):
            yield f"{path.relative_to(SOURCE)} links upward: {match[0]}"


def test_names_in_strings_point_only_downward():
    assert [fault for path in files(".py") for fault in faults_in_python(path)] == []


def test_templates_use_and_link_only_downward():
    assert [fault for path in files(".html") for fault in faults_in_template(path)] == []


def test_the_test_of_names_sees_a_planted_fault(tmp_path, monkeypatch):
    lowest, highest = rooms()[1], rooms()[-1]
    monkeypatch.setitem(globals(), "labels", lambda: {"shell": highest})
    planted = lowest / "planted_for_a_test.py"
    source = 'models.ForeignKey("shell.Thing")'
    monkeypatch.setattr(Path, "read_text", lambda self, *a, **k: source if self == planted else "")
    assert list(faults_in_python(planted))


def test_no_file_is_a_street():
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in files(".py")
        if (count := path.read_text("utf-8").count("\n")) > 450
    ]
    assert long == []


def tracked() -> Iterator[Path]:
    """Every file of the checkout that is not made."""
    made = {".git", ".venv", "node_modules", "static", "screenshots", ".stamps", "__pycache__"}
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if path.is_dir():
                folders += [] if path.name in made or path.name.startswith((".pytest", ".gangmu")) else [path]
            else:
                yield path


def test_no_file_names_this_machine_or_a_registry():
    hosts = re.compile(r"/(?:work|root)/|registry\.npmjs|pypi\.org/simple|files\.pythonhosted")
    found = []
    for path in tracked():
        text = path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".yaml", ".html", ".ts", ".sql", ".in"}
        if text and path != Path(__file__) and hosts.search(path.read_text("utf-8")):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


TRANSLATED = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def texts_of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in TRANSLATED and node.args:
                argument = node.args[1 if name.startswith("pgettext") else 0]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def texts_of_template(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    for match in re.finditer(r"""{%\s*trans(?:late)?\s+(?:"([^"]+)"|'([^']+)')""", text):
        yield match[1] or match[2]
    for match in re.finditer(r"""_\((?:"([^"]+)"|'([^']+)')\)""", text):
        yield match[1] or match[2]
    blocks = r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans(?:late)?\s*%}"
    for match in re.finditer(blocks, text, re.S):
        body = re.split(r"{%\s*plural\s*%}", match[2])[0]
        body = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", body)
        if "trimmed" in match[1]:
            body = " ".join(line.strip() for line in body.strip().splitlines())
        yield body


def chinese_texts() -> set[str]:
    """Every msgid that has a Chinese text, Django's own included."""
    import django
    from babel.messages.pofile import read_po

    catalogues = [*SOURCE.rglob("zh_Hans/LC_MESSAGES/django.po")]
    home = Path(django.__file__).parent
    parts = ["conf", *(f"contrib/{app}" for app in ("auth", "contenttypes", "sessions", "postgres"))]
    catalogues += [path for part in parts for path in (home / part).glob("locale/zh_Hans/LC_MESSAGES/django.po")]
    found = set()
    for path in catalogues:
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id and message.string and not message.fuzzy:
                    found.add(message.id[0] if isinstance(message.id, tuple) else message.id)
    return found


def test_every_text_exists_in_both_languages():
    known = chinese_texts()
    missing = sorted(
        {
            f"{path.relative_to(SOURCE)}: {text}"
            for suffix, reader in ((".py", texts_of_python), (".html", texts_of_template))
            for path in files(suffix)
            for text in reader(path)
            if text.strip() and text not in known
        }
    )
    assert missing == []


def test_one_text_has_one_translation():
    """Django merges the rooms' catalogues: two translations of one text would depend on the order of rooms."""
    from babel.messages.pofile import read_po

    found: dict[tuple, set[str]] = {}
    for path in SOURCE.rglob("zh_Hans/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    found.setdefault((message.context, str(message.id)), set()).add(str(message.string))
    assert {key: texts for key, texts in found.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("path", sorted(files(".html")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_templates_hold_no_chinese_no_inline_script_or_style(path):
    text = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", path.read_text("utf-8"), flags=re.S)
    assert not re.search(r"[\u4e00-\u9fff]", text), "Chinese belongs into the catalogue"
    assert not re.search(r"\sstyle\s*=|\shx-on|\son\w+\s*=|<style|<script(?![^>]*\bsrc=)", text), "the CSP forbids it"


def recorded_kinds() -> Iterator[tuple[Path, str]]:
    """Every kind of event that is noted by its name in the source."""
    for path in files(".py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0] if node.args else None
                if (
                    name in ("note", "note_refusal")
                    and isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                ):
                    yield path, first.value


def test_every_event_has_a_name_that_people_read():
    from gangmu.foundation.records import kinds

    named = {kind for kind, _title in kinds.known_kinds()}
    nameless = {f"{path.relative_to(SOURCE)}: {kind}" for path, kind in recorded_kinds() if kind not in named}
    assert sorted(nameless) == []
