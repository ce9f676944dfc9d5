"""A plausible day passes every shipped rule; each fault is found by the rule that is made for it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from gangmu.business.power.content import composing
from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.rules.compiling import compile_rules
from gangmu.figures.filing.rules.context import Context, Filled, RowFacts, Series
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.foundation.parties import kinds

PLANT, UNIT, OTHER = 1, 11, 12
CAPACITIES = {PLANT: 900, UNIT: 600, OTHER: 300}
FORMS = {one["code"]: FormDefinition.from_json(one) for one in composing.forms()}

RUNNING = {
    "unit_state": 1, "run_hours": 24, "available_hours": 24, "derated_hours": 0, "generation": 10000,
    "auxiliary": 500,
}  # fmt: skip
STANDING = {
    "unit_state": 4, "run_hours": 0, "available_hours": 0, "derated_hours": 0, "generation": 0, "auxiliary": 12,
}  # fmt: skip
GRID = {"on_grid_energy": 9480, "purchased_energy": 3}
MONEY = {"on_grid_price": 400, "marginal_contribution": 80, "marginal_cost": "299.2"}
COAL = {
    "coal_stock_opening": 90000, "coal_received": 3000, "coal_consumed": 4400, "stock_taking": -100,
    "coal_stock": 88500, "coal_heating_value": 20000, "standard_coal_price": 950,
    "overall_net_coal_rate_filed": "316.46", "oil_consumed": 1, "oil_stock": 200,
}  # fmt: skip
# For each form: a plant with two units of which one stands, or an organisation that files for itself.
PLAUSIBLE: dict[str, dict[int, dict]] = {
    "coal_daily": {
        UNIT: {**RUNNING, "standard_coal": 3000}, OTHER: {**STANDING, "standard_coal": 0},
        PLANT: {**GRID, **COAL, **MONEY},
    },
    "cogeneration_daily": {
        UNIT: {**RUNNING, "standard_coal": 2700, "standard_coal_heat": 300, "auxiliary_heat": 20},
        OTHER: {**STANDING, "standard_coal": 0},
        PLANT: {
            **GRID, **COAL, **MONEY, "heat_supplied": 8000, "heat_price": 40, "coal_consumed_heat": 440,
            "overall_net_coal_rate_filed": "284.81",
        },
    },
    "gas_daily": {
        UNIT: {**RUNNING, "auxiliary": 200}, OTHER: STANDING,
        PLANT: {**GRID, **MONEY, "gas_consumed": 190, "gas_heating_value": 35000},
    },
    "hydro_daily": {
        UNIT: {**RUNNING, "auxiliary": 30, "pumping_energy": 0}, OTHER: STANDING,
        PLANT: {
            **GRID, **MONEY, "curtailed_hydro": 0, "opening_level": "380.10", "closing_level": "380.25", "inflow": 5200,
            "outflow": 4100, "generation_water": 4000, "spill_water": 0, "opening_storage": 120000,
            "closing_storage": 121100,
        },
    },
    "wind_daily": {
        UNIT: {**RUNNING, "generation": 5000, "auxiliary": 50}, OTHER: {**STANDING, "unit_state": 3},
        PLANT: {
            "on_grid_energy": 4900, "on_grid_price": 400, "marginal_contribution": 190, "marginal_cost": 6,
            "reference_wind_speed": "6.5", "curtailed_wind": 250, "wind_use_rate_filed": "95.24",
        },
    },
    "solar_daily": {
        UNIT: {**RUNNING, "unit_state": 3, "run_hours": 9, "generation": 2400, "auxiliary": 10},
        OTHER: {**STANDING, "auxiliary": 0},
        PLANT: {
            "on_grid_energy": 2350, "on_grid_price": 400, "marginal_contribution": 90, "marginal_cost": 4,
            "sunshine_hours": "6.5", "curtailed_solar": 0, "solar_use_rate_filed": 100,
        },
    },
    "biomass_daily": {
        UNIT: RUNNING, OTHER: STANDING,
        PLANT: {
            **GRID, **MONEY, "biomass_stock_opening": 20000, "biomass_received": 9000, "biomass_consumed": 9500,
            "biomass_stock": 19500, "biomass_heating_value": 9000,
        },
    },
    "nuclear_daily": {
        UNIT: {**RUNNING, "reactor_power": "70.2", "full_power_days": "0.702"}, OTHER: STANDING,
        PLANT: {**GRID, **MONEY},
    },
    "storage_daily": {
        PLANT: {"charge_energy": 100, "discharge_energy": 86, "state_of_charge": 40, "run_hours": 5, "auxiliary": 2},
    },
    "heat_daily": {
        PLANT: {"heat_bought": 9000, "heat_produced": 1000, "heat_sold": 9100, "heat_loss": 900, "heating_area": 500},
    },
    "virtual_plant_daily": {
        PLANT: {
            "aggregated_capacity": 120, "adjustable_capacity_up": 40, "adjustable_capacity_down": 30, "called_times": 1,
            "called_hours": 2, "response_energy": 60, "response_price": 900,
        },
    },
}  # fmt: skip
STILL = {
    "generation": 0, "auxiliary": 15, "standard_coal": 0, "on_grid_energy": 0, "coal_consumed": 0, "coal_stock": 92900,
    "marginal_contribution": 0, "marginal_cost": 0, "overall_net_coal_rate_filed": None,
}  # fmt: skip
YESTERDAY = {"coal_stock": 90000, "closing_level": "380.10", "closing_storage": 120000, "biomass_stock": 20000}


@pytest.fixture(scope="module")
def catalogue():
    ranks = {kind.code: kind.rank for kind in kinds.all_kinds()}
    return check(read_indicators(composing.indicators_text()), [], ranks)[0]


@pytest.fixture(scope="module")
def found(catalogue):
    """Check a form's plausible day with changes to its plant and unit; the codes found, warnings and errors."""
    compiled = {code: compile_rules(definition, catalogue) for code, definition in FORMS.items()}

    def found(code: str, day: date, **changes) -> set[str]:
        values = {pk: dict(given) for pk, given in PLAUSIBLE[code].items()}
        for name, value in changes.items():
            owner = next((pk for pk in (UNIT, PLANT) if name in values.get(pk, {})), None)
            owner = PLANT if owner is None else owner
            values[owner][name] = value
        levels = {section.level for section in FORMS[code].sections}
        rows = {level: [UNIT, OTHER] if level == "unit" else [PLANT] for level in levels}
        cells = {
            (pk, name): None if value is None else Decimal(str(value))
            for pk, given in values.items()
            for name, value in given.items()
        }
        facts = {
            (pk, day): RowFacts(() if pk == PLANT else (PLANT,), Fraction(mw), Fraction(mw * 24))
            for pk, mw in CAPACITIES.items()
        }
        before = np.array([day.toordinal() - 1])
        earlier = {
            (PLANT, name): Series(before, np.array([int(Decimal(str(value)).scaleb(catalogue[name].precision))]))
            for name, value in YESTERDAY.items()
        }
        sheet = Filled(PLANT, day, rows, cells)
        return {finding.rule for finding in compiled[code].check(sheet, Context(rows=facts, earlier=earlier))}

    return found


