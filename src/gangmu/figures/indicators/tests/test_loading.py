"""`gangmu load indicators`: all of a file, or nothing."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import catalogue, definition_of
from gangmu.figures.indicators.services import install_indicators, load_indicators
from gangmu.figures.indicators.tests.test_reading import GOOD, item

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    def load(text: str):
        path = tmp_path / "indicators.yaml"
        path.write_text(text, "utf-8")
        with translation.override("en"):
            return load_indicators(path)

    return load


def test_a_good_file_is_recorded_and_given_again_changes_nothing(load):
    first = load(GOOD)
    assert (first.created, first.changed, first.unchanged, first.problems) == (6, 0, 0, [])
    assert str(first) == "Indicators: 6 new, 0 changed, 0 as they were."
    again = load(GOOD)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 6)
    assert catalogue().program("revenue").leaves[0].code == "generation"
    stock = definition_of(Indicator.objects.get(code="stock"))
    assert isinstance(stock, IndicatorDefinition) and stock == catalogue()["stock"]


def test_a_faulty_file_records_nothing(load):
    result = load(GOOD + item("y", formula="generation +"))
    assert [str(problem) for problem in result.problems] == [
        "line 43, column 24: y: expected a number, a code, a 「name」 or a bracket, found the end of the formula."
    ]
    assert str(result) == "Nothing was recorded. Problems: 1."
    assert not Indicator.objects.filter(source="local").exists()


def test_what_is_shipped_becomes_local_and_stays_so_when_installed_again(load):
    shipped = item("generation", unit="MWh") + item("share", formula="generation / generation", unit="'%'")
    assert install_indicators(shipped) == []
    assert Indicator.objects.get(code="share").source == "shipped"
    assert str(load(item("generation", unit="万kWh"))) == "Indicators: 1 new, 0 changed, 0 as they were."
    assert install_indicators(shipped.replace("generation / generation", "1")) == []
    generation, share = (Indicator.objects.get(code=code) for code in ("generation", "share"))
    assert (generation.source, generation.unit) == ("local", "万kWh")
    assert (share.source, share.formula) == ("shipped", "1")


def test_a_local_name_goes_before_a_shipped_one(load):
    install_indicators(item("shipped_energy", unit="MWh", name="{zh: 某电量, en: Some energy}"))
    assert load(item("rate", formula="「某电量」 / shipped_energy", unit="'%'")).problems == []
    assert catalogue().inputs("rate") == ("shipped_energy",)
    load(item("local_energy", unit="MWh", name="{zh: 某电量, en: Own energy}"))
    assert catalogue().inputs("rate") == ("local_energy", "shipped_energy")


def test_shipped_formulas_that_no_longer_hold_make_way_for_local_indicators(load):
    install_indicators(item("energy", unit="MWh") + item("twice", unit="MWh", formula="2 * energy"))
    assert load(item("energy", unit="t")).problems == []
    assert not Indicator.objects.filter(code="twice").exists()
    assert install_indicators(item("twice", unit="MWh", formula="2 * energy")) == ["twice"]
    assert load(item("more", unit="t", formula="2 * energy")).problems == []
    message = str(load(item("energy", unit="MWh")).problems[0])
    assert "the existing indicator more no longer holds" in message


def test_labels_formulas_and_what_has_no_figures_yet_can_change(load):
    load(GOOD)
    changed = GOOD.replace("en: Stock}", "en: Coal stock}").replace("last\n", "mean\n", 1).replace("1, 2)", "1, 3)")
    assert (load(changed).changed, load(changed).changed) == (2, 0)
    stock = Indicator.objects.get(code="stock")
    assert (stock.name_en, stock.over_time) == ("Coal stock", "mean")


def test_what_stored_figures_mean_cannot_change(load, a_fact):
    load(GOOD)
    a_fact(Indicator.objects.get(code="stock"))
    relabelled = GOOD.replace("en: Stock}", "en: Coal stock}").replace(
        "unit: t\n  precision: 0", "unit: 吨\n  precision: 0"
    )
    assert load(relabelled).problems == []
    other = GOOD.replace("  grain: month\n  level: plant\n  over_time: last\n", "")
    places = [(problem.line, problem.column) for problem in load(other).problems]
    assert places == [(5, 3), (5, 3), (5, 3)]
    words = " ".join(str(problem) for problem in load(other).problems)
    assert "its grain stays month" in words
    as_formula = GOOD.replace("level: plant\n  over_time: last\n", "level: plant\n  formula: 1[t]\n", 1)
    assert "cannot become a formula" in str(load(as_formula).problems[0])
    assert Indicator.objects.get(code="stock").precision == 0


@pytest.fixture
def a_fact(db):
    """Make a fact of an indicator."""
    from gangmu.figures.filing.models import Batch, Fact, Scenario
    from gangmu.foundation.parties.models import Organisation

    def make(indicator: Indicator) -> None:
        organisation = Organisation(code="P1", kind="plant", name_zh="一厂", name_en="Plant one")
        organisation.stamp()
        organisation.save()
        scenario = Scenario.objects.filter(code="actual").first() or Scenario.objects.create(
            code="actual", created_at=timezone.now()
        )
        batch = Batch.objects.create(kind="import", key="k", recorded_at=timezone.now())
        Fact.objects.create(
            indicator=indicator,
            scenario=scenario,
            organisation=organisation,
            period="2026-01-01",
            batch=batch,
            value=1,
            state=5,
        )

    return make


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "1x"},
        {"code": "发电"},
        {"precision": 10},
        {"grain": "hour"},
        {"over_time": "avg"},
        {"over_time": ""},
        {"over_time": "", "over_organisations": ""},
        {"weight": "y"},
        {"over_organisations": "weighted"},
        {"name_en": ""},
        {"level": ""},
    ],
)
def test_the_database_refuses_what_cannot_be(fields):
    good = {"code": "x", "name_zh": "甲", "name_en": "X", "over_time": "sum", "over_organisations": "sum"}
    Indicator.objects.create(**good)
    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.objects.create(**{**good, "code": "y", **fields})
