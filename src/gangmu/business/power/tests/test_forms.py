"""The shipped forms ask for every item of the text, each of an indicator that exists, checked by rules that compile."""

from itertools import product

import pytest
import yaml

from gangmu.business.power import content
from gangmu.business.power.content import composing
from gangmu.figures.filing.definitions import SELF, FormDefinition
from gangmu.figures.filing.layouts import Row, matches
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.rules.compiling import compile_rules
from gangmu.figures.indicators.consistency import faults
from gangmu.figures.indicators.definitions import Making
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.approvals.models import Route
from gangmu.foundation.approvals.routes import RouteDefinition
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Words
from gangmu.shell.installing import install_content

FORMS = {one["code"]: FormDefinition.from_json(one) for one in composing.forms()}
RANKS = {kind.code: kind.rank for kind in kinds.all_kinds()}
THERMAL = ("coal", "cogeneration", "gas", "biomass")
UNITS = (*THERMAL, "hydro", "wind", "solar", "nuclear")

# Section 7.2.3 of the text, item by item, and what rates need besides: (indicator, its level, the forms that have it).
ITEMS = {
    "机组运行小时": ("run_hours", "unit", UNITS),
    "机组发电量": ("generation", "unit", UNITS),
    "机组运行状态": ("unit_state", "unit", UNITS),
    "发电厂用电量": ("auxiliary", "unit", UNITS),
    "存煤量": ("coal_stock", "plant", ("coal", "cogeneration", "heat")),
    "耗煤量": ("coal_consumed", "plant", ("coal", "cogeneration", "heat")),
    "综合供电煤耗": ("overall_net_coal_rate_filed", "plant", ("coal", "cogeneration", "gas")),
    "期初水位": ("opening_level", "reservoir", ("hydro",)),
    "期末水位": ("closing_level", "reservoir", ("hydro",)),
    "入库水量": ("inflow", "reservoir", ("hydro",)),
    "出库水量": ("outflow", "reservoir", ("hydro",)),
    "发电用水量": ("generation_water", "reservoir", ("hydro",)),
    "弃水量": ("spill_water", "reservoir", ("hydro",)),
    "标杆风机风速": ("reference_wind_speed", "plant", ("wind",)),
    "风电利用率": ("wind_use_rate_filed", "plant", ("wind",)),
    "光照小时": ("sunshine_hours", "plant", ("solar",)),
    "光伏利用率": ("solar_use_rate_filed", "plant", ("solar",)),
    "边际贡献": ("marginal_contribution", "plant", (*UNITS, "storage", "heat", "virtual_plant")),
    "边际成本": ("marginal_cost", "plant", (*UNITS, "storage", "heat", "virtual_plant")),
    "上网电量": ("on_grid_energy", "plant", (*UNITS, "storage")),
    "弃风电量": ("curtailed_wind", "plant", ("wind",)),
    "弃光电量": ("curtailed_solar", "plant", ("solar",)),
    "弃水电量": ("curtailed_hydro", "plant", ("hydro",)),
    "来煤量": ("coal_received", "plant", ("coal", "cogeneration", "heat")),
    "盘点盈亏": ("stock_taking", "plant", ("coal", "cogeneration", "heat")),
    "入炉煤热值": ("coal_heating_value", "plant", ("coal", "cogeneration")),
    "供热量": ("heat_supplied", "plant", ("cogeneration", "biomass", "nuclear")),
    "平均上网电价": ("on_grid_price", "plant", (*UNITS, "storage")),
    "平均供热价": ("heat_price", "plant", ("cogeneration", "biomass")),
    "入炉标煤单价": ("standard_coal_price", "plant", ("coal", "cogeneration")),
    "发电标煤量": ("standard_coal", "unit", ("coal", "cogeneration", "gas")),
    "供热标煤量": ("standard_coal_heat", "unit", ("cogeneration",)),
    "充电量": ("charge_energy", "storage", ("storage",)),
    "放电量": ("discharge_energy", "storage", ("storage",)),
    "外购热量": ("heat_bought", "heat_company", ("heat",)),
    "售热量": ("heat_sold", "heat_company", ("heat",)),
    "管网热损失": ("heat_loss", "heat_company", ("heat",)),
    "可调容量": ("adjustable_capacity_up", "virtual_plant", ("virtual_plant",)),
    "响应电量": ("response_energy", "virtual_plant", ("virtual_plant",)),
}


@pytest.fixture(scope="module")
def catalogue():
    catalogue, problems = check(read_indicators(composing.indicators_text()), [], RANKS)
    assert [str(problem) for problem in problems] == []
    return catalogue


def test_the_indicators_hold_by_themselves(catalogue):
    assert faults(catalogue, catalogue, RANKS) == []
    names = [name for one in catalogue.values() for name in (one.name.zh, one.name.en)]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_rates_are_evaluated_after_adding_up_and_levels_never_added(catalogue):
    for one in catalogue.values():
        if one.unit in ("%", "g/kWh", "kg/GJ", "kWh/GJ", "m³/kWh"):
            assert one.making is Making.RESULT or one.over_organisations in ("weighted", "none"), one.code
        if one.unit == "m":
            assert (one.over_time, one.over_organisations) in {("first", "none"), ("last", "none")}, one.code
        if one.formula and one.making is Making.RESULT:
            assert "mean" not in one.formula


