"""The shipped home pages: whole and sound, fit for each kind of plant; and the tile of starts, stops and outages."""

from datetime import date, datetime, timedelta

import pytest

from gangmu.business.power import boards, content
from gangmu.business.power.content import composing
from gangmu.business.power.demonstration.events import make_events
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.outages import Happened, fetch
from gangmu.business.power.unit_days import Is
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.tiles.tests.conftest import STANDS_AT, world  # noqa: F401
from gangmu.figures.tiles.tests.test_home_pages import opened, tile
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.boards import tiles
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.clock import BUSINESS_ZONE

# What features name of home pages and daily figures can give; trading comes with its own figures.
NAMED = {
    "generation", "load_factor", "operating_rate", "utilisation_hours", "coal_days", "coal_stock", "coal_consumed",
    "on_grid_energy", "on_grid_price", "on_grid_revenue", "heat_supplied", "heat_price", "heat_sold",
    "heat_sold_price", "closing_storage", "closing_level", "inflow", "wind_curtailment_rate",
    "solar_curtailment_rate", "marginal_contribution", "cost_per_energy",
}  # fmt: skip


def indicators_of(options: dict) -> set[str]:
    named = {options["indicator"]} if "indicator" in options else set()
    named |= {*options.get("indicators", ()), *options.get("totals", ()), *options.get("states", ())}
    return named | {rule["indicator"] for rule in options.get("rules", ())}


def test_boards_name_only_what_there_is():
    shipped = composing.indicators_text()
    for board in boards.boards():
        assert set(board.kinds) <= {kind.code for kind in content.kinds()}
        for one in board.tiles:
            assert tiles.kind(one.kind)
            for code in indicators_of(dict(one.options)):
                assert f"code: {code}\n" in shipped or f"code: {code}," in shipped, (board.code, one.id, code)


def test_shown_tiles_stand_beside_each_other_and_inside_the_page():
    for board in boards.boards():
        taken: dict[tuple[int, int], str] = {}
        for one in board.tiles:
            assert one.x + one.w <= tiles.COLUMNS
            for place in ((x, y) for x in range(one.x, one.x + one.w) for y in range(one.y, one.y + one.h)):
                if one.shown:
                    assert taken.setdefault(place, one.id) == one.id, (board.code, one.id, taken[place])


@pytest.mark.req("M-7.2.1")
def test_the_group_s_page_holds_every_indicator_that_is_named():
    group = next(board for board in boards.boards() if board.code == "group")
    shown = [one for one in group.tiles if one.shown]
    assert {code for one in shown for code in indicators_of(dict(one.options))} >= NAMED
    held = {one.kind for one in shown}
    assert held >= {"figure", "trend", "mix", "bars", "gauge", "map", "ranking", "table", "plants", "warnings", "late",
                    "outages", "states"}  # fmt: skip
    assert {one.options.get("of") for one in shown if one.kind == "ranking"} == {None, "plants", "provinces"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


def event(unit: str, kind: str, when: str, cause: str = "", **more: object) -> None:
    UnitEvent.objects.create(
        organisation=Organisation.objects.get(code=unit), kind=kind, happened_at=at(when), cause=cause,
        recorded_at=clock.now(), **more,
    )  # fmt: skip


@pytest.fixture
def frozen(world):  # noqa: F811
    with clock.frozen(STANDS_AT):
        event("P1U1", "stop", "2026-11-19T03:00", "boiler")
        event("P1U2", "stop", "2026-11-01T00:00", "overhaul_c")
        event("P2U1", "stop", "2026-11-19T05:00", "dispatch")
        event("P2U1", "start", "2026-11-19T09:00")
        event("P3U1", "derate", "2026-11-18T08:00", "fuel_quality", available_mw=100)
        event("P3U1", "stop", "2026-11-18T09:00", "turbine", voided_at=clock.now(), void_reason="wrong unit")
        yield world


@pytest.mark.req("M-7.2.1")
def test_starts_stops_and_who_is_out_with_the_cause(frozen):
    shown = tile(opened(frozen.group), "outages")
    assert [text in shown for text in ("Boiler", "Overhaul C", "Quality of fuel", "Turbine")] == [
        True,
        True,
        True,
        False,
    ]
    assert shown.index("Boiler") < shown.index("Quality of fuel") < shown.index("Overhaul C")
    assert "3 units out or derated" in shown
    plants = tuple(Organisation.objects.filter(kind="plant").values_list("pk", flat=True))
    with acting_as(frozen.group) as scope:
        wanted = Happened(plants, "2026-11-19"), Happened(plants, "2026-11-18"), Happened(plants, "2026-10")
        day, before, month = (fetch(wanted, scope)[one] for one in wanted)
    assert (day.starts, dict(day.stops), day.deratings) == (1, {Is.FORCED: 1, Is.RESERVE: 1}, 0)
    assert (before.starts, dict(before.stops), before.deratings) == (0, {}, 1)
    assert {one.cause for one in before.standing} == {"overhaul_c", "fuel_quality"}
    assert not month.standing and not month.starts


def test_nobody_sees_another_s_outages(frozen):
    plants = tuple(Organisation.objects.filter(kind="plant").values_list("pk", flat=True))
    with acting_as(frozen.other) as scope:  # plant P2 alone, whatever is asked for
        (found,) = fetch([Happened(plants, "2026-11-19")], scope).values()
    assert (found.starts, dict(found.stops), list(found.standing)) == (1, {Is.RESERVE: 1}, [])
    page = opened(frozen.other, "/home/P2/")
    assert "Boiler" not in page and "Overhaul C" not in page


def test_the_demonstration_s_log_tells_what_its_sheets_tell(world, tmp_path):  # noqa: F811
    rows = ["organisation,indicator,period,scenario,value"]
    for offset, (state, hours) in enumerate([(1, 24), (1, 24), (5, 6), (5, 0), (1, 10), (1, 24), (4, 0)]):
        day = date(2026, 11, 10) + timedelta(days=offset)
        rows += [f"P1U1,unit_state,{day},actual,{state}", f"P1U1,run_hours,{day},actual,{hours}.00"]
    path = tmp_path / "states.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    result = load_facts(path)
    assert not result.problems, result.problems
    assert make_events(date(2026, 11, 10), date(2026, 11, 16)) == 3
    told = [(one.kind, one.happened_at.astimezone(BUSINESS_ZONE).strftime("%d %H:%M"), bool(one.cause))
            for one in UnitEvent.objects.order_by("happened_at")]  # fmt: skip
    assert told == [("stop", "12 06:00", True), ("start", "14 14:00", False), ("stop", "16 00:00", True)]
    assert make_events(date(2026, 11, 10), date(2026, 11, 16)) == 0
