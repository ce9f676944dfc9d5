"""The shipped rates are ratios of sums, in every total: worked out by hand for a small group over two days."""

import pytest

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing.importing import load_facts
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock

ORGANISATIONS = """\
code,name_zh,name_en,kind,parent,valid_from,capacity_mw,fuel,cogeneration
R,东部公司,East,region,,2020-01-01,,,
A,甲电厂,Alpha,plant,R,2020-01-01,,coal,
A1,甲1号机,Alpha 1,unit,A,2020-01-01,600,,
A2,甲2号机,Alpha 2,unit,A,2020-01-01,300,,
B,乙热电厂,Beta,plant,R,2020-01-01,,coal,yes
B1,乙1号机,Beta 1,unit,B,2020-01-01,300,,
H,丙水电厂,Gamma,plant,R,2020-01-01,,hydro,
H1,丙1号机,Gamma 1,unit,H,2020-01-01,200,,
HR1,上库,Upper,reservoir,H,2020-01-01,,,
HR2,下库,Lower,reservoir,H,2020-01-01,,,
W,丁风电场,Delta,plant,R,2020-01-01,,wind,
W1,丁一期,Delta 1,unit,W,2020-01-01,100,,
V,戊风电场,Epsilon,plant,R,2020-01-01,,wind,
V1,戊一期,Epsilon 1,unit,V,2020-01-01,50,,
S,己光伏,Zeta,plant,R,2020-01-01,20,solar,
E,储能站,Store,storage,R,2020-01-01,10,storage,
C,热力公司,Heat,heat_company,R,2020-01-01,,,
"""
FACTS = {
    "2026-11-19": {
        "A1": {"generation": 12000, "auxiliary": 600, "standard_coal": 3600, "run_hours": 24},
        "A2": {"generation": 3000, "auxiliary": 240, "standard_coal": 960, "run_hours": 20},
        "A": {
            "on_grid_energy": 13800, "coal_consumed": 6000, "coal_stock": 60000, "coal_heating_value": 20000,
            "standard_coal_price": 1000, "on_grid_price": 400, "marginal_contribution": 90, "marginal_cost": 462,
            "overall_net_coal_rate_filed": 330,
        },
        "B1": {
            "generation": 5000, "auxiliary": 300, "standard_coal": 1700, "standard_coal_heat": 400, "run_hours": 24,
            "auxiliary_heat": 60,
        },
        "B": {
            "on_grid_energy": 4600, "coal_consumed": 3000, "coal_stock": 15000, "coal_heating_value": 18000,
            "standard_coal_price": 1100, "on_grid_price": 450, "overall_net_coal_rate_filed": 380,
            "heat_supplied": 10000,
        },
        "H1": {"generation": 2000, "auxiliary": 10},
        "HR1": {"generation_water": 500, "closing_level": 380.25},
        "HR2": {"generation_water": 400, "closing_level": 210.75},
        "H": {"curtailed_hydro": 200},
        "W1": {"generation": 800},
        "W": {"curtailed_wind": 100, "wind_use_rate_filed": 88},
        "V1": {"generation": 100},
        "V": {"curtailed_wind": 300, "wind_use_rate_filed": 25},
        "S": {"generation": 60, "curtailed_solar": 20, "sunshine_hours": 7.5},
        "E": {"charge_energy": 20, "discharge_energy": 15, "state_of_charge": 40},
        "C": {"heat_bought": 10000, "heat_sold": 9000, "heat_loss": 1000, "marginal_contribution": 7},
    },
    "2026-11-20": {
        "A1": {
            "generation": 6000, "auxiliary": 360, "standard_coal": 1900, "run_hours": 12, "available_hours": 24,
            "derated_hours": 4,
        },
        "A2": {"generation": 0, "auxiliary": 0, "standard_coal": 0, "run_hours": 0, "available_hours": 12},
        "A": {
            "on_grid_energy": 5500, "coal_consumed": 2400, "coal_stock": 70000, "coal_heating_value": 22000,
            "standard_coal_price": 900, "on_grid_price": 500, "marginal_contribution": 40, "marginal_cost": 235,
            "overall_net_coal_rate_filed": 345,
        },
        "W1": {"generation": 900},
        "W": {"curtailed_wind": 0, "wind_use_rate_filed": 100},
        "E": {"charge_energy": 10, "discharge_energy": 9, "state_of_charge": 55},
    },
}  # fmt: skip
BOTH = "2026-11-19..2026-11-20"


