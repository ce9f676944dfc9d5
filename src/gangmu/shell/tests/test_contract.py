"""The command line is a contract: what goes in, what comes out, which exit code."""

import json
import os
import subprocess
import sys

import pytest

from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.testing.worlds import ORGANISATIONS

INDICATORS = """\
- {code: gen, name: {zh: 发电量, en: Generation}, unit: MWh, precision: 1}
- {code: aux, name: {zh: 厂用电量, en: Auxiliary}, unit: MWh, precision: 1}
- {code: price, name: {zh: 电价, en: Price}, unit: 元/MWh, precision: 2, over_time: mean, over_organisations: mean}
- {code: rate, name: {zh: 厂用电率, en: Rate}, unit: "%", precision: 2, formula: 「厂用电量」 / gen}
- code: fee
  name: {zh: 电费, en: Fee}
  unit: 元
  precision: 0
  over_time: sum
  over_organisations: sum
  formula: gen * price
- {code: hours, name: {zh: 利用小时, en: Hours}, unit: h, precision: 2, formula: gen / capacity_mw}
"""
FACTS = """\
organisation,indicator,period,scenario,value
P1U1,gen,2026-05-31,actual,100
P1U1,gen,2026-06-01,actual,200
P1U2,gen,2026-06-01,actual,50.5
P2U1,gen,2026-05-31,actual,10
P2U1,gen,2026-06-01,actual,20
P3U1,gen,2026-06-01,actual,1000
P1U1,aux,2026-06-01,actual,10
P1U1,price,2026-06-01,actual,300.25
P1U2,price,2026-06-01,actual,100
P1U1,gen,2025-06-01,actual,160
"""


@pytest.fixture
def world(committed, tmp_path, capsys):
    """A world loaded through the command line, and a function that runs a command and reads its JSON."""

    def run(*words: str, code: int = 0):
        capsys.readouterr()
        assert main(list(words)) == code, capsys.readouterr()
        return capsys.readouterr().out

    def ask(*words: str, command: str = "query"):
        return json.loads(run(command, *words, "--json"))

    with clock.frozen("2026-11-20T07:30"), embedded():
        for name, text in (("organisations.csv", ORGANISATIONS), ("indicators.yaml", INDICATORS), ("f.csv", FACTS)):
            (tmp_path / name).write_text(text, "utf-8")
        run("load", "organisations", str(tmp_path / "organisations.csv"))
        run("load", "indicators", str(tmp_path / "indicators.yaml"))
        run("load", "facts", str(tmp_path / "f.csv"))
        run.ask = ask  # type: ignore[attr-defined]
        yield run


def test_a_row_has_the_members_of_the_contract(world):
    (row,) = world.ask("--indicator", "gen", "--organisation", "G", "--period", "2026-06-01", "--compare", "previous")[
        "rows"
    ]
    assert row["organisation"] == "G"
    assert row["indicator"] == "gen"
    assert row["period"] == "2026-06-01"
    assert row["value"] == "1270.5"
    assert row["unit"] == "MWh"
    assert row["coverage"] == {"reported": 4, "expected": 4}
    assert row["state"] == "locked"
    assert row["compare"] == {"period": "2026-05-31", "value": "110.0", "change": "1160.5", "rate": "10.550000"}


@pytest.mark.req("M-7.2.10.2")
def test_a_moved_plant_counts_then_and_now(world):
    def total(region: str, period: str, structure: str) -> str:
        (row,) = world.ask(
            "--indicator", "gen", "--organisation", region, "--period", period, "--structure", structure
        )["rows"]
        return row["value"]

    assert total("R1", "2026-05-31", "then") == "110.0"  # P1 was R1's
    assert total("R2", "2026-05-31", "then") is None
    assert total("R1", "2026-06-01", "then") == "20.0"
    assert total("R2", "2026-06-01", "then") == "1250.5"
    assert total("R1", "2026", "then") == "130.0"
    assert total("R1", "2026-05-31", "now") == "10.0"
    assert total("R2", "2026-05-31", "now") == "100.0"
    assert total("R2", "2026", "now") == "1350.5"


def test_groups_by_children_fuel_and_province(world):
    def groups(by: str) -> dict:
        rows = world.ask("--indicator", "gen", "--organisation", "G", "--period", "2026-06-01", "--by", by)["rows"]
        assert {row["organisation"] for row in rows} == {"G"}
        return {row["group"]: row["value"] for row in rows}

    assert groups("children") == {"R1": "20.0", "R2": "1250.5"}
    assert groups("fuel") == {"coal": "250.5", "hydro": "1000.0", "wind": "20.0"}
    assert groups("province") == {"四川": "1000.0", "江苏": "250.5", "浙江": "20.0"}
    assert groups("kind") == {"unit": "1270.5"}


@pytest.mark.req("M-7.2.10.1")
def test_ratios_are_ratios_of_sums_and_products_are_sums_of_products(world):
    def value(indicator: str, organisation: str = "P1") -> str:
        words = ("--indicator", indicator, "--organisation", organisation, "--period", "2026-06-01")
        (row,) = world.ask(*words)["rows"]
        return row["value"]

    assert value("rate") == "3.99"  # 10 / 250.5
    assert value("fee") == "65100"  # 200 × 300.25 + 50.5 × 100
    assert value("price") == "200.13"  # (300.25 + 100) / 2, half up
    assert value("hours") == "0.28"  # 250.5 / 900


