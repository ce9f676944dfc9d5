"""A scope of few organisations in a world of many."""

import pytest
from django.db import connection

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_world


@pytest.mark.django_db
def test_organisations_far_beyond_those_of_the_scope_are_hidden_not_an_error(tmp_path):
    with clock.frozen("2026-11-20T07:30"):
        world = make_world(tmp_path)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('parties_organisation_id_seq', 900000)")
        far = Organisation.objects.create(code="FAR", name_zh="远方电厂", kind="plant")
        assert far.pk > 900000
        with acting_as(world.clerk):
            assert set(Organisation.objects.values_list("code", flat=True)) == {"P1", "P1U1", "P1U2"}
