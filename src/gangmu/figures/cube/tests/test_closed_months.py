"""Closed months: a settled value answers for its month and every longer period, days keep their own."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from gangmu.figures.cube import services
from gangmu.figures.cube.check import check
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.settled import ADJUSTMENT
from gangmu.figures.cube.storage import writing
from gangmu.figures.cube.tests.killing import killed_at
from gangmu.figures.filing.errors import NotReady
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Fact, MonthClosing
from gangmu.figures.filing.services.closing import close_month, reopen_month, standing_closing
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period

DAYS = (
    "P1U1,gen,2026-09-30,actual,5",
    "P1U1,gen,2026-10-01,actual,10",
    "P1U1,gen,2026-10-31,actual,20",
    "P1U2,gen,2026-10-02,actual,7",
    "P2U1,gen,2026-10-02,actual,4",
    "P1U1,gen,2026-11-01,actual,1",
)
OCTOBER = ("P1,gen_month,2026-10,actual,40.5", "P2,gen_month,2026-10,actual,3")


def settle(code: str = "gen", **more) -> None:
    Indicator.objects.create(
        **{
            "code": f"{code}_month",
            "name_zh": f"月报{code}",
            "name_en": f"settled {code}",
            "unit": "MWh",
            "precision": 1,
            "grain": "month",
            "level": "plant",
            "over_time": "sum",
            "over_organisations": "sum",
            "settles": code,
            **more,
        }
    )


def close(at: str, month: str = "2026-10", code: str = "gen") -> MonthClosing:
    return close_month(*named(at, month, code), reason="month report signed", by=None)


def named(at: str, month: str = "2026-10", code: str = "gen"):
    return Indicator.objects.get(code=code), Organisation.objects.get(code=at), Period.parse(month)


def row(at: str, period: str, code: str = "gen", **options) -> dict:
    (found,) = ask(Question((code,), (at,), (period,), **options), SYSTEM).as_json()["rows"]
    return found


def value(at: str, period: str, code: str = "gen", **options) -> str | None:
    return row(at, period, code, **options)["value"]


def test_settled_values_answer_for_their_month_and_longer_periods_and_days_keep_their_own(world):
    settle()
    world(*DAYS, *OCTOBER)
    assert value("G", "2026-10") == "41.00"
    close("G")
    assert value("G", "2026-10") == "43.50"
    assert value("P1", "2026-10") == "40.50"
    assert value("P1U1", "2026-10") == "30.00"  # no settled value of its own
    assert value("G", "2026-10-01") == "10.00"
    assert value("G", "2026-10-D1") == "21.00"
    assert value("G", "2026-10-01..2026-10-30") == "21.00"
    assert value("G", "2026-Q4") == "44.50"
    assert value("G", "2026") == "49.50"
    assert value("G", "2026-11-01", compare="to-date-year-ago") == "49.50"
    assert row("G", "2026-11-01", compare="to-date")["compare"]["value"] == "49.50"
    assert row("G", "2026-11", compare="previous")["compare"]["value"] == "43.50"
    assert row("G", "2027-10", compare="year-ago")["compare"]["value"] == "43.50"
    assert row("G", "2026-10")["settled"] == {"months": 2, "adjustment": "2.50"}
    assert "settled" not in row("G", "2026-10-01")
    children = ask(Question(("gen",), ("P1",), ("2026-10",), by="children"), SYSTEM).as_json()["rows"]
    assert [one["value"] for one in children] == ["30.00", "7.00"]
    assert check() == []


def test_a_settled_month_is_fully_covered(world):
    settle()
    world(*DAYS, *OCTOBER)
    assert row("P1", "2026-10")["coverage"] == {"reported": 3, "expected": 62}
    close("P1")
    assert row("P1", "2026-10")["coverage"] == {"reported": 62, "expected": 62}
    assert row("P1", "2026-Q4")["coverage"] == {"reported": 63, "expected": 2 * 92}
    assert row("P1", "2026-10")["state"] == "locked"


def test_only_below_where_it_was_closed(world):
    settle()
    world(*DAYS, *OCTOBER)
    close("P1")
    assert (value("P1", "2026-10"), value("P2", "2026-10"), value("G", "2026-10")) == ("40.50", "4.00", "44.50")
    assert row("G", "2026-10")["settled"] == {"months": 1, "adjustment": "3.50"}
    assert check() == []


def test_a_plant_that_only_ever_settled_months(world):
    settle()
    world("P1,gen_month,2026-10,actual,12")
    assert value("P1", "2026-10") is None
    close("P1")
    assert value("P1", "2026-10") == "12.00" and value("G", "2026") == "12.00"
    assert row("G", "2026-10")["state"] == "locked"
    assert check() == []


def test_formulas_follow(world):
    settle()
    settle("aux")
    world(*DAYS, *OCTOBER, "P1U1,aux,2026-10-01,actual,1", "P1,aux_month,2026-10,actual,2")
    Indicator.objects.create(
        code="net", name_zh="净", name_en="net", unit="MWh", precision=2, grain="day", level="unit",
        over_time="sum", over_organisations="sum", formula="gen - aux",
    )  # fmt: skip
    close("G")
    close("G", code="aux")
    assert value("P1", "2026-10", "aux_rate") == "4.94"
    assert value("P1", "2026-10", "net") == "11.50"  # 9 on the day that has both, and the adjustments 3.5 - 1
    assert value("P1", "2026-10-01", "net") == "9.00"
    assert row("P1", "2026-10", "net")["settled"] == {"months": 2, "adjustment": "2.50"}
    assert value("G", "2026-10", "revenue") is None  # a product of days is none of months
    assert check() == []


def test_reopened_days_answer_again(world):
    settle()
    world(*DAYS, *OCTOBER)
    made = close("G")
    assert value("G", "2026-10") == "43.50"
    reopen_month(made, reason="meter read again", by=None)
    assert value("G", "2026-10") == "41.00" and "settled" not in row("G", "2026-10")
    with pytest.raises(NotReady, match="is open for gen"):
        reopen_month(made, reason="again", by=None)
    close("G")
    assert value("G", "2026-10") == "43.50"
    assert MonthClosing.objects.count() == 2
    assert check() == []


def test_a_closed_month_stands_still(world, tmp_path):
    settle()
    world(*DAYS, *OCTOBER)
    close("P1")
    path = tmp_path / "late.csv"
    lines = ("P1U1,gen,2026-10-01,,11", "P1,gen_month,2026-10,,41", "P1U1,gen,2026-10-09,,1", "P2U1,gen,2026-10-09,,1")
    path.write_text("organisation,indicator,period,scenario,value\n" + "\n".join(lines) + "\n", "utf-8")
    result = load_facts(path, correct="read again")
    assert [(one.line, one.column) for one in result.problems] == [(2, "period"), (3, "period"), (4, "period")]
    assert "2026-10 is closed for gen at P1" in result.problems[0].message
    assert "gangmu months reopen" in result.problems[0].message
    fact = Fact.objects.filter(indicator__code="gen", organisation__code="P1U1", period=date(2026, 10, 1)).get()
    with pytest.raises(IntegrityError, match="stands still"), transaction.atomic():
        Fact.objects.create(
            indicator_id=fact.indicator_id, scenario_id=fact.scenario_id, organisation_id=fact.organisation_id,
            period=date(2026, 10, 20), batch_id=fact.batch_id, value=1, state=5,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        MonthClosing.objects.update(reason="something else")
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        MonthClosing.objects.all().delete()
    reopen_month(standing_closing(*named("P1")), reason="read again", by=None)
    assert not world("P1U1,gen,2026-10-01,actual,11", correct="read again").problems
    close("P1")
    assert row("P1", "2026-10")["settled"] == {"months": 1, "adjustment": "2.50"}
    assert check() == []


@pytest.mark.parametrize(
    ("at", "month", "code", "said"),
    [
        ("P1", "2026-11", "gen", "2026-11 is not over"),
        ("P1", "2026", "gen", "2026 is no month"),
        ("P1", "2026-10", "aux", "Nothing settles aux"),
        ("P1", "2026-09", "gen", "no settled value of 2026-09 at or below P1"),
        ("P1", "2026-10", "gen", "1 figures of 2026-10 are not locked yet: P1U2 gen 2026-10-02"),
    ],
)
def test_what_cannot_be_closed(world, at, month, code, said):
    settle()
    world(*DAYS, *OCTOBER)
    if "locked" in said:
        Fact.objects.filter(organisation__code="P1U2", period=date(2026, 10, 2)).update(state=3)
    with pytest.raises(NotReady, match=said):
        close(at, month, code)


def test_closed_twice_or_reopened_below(world):
    settle()
    world(*DAYS, *OCTOBER)
    below = close("P1")
    close("G")
    assert row("G", "2026-10")["settled"] == {"months": 2, "adjustment": "2.50"}
    with pytest.raises(NotReady, match="closed for gen at G already"):
        close("P1")
    with pytest.raises(NotReady, match="closed for gen at G, above P1"):
        reopen_month(below, reason="x", by=None)
    with pytest.raises(NotReady, match="Say why"):
        reopen_month(standing_closing(*named("G")), reason=" ", by=None)
    with pytest.raises(NotReady, match="not closed for gen at P2 but at G"):
        raise_for = standing_closing(*named("P2"))
        assert raise_for is None


def test_a_unit_that_moves_takes_its_days_along_and_leaves_its_settled_month(world):
    """P1 moves from R1 to R2 on 1 June; the settled value of May belongs to R1."""
    settle()
    world("P1U1,gen,2026-05-31,actual,100", "P1,gen_month,2026-05,actual,90", "P1U1,gen,2026-06-01,actual,7")
    close("G", "2026-05")
    assert (value("R1", "2026-05"), value("R2", "2026-06")) == ("90.00", "7.00")
    assert (value("R2", "2026", structure="now"), value("R2", "2026")) == ("97.00", "7.00")
    assert check() == []


def test_rebuilt_and_folded_alike(world):
    settle()
    world(*DAYS, *OCTOBER)
    close("G")
    assert value("G", "2026-10") == "43.50"
    services.rebuild()
    assert value("G", "2026-10") == "43.50" and check() == []
    organisation = Organisation.objects.get(code="P1U2")
    with transaction.atomic():
        organisation.name_en = "another"
        organisation.save()
    assert value("G", "2026-10") == "43.50" and check() == []


@pytest.mark.parametrize("step", ["journal", "odd", "values", "position", "published", "even"])
def test_a_folder_killed_while_a_month_is_closed_is_repaired(world, step):
    settle()
    world(*DAYS, *OCTOBER)
    close("G")
    killed_at(step)
    assert value("G", "2026-10") == "43.50" and check() == []


def test_the_check_finds_a_wrong_adjustment(world):
    settle()
    world(*DAYS, *OCTOBER)
    close("G")
    assert check() == []
    gen = Indicator.objects.get(code="gen").pk
    with writing(services.store()) as writer:
        (key,) = [key for key in writer.entries if key[0] == ADJUSTMENT + gen]
        slab = writer.slab(key)
        assert slab is not None
        slab.value[slab.filled - 1, 0] += 1
    found = [str(one) for one in check()]
    assert any("closed months of gen" in one and "another value" in one for one in found)
    assert any("wrong running total" in one for one in found)