@pytest.mark.req("M-7.2.3")
@pytest.mark.parametrize("item", ITEMS)
def test_every_item_of_the_text_is_asked_at_its_level(item, catalogue):
    code, level, forms = ITEMS[item]
    indicator = catalogue[code]
    assert (indicator.level, indicator.making, indicator.grain) == (level, Making.STORED, "day")
    for form in forms:
        definition = FORMS[f"{form}_daily"]
        section = next(one for one in definition.sections if code in {item.indicator for item in one.items})
        if section.level != level:
            assert section.level == SELF  # filed by the organisation as a whole: plant, station, company
            assert level in {*definition.kinds, "plant", "storage", "unit"}


def test_there_is_a_form_for_each_type():
    assert {code.removesuffix("_daily") for code in FORMS} == {
        *UNITS, "storage", "heat", "virtual_plant",
    }  # fmt: skip


@pytest.mark.parametrize("code", FORMS)
def test_a_form_compiles(code, catalogue):
    definition = FORMS[code]
    rules = compile_rules(definition, catalogue)
    assert len(rules.rules) == len(definition.rules)
    assert definition.history.indicators and definition.due and definition.locks
    for item in definition.items.values():
        assert catalogue[item.indicator].making is Making.STORED
    for rule in definition.rules:
        assert all(text for words in (rule.name, rule.advice) for text in (words.zh, words.en)), rule.code


def test_no_shared_rule_or_group_is_left_over():
    shared = yaml.safe_load(composing._texts("forms")["shared"])
    used = {rule.code for definition in FORMS.values() for rule in definition.rules}
    assert sorted(set(shared["rules"]) - used) == []
    items = {item for definition in FORMS.values() for item in definition.items}
    assert sorted(set(shared["may_be_negative"]) - items) == []


def test_only_what_cannot_be_is_an_error():
    """Thresholds that no standard gives warn; an error is a day of 25 hours, more than 100 %, or less than nothing."""
    errors = {
        rule.code: (rule.left, rule.right) for form in FORMS.values() for rule in form.rules if rule.strength == "error"
    }
    certain = {"0", "24[h]", "100[%]", "1[d]"}
    assert {code for code, (_left, right) in errors.items() if right not in certain} == set()


def row(kind: str, fuel: str, attributes: dict[str, str]) -> Row:
    return Row(1, "X", Words("甲", "X"), kind, None, attributes, None, fuel, in_service=True)


def test_every_plant_files_exactly_one_form():
    fuels = [choice.code for choice in content.choices("fuels")]
    plants = [
        row("plant", fuel, {"cogeneration": heat} if heat else {}) for fuel, heat in product(fuels, ("yes", "no", ""))
    ]
    found = {
        (one.fuel, one.attributes.get("cogeneration", "")): [code for code, form in FORMS.items() if matches(form, one)]
        for one in plants
    }
    assert {key: codes for key, codes in found.items() if len(codes) > 1} == {}
    without = {fuel for (fuel, heat), codes in found.items() if not codes and heat != "yes"}
    assert without == {"geothermal", "tidal", "waste_heat"}
    assert found["coal", "yes"] == ["cogeneration_daily"] and found["coal", "no"] == ["coal_daily"]
    others = {"storage": "storage_daily", "heat_company": "heat_daily", "virtual_plant": "virtual_plant_daily"}
    for kind, form in others.items():
        one = row(kind, "storage" if kind == "storage" else "", {})
        assert [code for code, definition in FORMS.items() if matches(definition, one)] == [form]


def test_routes_are_read_and_forms_name_routes_that_are_there():
    routes = {one["code"]: RouteDefinition.from_json(one) for one in composing.routes()}
    assert [node.grants for node in routes["daily_upward"].nodes] == ["plant", "region", "group"]
    assert {node.purpose for node in routes["issue_downward"].nodes} == {"acknowledge"}
    assert {name for form in FORMS.values() for name in (form.route, form.correction_route)} <= set(routes)


@pytest.mark.django_db
def test_everything_is_installed_and_installing_again_changes_nothing():
    def stand() -> list:
        return [
            sorted(Indicator.objects.values_list("code", "source", "formula")),
            sorted(Form.objects.values_list("code", "version", "digest", "is_current")),
            sorted(Route.objects.values_list("code", "version", "digest", "is_current")),
        ]

    before = stand()
    own = Indicator.objects.filter(member_of="", tax_of="").count()  # parts and companions are made of these
    assert (own, len(before[1])) == (len(composing.indicator_names()), len(FORMS))
    assert {one["code"] for one in composing.routes()} < {code for code, *_rest in before[2]}
    install_content()
    assert stand() == before
