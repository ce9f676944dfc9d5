"""Two changes at the same time, each right alone, do not make a circle together."""

from concurrent.futures import ThreadPoolExecutor

from django.db import IntegrityError, connection, transaction

from gangmu.foundation.parties import services
from gangmu.foundation.parties.models import Organisation, Placement


def place(child: str, parent: str) -> str:
    """Put `child` under `parent` for ever, in a transaction and on a connection of this thread; the refusal if any."""
    try:
        with transaction.atomic():
            target = Organisation.objects.get(code=parent)
            Placement.objects.filter(child__code=child).update(parent=target)
    except IntegrityError as refused:
        return str(refused)
    finally:
        connection.close()
    return ""


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database())"
        )
        return cursor.fetchone()[0]


def test_the_second_of_two_changes_waits_and_is_refused(committed):
    top = services.create(code="G", kind="group", name_zh="集团")
    first, second = (services.create(code=code, kind="region", name_zh="区", parent=top) for code in ("R1", "R2"))
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            Placement.objects.filter(child=first).update(parent=second)
            outcome = other.submit(place, "R2", "R1")
            while not somebody_waits():
                assert not outcome.done()
        assert "would stand below itself" in outcome.result()
    assert dict(Placement.objects.values_list("child__code", "parent__code")) == {"G": None, "R1": "R2", "R2": "G"}