@pytest.mark.parametrize("code", FORMS)
@pytest.mark.parametrize("month", [1, 4, 7, 11])
def test_a_plausible_day_passes(found, code, month):
    assert found(code, date(2026, month, 20)) == set()


@pytest.mark.parametrize(
    ("code", "changes", "rules"),
    [
        ("coal", {"run_hours": "24.01"}, {"run_hours_within_day"}),
        ("coal", {"available_hours": 25, "run_hours": 24}, {"available_hours_within_day"}),
        ("coal", {"available_hours": 20}, {"run_hours_within_available"}),
        ("coal", {"derated_hours": 25}, {"derated_within_available"}),
        ("coal", {"run_hours": 0, "unit_state": 3}, {"generation_within_run_hours"}),
        ("coal", {**STILL, "run_hours": 0, "unit_state": 1}, {"standing_unit_is_not_running"}),
        ("coal", {**STILL, "run_hours": 0, "unit_state": 3}, set()),
        ("coal", STILL, {"running_generates"}),
        ("coal", {"on_grid_energy": 10100, "overall_net_coal_rate_filed": "297.03", "on_grid_price": 375},
         {"on_grid_within_generation", "on_grid_fits_auxiliary"}),
        ("coal", {"standard_coal": 2300, "overall_net_coal_rate_filed": "242.62"},
         {"coal_rate_not_low", "standard_coal_fits_raw_coal"}),
        ("coal", {"standard_coal": 4300, "overall_net_coal_rate_filed": "453.59"},
         {"coal_rate_not_high", "standard_coal_fits_raw_coal"}),
        ("coal", {"generation": 15200, "standard_coal": 4000, "overall_net_coal_rate_filed": "421.94"},
         {"generation_within_capacity", "generation_within_run_hours", "standard_coal_fits_raw_coal"}),
        ("coal", {"unit_state": 5}, {"running_unit_is_on_line"}),
        ("coal", {"auxiliary": 10001}, {"auxiliary_within_generation", "on_grid_fits_auxiliary"}),
        ("coal", {"oil_consumed": -1}, {"oil_consumed_not_negative"}),
        ("coal", {"coal_stock": 88510}, {"coal_stock_follows"}),
        ("coal", {"stock_taking": None}, {"coal_stock_follows"}),
        ("coal", {"stock_taking": 0, "coal_stock": 88600}, set()),
        ("coal", {"coal_stock_opening": 90010, "coal_stock": 88510}, {"coal_opening_is_yesterdays_closing"}),
        ("coal", {"stock_taking": -3000, "coal_stock": 85600}, {"stock_taking_is_small"}),
        ("coal", {"coal_heating_value": 5000}, {"heating_value_not_low", "standard_coal_fits_raw_coal"}),
        ("coal", {"coal_heating_value": 31000}, {"heating_value_not_high", "standard_coal_fits_raw_coal"}),
        ("coal", {"standard_coal_price": 95}, {"standard_coal_price_not_low"}),
        ("coal", {"standard_coal_price": 9500}, {"standard_coal_price_not_high"}),
        ("coal", {"overall_net_coal_rate_filed": 330}, {"filed_rate_fits"}),
        ("coal", {"on_grid_price": "0.4"}, {"contribution_fits_price"}),
        ("coal", {"on_grid_price": 4000, "marginal_contribution": 3500}, {"on_grid_price_plausible"}),
        ("cogeneration", {"standard_coal_heat": 0},
         {"heat_needs_coal", "standard_coal_fits_raw_coal_and_heat"}),
        ("cogeneration", {"heat_supplied": 4000}, {"heat_coal_rate_plausible"}),
        ("cogeneration", {"coal_consumed_heat": 5000}, {"heat_coal_within_coal"}),
        ("gas", {"gas_consumed": 19}, {"gas_rate_not_low"}),
        ("gas", {"gas_consumed": 1900}, {"gas_rate_not_high"}),
        ("gas", {"gas_heating_value": 8400}, {"gas_heating_value_not_low"}),
        ("gas", {"gas_heating_value": 84000}, {"gas_heating_value_not_high"}),
        ("hydro", {"opening_level": "381.10", "opening_storage": 120000},
         {"opening_level_is_yesterdays_closing", "level_follows_water"}),
        ("hydro", {"closing_level": 392}, {"level_moves_slowly"}),
        ("hydro", {"closing_level": 380}, {"level_follows_water"}),
        ("hydro", {"spill_water": 500}, {"outflow_covers_use", "spill_in_dry_season"}),
        ("hydro", {"generation_water": 60000, "outflow": 60000, "inflow": 61000}, {"power_uses_water"}),
        ("hydro", {"closing_storage": 130000}, {"storage_follows_water"}),
        ("hydro", {"opening_storage": 121000, "closing_storage": 122100}, {"opening_storage_is_yesterdays_closing"}),
        ("hydro", {"pumping_energy": 20000}, {"pumping_within_capacity"}),
        ("wind", {"reference_wind_speed": 65}, {"wind_speed_plausible"}),
        ("wind", {"reference_wind_speed": 2}, {"calm_makes_little"}),
        ("wind", {"wind_use_rate_filed": 90}, {"wind_rate_fits"}),
        ("wind", {"wind_use_rate_filed": 101}, {"wind_use_rate_within_100", "wind_rate_fits"}),
        ("wind", {"curtailed_wind": 250000}, {"wind_within_capacity", "wind_rate_fits"}),
        ("solar", {"sunshine_hours": 25}, {"sunshine_plausible", "sunshine_in_summer"}),
        ("solar", {"sunshine_hours": 2}, {"sun_makes_power"}),
        ("solar", {"solar_use_rate_filed": 90}, {"solar_rate_fits"}),
        ("solar", {"solar_use_rate_filed": 102}, {"solar_use_rate_within_100", "solar_rate_fits"}),
        ("biomass", {"biomass_stock": 25000}, {"biomass_stock_follows"}),
        ("biomass", {"biomass_stock_opening": 20010}, {"biomass_opening_is_yesterdays_closing"}),
        ("biomass", {"biomass_consumed": 950, "biomass_received": 450}, {"biomass_makes_power"}),
        ("biomass", {"waste_burned": 1000}, {"waste_makes_power"}),
        ("nuclear", {"reactor_power": 103}, {"reactor_power_within_limits"}),
        ("nuclear", {"full_power_days": "1.1"}, {"full_power_within_day"}),
        ("storage", {"discharge_energy": 120}, {"discharge_within_charge"}),
        ("storage", {"discharge_energy": 30}, {"storage_efficiency_not_low"}),
        ("storage", {"charge_energy": 86000}, {"charge_within_capacity", "storage_efficiency_not_low"}),
        ("storage", {"discharge_energy": 86000}, {"discharge_within_capacity", "discharge_within_charge"}),
        ("storage", {"state_of_charge": 101}, {"charge_within_100"}),
        ("heat", {"heat_loss": 500}, {"heat_balances"}),
        ("heat", {"heat_loss": 3000, "heat_sold": 7000}, {"heat_loss_not_high"}),
        ("virtual_plant", {"called_hours": 25, "response_energy": 60}, {"called_within_day"}),
        ("virtual_plant", {"response_energy": 600}, {"response_within_capacity"}),
        ("virtual_plant", {"adjustable_capacity_up": 400}, {"adjustable_within_aggregated"}),
    ],
)  # fmt: skip
def test_each_fault_is_found_by_its_rule(found, code, changes, rules):
    assert found(f"{code}_daily", date(2026, 4, 20), **changes) == rules


