"""Forms in versions, and how they are laid out."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest

from gangmu.figures.filing.errors import BadForm
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.queries import Wanted, lay_out
from gangmu.figures.filing.services import load_forms
from gangmu.figures.filing.tests.small import DAY, FORM, NOW, Small, make_small, organisation
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


def changed(**values):
    return {**deepcopy(FORM), **values}


def test_the_same_definition_again_changes_nothing(small: Small):
    assert load_forms([dict(reversed(FORM.items()))]) == {"small_daily": small.form}
    assert Form.objects.filter(code="small_daily").count() == 1


def test_another_definition_is_a_new_version(small: Small):
    made = load_forms([changed(due={"days": 1, "time": "10:00"})])["small_daily"]
    assert (made.version, made.is_current) == (2, True)
    assert list(Form.objects.filter(code="small_daily").order_by("version").values_list("version", "is_current")) == [
        (1, False),
        (2, True),
    ]


def test_what_is_shipped_stands_beside_a_local_version(small: Small):
    local = load_forms([changed(route="ours")], source="local")["small_daily"]
    assert load_forms([FORM])["small_daily"] == local  # as shipped before: nothing new
    assert load_forms([changed(route="theirs")])["small_daily"] == local
    assert list(
        Form.objects.filter(code="small_daily").order_by("version").values_list("version", "source", "is_current")
    ) == [
        (1, "shipped", False),
        (2, "local", True),
        (3, "shipped", False),
    ]
    load_forms([changed(route="theirs")])
    assert Form.objects.filter(code="small_daily").count() == 3


def test_every_fault_of_a_form_is_told_and_nothing_loaded(small: Small):
    bad = changed(grain="month", filed_by={"kinds": ["planet"], "having": {"colour": ["red"]}})
    bad["sections"][0]["items"].append({"indicator": "nothing"})
    bad["sections"][1]["items"].append({"indicator": "gen"})
    with pytest.raises(BadForm) as caught:
        load_forms([bad, {"code": "other"}])
    told = "\n".join(caught.value.problems)
    for words in ("“planet”", "“colour”", "“nothing” is not a known", "“gen” stands in it twice", "another grain"):
        assert words in told
    assert "form other: “name” is missing" in told
    assert Form.objects.filter(code="small_daily").count() == 1


def test_an_opening_in_another_unit_is_refused(small: Small):
    bad = changed()
    bad["sections"][1]["items"][0]["opens_with"] = "hours"
    bad["sections"][0]["items"][1]["choices"] = "unknown"
    with pytest.raises(BadForm, match="“unknown”"):
        load_forms([bad])
    bad["sections"][0]["items"][1]["choices"] = "states"
    with pytest.raises(BadForm, match="units differ"):
        load_forms([bad])


def test_a_form_is_laid_out_by_what_stood_there_on_the_day(small: Small):
    with acting_as(small.clerk):
        made = lay_out([Wanted(small.form, organisation("P1").pk, DAY)])[0]
    assert made is not None
    units, plant = made.sections
    assert [(row.code, row.capacity_mw, row.fuel, row.in_service) for row in units.rows] == [
        ("P1U1", Decimal(600), "coal", True),
        ("P1U2", Decimal(300), "coal", True),
    ]
    assert [row.code for row in plant.rows] == ["P1"]
    assert list(made.columns) == ["gen", "state", "hours", "stock_open", "received", "burnt", "stock"]
    assert len(made.cells) == 10
    assert made.rows[organisation("P1U1").pk].parent_id == organisation("P1").pk


def test_the_part_of_a_split_indicator_stands_in_the_forms_of_its_days(small: Small):
    last = DAY.end - timedelta(days=1)
    Indicator.objects.filter(code="received").update(member_of="coal", category="rail", valid_to=last)
    wanted = [Wanted(small.form, organisation("P1").pk, period) for period in (DAY.previous(), DAY)]
    before, after = lay_out(wanted)
    assert before is not None and after is not None
    assert set(before.columns) - set(after.columns) == {"received"}


def test_many_layouts_cost_two_queries(small: Small, django_assert_num_queries):
    wanted = [Wanted(small.form, organisation(code).pk, DAY) for code in ("P1", "P2", "P3")]
    with acting_as(small.group_manager), django_assert_num_queries(2):
        assert [len(one.cells) if one else 0 for one in lay_out(wanted)] == [10, 7, 7]


def test_nobody_is_laid_out_outside_the_scope_or_before_they_stood(small: Small):
    wanted = [
        Wanted(small.form, organisation("P1").pk, DAY),
        Wanted(small.form, organisation("P2").pk, DAY),
        Wanted(small.form, organisation("P1").pk, Period.parse("2019-12-31")),
    ]
    with acting_as(small.clerk):
        assert [one is not None for one in lay_out(wanted)] == [True, False, False]


def test_a_section_of_a_level_that_is_not_there_is_filed_by_the_plant_itself(small: Small):
    form = changed()
    form["sections"][0] |= {"level": "reservoir", "or_self": True}
    form["sections"][1]["level"] = "phase"
    made = lay_out([Wanted(load_forms([form])["small_daily"], organisation("P1").pk, DAY)])[0]
    assert made is not None
    assert [[row.code for row in section.rows] for section in made.sections] == [["P1"], []]


def test_a_rule_that_makes_no_sense_is_told_when_the_form_is_loaded(small: Small):
    bad = changed()
    bad["rules"][0]["right"] = "nothing_of_it"
    with pytest.raises(BadForm, match="nothing_of_it"):
        load_forms([bad])
