"""What row security costs: a page, and a search among a million rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from django.db import connection, transaction
from django.test import Client

from bench.measure import Result, compare, once
from gangmu.foundation.access.install import install_row_security
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.queries import documents
from gangmu.foundation.parties.models import Organisation
from gangmu.shell.testing.clients import force_login

ROWS = 1_000_000


def cases() -> Iterator[Result]:
    """The reader holds a role at one of eight regions, and one at the group for the second search."""
    region, group = _reader("bench-region", "R1"), _reader("bench-group", "G")
    yield _page(region)
    _make_documents()
    yield _search(region, "a region's scope")
    yield _search(group, "the group's scope")


def _reader(username: str, organisation: str) -> User:
    user = User(username=username, name=username)
    user.set_unusable_password()
    user.save()
    Assignment.objects.create(
        user=user,
        role=Role.objects.get(code="viewer"),
        organisation=Organisation.objects.get(code=organisation),
        valid_from="2020-01-01",
    )
    return user


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
        return [name for (name,) in cursor.fetchall()]


@contextmanager
def without_row_security() -> Iterator[None]:
    """Every policy switched off, the grants as they are."""
    tables = _tables()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    try:
        yield
    finally:
        install_row_security(connection)


def _page(reader: User) -> Result:
    """The same list of organisations, filtered to what a region sees, with policies and without."""
    client = Client(SERVER_NAME="localhost")
    force_login(client, reader)

    def page() -> None:
        response = client.get("/organisations/list/?kind=unit")
        if response.status_code != 200:
            raise SystemExit(f"the page answered {response.status_code}")

    return _interleaved("a page of the organisations' list, row security on", "the same page, row security off", page)


def _visible_ids(reader: User) -> list[int]:
    with acting_as(reader):
        return list(Organisation.objects.values_list("pk", flat=True))


def _interleaved(case: str, against: str, work: Callable[[], None]) -> Result:
    """Blocks of runs with and without, in turn; switching is not timed."""
    with_it: list[float] = []
    without: list[float] = []
    for _block in range(6):
        work()
        with_it += [once(work) for _ in range(10)]
        with without_row_security():
            work()
            without += [once(work) for _ in range(10)]
    ours, theirs = median(with_it), median(without)
    ratio = round(ours / theirs, 3)
    return Result(case, "PostgreSQL", round(ours, 2), round(theirs, 2), ratio, "ms", "≤ 1.10", against=against)


def _make_documents() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_document (organisation_id, name, title, media_type, size, sha256, uploaded_at)"
            " SELECT o.ids[1 + (n::bigint * 7919) %% array_length(o.ids, 1)], 'file' || n || '.pdf',"
            " '文件 ' || md5(n::text), 'application/pdf', 1000, md5(n::text) || md5(n::text), now()"
            " FROM generate_series(1, %s) n, (SELECT array_agg(id) AS ids FROM parties_organisation) o",
            [ROWS],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE documents_document")


def _search(reader: User, whose: str) -> Result:
    """The newest 50 documents whose title holds a piece of text; without the lock, the same rows by the same query."""

    def find() -> None:
        with acting_as(reader):
            list(documents(search="abcde")[:50])

    def find_bare() -> None:
        with transaction.atomic():
            list(documents(search="abcde").filter(organisation_id__in=ids)[:50])

    ids = _visible_ids(reader)
    return compare(
        f"search among {Document.objects.count():,} rows, {whose}",
        "PostgreSQL",
        find,
        find_bare,
        goal="≤ 2",
        runs=15,
        against="the same search by the owner, scoped by an id list",
    )
