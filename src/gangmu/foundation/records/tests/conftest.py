from collections.abc import Callable

import pytest
from django.db import connection

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import services
from gangmu.foundation.records.verify import verify
from gangmu.shell.testing.worlds import World, make_world


@pytest.fixture
def world(db, tmp_path) -> World:
    """The shared world; the person at the group may change organisations and read records."""
    world = make_world(tmp_path)
    for role in ("business_administrator", "audit_administrator"):
        Assignment.objects.create(
            user=world.group,
            role=Role.objects.get(code=role),
            organisation=Organisation.objects.get(code="G"),
            valid_from="2020-01-01",
        )
    return world


@pytest.fixture
def sealed_world(committed, tmp_path):
    """A committed world with two seals over it, and some events."""
    world = make_world(tmp_path)
    for number in range(3):
        services.note("tests.first", by=world.group, data={"number": number})
    assert services.seal_pending() > 0
    for number in range(3):
        services.note("tests.second", by=world.group, data={"number": number})
    assert services.seal_pending() == 3
    assert codes() == set()
    return world


@pytest.fixture
def owner() -> Callable[..., list]:
    """Run SQL as the database's owner with the guards off, as somebody would who wants to change the past."""

    def run(statement: str, *values: object) -> list:
        with connection.cursor() as cursor:
            for table in ("records_history", "records_event", "records_seal", "records_sealpart"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER records_are_only_added")
            cursor.execute(statement, values or None)
            rows = cursor.fetchall() if cursor.description else []
            for table in ("records_history", "records_event", "records_seal", "records_sealpart"):
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER records_are_only_added")
        return rows

    return run


def codes() -> set[str]:
    """The kinds of finding that verification has now, notes left out."""
    return {finding.code for finding in verify().findings if not finding.is_note}