@pytest.mark.parametrize(
    ("code", "month", "changes", "rules"),
    [
        ("coal", 1, {"coal_stock_opening": 51400, "coal_stock": 49900}, {"coal_days_in_peak_season"}),
        ("coal", 4, {"coal_stock_opening": 51400, "coal_stock": 49900}, set()),
        ("coal", 10, {"coal_stock_opening": 31400, "coal_stock": 29900}, {"coal_days_otherwise"}),
        ("hydro", 1, {"spill_water": 50}, {"spill_in_dry_season"}),
        ("hydro", 7, {"spill_water": 50}, set()),
        ("solar", 12, {"sunshine_hours": 14}, {"sunshine_in_winter"}),
        ("solar", 6, {"sunshine_hours": 14}, set()),
        ("solar", 6, {"sunshine_hours": 18}, {"sunshine_in_summer"}),
        ("heat", 1, {"heat_sold": 0, "heat_loss": 10000}, {"heat_sold_in_winter", "heat_loss_not_high"}),
        ("cogeneration", 1, {"heat_supplied": 0}, {"heat_in_winter", "heat_coal_rate_plausible"}),
        ("cogeneration", 7, {"heat_supplied": 0}, {"heat_coal_rate_plausible"}),
    ],
)
def test_limits_follow_the_season(found, code, month, changes, rules):
    openings = {"coal_opening_is_yesterdays_closing"}
    assert found(f"{code}_daily", date(2026, month, 20), **changes) - openings == rules


def test_every_rule_is_tried(found):
    """Each shared rule stands in one of the lists above."""
    text = Path(__file__).read_text("utf-8")
    codes = {rule.code for form in FORMS.values() for rule in form.rules if not rule.code.endswith("_not_negative")}
    assert sorted(code for code in codes if f'"{code}"' not in text) == []
