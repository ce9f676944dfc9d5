import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import services
from gangmu.foundation.records.verify import verify
from gangmu.foundation.settings import clock, home
from gangmu.shell.testing.plugin import HOME, own_database
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
def sealed_world(committed, tmp_path) -> World:
    """A committed world of the test's own with two seals over it, and some events."""
    return make_sealed_world(tmp_path)


@pytest.fixture(scope="module")
def module_world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """The same, once for all tests of a module that leave it as it is."""
    own_home = tmp_path_factory.mktemp("records") / "home"
    shutil.copytree(HOME / "secrets", own_home / "secrets")
    before = os.environ["GANGMU_HOME"]
    with django_db_blocker.unblock(), own_database("records"):
        os.environ["GANGMU_HOME"] = str(own_home)
        try:
            make_sealed_world(own_home)
            yield
        finally:
            os.environ["GANGMU_HOME"] = before


@pytest.fixture
def standing(module_world, django_db_blocker, tmp_path) -> Iterator[None]:
    """The module's sealed world; whatever the test does to database and files is undone."""
    kept = tmp_path / "kept"
    shutil.copytree(home.home(), kept)
    with django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        transaction.set_rollback(True)
    shutil.rmtree(home.home())
    shutil.copytree(kept, home.home())


def make_sealed_world(folder: Path) -> World:
    world = make_world(folder)
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

    def run(statement: str, *values: Any) -> list:
        with connection.cursor() as cursor:
            for table in ("records_history", "records_event", "records_seal", "records_sealpart"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER records_are_only_added")
            cursor.execute(statement, values or None)
            rows = cursor.fetchall() if cursor.description else []
            for table in ("records_history", "records_event", "records_seal", "records_sealpart"):
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER records_are_only_added")
        return rows

    return run


@contextmanager
def auditing(user: User) -> Iterator[None]:
    """Act as somebody signed in to the back office."""
    with acting_as(user, site="office"):
        yield


@contextmanager
def later(days: int) -> Iterator[None]:
    """Our clock and the database's that many days on: records grow old by the latter alone."""
    body = "CREATE OR REPLACE FUNCTION public.records_now() RETURNS timestamptz LANGUAGE sql VOLATILE "
    body += "SET search_path = pg_catalog, pg_temp AS $$ SELECT clock_timestamp(){} $$"
    with clock.advanced(timedelta(days=days)), connection.cursor() as cursor:
        cursor.execute(body.format(f" + interval '{days} days'"))
        try:
            yield
        finally:
            cursor.execute(body.format(""))


def appoint(user: User, role: str = "audit_administrator") -> User:
    """Give somebody an administrator's role at the top."""
    top, held = Organisation.objects.get(code="G"), Role.objects.get(code=role)
    Assignment.objects.create(user=user, role=held, organisation=top, valid_from="2020-01-01")
    return user


def codes() -> set[str]:
    """The kinds of finding that verification has now, notes left out."""
    return {finding.code for finding in verify().findings if not finding.is_note}
