"""Every kind of bad input of the contract: a clear message with line and column, and nothing half-written."""

import csv
import io
import zipfile

import pytest
from django.utils import translation

from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.testing.worlds import ORGANISATIONS

HEADER = "organisation,indicator,period,scenario,value\n"
PLACES = "code,name_zh,kind,parent,valid_from,valid_to,capacity_mw\n"
GOOD_PLACE = "GOOD,好机组,unit,P1,2024-01-01,,1\n"
INDICATORS = """\
- {code: gen, name: {zh: 发电量, en: Generation}, unit: MWh, precision: 1}
- {code: price, name: {zh: 电价, en: Price}, unit: 元/MWh, precision: 2, over_time: mean, over_organisations: mean}
- {code: coal, name: {zh: 耗煤, en: Coal}, unit: t, precision: 0, grain: month, level: plant}
"""
GOOD_INDICATOR = "- {code: good, name: {zh: 好, en: Good}, unit: MWh, precision: 0}\n"


def bomb() -> bytes:
    """A small archive of 64 MB of zeros, as a workbook would be."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    return content.getvalue()


@pytest.fixture(scope="module")
def loaded(committed_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    with clock.frozen("2026-11-20T07:30"), translation.override("en"), embedded():
        for what, name, text in (
            ("organisations", "organisations.csv", ORGANISATIONS),
            ("indicators", "indicators.yaml", INDICATORS),
        ):
            (folder / name).write_text(text, "utf-8")
            assert main(["load", what, str(folder / name)]) == 0
        yield


@pytest.fixture
def load(loaded, tmp_path, capsys):
    """Loads content of a kind and gives exit code, standard output and standard error."""

    def load(what: str, content: str | bytes, *more: str, name: str = "file.csv") -> tuple[int, str, str]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        capsys.readouterr()
        code = main(["load", what, str(path), *more])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return load


def standing() -> list:
    from gangmu.figures.filing.models import Fact

    cells = Fact.objects.filter(superseded_by=None)
    return sorted(cells.values_list("organisation__code", "indicator__code", "period", "value", "scenario_id"))


def known_codes() -> tuple[set[str], set[str]]:
    from gangmu.figures.indicators.models import Indicator
    from gangmu.foundation.parties.models import Organisation

    return (
        set(Organisation.objects.values_list("code", flat=True)),
        set(Indicator.objects.values_list("code", flat=True)),
    )


# Facts: the faulty line comes back, the good ones around it enter -----------------------------------------------------

FACTS = {
    "a word for a number": ("P1U1,gen,2026-03-02,actual,many", "value", "not a number"),
    "full-width digits": ("P1U1,gen,2026-03-02,actual,１２", "value", "half-width"),
    "thousand separators": ('P1U1,gen,2026-03-02,actual,"1,000"', "value", "thousand"),
    "thousand separators outside quotes": ("P1U1,gen,2026-03-02,actual,1,000", "value", "6 fields"),
    "thin spaces": ("P1U1,gen,2026-03-02,actual,1 000", "value", "thousand"),
    "underscores": ("P1U1,gen,2026-03-02,actual,1_000", "value", "thousand"),
    "a stray unit": ("P1U1,gen,2026-03-02,actual,12 MWh", "value", "“MWh”"),
    "an exponent": ("P1U1,gen,2026-03-02,actual,1e3", "value", "exponent"),
    "not a number": ("P1U1,gen,2026-03-02,actual,NaN", "value", "not a number"),
    "no value": ("P1U1,gen,2026-03-02,actual,", "value", "blank"),
    "too exact": ("P1U1,gen,2026-03-02,actual,1.25", "value", "decimals"),
    "too long": (f"P1U1,gen,2026-03-02,actual,{'9' * 400}", "value", "larger"),
    "a date with strokes": ("P1U1,gen,2026/03/02,actual,1", "period", "2026-03-02"),
    "a date without anything": ("P1U1,gen,20260302,actual,1", "period", "2026-03-02"),
    "a Chinese date": ("P1U1,gen,2026年3月2日,actual,1", "period", "2026-03-02"),
    "no such day": ("P1U1,gen,2026-02-29,actual,1", "period", "28 days"),
    "a year beyond": ("P1U1,gen,2300-01-01,actual,1", "period", "2200"),
    "a month for a day": ("P1U1,gen,2026-03,actual,1", "period", "2026-11-20"),
    "a day for a month": ("P1,coal,2026-03-02,actual,1", "period", "2026-11"),
    "a week": ("P1U1,gen,2026-W10,actual,1", "period", "2026-11-20"),
    "an unknown organisation": ("P9U9,gen,2026-03-02,actual,1", "organisation", "not known"),
    "an unknown indicator": ("P1U1,gne,2026-03-02,actual,1", "indicator", "“gen”"),
    "a scenario nobody has": ("P1U1,gen,2026-03-02,maybe,1", "scenario", "actual"),
    "before the unit": ("P1U1,gen,2019-12-31,actual,1", "period", "did not exist"),
    "a duplicate that differs": ("P1U2,gen,2026-03-01,actual,8", "value", "line 2"),
    "a fact above": ("P1,gen,2026-03-01,actual,8", "organisation", "twice"),
    "too few fields": ("P1U1,gen,2026-03-02", "scenario", "3 fields"),
    "a quote that is not closed": ('P1U1,gen,2026-03-02,actual,"1', "", "quote"),
    "a huge line": ("P1U1,gen,2026-03-02,actual," + "1" * 100_000, "", "100"),
}


@pytest.mark.parametrize(("line", "column", "words"), FACTS.values(), ids=FACTS)
def test_a_faulty_fact_comes_back_with_line_column_and_reason(load, tmp_path, line, column, words):
    from gangmu.figures.cube.services import fold
    from gangmu.figures.filing.models import Fact

    code, out, err = load("facts", f"{HEADER}P1U2,gen,2026-03-01,actual,7\n{line}\nP3U1,gen,2026-03-03,actual,9")
    assert code == 1
    assert err.startswith(f"line 3, {column}: " if column else "line 3: ")
    assert len(err.strip().splitlines()) == 1
    with (tmp_path / "file.rejected.csv").open(encoding="utf-8", newline="") as file:
        (refused,) = csv.DictReader(file)
    assert (refused["line"], refused["column"]) == ("3", column)
    assert words in refused["reason"]
    assert "file.rejected.csv" in out
    assert [cell[:2] + cell[3:4] for cell in standing()] == [("P1U2", "gen", 70), ("P3U1", "gen", 90)]
    Fact.objects.all().delete()
    fold()


def test_the_order_of_lines_and_the_ways_to_save_a_file_do_not_matter(load):
    first = "P1U1,gen,2026-04-01,actual,1\n"
    text = HEADER + first
    ways = [
        text,
        text.replace("\n", "\r\n"),
        text.replace("\n", "\r"),
        "\ufeff" + text,
        text.rstrip("\n"),
        text + "\n\n , , , ,\n,,,,\n",
        text.replace("organisation,", "organisation,").upper().replace("GEN", "gen").replace("ACTUAL", "actual"),
        " value , Period,INDICATOR,organisation\n 1.0 , 2026-04-01,gen, P1U1 \n",
        f"{HEADER.strip()},,\n{first.strip()},,\n",
        HEADER + first.replace("actual", ""),
        HEADER + '"P1U1","gen","2026-04-01","actual","+1.000"\n',
    ]
    for number, way in enumerate(ways):
        code, out, err = load("facts", way)
        assert (code, err) == (0, ""), way
        assert ("1 new" if number == 0 else "0 new, 0 corrected, 1 as they were") in out, way


def test_a_reason_that_says_nothing_corrects_nothing(load):
    load("facts", HEADER + "P1U1,gen,2026-04-02,actual,1\n")
    before = standing()
    code, _out, err = load("facts", HEADER + "P1U1,gen,2026-04-02,actual,2\n", "--correct", "  ")
    assert code == 2
    assert "--correct" in err
    assert standing() == before


def test_a_plan_and_what_happened_are_kept_apart(load):
    code, out, _err = load("facts", HEADER + "P1U1,gen,2026-04-03,actual,1\nP1U1,gen,2026-04-03,plan,2\n")
    assert (code, "2 new" in out) == (0, True)


# Organisations: all of the file or nothing ----------------------------------------------------------------------------

PLACES_AT_FAULT = {
    "a kind nobody has": ("X,甲,spaceship,P1,2024-01-01,,", "kind", "known kinds"),
    "an unknown parent": ("X,甲,unit,P99,2024-01-01,,", "parent", "neither"),
    "its own parent": ("X,甲,unit,X,2024-01-01,,", "parent", "own parent"),
    "a cycle": ("X,甲,plant,Y,2024-01-01,,\nY,乙,plant,X,2024-01-01,,", "parent", "circle"),
    "a cycle with what stands": ("P1,甲电厂,plant,P1U1,2020-01-01,2026-05-31,", "parent", "circle"),
    "overlapping dates": (
        "X,甲,unit,P1,2024-01-01,2024-12-31,\nX,甲,unit,P2,2024-12-31,,",
        "valid_from",
        "end line 3 with valid_to 2024-12-30",
    ),
    "a duplicate that differs": ("X,甲,unit,P1,2024-01-01,,1\nX,甲,unit,P1,2024-01-01,,2", "valid_from", "two lines"),
    "days before the parent's": ("X,甲,unit,P1,2019-01-01,,", "valid_from", "does not exist"),
    "days out of order": ("X,甲,unit,P1,2024-02-01,2024-01-01,", "valid_to", "before the first day"),
    "a date with strokes": ("X,甲,unit,P1,2024/1/5,,", "valid_from", "2024-01-05"),
    "a date without anything": ("X,甲,unit,P1,20240105,,", "valid_from", "2024-01-05"),
    "a Chinese date": ("X,甲,unit,P1,2024年1月5日,,", "valid_from", "2024-01-05"),
    "no such day": ("X,甲,unit,P1,2023-02-29,,", "valid_from", "no day"),
    "full-width digits": ("X,甲,unit,P1,2024-01-01,,６００", "capacity_mw", "half-width"),
    "thousand separators": ('X,甲,unit,P1,2024-01-01,,"1,200"', "capacity_mw", "thousand"),
    "a stray unit": ("X,甲,unit,P1,2024-01-01,,600MW", "capacity_mw", "“MW”"),
    "a code of signs": ("a/b,甲,unit,P1,2024-01-01,,", "code", "not a code"),
    "no code": (",甲,unit,P1,2024-01-01,,", "code", "blank"),
    "too many fields": ("X,甲,unit,P1,2024-01-01,,1,2", "capacity_mw", "8 fields"),
}


@pytest.mark.parametrize(("lines", "column", "words"), PLACES_AT_FAULT.values(), ids=PLACES_AT_FAULT)
def test_a_faulty_organisation_refuses_the_file_and_says_where(load, lines, column, words):
    before = known_codes()
    code, out, err = load("organisations", PLACES + GOOD_PLACE + lines + "\n")
    assert code == 1
    assert f", {column}: " in err and words.lower() in err.lower()
    assert err.startswith(("line 3, ", "line 4, "))
    assert "Nothing was recorded" in out
    assert known_codes() == before


def test_a_parent_may_come_later_in_the_file_and_a_file_may_be_loaded_again(load):
    text = (
        PLACES
        + "LU,机组,unit,LP,2024-01-01,,5\nLP,电厂,plant,R1,2024-01-01,2025-12-31,\nLP,电厂,plant,R2,2026-01-01,,\n"
    )
    assert load("organisations", text)[0] == 0
    code, out, _err = load("organisations", PLACES + "".join(reversed(text.splitlines(keepends=True)[1:])))
    assert (code, "0 new, 0 changed, 2 as they were" in out) == (0, True)


# Indicators: all of the file or nothing -------------------------------------------------------------------------------


def one(**changes: str) -> str:
    fields = {"code": "x", "name": "{zh: 测, en: Test}", "unit": "MWh", "precision": "0", **changes}
    return "- {" + ", ".join(f"{key}: {value}" for key, value in fields.items() if value) + "}\n"


CYCLE = "".join(
    one(code=f"c{at}", name=f"{{zh: 环{at}, en: Ring {at}}}", formula=f"c{(at + 1) % 12} + gen") for at in range(12)
)
CHAIN = "".join(
    one(
        code=f"b{at}",
        name=f"{{zh: 弹{at}, en: Bomb {at}}}",
        unit="1",
        formula="*".join([f"b{at - 1}"] * 10) if at else "gen / gen",
    )
    for at in range(12)
)
INDICATORS_AT_FAULT = {
    "a cycle through twelve": (CYCLE, "c0 → c1 → c2 → c3 → c4 → c5 → c6 → c7 → c8 → c9 → c10 → c11 → c0"),
    "a formula of itself": (one(formula="x + gen"), "x → x"),
    "a bomb of brackets": (one(formula="(" * 1900 + "gen" + ")" * 1900), "deep"),
    "a bomb of signs": (one(formula=f'"{"-" * 3000}gen"'), "deep"),
    "a bomb of length": (one(formula="+".join(["gen"] * 5000)), "4000"),
    "a bomb of products": (CHAIN, "too long"),
    "a power": (one(formula='"9^9^9^9"'), "power"),
    "an endless number": (one(formula=f'"gen * {"9" * 1000}"'), "30 digits"),
    "a unit nobody knows": (one(unit="MWx"), "“MW”"),
    "a sum of unlike units": (one(formula="gen + price"), "cannot be added"),
    "a result of another unit": (one(unit='"%"', formula="gen * price"), "cannot be %"),
    "a tag": ("- !!python/object/apply:os.system ['true']\n", "tags"),
    "anchors": ("- &a {code: x}\n- *a\n", "anchors"),
    "a tab": ("- code: x\n\tunit: MWh\n", "tab"),
    "a mapping": ("code: x\nunit: MWh\n", "list"),
    "nothing": ("", "empty"),
    "a key twice": (one(code="x, code: y"), "twice"),
    "a code twice": (one() + one(), "twice"),
    "a Chinese code": (one(code="发电"), "not a code"),
    "a name in one language": (one(name="{zh: 测}"), "en"),
    "a plain name": (one(name="测"), "both languages"),
    "half a precision": (one(precision="1.5"), "whole number"),
    "a precision in quotes": (one(precision="'2'"), "quotes"),
    "no precision": (one(precision=""), "precision"),
    "a key nobody knows": (one(precison="1"), "precision"),
    "no weight": (one(over_organisations="weighted"), "weight"),
    "an unknown weight": (one(over_organisations="weighted", weight="zz"), "zz"),
    "half the rules": (one(over_time="sum", formula="gen"), "over_organisations"),
    "an unknown name": (one(formula="「发电」 * 2"), "「发电量」"),
    "an unknown function": (one(formula="eval(gen)"), "no function eval"),
    "a formula cut short": (one(formula="gen +"), "expected"),
    "wide signs": (one(formula="gen ＋ gen"), "full-width"),
}


@pytest.mark.parametrize(("text", "words"), INDICATORS_AT_FAULT.values(), ids=INDICATORS_AT_FAULT)
def test_a_faulty_indicator_refuses_the_file_and_says_where(load, text, words):
    before = known_codes()
    good = "" if words in {"list", "empty"} else GOOD_INDICATOR
    code, out, err = load("indicators", good + text, name="file.yaml")
    assert code == 1
    assert err.startswith("line ") and ", column " in err.splitlines()[0]
    assert words in err
    assert "Nothing was recorded" in out
    assert known_codes() == before


# Files that are not what their name says ------------------------------------------------------------------------------

NOT_WHAT_THEY_SAY = {
    "a zip bomb": (bomb(), "ZIP"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "XLS"),
    "a packed file": (b"\x1f\x8b\x08rest", "GZIP"),
    "UTF-16": ("code,kind\n".encode("utf-16"), "UTF-"),
    "no text": (bytes(range(128, 256)) * 50, "UTF-8"),
    "changing encodings": ("甲,乙\n".encode() + "甲,乙".encode("gb18030") + b"\xff", "UTF-8"),
}


@pytest.mark.parametrize("what", ["facts", "organisations", "indicators"])
@pytest.mark.parametrize(("content", "words"), NOT_WHAT_THEY_SAY.values(), ids=NOT_WHAT_THEY_SAY)
def test_a_file_that_is_not_what_its_name_says(load, what, content, words):
    before = known_codes(), standing()
    code, out, err = load(what, content)
    assert (code, out) == (2, "")
    assert err.startswith("gangmu: file.csv") and words in err
    assert (known_codes(), standing()) == before


@pytest.mark.parametrize("what", ["facts", "organisations", "indicators"])
@pytest.mark.parametrize("path", ["/dev/zero", "/dev", "nowhere.csv"])
def test_what_is_no_file(loaded, capsys, what, path):
    capsys.readouterr()
    assert main(["load", what, path]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("gangmu: ") and len(said.err.splitlines()) == 1


def test_headers_that_are_none(load):
    for header, words in (
        ("organisation;indicator;period;value", "“;”"),
        ("organisation\tindicator\tperiod\tvalue", "Tab"),
        ("organisation,indicator,period,value,value", "twice"),
        ("organisation,indicator,period,valeu", "“value”"),
        ("organisation,indicator,value", "period"),
        ("P1U1,gen,2026-03-01,actual,1", "Known columns"),
    ):
        code, _out, err = load("facts", header + "\n")
        assert code == 2
        assert "line 1" in err and words in err
