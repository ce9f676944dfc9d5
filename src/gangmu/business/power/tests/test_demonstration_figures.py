"""The demonstration's figures: as a country would make them, the same however they are asked for, and with nothing in
them that a clerk would have to explain."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.business.power.demonstration.figures import EPOCH, Block, Plant, Unit, blocks
from gangmu.business.power.demonstration.figures.book import BLANK_WHEN_OUT, PRECISION
from gangmu.business.power.tests.made_sheets import Made, catalogue, form_of, forms, world

FIRST, LAST = date(2024, 11, 21), date(2026, 11, 20)  # two years
PLANTS = {plant.code: plant for plant in world()}
# Of every form some plants: with reservoirs and without, of one unit and of many, one that began within the two years.
SAMPLE = [PLANTS[code] for code in ("401", "408", "525", "425")]
SAMPLE += [plant for form in forms() for plant in [one for one in world() if form_of(one) == form][::7][:3]]
SAMPLE += [plant for plant in world() if plant.fuel in ("offshore_wind", "waste") or plant.commissioned > FIRST]
SAMPLE = list(dict.fromkeys(SAMPLE))


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(SAMPLE, FIRST, LAST)


@pytest.fixture(scope="module")
def everything() -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = defaultdict(list)
    for block in blocks(world(), FIRST, LAST):
        found[block.indicator].append(block)
    return found


# The same, however asked for ------------------------------------------------------------------------------------------


def _cells(made: list[Block]) -> dict[tuple[str, str], tuple[date, np.ndarray]]:
    return {
        (code, block.indicator): (block.first, np.stack([block.values[row], block.present[row], block.out[row]]))
        for block in made
        for row, code in enumerate(block.organisations)
    }


@pytest.fixture(scope="module")
def whole() -> dict[tuple[str, str], tuple[date, np.ndarray]]:
    return _cells(list(blocks(SAMPLE, EPOCH, date(2026, 12, 31))))


@settings(max_examples=12, deadline=None)
@given(start=st.integers(0, 1090), length=st.integers(1, 400), chosen=st.sets(st.sampled_from(SAMPLE), min_size=1))
def test_a_days_figures_do_not_depend_on_the_window_or_on_other_plants(whole, start, length, chosen):
    first = EPOCH + timedelta(days=start)
    last = min(first + timedelta(days=length), date(2026, 12, 31))
    for key, (since, cells) in _cells(list(blocks(sorted(chosen, key=lambda one: one.code), first, last))).items():
        assert since == first
        expected = whole[key][1][:, start : start + (last - first).days + 1]
        assert np.array_equal(cells, expected), key


def test_nothing_is_made_before_the_epoch():
    assert {block.first for block in blocks(SAMPLE, EPOCH - timedelta(days=9), EPOCH)} == {EPOCH}
    with pytest.raises(ValueError, match="2024-01-01"):
        list(blocks(SAMPLE, EPOCH - timedelta(days=9), EPOCH - timedelta(days=1)))


def test_another_seed_makes_other_figures():
    def generation(**seed: int) -> list[int]:
        made = blocks([PLANTS["401"]], LAST, LAST, **seed)
        return next(block.values[:, 0].tolist() for block in made if block.indicator == "generation")

    assert generation() == generation() != generation(seed=7)


def test_decimals_are_those_of_the_indicators():
    assert {code: catalogue()[code].precision for code in PRECISION} == PRECISION
    blank = {
        item.indicator
        for rules in forms().values()
        for section in rules.definition.sections
        for item in section.items
        if item.out_of_service == "blank"
    }
    assert blank == BLANK_WHEN_OUT


# Nothing to explain ---------------------------------------------------------------------------------------------------


def _telling_days(made: Made) -> list[date]:
    """Of every month a day, the first day, and days on which units of the sample stop, start or are derated."""
    found = {FIRST, LAST, *(date(2025, month, 5 + month) for month in range(1, 13))}
    for code in ("401-1", "408-2", *(unit.code for plant in SAMPLE[4:7] for unit in plant.units[:1])):
        block, row = made.rows[code, "unit_state"]
        states = block.values[row]
        for before, after in ((1, 4), (4, 1), (1, 5), (5, 1), (1, 3), (3, 1), (1, 2)):
            changes = np.flatnonzero((states[:-1] == before) & (states[1:] == after)) + 1
            late = [int(at) for at in changes if block.first + timedelta(days=int(at)) >= FIRST]
            found |= {block.first + timedelta(days=at + shift) for at in late[:1] for shift in (0, 1)}
    found |= {date(2026, 2, 17), date(2026, 10, 1), date(2025, 6, 30), date(2025, 12, 31), date(2026, 1, 1)}
    return sorted(day for day in found if FIRST <= day <= LAST)


def test_sampled_sheets_of_every_form_need_no_words(made):
    days = _telling_days(made)
    count, complaints = made.complaints(days)
    assert {form_of(plant) for plant in SAMPLE} == set(forms())
    assert count > 25 * len(SAMPLE)
    assert not complaints, "\n".join(map(str, complaints[:20]))


def test_sheets_of_all_plants_need_no_words():
    """On three days of different seasons; docs/concepts/demonstration.md has the count of many more."""
    days = [date(2025, 1, 22), date(2025, 7, 19), date(2026, 10, 12)]
    found = Made(world(), days[0], days[-1])
    count, complaints = found.complaints(days)
    assert count > 3 * 450
    assert not complaints, "\n".join(map(str, complaints[:20]))


def test_the_rules_would_say_if_a_figure_were_wrong(made):
    """The harness itself: ten times the coal is found by several rules."""
    block, row = made.rows["401", "coal_consumed"]
    column = (LAST - block.first).days
    block.values[row, column] *= 10
    try:
        rules = {one.rule for one in made.complaints([LAST])[1] if one.plant == "401"}
    finally:
        block.values[row, column] //= 10
    assert {"coal_stock_follows", "standard_coal_fits_raw_coal", "history.coal_consumed"} <= rules


# As a country would ---------------------------------------------------------------------------------------------------


def _hours(everything: dict[str, list[Block]]) -> dict[str, float]:
    """Hours at full load a year, by fuel."""
    fuels = {unit.code: plant.fuel for plant in world() for unit in plant.units}
    megawatts = {unit.code: unit.capacity_mw for plant in world() for unit in plant.units}
    energy: dict[str, float] = defaultdict(float)
    capacity: dict[str, float] = defaultdict(float)
    for block in everything["generation"]:
        for row, code in enumerate(block.organisations):
            energy[fuels[code]] += float(block.values[row].sum()) / 10
            capacity[fuels[code]] += megawatts[code] * float(block.present[row].sum()) / 365.25
    return {fuel: energy[fuel] / capacity[fuel] for fuel in energy}


def test_hours_at_full_load_are_about_those_of_the_country(everything):
    usual = {
        "coal": (4200, 4700), "hydro": (3200, 3900), "nuclear": (7500, 7900), "onshore_wind": (2000, 2400),
        "offshore_wind": (2800, 3400), "solar": (1100, 1450), "gas": (2200, 3300), "pumped_storage": (900, 1400),
        "biomass": (4500, 5600), "waste": (5500, 6600),
    }  # fmt: skip
    hours = _hours(everything)
    assert set(hours) == set(usual)
    wrong = {fuel: round(value) for fuel, value in hours.items() if not usual[fuel][0] <= value <= usual[fuel][1]}
    assert not wrong


def _daily(everything: dict[str, list[Block]], indicator: str, fuel: str) -> np.ndarray:
    """What all plants of a fuel have together, day by day."""
    mine = {
        code for plant in world() if plant.fuel == fuel for code in (plant.code, *(one.code for one in plant.units))
    }
    total = np.zeros((LAST - FIRST).days + 1)
    for block in everything[indicator]:
        rows = [row for row, code in enumerate(block.organisations) if code in mine]
        total += block.values[rows].sum(axis=0) / 10.0**block.precision
    return total


def test_seasons_and_holidays_show(everything):
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    months = np.array([day.month for day in days])
    coal, hydro, sun = (_daily(everything, "generation", fuel) for fuel in ("coal", "hydro", "solar"))
    assert hydro[months == 8].mean() > 2.5 * hydro[months == 2].mean()
    assert sun[months == 6].mean() > 1.5 * sun[months == 12].mean()
    assert coal[months == 7].mean() > 1.15 * coal[months == 4].mean()
    festival = (date(2026, 2, 17) - FIRST).days
    assert coal[festival : festival + 3].mean() < 0.9 * coal[festival - 25 : festival - 15].mean()
    weekend = np.array([day.weekday() >= 5 for day in days])
    assert coal[weekend].mean() < 0.99 * coal[~weekend].mean()


def test_coal_gives_way_to_water_and_wind(everything):
    """In Sichuan's wet season its coal plants run least; where much wind blows coal runs less on windy days."""
    days = np.array([(FIRST + timedelta(days=n)).month for n in range((LAST - FIRST).days + 1)])
    west = {unit.code for plant in world() if plant.fuel == "coal" and plant.province == "四川" for unit in plant.units}
    total = np.zeros(len(days))
    for block in everything["generation"]:
        rows = [row for row, code in enumerate(block.organisations) if code in west]
        total += block.values[rows].sum(axis=0)
    assert total[np.isin(days, [7, 8, 9])].mean() < total[np.isin(days, [12, 1, 2])].mean()


