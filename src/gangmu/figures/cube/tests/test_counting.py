"""Statistical scopes: who counts, with which share, on which days; they never show more than the asker sees."""

from datetime import date
from pathlib import Path

import pytest

from gangmu.figures.cube.gateway import NotShown, NotVisible, Question, UnknownScope, ask, explain
from gangmu.figures.filing.services.closing import close_month
from gangmu.figures.indicators.definitions import Earlier
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import written
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.figures.scopes.services import load_scopes
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.periods.period import Period
from gangmu.shell.testing.worlds import make_user

SHARES = """\
code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province,ownership
P1,甲电厂,Plant Alpha,plant,R1,2020-01-01,2026-05-15,,coal,江苏,60
P1,甲电厂,Plant Alpha,plant,R1,2026-05-16,2026-05-31,,coal,江苏,51
P1,甲电厂,Plant Alpha,plant,R2,2026-06-01,,,coal,江苏,51
P2,乙电厂,Plant Beta,plant,R1,2020-01-01,,,wind,浙江,33.3
"""
EQUITY = "- {code: own, name: {zh: 权益, en: Own}, count: [{share: ownership}]}"


@pytest.fixture
def shared(world, tmp_path: Path):
    """P1 is held with 60 %, from 16 May with 51 %; P2 with 33.3 %; P3 wholly, as nobody says otherwise."""
    path = tmp_path / "shares.csv"
    path.write_text(SHARES, "utf-8")
    assert not load_organisations(path).problems
    world(
        "P1U1,gen,2026-05-15,actual,100",
        "P1U1,gen,2026-05-16,actual,100.01",
        "P2U1,gen,2026-05-16,actual,10",
        "P3U1,gen,2026-05-16,actual,7",
        "P1U1,price,2026-05-15,actual,300",
        "P1U1,price,2026-05-16,actual,400",
        "P1U1,opening,2026-05-15,actual,1000",
        "P1U1,opening,2026-05-16,actual,500",
        "P1U1,peak,2026-05-16,actual,580.5",
        "P1,staff,2026-05,actual,310",
    )
    defined(EQUITY)


def defined(text: str) -> None:
    assert not (problems := load_scopes(text).problems), [str(one) for one in problems]


def refused(text: str) -> str:
    before = list(StatisticalScope.objects.order_by("code").values())
    result = load_scopes(text)
    assert result.problems
    assert list(StatisticalScope.objects.order_by("code").values()) == before
    return "\n".join(map(str, result.problems))


def value(indicator: str, scope: str, organisation: str = "G", period: str = "2026-05", **rest) -> str | None:
    [row] = ask(Question((indicator,), (organisation,), (period,), scope=scope, **rest), SYSTEM).rows
    assert row.scope == scope
    return row.value


@pytest.mark.usefixtures("shared")
def test_a_share_counts_to_the_day_and_is_rounded_once():
    # 60 + 51.0051 + 3.33 + 7
    assert value("gen", "own") == "121.34"
    assert value("gen", "own", "P1") == "111.01"
    assert value("gen", "own", period="2026-05-16") == "61.34"
    [row] = ask(Question(("gen",), ("G",), ("2026-05",), scope="own"), SYSTEM).rows
    assert (row.reported, row.expected) == (4, 4 * 31)


@pytest.mark.usefixtures("shared")
def test_shares_follow_the_rules_of_the_indicator():
    # weighted with generation × share; first × share of its day; the greatest is whole; a month by its days
    assert value("price", "own", "P1") == "345.95"  # (300·60 + 400·51.0051) / 111.0051
    assert value("opening", "own", "P1") == "600"
    assert value("opening", "own", "P1", "2026-05-16") == "255"
    assert value("peak", "own", "P1") == "580.5"
    assert value("staff", "own", "P1") == "172"  # 310 · (15 · 60 % + 16 · 51 %) / 31
    assert value("revenue", "own", "P1") == "38402.04"  # 30000·0.6 + 40004·0.51


@pytest.mark.usefixtures("shared")
def test_a_weighted_figure_whose_formula_changed_counts_each_day_by_its_own():
    rules = {"unit": "元/MWh", "precision": 2, "grain": "day", "level": "unit", "over_time": "mean", "weight": "gen"}
    words = {"name_zh": "dear", "name_en": "dear", "over_organisations": "weighted"}
    earlier = written([Earlier(date(2026, 5, 15), "price * 2")])
    Indicator.objects.create(code="dear", formula="price", earlier=earlier, **rules, **words)
    # (2 · 300 · 60 + 400 · 51.0051) / 111.0051
    assert value("dear", "own", "P1") == "508.10"


