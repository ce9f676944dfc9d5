"""A form whose rules are to be tried, its indicators, and sheets of a plant with two units."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.rules import Context, Filled, Finding, RowFacts, RuleSet, compile_rules
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition, OverOrganisations, OverTime
from gangmu.foundation.parties.kinds import Words

DAY, BEFORE = date(2026, 7, 20), date(2026, 7, 19)
PLANT, U1, U2 = 1, 11, 12


def indicator(code: str, unit: str, precision: int, over="sum", formula="", weight=None) -> IndicatorDefinition:
    return IndicatorDefinition(
        code,
        Words(f"指标{code}", code.capitalize()),
        unit,
        precision,
        Grain.DAY,
        over_time=OverTime.SUM if over else None,
        over_organisations=OverOrganisations(over) if over else None,
        formula=formula,
        weight=weight,
    )


CATALOGUE = Catalogue(
    [
        indicator("generation", "万kWh", 2),
        indicator("auxiliary", "万kWh", 2),
        indicator("on_grid", "MWh", 1),
        indicator("price", "元/MWh", 2, "weighted", weight="generation"),
        indicator("pressure", "MPa", 2, "none"),
        indicator("auxiliary_rate", "%", 2, "", "auxiliary / generation"),
        indicator("revenue", "万元", 2, "sum", "generation * price"),
        indicator("hours", "h", 2, "", "generation / capacity_mw"),
        indicator("plant_auxiliary", "万kWh", 2),
        indicator("plant_rate", "%", 2, "mean"),
        indicator("plant_revenue", "元", 0),
        indicator("plant_price", "元/MWh", 2, "mean"),
        indicator("plant_pressure", "MPa", 2, "mean"),
        indicator("stock", "t", 0),
        indicator("opening", "t", 0),
        indicator("elsewhere", "t", 0),
        indicator("growth", "%", 1, "", "yoy(ytd(generation))"),
        indicator("odd", "t", 0, "", "stock + elsewhere"),
    ]
)
UNIT_ITEMS = ("generation", "auxiliary", "on_grid", "price", "pressure")


PLANT_ITEMS = (
    "plant_auxiliary",
    "plant_rate",
    "plant_revenue",
    "plant_price",
    "plant_pressure",
    "stock",
    "opening",
)


def form(*rules: dict, **more) -> FormDefinition:
    filled = [
        {"code": f"r{at}", "name": {"zh": f"规则{at}", "en": f"Rule {at}"}, "advice": {"zh": "请核对", "en": "Check."}}
        | rule
        for at, rule in enumerate(rules)
    ]
    return FormDefinition.from_json(
        {
            "code": "daily",
            "name": {"zh": "日报", "en": "Daily"},
            "route": "daily",
            "filed_by": {"kinds": ["plant"]},
            "sections": [
                {
                    "code": "units",
                    "name": {"zh": "机组", "en": "Units"},
                    "level": "unit",
                    "items": [{"indicator": code, "out_of_service": "blank"} for code in UNIT_ITEMS],
                },
                {
                    "code": "plant",
                    "name": {"zh": "全厂", "en": "Plant"},
                    "level": "self",
                    "items": [{"indicator": code} for code in PLANT_ITEMS],
                },
            ],
            "rules": filled,
        }
        | more
    )


def compiled(*rules: dict, **more) -> RuleSet:
    return compile_rules(form(*rules, **more), CATALOGUE)


def sheet(values: dict, marks: dict | None = None, day: date = DAY) -> Filled:
    """A sheet of PLANT with U1 and U2; values by `organisation, code` as texts."""
    numbers = {key: None if text is None else Decimal(text) for key, text in values.items()}
    return Filled(PLANT, day, {"self": [PLANT], "unit": [U1, U2]}, numbers, marks or {})


def facts(capacity: int | None = 10, day: date = DAY) -> dict:
    size = None if capacity is None else Fraction(capacity)
    units = RowFacts((PLANT,), size, None if size is None else size * 24)
    return {(U1, day): units, (U2, day): units, (PLANT, day): RowFacts()}


def found(rule: dict, values: dict, marks: dict | None = None, context: Context | None = None) -> list[Finding]:
    return compiled(rule).check(sheet(values, marks), context or Context(rows=facts()))


def held(rule: dict, values: dict, **more) -> bool:
    return not found(rule, values, **more)