def test_balances_close_to_the_last_decimal(everything):
    def of(indicator: str) -> dict[str, np.ndarray]:
        return {
            code: np.where(block.present[row], block.values[row], 0)
            for block in everything[indicator]
            for row, code in enumerate(block.organisations)
        }

    opening, received, used, taken, closing = map(
        of, ("coal_stock_opening", "coal_received", "coal_consumed", "stock_taking", "coal_stock")
    )
    assert len(closing) > 200
    for code, stock in closing.items():
        adjusted = taken.get(code, np.zeros_like(stock))
        assert np.array_equal(stock, opening[code] + received[code] - used[code] + adjusted), code
        filed = np.flatnonzero(stock)
        assert np.array_equal(opening[code][filed[1:]], stock[filed[:-1]]), code
    inflow, outflow, before, after = map(of, ("inflow", "outflow", "opening_storage", "closing_storage"))
    through, spilled = of("generation_water"), of("spill_water")
    for code, storage in after.items():
        assert np.array_equal(storage, before[code] + inflow[code] - outflow[code]), code
        assert (through[code] + spilled[code] <= outflow[code]).all(), code
    made, curtailed, rate = of("generation"), of("curtailed_wind"), of("wind_use_rate_filed")
    for code in rate:
        generated = sum(made[unit.code] for unit in PLANTS[code].units)
        share = np.where(rate[code] > 0, generated / np.maximum(generated + curtailed[code], 1) * 10000, 0)
        assert np.abs(share - rate[code]).max() <= 1, code


def test_nothing_is_filed_of_units_that_are_not_there_yet():
    plant = Plant(
        "N1", "plant", "coal", "江苏", 120.0, 32.0, units=(Unit("N1-1", 660.0, date(2025, 6, 27)), Unit("N1-2", 660.0))
    )
    young = [block for block in blocks([plant], date(2025, 6, 20), date(2025, 7, 5)) if "N1-1" in block.organisations]
    assert young
    for block in young:
        there = (block.present | block.out)[list(block.organisations).index("N1-1")]
        assert there.tolist() == [False] * 7 + [True] * 9, block.indicator


def test_the_group_grows_within_the_two_years():
    begun = [unit.commissioned for plant in world() for unit in plant.units if FIRST < unit.commissioned <= LAST]
    assert len(begun) >= 10
    assert {day.year for day in begun} == {2024, 2025, 2026}
