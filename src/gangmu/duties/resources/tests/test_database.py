"""What the database itself refuses, and that two writers cannot close a circle together."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.parties.models import Organisation

CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"
SINCE = (date(2026, 1, 1), None)


@pytest.fixture
def place(db):
    return Organisation.objects.create(code="G", name_zh="集团", kind="group")


def resource(place, code, valid=SINCE):
    made = Resource(organisation=place, code=code, name_zh=code, kind="system", valid=valid)
    made.save()
    return made


def needs(one, other, valid=SINCE, **group):
    return Dependency.objects.create(organisation=one.organisation, resource=one, on=other, valid=valid, **group)


@contextmanager
def refused(rule: str, *rows: object) -> Iterator[None]:
    """What is written inside is refused when the database is asked, by this rule and naming these rows."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute(CHECKED)
    told = error.value.__cause__.diag  # pyright: ignore[reportOptionalMemberAccess]
    assert (told.constraint_name, json.loads(told.message_detail)) == (rule, list(rows))


def accepted() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHECKED)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_circle_is_refused_with_its_path(place):
    a, b, c, d = (resource(place, code) for code in "ABCD")
    needs(d, a)
    needs(a, b)
    needs(b, c)
    accepted()
    with refused("nothing_needs_itself_through_others", b.pk, c.pk, a.pk):
        needs(c, a)


def test_a_circle_that_never_stands_on_one_day_is_none(place):
    a, b = resource(place, "A"), resource(place, "B")
    needs(a, b, (date(2026, 1, 1), date(2026, 6, 1)))
    needs(b, a, (date(2026, 6, 1), None))
    accepted()
    with refused("nothing_needs_itself_through_others", b.pk, a.pk):
        Dependency.objects.filter(resource=a).update(valid=(date(2026, 1, 1), date(2026, 6, 2)))


def test_a_group_cannot_need_more_than_it_has_on_any_day(place):
    a, b, c = (resource(place, code) for code in "ABC")
    with refused("a_group_has_as_many_as_it_needs", a.pk, "power", "2026-06-01", 1, 2):
        needs(a, b, group="power", needed=2)
        needs(a, c, (date(2026, 1, 1), date(2026, 6, 1)), group="power", needed=2)


def test_a_group_has_one_number(place):
    a, b, c = (resource(place, code) for code in "ABC")
    with pytest.raises(DatabaseError, match="a_group_has_one_number_a_day"), transaction.atomic():
        needs(a, b, group="power", needed=1)
        needs(a, c, group="power", needed=2)
        accepted()


def test_a_dependency_does_not_outlive_what_it_joins(place):
    a, b = resource(place, "A"), resource(place, "B")
    needs(a, b)
    accepted()
    with refused("a_dependency_lasts_no_longer_than_its_ends", a.pk, b.pk):
        Resource.objects.filter(pk=b.pk).update(valid=(date(2026, 1, 1), date(2026, 6, 1)))


def test_nothing_needs_itself_or_the_same_twice(place):
    a, b = resource(place, "A"), resource(place, "B")
    with pytest.raises(DatabaseError, match="nothing_needs_itself"), transaction.atomic():
        needs(a, a)
    with pytest.raises(DatabaseError, match="a_dependency_stands_once_a_day"), transaction.atomic():
        needs(a, b)
        needs(a, b)
        accepted()


def test_a_dependency_follows_its_resource_to_another_owner(place):
    a, b = resource(place, "A"), resource(place, "B")
    needs(a, b)
    other = Organisation.objects.create(code="H", name_zh="另一家", kind="group")
    Resource.objects.filter(pk=a.pk).update(organisation=other)
    accepted()
    assert Dependency.objects.get().organisation_id == other.pk


def test_two_writers_cannot_close_a_circle_together(committed):
    place = Organisation.objects.create(code="G", name_zh="集团", kind="group")
    a, b = resource(place, "A"), resource(place, "B")
    outcomes: list[str] = []
    both_begun = threading.Barrier(2)

    def write(one: Resource, other: Resource) -> None:
        try:
            with transaction.atomic():
                both_begun.wait(timeout=20)
                needs(one, other)
            outcomes.append("written")
        except DatabaseError as error:
            outcomes.append(str(error.__cause__.diag.constraint_name))  # pyright: ignore[reportOptionalMemberAccess]
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=pair) for pair in ((a, b), (b, a))]
    for one in writers:
        one.start()
    for one in writers:
        one.join(timeout=60)
    assert sorted(outcomes) == ["nothing_needs_itself_through_others", "written"]
    assert Dependency.objects.count() == 1
