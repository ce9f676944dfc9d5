"""`gangmu load curves`: points that stand, daily figures that enter with them, and what is refused where."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction

from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.curves.defining import load_curve_indicators
from gangmu.figures.curves.loading import load_curves
from gangmu.figures.curves.models import Curve, CurveDay
from gangmu.figures.curves.points import LABELS
from gangmu.figures.curves.tests.conftest import LONG, WIDE, Load, wide
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Batch, Fact, Scenario
from gangmu.figures.filing.services.closing import close_month
from gangmu.figures.filing.staging import decimal_text
from gangmu.figures.indicators.decimals import EarlierPrecision, written_precisions
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.shell.testing.worlds import World

DAY = "2026-11-19"
FLAT = [10] * 96
RAMP = list(range(1, 97))  # energy 1164, mean 48.5


def standing() -> dict[tuple[str, str, str], str]:
    facts = Fact.objects.filter(superseded_by=None).select_related("organisation", "indicator")
    return {
        (one.organisation.code, one.indicator.code, str(one.period)): decimal_text(one.value, one.indicator.scale)
        for one in facts
    }


def points(organisation: str = "P1", day: str = DAY, indicator: str = "output") -> list[int | None]:
    return CurveDay.objects.get(
        organisation__code=organisation, day=day, indicator__indicator__code=indicator, superseded_by=None
    ).points


def told(result) -> str:
    return "\n".join(map(str, result.problems))


def long(day: str, values: list, organisation: str = "P1") -> list[str]:
    return [
        f"{organisation},output,{day},{time},{value}"
        for time, value in zip(LABELS, values, strict=True)
        if value is not None
    ]


def value(indicator: str, organisation: str, period: str) -> str | None:
    (row,) = ask(Question((indicator,), (organisation,), (period,)), SYSTEM).rows
    return row.value


def test_a_day_of_power_gives_its_daily_figures_at_once(load: Load):
    result = load(wide("P1", DAY, RAMP), wide("P2", DAY, FLAT))
    assert (result.recorded, result.figures, result.rejected) == (2, 8, 0)
    batch = Batch.objects.get(pk=result.batch_id)
    assert (batch.kind, batch.facts_count) == ("import", 8)
    assert (
        {one.batch_id for one in CurveDay.objects.all()} == {one.batch_id for one in Fact.objects.all()} == {batch.pk}
    )
    assert standing() == {
        ("P1", "output", DAY): "1164.0000", ("P1", "peak", DAY): "96.0", ("P1", "valley", DAY): "1.0",
        ("P1", "load", DAY): "48.50", ("P2", "output", DAY): "240.0000", ("P2", "peak", DAY): "10.0",
        ("P2", "valley", DAY): "10.0", ("P2", "load", DAY): "10.00",
    }  # fmt: skip
    assert value("output", "G", "2026-11") == "1404.0000"
    assert value("load", "G", DAY) == "58.50"


def test_a_day_of_energy_is_added_up_in_the_unit_of_its_indicator(load: Load):
    load(wide("P1", DAY, [12.5] * 96, "cleared"))
    assert standing() == {("P1", "cleared", DAY): "120.000"}  # 1200 MWh in 万kWh


def test_a_curve_that_misses_points_gives_no_figure_until_they_come(load: Load):
    missing = [*RAMP[:40], None, None, *RAMP[42:]]
    result = load(wide("P1", DAY, missing))
    assert (result.recorded, result.figures, result.incomplete) == (1, 0, 1)
    assert "miss points" in str(result)
    assert standing() == {}
    assert points()[40:42] == [None, None]
    result = load(f"P1,output,{DAY},10:15,41", f"P1,output,{DAY},10:30,42", header=LONG)
    assert (result.recorded, result.corrected, result.figures, result.incomplete) == (1, 0, 4, 0)
    assert standing()["P1", "output", DAY] == "1164.0000"
    assert CurveDay.objects.count() == 2  # the revision before stays


def test_a_long_file_says_the_same_as_a_wide_one(load: Load):
    load(*long(DAY, RAMP), header=LONG)
    assert points() == [100 * one for one in RAMP]
    assert load(wide("P1", DAY, RAMP)).unchanged == 1
    assert load(wide("P1", DAY, RAMP)).batch_id is None


def test_points_may_be_numbered_or_stamped_with_their_moment(load: Load):
    load(*(f"P1,output,{DAY},{point},{value}" for point, value in enumerate(RAMP, 1)),
         header="organisation,indicator,date,period,value")  # fmt: skip
    stamps = [f"P2,output,{DAY} {time},{value}" for time, value in zip(LABELS[:-1], RAMP, strict=False)]
    load(*stamps, "P2,output,2026-11-20 00:00,96", header="organisation,indicator,timestamp,value")
    assert points("P1") == points("P2") == [100 * one for one in RAMP]


def test_times_may_name_the_beginning_of_their_quarter(load: Load):
    header = "organisation,indicator,date," + ",".join(["00:00", *LABELS[:-1]])
    load(wide("P1", DAY, RAMP), header=header, labels="start")
    assert points() == [100 * one for one in RAMP]
    with pytest.raises(Unreadable, match="--times start"):
        load(wide("P2", DAY, RAMP), header=header)


def test_another_value_needs_a_correction_with_its_reason(load: Load):
    load(wide("P1", DAY, RAMP))
    result = load(wide("P1", DAY, [*RAMP[:95], 100]))
    assert told(result) == ("line 2, 96: point 96 (24:00) holds 96.00 already; use --correct REASON to replace it")
    assert standing()["P1", "output", DAY] == "1164.0000"
    result = load(wide("P1", DAY, [*RAMP[:95], 100]), correct="meter read again")
    assert (result.corrected, result.figures) == (1, 3)  # the lowest stays
    batch = Batch.objects.get(pk=result.batch_id)
    assert (batch.kind, batch.reason) == ("correction", "meter read again")
    assert standing()["P1", "output", DAY] == "1165.0000"
    assert standing()["P1", "peak", DAY] == "100.0"
    before = CurveDay.objects.exclude(superseded_by=None).get()
    assert (before.points[95], before.superseded_by_id) == (9600, batch.pk)
    assert value("output", "G", "2026-11") == "1165.0000"


def test_faulty_lines_come_back_and_good_ones_enter(load: Load, tmp_path: Path):
    good = wide("P2", DAY, FLAT)
    result = load(
        wide("P1", DAY, ["NaN", *FLAT[1:]]),
        wide("P1", "2026-11-18", [*FLAT[:2], "1.234", *FLAT[3:]]),
        wide("P1", "2026-02-30", FLAT),
        wide("P9", DAY, FLAT),
        wide("P1", "2026-11-17", FLAT, "peak"),
        wide("P1", "2026-11-16", [None] * 96),
        wide("P1", "2019-12-31", FLAT),
        good,
    )
    assert (result.recorded, result.rejected) == (1, 7)
    lines = told(result).splitlines()
    assert lines[0] == "line 2, 1: “NaN” is not a number such as 1234.5"
    assert lines[1].startswith("line 3, 3: “1.234” has more decimals than the 2")
    assert lines[2].startswith("line 4, date: ")
    assert lines[3].startswith("line 5, organisation: “P9” is not known.")
    assert lines[4].startswith("line 6, indicator: “peak” has no curve")
    assert lines[5] == "line 7: has no value in any of its 96 points"
    assert lines[6].startswith("line 8, date: P1 did not exist on 2019-12-31")
    with (tmp_path / "curves.rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["line"] for row in rows] == ["2", "3", "4", "5", "6", "7", "8"]
    assert (rows[0]["1"], rows[0]["96"], rows[0]["column"]) == ("NaN", "10", "1")
    assert rows[0]["reason"].startswith("“NaN”")


def test_what_is_wrong_with_a_point_is_told_with_its_place(load: Load):
    lines = {
        f"P1,output,{DAY},00:00,1": "time: 00:00 beside a date",
        f"P1,output,{DAY},24:15,1": "time: “24:15” is no time of a business day",
        f"P1,output,{DAY},00:07,1": "time: “00:07” is no quarter",
        f"P1,output,{DAY},12:00,one": "value: “one” is not a number",
        f"P1,output,{DAY},12:00,１２": "value: “１２” has full-width",
        f"P1,output,{DAY},12:00": "value: has 4 fields where the first line names 5",
    }
    result = load(*lines, f"P2,output,{DAY},12:00,1", header=LONG)
    for number, (problem, said) in enumerate(zip(result.problems, lines.values(), strict=True), 2):
        assert str(problem).startswith(f"line {number}, {said}")
    assert (result.recorded, result.rejected) == (1, 6)


def test_a_day_has_the_points_1_to_96(load: Load):
    lines = [f"P1,output,{DAY},{point},1" for point in ("0", "97", "-1", "1.5", "９", "")]
    result = load(*lines, header="organisation,indicator,date,period,value")
    assert told(result).count("a business day has the points 1 (00:15) to 96 (24:00)") == len(lines)


def test_a_moment_that_comes_twice_is_refused_where_it_differs(load: Load):
    """As clocks that are put back write them."""
    result = load(f"P1,output,{DAY},02:15,1", f"P1,output,{DAY},02:15,1.0", f"P1,output,{DAY},02:15,2", header=LONG)
    assert told(result) == "line 4, value: gives another value for point 9 (02:15) than line 2; keep one of the two"
    assert points()[8] == 100


def test_a_table_that_is_no_table_of_points_is_refused_whole(load: Load):
    headers = {
        WIDE.replace(",96", ""): "95 columns of points where a day has 96; missing: 24:00",
        f"{WIDE},97": "“97” is no point",
        WIDE.replace(",96", ",95"): "point 95 (23:45) has two columns",
        f"{WIDE},note": "column “note”: “note” is no time of a point",
        "organisation,indicator,date,value": "say which point a value is for",
        "organisation,indicator,date,time,period,value": "say which point a value is for",
        "organisation,date,time,value": "missing columns: indicator",
    }
    for header, said in headers.items():
        with pytest.raises(Unreadable) as refused:
            load("P1", header=header)
        assert said in str(refused.value)


def test_units_are_not_mixed(load: Load):
    header = f"{LONG},unit"
    result = load(f"P1,output,{DAY},12:00,1,MWh", f"P1,output,{DAY},12:15,1,MW", header=header)
    assert told(result).startswith("line 2, unit: the points of output are in MW; MW and MWh are not mixed")
    result = load_curve_indicators("- {indicator: output, unit: MWh, precision: 2}\n")
    assert "curves of output stand already, in MW" in told(result)
    with pytest.raises(IntegrityError), transaction.atomic():
        Curve.objects.filter(indicator__code="output").update(unit="MWh")


def test_a_curve_above_or_below_another_would_count_twice(load: Load):
    load(wide("P1", DAY, FLAT))
    result = load(wide("R2", DAY, FLAT), wide("R1", DAY, FLAT), wide("P2", DAY, FLAT))
    assert told(result).splitlines() == [
        "line 2, organisation: P1, above or below it, has a curve for this already; it would count twice",
        "line 4, organisation: line 3 gives a curve of an organisation above or below it; it would count twice",
    ]
    assert result.recorded == 1


def test_a_curve_that_is_refused_stands_in_nobodys_way(load: Load, tmp_path: Path):
    path = tmp_path / "facts.csv"
    path.write_text(f"organisation,indicator,period,value\nP3,output,{DAY},7\n", "utf-8")
    assert not load_facts(path).problems
    result = load(wide("G", DAY, FLAT), wide("R1", DAY, FLAT), wide("P2", DAY, FLAT))
    lines = told(result).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["line 2, organisation", "line 4, organisation"]
    assert "P3, above or below it, has a fact for this already" in lines[0]
    assert "line 3 gives a curve of an organisation above or below it" in lines[1]
    assert result.recorded == 1


def test_a_figure_that_stands_otherwise_refuses_the_curve_with_it(load: Load, tmp_path: Path):
    path = tmp_path / "facts.csv"
    path.write_text(f"organisation,indicator,period,value\nP1,output,{DAY},1000\nP2U1,output,{DAY},7\n", "utf-8")
    assert not load_facts(path).problems
    result = load(wide("P1", DAY, RAMP), wide("P2", DAY, FLAT), wide("P3", DAY, FLAT))
    assert told(result).splitlines() == [
        "line 2, value: its daily figure: the cell holds 1000.0000 already; use --correct REASON to replace it",
        "line 3, organisation: its daily figure: P2U1, above or below it, has a fact for this already; it would count "
        "twice",
    ]
    assert not CurveDay.objects.filter(organisation__code__in=("P1", "P2")).exists()
    assert load(wide("P1", DAY, RAMP), correct="integrated").recorded == 1
    assert standing()["P1", "output", DAY] == "1164.0000"


def test_a_closed_month_takes_no_point(load: Load):
    Indicator.objects.create(
        code="settled", name_zh="月报数", name_en="Settled", unit="MWh", precision=4, grain="month", level="plant",
        over_time="sum", over_organisations="sum", settles="output",
    )  # fmt: skip
    load(wide("P1", "2026-10-31", [None, *RAMP[1:]]), wide("P1", "2026-10-30", RAMP))
    settle_month("P1", "2026-10")
    result = load(wide("P1", "2026-10-31", RAMP), wide("P1", "2026-11-01", RAMP))
    assert told(result).startswith("line 2, date: 2026-10 is closed for output at R2; nothing was changed.")
    assert result.recorded == 1
    assert load(wide("P1", "2026-10-30", RAMP)).unchanged == 1
    with pytest.raises(IntegrityError, match="a closed month stands still"), transaction.atomic():
        one = CurveDay.objects.get(day="2026-10-31")
        CurveDay.objects.create(
            indicator=one.indicator, scenario=one.scenario, organisation=one.organisation, day=date(2026, 10, 29),
            batch=one.batch, points=one.points, state=5,
        )  # fmt: skip


def settle_month(organisation: str, month: str) -> None:
    period, place = Period.parse(month), Organisation.objects.get(code=organisation)
    settled, output = (Indicator.objects.get(code=code) for code in ("settled", "output"))
    batch = Batch.objects.create(kind="import", key="settled", recorded_at=clock.now())
    Fact.objects.create(
        indicator=settled, scenario=Scenario.objects.get(code="actual"), organisation=place, period=period.start,
        batch=batch, value=1, state=5,
    )  # fmt: skip
    region = Organisation.objects.get(code="R2")
    close_month(output, region, period, reason="month report", by=None)


def test_a_plan_has_curves_of_its_own(load: Load):
    header = WIDE.replace("date,", "date,scenario,")
    line = wide("P1", DAY, FLAT).replace(f"{DAY},", f"{DAY},plan-2026,", 1)
    load(line, wide("P1", DAY, RAMP).replace(f"{DAY},", f"{DAY},,", 1), header=header)
    (row,) = ask(Question(("output",), ("P1",), (DAY,), scenario="plan-2026"), SYSTEM).rows
    assert (row.value, value("output", "P1", DAY)) == ("240.0000", "1164.0000")


def test_a_workbook_is_read_as_people_make_it(world: World, tmp_path: Path):
    from datetime import datetime, time

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["机构", "指标", "日期", *(time(n // 4, n % 4 * 15) for n in range(1, 96)), "24:00"])
    sheet.append(["P1", "output", datetime(2026, 11, 19), *(one / 4 for one in RAMP)])
    sheet.append(["P2", "output", "2026-11-19", *FLAT[:95], "=1+1"])
    path = tmp_path / "day.xlsx"
    book.save(path)
    result = load_curves(path)
    assert told(result) == "line 3, 24:00: is a formula; write its value"
    assert points() == [25 * one for one in RAMP]
    assert result.rejected_file is not None
    assert result.rejected_file.name == "day.xlsx.rejected.csv"


def test_a_figure_that_a_curve_is_given_later_is_made_when_it_is_handed_in_again(load: Load):
    load(wide("P1", DAY, FLAT, "cleared"))
    Indicator.objects.create(
        code="top", name_zh="最大出清", name_en="Top", unit="MW", precision=1, level="plant", over_time="max",
        over_organisations="none",
    )  # fmt: skip
    assert not load_curve_indicators("- {indicator: cleared, unit: MWh, precision: 1, highest: top}\n").problems
    result = load(wide("P1", DAY, FLAT, "cleared"))
    assert (result.unchanged, result.figures) == (1, 1)
    assert standing()["P1", "top", DAY] == "40.0"


def test_a_curve_that_could_not_become_figures_is_not_defined(world: World):
    Indicator.objects.create(
        code="whole", name_zh="合成", name_en="Whole", unit="MWh", over_time="sum", over_organisations="sum",
        level="plant", split_by="trade", split_total="parts",
    )  # fmt: skip
    texts = {
        "- {indicator: nothing, unit: MW, precision: 1}": "“nothing” is not known.",
        "- {indicator: whole, unit: MW, precision: 1}": "whole is made of parts, or is one",
        "- {indicator: peak, unit: GW, precision: 1}": "unit is that of the points: MW or MWh.",
        "- {indicator: peak, unit: MW, precision: 7}": "precision is the decimals",
        "- {indicator: peak, unit: MW, precision: 1, hghest: peak}": "Did you mean “highest”?",
        "- {indicator: output, unit: MW, precision: 2, energy: cleared}": "output itself is the energy of the day",
        "- {indicator: output, unit: MW, precision: 2, mean: cleared}": "cleared is in 万kWh; the mean of a day is not",
        "- {indicator: load, unit: MW, precision: 2}": "load would come from two curves, of output and of load",
        "nothing": "this is a list",
    }
    for text, said in texts.items():
        assert said in told(load_curve_indicators(text + "\n"))
    assert Curve.objects.filter(indicator__source="local").count() == 2


def test_points_and_their_revisions_are_never_changed_by_the_product(load: Load):
    load(wide("P1", DAY, FLAT))
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('gangmu_system', 'curves_curveday', 'DELETE'),"
                       " has_column_privilege('gangmu_system', 'curves_curveday', 'points', 'UPDATE'),"
                       " has_table_privilege('gangmu_web', 'curves_curveday', 'INSERT')")  # fmt: skip
        assert cursor.fetchone() == (False, False, False)


def test_daily_figures_have_the_decimals_of_their_day(load: Load):
    output = Indicator.objects.get(code="output")
    output.precisions = written_precisions([EarlierPrecision(date(2026, 11, 18), 0)])
    output.save()
    load(wide("P1", "2026-11-18", ["0.01", *FLAT[1:]]), wide("P1", DAY, ["0.01", *FLAT[1:]]))
    assert (value("output", "P1", "2026-11-18"), value("output", "P1", DAY)) == ("238", "237.5025")


def test_large_numbers_are_exact(load: Load):
    load(wide("P1", DAY, ["123456789.01"] * 96))
    assert Decimal(standing()["P1", "output", DAY]) == Decimal("123456789.01") * 24
    result = load(wide("P2", DAY, ["9999999999999.99"] * 96))
    assert "larger than anything that can be recorded" in told(result)
