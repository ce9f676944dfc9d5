"""Facts and the tree, however either is changed."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from gangmu.figures.filing.consistency import findings, said_of
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.changes import EVERYTHING
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.parties.services import ChangeRefused, close, move
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_world, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, tmp_path):
    with clock.frozen("2026-11-20T07:30"), translation.override("en"):
        make_world(tmp_path)
        Indicator.objects.create(code="gen", name_zh="g", name_en="g", over_time="sum", over_organisations="sum")
        path = tmp_path / "facts.csv"
        path.write_text(
            "organisation,indicator,period,scenario,value\n"
            "P2U1,gen,2026-11-18,actual,1\nP1U1,gen,2026-11-18,actual,1\nR1,gen,2026-11-18,plan,1\n"
        )
        assert load_facts(path).recorded == 3
        yield


def test_a_tree_that_takes_a_facts_day_away_is_refused(world):
    unit = Organisation.objects.get(code="P2U1")
    with pytest.raises(ChangeRefused, match="P2U1 has facts on 2026-11-18"), transaction.atomic():
        close(unit, clock.today().replace(day=17), although=EVERYTHING)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Placement.objects.filter(child=unit).update(valid=("2020-01-01", "2026-11-18"))
        settle()
    assert "P2U1 has facts on 2026-11-18" in (said_of(refused.value) or "")
    close(unit, clock.today().replace(day=18))  # its last day counts
    settle()
    assert findings() == []


def test_another_refusal_is_not_ours_to_word(world):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Organisation.objects.create(code="P2U1", name_zh="again", kind="unit")
    assert said_of(refused.value) is None


def test_facts_that_a_move_made_count_twice_are_found(world, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("organisation,indicator,period,scenario,value\nP1U1,gen,2026-11-18,plan,1\n")
    assert load_facts(path).recorded == 1  # R1's plan does not cover P1, which is R2's
    plant, region = Organisation.objects.get(code="P1"), Organisation.objects.get(code="R1")
    with pytest.raises(ChangeRefused, match="count twice"), transaction.atomic():
        move(plant, region, clock.today().replace(day=10), although=EVERYTHING)
    Placement.objects.filter(child=plant, valid__contains=clock.today()).update(parent=region)
    settle()
    (finding,) = findings()
    assert "P1U1" in finding and "R1" in finding


def test_facts_without_an_organisation_are_found_when_the_guard_was_off(world):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE parties_membership DISABLE TRIGGER facts_keep_their_days")
    Placement.objects.filter(child__code="P2U1").update(valid=("2020-01-01", "2026-11-18"))
    settle()
    (finding,) = findings()
    assert "P2U1" in finding and "2026-11-18" in finding
