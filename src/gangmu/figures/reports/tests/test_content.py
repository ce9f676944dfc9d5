"""What a report says: the gateway's figures, in both languages, kept and told again exactly."""

import json
from decimal import Decimal

import pytest
from django.utils import translation

from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.reports import definitions, showing
from gangmu.figures.reports.building import build, spans
from gangmu.figures.reports.content import Cell, content_of
from gangmu.figures.reports.queries import differences
from gangmu.figures.reports.tests.conftest import LAST, at_state, load
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period


def test_the_shipped_reports_name_indicators_that_exist_or_are_awaited(db):
    from gangmu.figures.indicators.models import Indicator

    known = set(Indicator.objects.values_list("code", flat=True))
    for one in definitions.reports():
        assert one.indicators - one.awaited <= known, one.indicators - one.awaited - known
        assert not (one.awaited & known), "what has come is no longer awaited"


def test_every_figure_is_the_gateway_s(world, daily, group):
    content = build(daily, group, LAST, SYSTEM)
    cells = [cell for _block, _line, cell in content.cells() if cell.indicator]
    assert len(cells) > 50
    for cell in cells:
        question = Question((cell.indicator,), (cell.organisation,), (cell.period,), cell.by or None, "year-ago")
        row = next(row for row in ask(question, SYSTEM).rows if row.group == cell.group)
        assert (cell.value, cell.unit, cell.state) == (row.value, row.unit, row.state), cell
        assert (cell.reported, cell.expected) == (row.reported, row.expected), cell
        if cell.base is not None:
            assert row.compare is not None
            assert (cell.base, cell.change, cell.rate) == (row.compare.value, row.compare.change, row.compare.rate)


@pytest.mark.req("M-7.2.9")
def test_day_month_and_year_stand_beside_each_other_with_three_year_on_years(world, daily, group):
    content = build(daily, group, LAST, SYSTEM)
    table = content.block("table")
    assert table is not None and [head.en for head in table.heads] == ["Day", "Month to date", "Year to date"]
    generation = next(line for line in table.lines if line.label.en == "Generation")
    day, month, year = generation.cells
    assert day and month and year
    assert [cell.value for cell in (day, month, year)] == ["10400.5", "58301.5", "58301.5"]
    assert day.rate_text == "\u221248.4%"  # 10400.5 against 20160.0
    assert month.base == year.base == "20160.0" and month.rate_text == "+189.2%"
    assert (day.reported, day.expected) == (3, 4)


def test_sections_that_nobody_files_are_left_out(world, daily, group):
    codes = {section.code for section in build(daily, group, LAST, SYSTEM).sections}
    assert {"summary", "main", "units", "coal", "curtailment", "filing"} <= codes
    assert not codes & {"reservoirs", "heat", "spot"}
    beta = Organisation.objects.get(code="P2")
    codes = {section.code for section in build(daily, beta, LAST, SYSTEM).sections}
    assert "coal" not in codes and "curtailment" in codes and "regions" not in codes


def test_who_has_filed_and_who_has_approved_is_counted(world, daily, group):
    standing = build(daily, group, LAST, SYSTEM).standing
    assert (standing.expected, standing.missing, standing.group, standing.provisional) == (3, 1, 2, 0)
    assert [name.en for name in standing.late] == ["Plant Gamma"] and not standing.is_final
    at_state(2, LAST.code, "P1U2")
    standing = build(daily, group, LAST, SYSTEM).standing
    assert (standing.missing, standing.plant, standing.group) == (1, 1, 1)  # the lowest of a plant's figures counts


def test_a_unit_is_written_by_moving_the_point_alone(world, daily, group):
    content = build(daily, group, LAST, SYSTEM)
    cell = content.cell("generation")
    assert cell is not None
    with translation.override("zh-hans"):
        assert (content.shown(cell), content.unit("MWh").name) == ("1,040.05", "万kWh")
    with translation.override("en"):
        assert (content.shown(cell), content.unit("MWh").name) == ("10.4005", "GWh")
        assert content.decimal(Cell("0.3", "MWh")) == Decimal("0.0003")
        assert content.shown(Cell(None, "MWh")) == "–"


def test_a_content_that_was_kept_says_the_same(world, daily, group):
    content = build(daily, group, LAST, SYSTEM)
    again = content_of(json.loads(json.dumps(content.as_json())))
    assert again == content
    assert again.digest == content.digest
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert showing.shown_sections(again) == showing.shown_sections(content)


def test_the_digest_is_that_of_figures_and_states_not_of_the_hour(world, daily, group, tmp_path):
    from gangmu.foundation.settings import clock

    content = build(daily, group, LAST, SYSTEM)
    with clock.frozen("2026-11-20T11:00+08:00"):
        later = build(daily, group, LAST, SYSTEM)
    assert later.made_at != content.made_at and later.digest == content.digest
    at_state(1, LAST.code, "P2U1")
    lowered = build(daily, group, LAST, SYSTEM)
    assert lowered.digest != content.digest
    told = differences(content, lowered)
    assert told and all(one.before and one.after and one.before.value == one.after.value for one in told)
    load(tmp_path, [("P3U1", "generation", LAST.code, "12200.0")])
    moved = {
        (one.after.indicator, one.after.organisation, one.after.group): (
            one.before and one.before.value,
            one.after.value,
        )
        for one in differences(lowered, build(daily, group, LAST, SYSTEM))
        if one.after and one.after.period == LAST.code
    }
    assert moved["generation", "G", None] == ("10400.5", "22600.5")
    assert moved["generation", "G", "R2"] == ("10200.5", "22400.5")


def test_a_cell_is_marked_until_the_group_approves(world, daily, group):
    at_state(3, LAST.code)
    cell = build(daily, group, LAST, SYSTEM).cell("generation")
    assert cell is not None and cell.is_provisional and not cell.is_complete
    at_state(4, LAST.code)
    cell = build(daily, group, LAST, SYSTEM).cell("generation")
    assert cell is not None and not cell.is_provisional


def test_a_change_too_small_to_be_told_has_neither_sign_nor_arrow():
    same = Cell("100", "t", change="-0.01", rate="-0.000100")
    assert (same.rate_text, same.moved) == ("0.0%", "")
    assert (Cell("100", "t", change="-1", rate="-0.010000").rate_text) == "\u22121.0%"
    points = Cell("5.00", "%", change="0.00", rate="0.000000")
    with translation.override("en"):
        assert (points.rate_text, points.moved) == ("0.00 points", "")


def test_columns_follow_the_kind_of_period():
    def heads(code: str) -> list[tuple[str, str]]:
        return [(period.code, words.en) for period, words in spans(Period.parse(code))]

    assert heads("2026-11") == [("2026-11", "Month"), ("2026-01-01..2026-11-30", "Year to date")]
    assert [head for _code, head in heads("2026-W47")] == ["Week", "Month to date", "Year to date"]
    assert heads("2026") == [("2026", "Year")]
    assert heads("2026-01-01")[1:] == [
        ("2026-01-01..2026-01-01", "Month to date"),
        ("2026-01-01..2026-01-01", "Year to date"),
    ]
