"""What checks read from the database: few queries, only what the asker may see."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangmu.figures.filing.consistency import findings
from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.errors import BadForm
from gangmu.figures.filing.models import Batch, Fact, Mark, Scenario
from gangmu.figures.filing.rules import About, Context, Filled, RuleSet, compile_rules, load_context, rules_of
from gangmu.figures.filing.services import load_forms
from gangmu.figures.filing.tests.small import FORM, NOW, Small, make_small, organisation
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import catalogue
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties.models import AttributeValue
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock

DAY = date(2026, 11, 19)
WORDS = {"name": {"zh": "规则", "en": "Rule"}, "advice": {"zh": "", "en": ""}}
OPENING = WORDS | {"code": "opening", "left": "stock_open", "operator": "=", "right": "prior(stock)"}
YEARLY = WORDS | {"code": "yearly", "left": "burnt", "operator": "<=", "right": "year_ago(burnt) * 2"}


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


def rules(**more) -> RuleSet:
    return compile_rules(FormDefinition.from_json(FORM | more), catalogue())


def filled(plant: str, units: list[str], day: date = DAY, **values: str) -> Filled:
    """A sheet; values as `P1U1_gen="1"`."""
    numbers = {}
    for name, text in values.items():
        code, _sign, indicator = name.partition("_")
        numbers[organisation(code).pk, indicator] = Decimal(text)
    at = organisation(plant).pk
    return Filled(at, day, {"self": [at], "unit": [organisation(unit).pk for unit in units]}, numbers)


def record(code: str, indicator: str, values: dict[date, int], mark: int = Mark.NONE) -> None:
    batch, _ = Batch.objects.get_or_create(key="given", defaults={"kind": "import", "recorded_at": clock.now()})
    known = (
        Indicator.objects.get(code=indicator),
        Scenario.objects.get(code="actual"),
    )
    Fact.objects.bulk_create(
        Fact(
            indicator=known[0],
            scenario=known[1],
            organisation=organisation(code),
            period=day,
            batch=batch,
            value=value,
            state=5,
            mark=mark,
        )
        for day, value in values.items()
    )


def around(count: int, value: int, last: date = DAY - timedelta(1)) -> dict[date, int]:
    return {last - timedelta(at): value + at % 3 for at in range(count)}


def test_capacities_are_those_of_the_period(small: Small):
    unit = organisation("P1U1")
    AttributeValue.objects.filter(organisation=unit, name="capacity_mw").delete()
    for first, after, size in (("2020-01-01", "2026-11-11", "600"), ("2026-11-11", None, "900")):
        AttributeValue.objects.create(
            organisation=unit, name="capacity_mw", value=size, number=size, valid=(first, after)
        )
    found = load_context(rules(), [filled("P1", ["P1U1"]), filled("P1", ["P1U1"], date(2026, 11, 10))])
    assert found.rows[unit.pk, DAY].capacity_mw == 900
    assert found.rows[unit.pk, DAY].capacity_mwh == 900 * 24
    assert found.rows[unit.pk, date(2026, 11, 10)].capacity_mw == 600
    assert found.rows[unit.pk, DAY].ancestors == tuple(organisation(code).pk for code in ("P1", "R2", "G"))
    assert found.rows[organisation("P1").pk, DAY].capacity_mw is None
    monthly = load_context(rules(grain="month"), [filled("P1", ["P1U1"], date(2026, 11, 1))])
    assert monthly.rows[unit.pk, date(2026, 11, 1)].capacity_mw == Fraction(600 * 10 + 900 * 20, 30)
    assert monthly.rows[unit.pk, date(2026, 11, 1)].capacity_mwh == (600 * 10 + 900 * 20) * 24


def test_yesterday_and_last_year_are_read(small: Small):
    record("P1", "stock", {DAY - timedelta(1): 1500, DAY - timedelta(2): 7})
    record("P1", "burnt", {date(2025, 11, 19): 100})
    found = rules(rules=[OPENING, YEARLY])
    right, wrong = (
        filled("P1", [], P1_stock_open="1500", P1_burnt="200"),
        filled("P1", [], P1_stock_open="7", P1_burnt="201"),
    )
    assert found.check(right, load_context(found, [right])) == []
    findings = found.check(wrong, load_context(found, [wrong]))
    assert [finding.rule for finding in findings] == ["opening", "yearly"]
    assert findings[0].numbers["prior(stock)"] == "1500" and findings[1].numbers["year_ago(burnt)"] == "100"


def test_the_past_leaves_out_days_of_standing_still(small: Small):
    found = rules(history={"indicators": ["gen"], "days": 60, "at_least": 14, "z": "6"}, rules=[])
    sheet = filled("P1", ["P1U1", "P1U2"], P1U1_gen="0", P1U2_gen="100")
    for unit in ("P1U1", "P1U2"):
        record(unit, "gen", around(20, 1000))
    record("P1U1", "gen", around(30, 0, DAY - timedelta(25)), mark=Mark.OUT_OF_SERVICE)
    (finding,) = found.check(sheet, load_context(found, [sheet]))
    assert finding.about is About.HISTORY and finding.organisation_id == organisation("P1U1").pk
    assert finding.usual["count"] == "20" and finding.usual["median"] == "100.1"


def neighbours() -> RuleSet:
    return rules(neighbours={"indicators": ["gen"], "at_least": 3, "z": "5"}, rules=[])


def many_units(folder: Path) -> None:
    """Twelve more units of coal beside P1, in region R2."""
    lines = ["code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province"]
    for at in range(4):
        lines.append(f"N{at},邻厂{at},Neighbour {at},plant,R2,2020-01-01,,,coal,四川")
        lines += [f"N{at}U{unit},邻{at}-{unit},N{at} {unit},unit,N{at},2020-01-01,,300,," for unit in (1, 2, 3)]
    path = folder / "more.csv"
    path.write_text("\n".join(lines), "utf-8")
    assert not load_organisations(path).problems


def test_neighbours_are_those_that_the_asker_may_see(small: Small, tmp_path):
    many_units(tmp_path)
    for at in range(4):
        for unit in (1, 2, 3):
            record(f"N{at}U{unit}", "gen", {DAY: 50_000 + at + unit})  # of 72,000 in a day of 300 MW
    record("P3U1", "gen", {DAY: 1})  # hydro, in the same region
    found, sheet = neighbours(), filled("P1", ["P1U1", "P1U2"], P1U1_gen="1000", P1U2_gen="5000.4")
    with acting_as(small.clerk):
        own = load_context(found, [sheet])
        assert found.check(sheet, own) == [] and not own.beside
    with acting_as(small.world.present):
        (finding,) = found.check(sheet, load_context(found, [sheet]))
    assert finding.about is About.NEIGHBOURS and finding.organisation_id == organisation("P1U1").pk
    assert finding.usual["count"] == "13"  # twelve and the plant's other unit
    assert Decimal(finding.usual["median"]) == pytest.approx(Decimal("10000.8"), abs=Decimal(1))
    everybody = load_context(found, [sheet])
    assert found.check(sheet, everybody) == [finding]
    nobody = load_context(found, [sheet], within={organisation("P1U1").pk, organisation("P1U2").pk})
    assert found.check(sheet, nobody) == []


def test_the_number_of_queries_does_not_grow(small: Small):
    found = rules(
        rules=[OPENING, YEARLY],
        history={"indicators": ["gen"], "days": 60, "at_least": 3, "z": "6"},
        neighbours={"indicators": ["gen"], "at_least": 3, "z": "5"},
    )
    counts = []
    for days in (1, 20):
        sheets = [filled(plant, units, DAY - timedelta(at)) for at in range(days) for plant, units in PLANTS.items()]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load_context(found, sheets)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


PLANTS = {"P1": ["P1U1", "P1U2"], "P2": ["P2U1"], "P3": ["P3U1"]}


def test_nothing_to_check_is_no_question(small: Small):
    assert load_context(rules(), []) == Context()
    assert rules().check_many([], Context()) == []


def test_rules_are_compiled_once_until_an_indicator_changes(small: Small):
    first = rules_of(small.form)
    assert rules_of(small.form) is first
    Indicator.objects.filter(code="stock").update(name_en="Stock")
    assert rules_of(small.form) is not first


def test_a_form_whose_rules_make_no_sense_is_refused_with_the_place(small: Small):
    bad = OPENING | {"right": "prior(gen) + stock"}
    with pytest.raises(BadForm) as error:
        load_forms([FORM | {"rules": [bad]}])
    (problem,) = error.value.problems
    assert problem == (
        "form small_daily: rules.opening.right, line 1, column 12: MWh and t cannot be added or subtracted."
    )


def test_a_rule_that_lost_its_indicators_name_is_told_and_the_others_go_on(small: Small, caplog):
    balance = {"code": "named", "left": "「期末库存」", "operator": "<=", "right": "stock_open"}
    form = load_forms([FORM | {"rules": [WORDS | balance, OPENING]}])["small_daily"]
    assert findings() == []
    Indicator.objects.filter(code="stock").update(name_zh="库存")
    assert [rule.definition.code for rule in rules_of(form).rules] == ["opening"]
    assert "rules.named.left, line 1, column 1: there is no indicator 「期末库存」" in caplog.text
    (told,) = findings()
    assert told.startswith("form small_daily: a rule is not checked any more: rules.named.left")
