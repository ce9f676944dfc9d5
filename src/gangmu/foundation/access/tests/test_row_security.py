"""The second lock: what the web role can SELECT, with the scope of each person of the world."""

from datetime import date

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from psycopg.types.range import DateRange

from gangmu.foundation.access.declarations import declared_tables
from gangmu.foundation.access.scope import acting_as, become_web
from gangmu.foundation.parties.models import AttributeValue, Body, Organisation, Placement
from gangmu.foundation.parties.services import move, set_attribute
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import Plumbing
from gangmu.shell.testing.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, tmp_path):
    with clock.frozen("2026-11-20T07:30"):
        yield make_world(tmp_path)


def codes() -> set[str]:
    return set(Organisation.objects.values_list("code", flat=True))


@pytest.mark.req("M-5.8.1.3")
def test_everybody_sees_their_branch_and_no_more(world):
    with acting_as(world.group):
        assert codes() == {"G", "R1", "R2", "P1", "P2", "P3", "P1U1", "P1U2", "P2U1", "P3U1"}
    with acting_as(world.present):
        assert codes() == {"R2", "P1", "P3", "P1U1", "P1U2", "P3U1"}
    with acting_as(world.clerk):
        assert codes() == {"P1", "P1U1", "P1U2"}
    with acting_as(world.other):
        assert codes() == {"P2", "P2U1"}
    with acting_as(world.nobody):
        assert codes() == set()


@pytest.mark.req("M-5.8.1.3")
def test_a_former_region_keeps_the_identity_and_its_own_days(world):
    with acting_as(world.former) as scope:
        assert codes() == {"R1", "P2", "P2U1", "P1", "P1U1", "P1U2"}
        assert {o.organisation_id for o in scope.former("parties")} == set(
            Organisation.objects.filter(code__startswith="P1").values_list("pk", flat=True)
        )
        parents = set(Placement.objects.filter(child__code="P1").values_list("parent__code", flat=True))
        assert parents == {"R1"}
    with acting_as(world.present):
        # the present branch has the whole history, though it may not see the former parent itself
        assert Placement.objects.filter(child__code="P1").count() == 2


@pytest.mark.req("M-5.8.1.3")
def test_attributes_after_the_move_are_not_the_former_regions(world):
    unit = Organisation.objects.get(code="P1U1")
    set_attribute(unit, "capacity_mw", "630", date(2026, 7, 1))
    values = AttributeValue.objects.filter(organisation=unit, name="capacity_mw").values_list("value", flat=True)
    with acting_as(world.former):
        assert set(values.all()) == {"600"}
    with acting_as(world.present):
        assert set(values.all()) == {"600", "630"}


@pytest.mark.req("M-5.8.1.3")
def test_no_row_tells_a_former_region_what_became_of_it_later(world):
    """The unit's placement and capacity began in R1's time, and the next owner ends both. R1's rows end with it."""
    unit = Organisation.objects.get(code="P1U1")
    set_attribute(unit, "capacity_mw", "630", date(2026, 7, 1))
    move(unit, Organisation.objects.get(code="P3"), date(2026, 8, 1))
    in_r1 = DateRange(date(2020, 1, 1), date(2026, 6, 1))
    with acting_as(world.former):
        assert [row.valid for row in Placement.objects.filter(child=unit)] == [in_r1]
        assert [row.valid for row in AttributeValue.objects.filter(organisation=unit)] == [in_r1]
        upper = [row.valid.upper for row in Placement.objects.filter(child__code__startswith="P1")]
        assert set(upper) == {in_r1.upper}
    with acting_as(world.present):
        assert Placement.objects.filter(child=unit).count() == 3


def test_no_scope_is_an_error_never_an_empty_page(world):
    with pytest.raises(ProgrammingError, match="no scope is set"), transaction.atomic():
        become_web(world.group.pk)
        codes()


def test_after_a_scoped_block_the_former_role_is_back(world):
    with acting_as(world.other):
        assert codes() == {"P2", "P2U1"}
    assert len(codes()) == 10


def test_scopes_nest_without_leaking(world):
    with acting_as(world.other):
        with acting_as(world.clerk):
            assert codes() == {"P1", "P1U1", "P1U2"}
        assert codes() == {"P2", "P2U1"}


@pytest.mark.req("M-5.8.1.3")
def test_an_assignment_counts_on_its_days_alone(world):
    world.other.assignments.update(valid_to="2026-11-20")
    with acting_as(world.other):
        assert codes() == set()
    with clock.frozen("2026-11-19T12:00"), acting_as(world.other):
        assert codes() == {"P2", "P2U1"}


@pytest.mark.req("M-5.8.1.3")
def test_the_web_role_cannot_write_outside_its_scope(world):
    plant = Organisation.objects.get(code="P2")
    Body.objects.create(organisation=plant, code="B", name_zh="委员会", valid=(None, None))
    with acting_as(world.clerk):
        assert Body.objects.filter(code="B").update(name_en="taken") == 0
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(world.clerk):
        Body.objects.create(organisation=plant, code="NEW", name_zh="新", valid=(None, None))


def test_every_table_with_rows_of_an_organisation_is_locked(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND NOT relrowsecurity"
        )
        open_tables = {name for (name,) in cursor.fetchall()}
    plumbing = {model._meta.db_table for model, rule in declared_tables() if isinstance(rule, Plumbing)}
    assert open_tables - plumbing <= {"django_migrations"}


@pytest.mark.req("M-5.8.1.3")
def test_the_web_role_owns_nothing_and_bypasses_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'gangmu_web'")
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'gangmu_web'::regrole")
        assert cursor.fetchone() == (0,)


def test_an_organisation_made_after_the_scope_was_set_breaks_no_query(world):
    with acting_as(world.clerk):
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT nextval(pg_get_serial_sequence('parties_organisation', 'id'))")
            cursor.execute("SET LOCAL ROLE gangmu_web")
        assert codes() == {"P1", "P1U1", "P1U2"}


def test_the_system_role_cannot_change_a_revision(committed):
    from gangmu.shell.testing.plugin import LEASE

    with (
        psycopg.connect(**LEASE.dsn("system", committed)) as system,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        system.execute("UPDATE filing_fact SET value = 1")


@pytest.mark.req("M-5.8.1.2")
def test_nobody_gives_themselves_a_role(world):
    from gangmu.foundation.access.models import Assignment, Role

    place = Organisation.objects.get(code="G")
    role = Role.objects.get(code="manager")
    for statement in (
        lambda: Assignment.objects.create(user=world.nobody, role=role, organisation=place),
        lambda: world.other.assignments.update(organisation=place),
        lambda: world.other.assignments.all().delete(),
        lambda: Role.objects.update(permissions=["*"]),
    ):
        with acting_as(world.other), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            statement()
    with acting_as(world.other):
        assert world.other.assignments.count() == 1  # one's own are seen
