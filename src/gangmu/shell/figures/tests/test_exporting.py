"""The answer to a question as a file: line by line, the figures of the rows."""

import csv
import io
from decimal import Decimal

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.tests.conftest import world  # noqa: F401
from gangmu.foundation.access.scope import SYSTEM
from gangmu.shell.cli.query import query_command
from gangmu.shell.cli.session import embedded
from gangmu.shell.figures.exporting import export, headers

QUESTION = Question(("gen", "aux_rate"), ("G", "P1"), ("2026-06", "2026-06-01"), by="children", compare="year-ago")


@pytest.fixture(autouse=True)
def filed(world):  # noqa: F811
    world("P1U1,gen,2026-06-01,actual,1200", "P1U1,aux,2026-06-01,actual,10", "P3U1,gen,2025-06-01,actual,7.50")


def lines(kind: str) -> list[list]:
    target = io.BytesIO()
    count = export(QUESTION, SYSTEM, target, kind)
    target.seek(0)
    if kind == "csv":
        found = list(csv.reader(io.StringIO(target.read().decode("utf-8-sig"), newline="")))
    else:
        found = [[*row] for row in load_workbook(target, read_only=True).worksheets[0].iter_rows(values_only=True)]
    assert found[0] == headers()
    assert count == len(found) - 1
    return found[1:]


def test_the_lines_are_the_rows():
    rows = ask(QUESTION, SYSTEM).rows
    given = {(one[0], one[1], one[2], one[5]): one for one in lines("csv")}
    for row in rows:
        line = given[row.organisation, row.group, row.indicator, row.period]
        assert (line[6] or None) == row.value
        assert (line[7], line[8]) == (str(row.reported), str(row.expected))
        assert row.compare is not None
        assert (given[row.organisation, row.group, row.indicator, row.compare.period][6] or None) == row.compare.value
    assert len(given) == 2 * len(rows)


def test_a_workbook_holds_numbers():
    found = [line[6] for line in lines("xlsx") if line[6] is not None]
    assert sorted(map(Decimal, map(str, found))) == sorted(Decimal(line[6]) for line in lines("csv") if line[6])
    assert 1200 in found


def test_the_command_writes_a_file_or_says_what_it_could_write(tmp_path):
    options = ["--indicator=gen", "--organisation=G", "--period=2026-06", f"--to={tmp_path / 'gen.csv'}"]
    with embedded():
        done = CliRunner().invoke(query_command, options)
        assert done.exit_code == 0, done.output
        refused = CliRunner().invoke(query_command, [*options[:3], f"--to={tmp_path / 'gen.pdf'}"])
    assert "gen.csv" in done.output
    assert "1200.00" in (tmp_path / "gen.csv").read_text("utf-8-sig")
    assert refused.exit_code == 2
    assert "gen.pdf" in refused.output
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("gen") or path.name[0] == "."] == [
        "gen.csv"
    ]


def test_a_few_indicators_at_a_time_are_all_of_them(monkeypatch):
    whole = lines("csv")
    monkeypatch.setattr("gangmu.shell.figures.exporting._AT_ONCE", 1)
    assert lines("csv") == whole
    assert {line[2] for line in whole} == {"gen", "aux_rate"}