@pytest.mark.usefixtures("shared")
def test_capacity_counts_with_its_share():
    # 900 MW: 15 days with 60 %, 16 with 51 %; both numerator and denominator are shared
    assert value("hours", "own", "P1", "2026-05-16") == "0.11"
    explained = explain(Question(("hours",), ("P1",), ("2026-05",), scope="own"), SYSTEM)["rows"][0]
    assert explained["scope"]["code"] == "own"
    assert explained["value"] == "0.22"  # 111.0051 / 498.1935


@pytest.mark.usefixtures("shared")
def test_conditions_exceptions_and_other_scopes():
    defined(
        """
- {code: coal, name: {zh: 煤, en: Coal}, count: [{fuel: [燃煤]}]}
- {code: west, name: {zh: 西, en: West}, count: [{organisations: R2, share: 50%}]}
- {code: both, name: {zh: 合, en: Both}, count: [{scope: west}, {scope: own, organisations: [P2]}]}
- {code: others, name: {zh: 其他, en: Others}, count: [all], except: [{scope: coal}, {organisations: [P3U1]}]}
- {code: units, name: {zh: 机, en: Units}, count: [{kind: plant}], levels: [group, region]}
"""
    )
    assert value("gen", "coal") == "200.01"
    assert value("gen", "west") == "3.50"
    assert value("gen", "both") == "6.83"
    assert value("gen", "others") == "10.00"
    assert value("gen", "units") == "217.01"
    rows = ask(Question(("gen",), ("R1",), ("2026-05",), by="children", scope="units"), SYSTEM).rows
    assert rows == []  # plants are not shown by it
    with pytest.raises(NotShown, match="P1"):
        value("gen", "units", "P1")


@pytest.mark.usefixtures("shared")
def test_versions_hold_on_their_days():
    defined(
        """
- code: turns
  name: {zh: 变, en: Turns}
  versions:
    - {valid_from: 2026-05-16, count: [{fuel: [wind]}]}
    - {valid_from: 2026-01-01, count: [{fuel: [coal], share: 10%}]}
"""
    )
    assert value("gen", "turns") == "20.00"
    assert value("gen", "turns", structure="now") == "10.00"
    assert value("gen", "turns", period="2025") is None


def test_new_plants_are_out_of_both_sides_of_a_comparison(world, tmp_path: Path):
    path = tmp_path / "new.csv"
    path.write_text(
        "code,name_zh,name_en,kind,parent,valid_from,commissioned\nP4,丁电厂,Delta,plant,R2,2025-03-01,\n"
        "P4U1,丁1,Delta 1,unit,P4,2025-03-01,\nP3U1,丙厂1号机,Gamma 1,unit,P3,2020-01-01,2026-02-10\n",
        "utf-8",
    )
    assert not load_organisations(path).problems
    world(
        *(f"{unit},gen,{day},actual,{number}" for unit, number in (("P2U1", 1), ("P3U1", 10), ("P4U1", 100))
          for day in ("2025-04-01", "2026-04-01"))
    )  # fmt: skip
    for rule in ("in", "period", "year", "last-year"):
        defined(f"- {{code: {rule}, name: {{zh: {rule}, en: {rule}}}, count: [all], new_plants: {rule}}}")
    found = {}
    for rule in ("in", "period", "year", "last-year"):
        [row] = ask(Question(("gen",), ("G",), ("2026-04",), compare="year-ago", scope=rule), SYSTEM).rows
        found[rule] = row.value, row.compare and row.compare.value
    assert found == {
        "in": ("111.00", "111.00"),
        "period": ("111.00", "111.00"),
        "year": ("101.00", "101.00"),
        "last-year": ("1.00", "1.00"),
    }
    both = ask(Question(("gen",), ("G",), ("2025-04", "2026-04"), scope="year"), SYSTEM).rows
    assert [row.value for row in both] == ["1.00", "101.00"]  # in 2025 both were new, one of them still to come


@pytest.mark.usefixtures("shared")
def test_a_scope_shows_nobody_more_than_they_see():
    defined("- {code: wide, name: {zh: 全, en: Wide}, count: [{organisations: [G]}]}")
    defined("- {code: theirs, name: {zh: 别, en: Theirs}, count: [{organisations: [P3]}]}")
    clerk = make_user("clerk", "P2")
    with acting_as(clerk) as scope:
        for code in ("wide", "own", "theirs"):
            with pytest.raises(NotVisible):
                ask(Question(("gen",), ("G",), ("2026-05",), scope=code), scope)
        [row] = ask(Question(("gen",), ("P2",), ("2026-05",), scope="wide"), scope).rows
        assert row.value == "10.00"
        [row] = ask(Question(("gen",), ("P2",), ("2026-05",), scope="theirs"), scope).rows
        assert (row.value, row.expected) == (None, 0)
        told = repr(explain(Question(("gen",), ("P2",), ("2026-05",), scope="theirs"), scope))
        assert "P3" not in told
    former = make_user("former", "R1")
    with acting_as(former) as scope:
        [row] = ask(Question(("gen",), ("R1",), ("2026",), scope="wide"), scope).rows
        assert row.value == "210.01"


