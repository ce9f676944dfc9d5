"""Facts refer to what exists, checked once a statement; what they refer to stays."""

import pytest
from django.db import IntegrityError, connection, transaction

from gangmu.figures.filing.models import Batch, Fact, Scenario
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

pytestmark = pytest.mark.django_db
NOTHING = 987654321


@pytest.fixture
def fact(db):
    organisation = Organisation.objects.create(code="O", name_zh="组织", kind="unit")
    indicator = Indicator.objects.create(
        code="i", name_zh="指标", name_en="i", over_time="sum", over_organisations="sum"
    )
    batch = Batch.objects.create(kind="import", key="k", recorded_at=clock.now())
    return {
        "indicator_id": indicator.pk,
        "scenario_id": Scenario.objects.get(code="actual").pk,
        "organisation_id": organisation.pk,
        "period": "2026-11-19",
        "batch_id": batch.pk,
        "value": 1,
        "state": 5,
    }


def test_a_whole_fact_is_recorded(fact):
    Fact.objects.create(**fact)


@pytest.mark.parametrize("key", ["indicator_id", "organisation_id", "batch_id", "superseded_by_id"])
def test_a_fact_of_nothing_is_refused(fact, key):
    with pytest.raises(IntegrityError, match="does not exist"), transaction.atomic():
        Fact.objects.create(**{**fact, key: NOTHING})


def test_a_fact_superseded_by_nothing_is_refused(fact):
    Fact.objects.create(**fact)
    with pytest.raises(IntegrityError, match="does not exist"), transaction.atomic():
        Fact.objects.update(superseded_by_id=NOTHING)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("indicators_indicator", "indicator_id"),
        ("parties_organisation", "organisation_id"),
        ("filing_scenario", "scenario_id"),
        ("filing_batch", "batch_id"),
    ],
)
def test_what_a_fact_refers_to_stays(fact, table, key):
    Fact.objects.create(**fact)
    with (
        pytest.raises(IntegrityError, match="facts refer"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [fact[key]])