def test_comparisons(world):
    def compare(kind: str) -> dict:
        words = ("--indicator", "gen", "--organisation", "P1U1", "--period", "2026-06-01", "--compare", kind)
        (row,) = world.ask(*words)["rows"]
        return row

    assert compare("year-ago")["compare"] == {
        "period": "2025-06-01", "value": "160.0", "change": "40.0", "rate": "0.250000",
    }  # fmt: skip
    to_date = compare("to-date")
    assert (to_date["value"], to_date["compare"]["value"]) == ("200.0", "300.0")
    assert (to_date["compare"]["change"], to_date["compare"]["rate"]) == (None, None)
    both = compare("to-date-year-ago")
    assert (both["value"], both["compare"]["value"], both["compare"]["rate"]) == ("300.0", "160.0", "0.875000")


def test_a_faulty_line_makes_the_exit_code_1_and_a_rejected_file(world, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("organisation,indicator,period,scenario,value\nP1U1,gen,2026-06-02,actual,1\nX,gen,2026-06-02,,1\n")
    world("load", "facts", str(path), code=1)
    assert "X,gen" in (tmp_path / "more.rejected.csv").read_text("utf-8")
    (row,) = world.ask("--indicator", "gen", "--organisation", "P1U1", "--period", "2026-06-02")["rows"]
    assert row["value"] == "1.0"


def test_a_correction_needs_its_reason_and_shows_at_once(world, tmp_path):
    path = tmp_path / "f2.csv"
    path.write_text("organisation,indicator,period,scenario,value\nP1U1,gen,2026-06-01,actual,201\n")
    world("load", "facts", str(path), code=1)
    world("load", "facts", str(path), "--correct", "meter read again")
    (row,) = world.ask("--indicator", "gen", "--organisation", "P1U1", "--period", "2026-06-01")["rows"]
    assert row["value"] == "201.0"


def test_explain_takes_the_arguments_of_query(world):
    words = ("--indicator", "rate", "--organisation", "P1", "--period", "2026-06-01")
    explanation = world.ask(*words, command="explain")
    text = json.dumps(explanation, ensure_ascii=False)
    assert "gen" in text and "250.5" in text and "3.99" in text


@pytest.mark.parametrize(
    "words",
    [
        ("query", "--indicator", "nope", "--organisation", "G", "--period", "2026-06-01"),
        ("query", "--indicator", "gen", "--organisation", "nope", "--period", "2026-06-01"),
        ("query", "--indicator", "gen", "--organisation", "G", "--period", "2026/06/01"),
        ("load", "organisations", "missing.csv"),
        ("load", "indicators", "missing.yaml"),
        ("load", "facts", "missing.csv"),
        ("period", "2026-13"),
        ("calendar", "workdays", "2030-01-01", "2030-12-31"),
    ],
)
def test_what_cannot_be_is_said_in_a_line_with_another_exit_code(world, words, capsys):
    capsys.readouterr()
    assert main(list(words)) not in (0, None)
    said = capsys.readouterr()
    assert said.err.strip() and "Traceback" not in said.err


def test_check_and_verify_hold_after_all_this(world):
    world("check")
    world("audit", "verify")


@pytest.mark.req("M-7.2.10.1")
def test_periods_and_calendars(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("GANGMU_HOME", str(tmp_path / "nothing there yet"))

    def run(*words: str) -> dict:
        assert main([*words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    period = run("period", "2026-11")
    assert (period["start"], period["end"]) == ("2026-11-01", "2026-11-30")
    assert (period["previous"], period["year_ago"]) == ("2026-10", "2025-11")
    assert run("calendar", "workdays", "2026-01-01", "2026-12-31")["workdays"] == 248
    assert run("calendar", "sessions", "2026-01-01", "2026-12-31", "--market", "XSHG")["sessions"] == 242
    assert run("calendar", "add", "2026-11-20", "10")["date"] == "2026-12-04"
    assert run("calendar", "add", "2026-11-20", "-1")["date"] == "2026-11-19"


def test_calendars_know_the_notices_of_the_database(world, capsys):
    from gangmu.foundation.periods.services import load_notice

    words = ("calendar", "workdays", "2027-01-01", "2027-12-31")
    world(*words, code=2)
    guess = json.loads(world(*words, "--provisional", "--json"))
    assert guess["provisional"] is True
    off = {"2027-01-01..2027-01-03": "元旦", "2027-05-01..2027-05-05": "劳动节", "2027-10-01..2027-10-07": "国庆节"}
    load_notice("CN", 2027, off=off, source="Notice for 2027")
    told = json.loads(world(*words, "--json"))
    assert told["provisional"] is False
    assert "2027-01-01" not in told["days"] and "2027-02-08" in told["days"]


def test_the_command_answers_about_periods_without_loading_the_product():
    code = (
        "import sys; from gangmu.shell.cli import main; main(['period', '2026-11', '--json']);"
        "sys.exit(any(name.startswith(('django.db', 'numpy', 'pint')) for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
