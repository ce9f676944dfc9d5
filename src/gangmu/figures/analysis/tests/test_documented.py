"""The examples of docs/concepts/analysis.md are run, and every refusal exists in both languages."""

import ast
import doctest
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOM = Path(__file__).resolve().parent.parent
PAGE = ROOM.parents[3] / "docs" / "concepts" / "analysis.md"
CATALOGUE = ROOM / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ARGUMENT = re.compile(r"%\(\w+\)[sd]")


def test_the_examples_of_the_page_say_what_comes_out():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert len(blocks) > 10
    report: list[str] = []
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    runner.run(test, out=report.append)
    if report:
        pytest.fail("".join(report), pytrace=False)
    assert runner.tries > 40


def texts() -> set[str]:
    return {
        node.args[0].value
        for path in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


def test_every_refusal_exists_in_chinese_with_the_same_arguments():
    with CATALOGUE.open("rb") as file:
        chinese = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert set(chinese) == texts()
    for english, translated in chinese.items():
        assert re.search(r"[\u4e00-\u9fff]", translated), english
        assert sorted(ARGUMENT.findall(english)) == sorted(ARGUMENT.findall(translated)), english