@pytest.mark.usefixtures("shared")
def test_what_is_wrong_is_told_with_its_place_and_nothing_applies():
    faults = {
        "- {code: a, name: {zh: 甲, en: A}, count: [{scope: a}]}": ("line 1", "a → a"),
        "- {code: a, name: {zh: 甲, en: A}, count: [{scope: b}]}\n"
        "- {code: b, name: {zh: 乙, en: B}, count: [{scope: a}]}": (
            "line 2",
            "a → b → a",
        ),
        "- {code: own, name: {zh: 甲, en: A}, count: [{scope: later}]}\n"
        "- {code: later, name: {zh: 乙, en: B}, count: [all], except: [{scope: own}]}": ("own → later → own",),
        "- {code: a, name: {zh: 甲, en: A}, count: [{organisations: [P1, P77]}]}": ("line 1, column 64", "P77"),
        "- {code: a, name: {zh: 甲, en: A}, count: [{organisations: [P1]}, {fuel: coal, share: 60%}]}": ("P1", "160"),
        "- {code: a, name: {zh: 甲, en: A}, count: [{share: 120%}]}": ("line 1, column 51", "100 %"),
        "- {code: a, name: {zh: 甲, en: A}, count: [{share: fuel}]}": ("ownership",),
        "- {code: a, name: {zh: 甲, en: A}, count: [{fuel: cole}]}": ("Did you mean “coal”?",),
        "- {code: a, name: {zh: 甲, en: A}, count: [{fule: coal}]}": ("Did you mean “fuel”?",),
        "- {code: a, name: {zh: 甲, en: A}, count: [{scope: ow}]}": ("Did you mean “own”?",),
        "- {code: a, name: {zh: 甲, en: A}, count: []}": ("at least one part",),
        "- code: a\n  name: {zh: 甲, en: A}\n  versions:\n"
        "    - {valid_from: 2026-01-01, valid_to: 2026-03-31, count: [all]}\n"
        "    - {valid_from: 2026-03-31, count: [all]}": ("line 5", "same days"),
    }
    for text, words in faults.items():
        told = refused(text)
        assert all(word in told for word in words), told
    with pytest.raises(UnknownScope, match="own"):
        value("gen", "owm")


@pytest.mark.usefixtures("shared")
def test_a_table_says_the_same_as_yaml(tmp_path: Path):
    path = tmp_path / "scopes.csv"
    path.write_text(
        "code,name_zh,name_en,valid_from,part,organisations,fuel,share,new_plants\n"
        "t,表,Table,,count,R1;R2,coal,ownership,in\nt,,,,except,P1U2,,,\nt,,,2027-01-01,count,,,50%,\n",
        "utf-8",
    )
    defined_ = load_scopes(path)
    assert not defined_.problems, [str(one) for one in defined_.problems]
    row = StatisticalScope.objects.get(code="t")
    assert [one["valid_from"] for one in row.versions] == [None, "2027-01-01"]
    assert value("gen", "t") == "111.01"
    path.write_text("code,name_zh,name_en,part,fuel\nt,表,Table,count,coul\n", "utf-8")
    assert str(load_scopes(path).problems[0]).startswith("line 2, column 5")


@pytest.mark.usefixtures("shared")
def test_the_adjustment_of_a_closed_month_counts_with_the_share_of_the_month(world):
    Indicator.objects.create(
        code="gen_month", name_zh="月报", name_en="settled", unit="MWh", precision=0, grain="month", level="plant",
        over_time="sum", over_organisations="sum", settles="gen",
    )  # fmt: skip
    world("P1,gen_month,2026-05,actual,231")
    gen, group = Indicator.objects.get(code="gen"), Organisation.objects.get(code="G")
    close_month(gen, group, Period.parse("2026-05"), reason="report", by=None)
    # 60 + 51.0051 of the days, and 30.99 · (15 · 60 % + 16 · 51 %) / 31 of the adjustment
    assert value("gen", "own", "P1") == "128.16"
    [row] = ask(Question(("gen",), ("P1",), ("2026-05",), scope="own"), SYSTEM).rows
    assert row.settled and row.settled.as_json() == {"months": 1, "adjustment": "17.15"}
