"""`gangmu load facts`: good lines enter, faulty ones come back with the reason."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from gangmu.figures.filing import importing
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Batch, Change, Fact, Scenario
from gangmu.figures.filing.staging import decimal_text
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.shell.testing.worlds import make_world, settle

pytestmark = pytest.mark.django_db

HEADER = "organisation,indicator,period,scenario,value"


@pytest.fixture
def world(db, tmp_path):
    with clock.frozen("2026-11-20T07:30"), translation.override("en"):
        made = make_world(tmp_path)
        for code, precision, grain in (("gen", 2, "day"), ("coal", 0, "month")):
            Indicator.objects.create(
                code=code,
                name_zh=code,
                name_en=code,
                unit="MWh",
                precision=precision,
                grain=grain,
                over_time="sum",
                over_organisations="sum",
            )
        yield made


@pytest.fixture
def load(world, tmp_path):
    def load(*lines: str, correct: str = "", header: str = HEADER):
        path = tmp_path / "facts.csv"
        path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
        return load_facts(path, correct=correct)

    return load


def standing() -> dict[tuple[str, str, str], str]:
    facts = Fact.objects.filter(superseded_by=None).select_related("organisation", "indicator")
    return {
        (fact.organisation.code, fact.indicator.code, str(fact.period)): decimal_text(
            fact.value, fact.indicator.precision
        )
        for fact in facts
    }


def rejected(result) -> list[dict[str, str]]:
    with Path(result.rejected_file).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.req("M-7.2.3")
def test_good_lines_enter_as_locked(load):
    result = load("P1U1,gen,2026-11-19,actual,1234.5", "P1U1,coal,2026-10,actual,-7")
    assert (result.recorded, result.problems, result.rejected_file) == (2, [], None)
    assert standing() == {("P1U1", "gen", "2026-11-19"): "1234.50", ("P1U1", "coal", "2026-10-01"): "-7"}
    assert set(Fact.objects.values_list("state", flat=True)) == {5}


def test_an_equal_line_again_changes_nothing(load):
    load("P1U1,gen,2026-11-19,actual,1234.5")
    again = load("P1U1,gen,2026-11-19,actual,1234.50", "P1U1,gen,2026-11-19,actual,1234.500")
    assert (again.recorded, again.unchanged, again.problems) == (0, 2, [])
    assert Batch.objects.count() == 1


@pytest.mark.req("M-7.2.3")
def test_another_value_needs_a_correction_and_its_reason(load):
    load("P1U1,gen,2026-11-19,actual,1234.5")
    refused = load("P1U1,gen,2026-11-19,actual,1", "P1U2,gen,2026-11-19,actual,2")
    assert (refused.recorded, refused.rejected) == (1, 1)
    assert "1234.50" in refused.problems[0].message and "--correct" in refused.problems[0].message
    corrected = load("P1U1,gen,2026-11-19,actual,1", correct="meter read again")
    assert (corrected.corrected, corrected.recorded) == (1, 0)
    assert standing()["P1U1", "gen", "2026-11-19"] == "1.00"
    assert Batch.objects.get(kind="correction").reason == "meter read again"
    assert Fact.objects.filter(organisation__code="P1U1").count() == 2  # the old revision stays


def test_a_correction_back_to_the_old_value_is_a_third_revision(load):
    load("P1U1,gen,2026-11-19,actual,1")
    load("P1U1,gen,2026-11-19,actual,2", correct="a")
    load("P1U1,gen,2026-11-19,actual,1", correct="b")
    assert standing()["P1U1", "gen", "2026-11-19"] == "1.00"
    assert Fact.objects.count() == 3


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("P1U1,gen,2026-11-19,actual,１２３", "value", "full-width"),
        ('P1U1,gen,2026-11-19,actual,"1,234.5"', "value", "thousand"),
        ("P1U1,gen,2026-11-19,actual,12 MWh", "value", "MWh"),
        ("P1U1,gen,2026-11-19,actual,--", "value", "not a number"),
        ("P1U1,gen,2026-11-19,actual,", "value", "blank"),
        ("P1U1,gen,2026-11-19,actual,1e3", "value", "exponent"),
        ("P1U1,gen,2026-11-19,actual,1.234", "value", "decimals"),
        ("P1U1,gen,2026-11-19,actual,NaN", "value", "not a number"),
        ("P1U1,gen,2026-11-19,actual,99999999999999999", "value", "larger"),
        ("P1U1,gen,2026/11/19,actual,1", "period", "2026-11-19"),
        ("P1U1,gen,20261119,actual,1", "period", "2026-11-19"),
        ("P1U1,gen,2026.11.19,actual,1", "period", "2026-11-19"),
        ("P1U1,gen,2026-02-30,actual,1", "period", ""),
        ("P1U1,gen,2026-11,actual,1", "period", "2026-11-20"),
        ("P1U1,coal,2026-11-19,actual,1", "period", "2026-11"),
        ("P9U9,gen,2026-11-19,actual,1", "organisation", "not known"),
        ("P1U1,gne,2026-11-19,actual,1", "indicator", "“gen”"),
        ("P1U1,gen,2026-11-19,actuel,1", "scenario", "actual"),
        ("P1U1,gen,2019-12-31,actual,1", "period", "did not exist"),
        ("P1U1,gen,2026-11-19,actual", "value", "fields"),
        ("P1U1,gen,2026-11-19,actual,1,2", "value", "fields"),
    ],
)
def test_a_faulty_line_comes_back_with_its_reason_and_the_good_one_enters(load, line, column, words):
    result = load("P1U2,gen,2026-11-19,actual,5", line)
    assert standing() == {("P1U2", "gen", "2026-11-19"): "5.00"}
    (problem,) = result.problems
    assert (problem.line, problem.column) == (3, column)
    assert words in problem.message
    (row,) = rejected(result)
    assert (row["line"], row["column"]) == ("3", column)
    assert words in row["reason"]


@pytest.mark.parametrize("first,second", [("P1U1", "P1"), ("P1", "P1U1"), ("P1U1", "R2"), ("G", "P1U1")])
def test_facts_at_an_organisation_and_below_it_are_refused(load, first, second):
    assert load(f"{first},gen,2026-11-19,actual,5").recorded == 1
    result = load(f"{second},gen,2026-11-19,actual,5", "P2U1,coal,2026-10,actual,1")
    assert (result.recorded, result.rejected) == (1, 1)
    assert "count twice" in result.problems[0].message
    assert load(f"{second},gen,2026-11-18,actual,5").recorded == 1  # another day
    assert load(f"{second},gen,2026-11-19,plan,5").recorded == 1  # another scenario


def test_facts_above_and_below_in_one_file_are_refused_in_order(load):
    result = load(
        "P1U1,gen,2026-11-19,actual,1",
        "P1,gen,2026-11-19,actual,2",
        "P1U2,gen,2026-11-19,actual,3",  # below P1 too, but P1's line did not enter
    )
    assert {key[0] for key in standing()} == {"P1U1", "P1U2"}
    assert [problem.line for problem in result.problems] == [3]


def test_above_and_below_is_a_question_of_the_tree_of_that_day(load):
    assert load("P1U1,gen,2026-05-31,actual,1", "R2,gen,2026-05-31,actual,2").recorded == 2  # not R2's that day
    assert load("P1U1,gen,2026-06-01,actual,1", "R2,gen,2026-06-01,actual,2").rejected == 1
    # a month counts with every day of it
    assert load("P1U1,coal,2026-06,actual,1", "R1,coal,2026-06,actual,2").recorded == 2
    assert load("P1U1,coal,2026-05,actual,1", "R1,coal,2026-05,actual,2").rejected == 1


def test_two_values_for_one_cell_in_one_file(load):
    result = load("P1U1,gen,2026-11-19,actual,1", "P1U1,gen,2026-11-19,actual,2")
    assert standing() == {("P1U1", "gen", "2026-11-19"): "1.00"}
    assert "line 2" in result.problems[0].message


def test_the_rejected_file_can_be_mended_and_loaded(load, tmp_path):
    result = load("P1U1,gen,2026-11-19,actual,x", "P1U2,gen,2026-11-19,actual,2")
    mended = Path(result.rejected_file).read_text("utf-8").replace(",x,", ",7,")
    rows = [line.split(",")[:5] for line in mended.splitlines()]
    assert load(*(",".join(row) for row in rows[1:]), header=",".join(rows[0])).recorded == 1
    assert not Path(result.rejected_file).exists()  # nothing is faulty any more


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
        (b"a,b\x00c", "binary"),
        ("organisation,indicator,period,value\n".encode("utf-16"), "UTF-16"),
        (b"", "empty"),
        (b"organisation,indicator,when,value\n", "when"),
        (b"organisation,indicator,value\n", "period"),
        (b"organisation,indicator,period,value,value\n", "twice"),
        (b'"organisation,indicator,period,value\nP1U1,gen,2026-11-19,1\n', "quote"),
        (b"organisation;indicator;period;value\n", "separated by “;”"),
        (b"\xff\xff\xff", "UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(world, tmp_path, content, words):
    path = tmp_path / "facts.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=words):
        load_facts(path)
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    "broken", ['P1U1,gen,2026-11-20,actual,"1', 'P1U1,gen,2026-11-20,actual,"1"2', "P1U1,gen," + "x" * 20_000]
)
def test_a_line_with_a_broken_quote_or_a_field_beyond_measure_is_refused_alone(load, broken):
    result = load("P1U1,gen,2026-11-19,actual,1", broken, "P1U2,gen,2026-11-19,actual,2")
    (problem,) = result.problems
    assert problem.line == 3
    assert "quote" in problem.message
    assert standing() == {("P1U1", "gen", "2026-11-19"): "1.00", ("P1U2", "gen", "2026-11-19"): "2.00"}


def test_refused_lines_are_put_right_and_loaded_again_as_they_are(load, tmp_path):
    result = load("P1U1,gen,2026-11-19,actual,1 000", "P1U2,gen,2026-11-19,actual,2,,,")
    path = Path(result.rejected_file)
    path.write_text(path.read_text("utf-8").replace("1 000", "1000"), "utf-8")
    again = load_facts(path)
    assert not again.problems
    assert standing()["P1U1", "gen", "2026-11-19"] == "1000.00"


def test_refused_lines_that_cannot_be_written_are_told_and_the_good_ones_stay(world, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("organisation,indicator,period,value\nP1U1,gen,2026-11-19,1\nP9,gen,2026-11-19,1\n", "utf-8")
    (tmp_path / "facts.rejected.csv").mkdir()
    result = load_facts(path)
    assert result.rejected_file is None
    assert "could not be written" in str(result)
    assert standing() == {("P1U1", "gen", "2026-11-19"): "1.00"}
    assert not [*tmp_path.glob("*.part")]


def test_a_file_of_nothing_but_faults_is_refused_whole(world, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MOST_FAULTY_LINES", 20)
    path = tmp_path / "facts.csv"
    path.write_text("organisation,indicator,period,value\nP1U1,gen,2026-11-19,1\n" + "a,b,c,d\n" * 30, "utf-8")
    with pytest.raises(Unreadable, match="20 faulty lines"):
        load_facts(path)
    assert not Fact.objects.exists()


def test_a_file_without_end_is_not_read_to_its_end(world):
    with pytest.raises(Unreadable, match="larger than"):
        load_facts(Path("/dev/zero"))


def test_gb18030_and_a_byte_order_mark_are_read(world, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_bytes(("\ufeff" + HEADER + "\nP1U1,gen,2026-11-19,actual,1\n").encode())
    assert load_facts(path).recorded == 1
    path.write_bytes((HEADER + "\n电厂,gen,2026-11-19,actual,1\n").encode("gb18030"))
    assert "电厂" in load_facts(path).problems[0].message


def test_every_batch_is_in_the_log_in_order_without_gaps(load):
    for day in (17, 18, 19):
        load(f"P1U1,gen,2026-11-{day},actual,1")
        settle()
    assert list(Change.objects.order_by("id").values_list("id", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("scaled,precision,text", [(0, 0, "0"), (5, 2, "0.05"), (-5, 2, "-0.05"), (12345, 2, "123.45")])
def test_decimal_text(scaled, precision, text):
    assert decimal_text(scaled, precision) == text
    assert Decimal(text) == Decimal(scaled).scaleb(-precision)


def test_a_refused_line_does_not_bring_its_scenario_into_being(load):
    load('P1U1,gen,2026-01-01,plan,"1,000"')
    assert not Scenario.objects.filter(code="plan").exists()


def test_a_period_takes_as_many_decimals_as_hold_on_its_last_day(load):
    Indicator.objects.filter(code="gen").update(precision=0, precisions='[["2026-11-01", 1], ["2026-11-15", 3]]')
    Indicator.objects.filter(code="coal").update(precision=1, precisions='[["2026-10-30", 0]]')
    lines = ["P1U1,gen,2026-11-01,actual,1.5", "P1U1,gen,2026-11-02,actual,1.125", "P1U1,gen,2026-11-16,actual,1.000"]
    months = ["P1U1,coal,2026-09,actual,4", "P1U1,coal,2026-10,actual,4.5"]
    assert load(*lines, *months).problems == []
    gen = Indicator.objects.get(code="gen")
    assert [fact.value for fact in Fact.objects.filter(indicator=gen).order_by("period")] == [1500, 1125, 1000]
    found = load("P1U2,gen,2026-11-01,actual,1.25", "P1U2,gen,2026-11-16,actual,0.5", "P1U2,coal,2026-09,actual,4.5")
    assert [problem.message for problem in found.problems] == [
        "“1.25” has more decimals than the 1 of the indicator until 2026-11-01; round it yourself",
        "“0.5” has more decimals than the 0 of the indicator since 2026-11-16; round it yourself",
        "“4.5” has more decimals than the 0 of the indicator until 2026-10-30; round it yourself",
    ]