@pytest.fixture(scope="module")
def group(committed_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rates")
    with clock.frozen("2026-11-21T07:30+08:00"):
        (folder / "o.csv").write_text(ORGANISATIONS, "utf-8")
        lines = [
            f"{organisation},{indicator},{day},actual,{value}"
            for day, rows in FACTS.items()
            for organisation, values in rows.items()
            for indicator, value in values.items()
        ]
        (folder / "f.csv").write_text("organisation,indicator,period,scenario,value\n" + "\n".join(lines), "utf-8")
        for loader, name in ((load_organisations, "o.csv"), (load_facts, "f.csv")):
            result = loader(folder / name)
            assert not result.problems, [str(problem) for problem in result.problems]
        cube.fold()
        yield


def value(indicator: str, organisation: str, period: str = BOTH) -> str | None:
    return ask(Question((indicator,), (organisation,), (period,)), SYSTEM).as_json()["rows"][0]["value"]


@pytest.mark.parametrize(
    ("indicator", "organisation", "shown"),
    [
        # (600 + 240 + 360 + 0) ÷ (12000 + 3000 + 6000 + 0); the mean of the units' rates would be 6.3
        ("auxiliary_rate", "A", "5.71"),
        # 8160 t ÷ 26000 MWh of the units that file coal; the hydro unit's 2000 and the wind's count nowhere
        ("coal_rate", "R", "313.85"),
        ("net_coal_rate", "R", "333.06"),  # 8160 ÷ (26000 − 1500)
        ("overall_net_coal_rate", "R", "341.42"),  # 8160 ÷ (13800 + 5500 + 4600)
        ("overall_net_coal_rate", "A", "334.72"),  # 6460 ÷ 19300
        ("overall_net_coal_rate_filed", "R", "343.08"),  # (330·13800 + 345·5500 + 380·4600) ÷ 23900
        ("coal_heating_value", "R", "19895"),  # (20000·6000 + 22000·2400 + 18000·3000) ÷ 11400
        ("standard_coal_price", "R", "997.55"),  # (1000·4560 + 900·1900 + 1100·1700) ÷ 8160
        ("fuel_cost", "R", "814.0000"),
        ("fuel_cost_per_energy", "R", "340.59"),  # 8 140 000 元 ÷ 23900 MWh
        ("on_grid_price", "R", "432.64"),  # (400·13800 + 500·5500 + 450·4600) ÷ 23900
        ("contribution_per_energy", "R", "67.36"),  # 1 300 000 ÷ 19300: of the plant that files contribution alone
        ("marginal_contribution", "R", "137.0000"),  # the heat company's 7 are in the sum and in no rate of energy
        ("cost_per_energy", "R", "361.14"),  # 6 970 000 ÷ 19300
        ("coal_stock", "R", "85000.0"),  # 70000 on the second day, 15000 on the first
        ("coal_days", "R", "11.8"),  # 85000 ÷ ((6000 + 2400) ÷ 2 + 3000)
        ("overall_auxiliary_rate", "A", "8.10"),  # (21000 − 19300) ÷ 21000
        ("overall_auxiliary", "A", "1700.0"),
        ("utilisation_hours", "A", "23.3"),  # 21000 ÷ 900
        ("average_run_hours", "A", "30.67"),  # (600·36 + 300·20) ÷ 900
        ("load_rate", "A", "76.09"),  # 21000 ÷ 27600
        ("operating_rate", "A", "63.89"),  # 27600 ÷ (900·48)
        ("load_factor", "A", "48.61"),  # 21000 ÷ (900·48)
        ("run_hours", "A", None),  # hours of two units are not added up
        ("run_hours", "A1", "36.00"),
        ("wind_use_rate", "R", "81.82"),  # 1800 ÷ 2200
        ("wind_curtailment_rate", "R", "18.18"),
        ("wind_use_rate_filed", "R", "81.45"),  # (88·900 + 25·400 + 100·900) ÷ 2200
        ("wind_use_rate", "V", "25.00"),
        ("solar_curtailment_rate", "S", "25.00"),  # a farm that files for itself, without units in the tree
        ("hydro_curtailment_rate", "R", "9.09"),  # 200 ÷ 2200
        ("water_rate", "H", "4.50"),  # 9 000 000 m³ ÷ 2 000 000 kWh
        ("closing_level", "HR1", "380.25"),
        ("closing_level", "H", None),  # levels of two reservoirs are no level
        ("heat_coal_rate", "R", "40.00"),
        ("heat_auxiliary_rate", "R", "6.00"),
        ("heat_power_ratio", "R", "55.56"),  # 10000 GJ ÷ 18000 GJ
        ("heat_loss_rate", "R", "10.00"),
        ("storage_efficiency", "R", "80.00"),  # 24 ÷ 30
        ("state_of_charge", "E", "55.0"),
    ],
)
def test_two_days_by_hand(group, indicator, organisation, shown):
    assert value(indicator, organisation) == shown


def test_equivalent_availability_is_weighted_by_capacity(group):
    # (600·24 + 300·12 − 600·4) ÷ (900·24)
    assert value("equivalent_availability", "A", "2026-11-20") == "72.22"


def test_a_farm_without_units_counts_too(group):
    assert value("solar_generation", "R") == "60.0"
    assert value("generation", "R") == "29860.0"
