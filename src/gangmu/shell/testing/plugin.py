"""The pytest plugin of this repository.

One embedded server is kept for tests (in memory or in `.gangmu-test`, joined by whoever tests at the same time). A
template database is made once for each state of the code; every run, and every test that must commit, gets a copy.
Tests talk to it as the owner; requests and `acting_as` drop to the web role, so row security holds in them.
"""

import contextlib
import fcntl
import gc
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from gangmu.foundation.settings.postgres import open_database

ROOT = Path(__file__).resolve().parents[4]
MEMORY = Path("/dev/shm")  # noqa: S108 (Linux's file system in memory; the folder made in it is ours alone)
ENOUGH_MEMORY = 4 << 30


def _server_home() -> Path:
    """Where the tests' server lives: in memory where there is plenty of it, since a run copies the template some five
    hundred times; else in the checkout."""
    if named := os.environ.get("GANGMU_TEST_HOME"):
        return Path(named)
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY:
        checkout = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]
        folder = MEMORY / f"gangmu-test-{os.getuid()}-{checkout}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = os.lstat(folder)  # everybody may write beside it, so somebody may have put one there
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077:
            return folder
    return ROOT / ".gangmu-test"


SERVER_HOME = _server_home()
os.environ["GANGMU_TEST_HOME"] = str(SERVER_HOME)  # the processes that share the tests go to the same one
PROVED: dict[str, list[str]] = {}
LONG_WINGS = ("shell", "foundation")
TEMPLATES_KEPT = 6  # several checkouts and several people's processes may share the server

os.environ.pop("GANGMU_DATABASE_URL", None)
os.environ.pop("GANGMU_NOW", None)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps an event loop in the tests' thread

SERVER_HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
LOCAL = SERVER_HOME / "postgresql.local.conf"
if not LOCAL.exists():  # what tests write is thrown away; crash proofs have a server of their own, which syncs
    LOCAL.write_text(
        "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"
        "max_wal_size = 128MB\nmin_wal_size = 32MB\n"
    )
LEASE = open_database(SERVER_HOME, create=True)
HOME = Path(tempfile.mkdtemp(prefix="gangmu-home-", dir=MEMORY if SERVER_HOME.parent == MEMORY else None))


def url(role: str, database: str) -> str:
    """A database URL of the test server."""
    dsn = LEASE.dsn(role)
    return (
        f"postgresql://{dsn['user']}:{quote(dsn['password'], safe='')}@/{database}"
        f"?host={quote(str(dsn['host']), safe='')}&port={dsn['port']}"
    )


def point_at(database: str) -> None:
    """Let this process and those it starts use `database`."""
    os.environ["GANGMU_DATABASE_URL"] = url("owner", database)
    os.environ["GANGMU_DATABASE_URL_SYSTEM"] = url("system", database)
    os.environ["GANGMU_DATABASE_URL_WEB"] = url("web", database)


os.environ["GANGMU_HOME"] = str(HOME)
os.environ["GANGMU_DB_ROLE"] = "owner"
os.environ.setdefault("GANGMU_LANGUAGE", "en")
point_at("gangmu")


def _administer(statement: sql.Composed) -> None:
    with psycopg.connect(**LEASE.dsn("owner", "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def clone(template: str, name: str) -> None:
    """Make `name` a copy of `template`, file by file: quicker than through the log of a server that syncs nothing."""
    drop(name)
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    _administer(copy.format(sql.Identifier(name), sql.Identifier(template)))


def drop(name: str) -> None:
    _administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@cache
def _fingerprint() -> str:
    """Of everything that shapes the database: code, SQL and content of the package."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix in (".py", ".sql", ".yaml") and "tests" not in path.parts and "cli" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _exists(name: str) -> bool:
    with psycopg.connect(**LEASE.dsn("owner", "postgres"), autocommit=True) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def template_database() -> str:
    """The installed database for this state of the code, made when there is none."""
    from django.db import connections

    name = f"template_{_fingerprint()}"
    with (SERVER_HOME / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _exists(name):
            return name
        from gangmu.shell.installing import install

        making = f"{name}_making"
        clone("gangmu", making)
        connection = connections["default"]
        connection.close()
        connection.settings_dict["NAME"] = making
        install()
        connection.close()
        _administer(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name)))
        _forget_old_templates()
    return name


def _forget_old_templates() -> None:
    """Each state of the code leaves a template behind: those of the last few are kept, the disk stays free."""
    with psycopg.connect(**LEASE.dsn("owner", "postgres"), autocommit=True) as connection:
        old = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%%' ORDER BY oid DESC OFFSET %s",
            [TEMPLATES_KEPT],
        ).fetchall()
    for (name,) in old:
        drop(name)


@contextlib.contextmanager
def own_database(suffix: str) -> Iterator[str]:
    """Django and this process's children on a fresh copy of the template, for the time of the block."""
    from django.db import connections

    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    template = template_database()
    name = f"test_{os.getpid()}_{suffix}"
    clone(template, name)
    connection.close()
    connection.settings_dict["NAME"] = name
    point_at(name)
    try:
        yield name
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
        point_at(before)
        drop(name)


def pytest_sessionfinish(session: pytest.Session) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Replaces pytest-django's: the tests' database is a copy of the template."""
    with django_db_blocker.unblock(), own_database("main"):
        yield


_count = 0


@contextlib.contextmanager
def own_home(home: Path, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A database and a GANGMU_HOME for the time of the block, in which it commits like the real thing."""
    global _count  # noqa: PLW0603
    _count += 1
    from django.conf import settings

    before = settings.GANGMU_HOME, os.environ["GANGMU_HOME"]
    shutil.copytree(HOME / "secrets", home / "secrets")
    with django_db_blocker.unblock(), own_database(f"own{_count}") as name:
        settings.GANGMU_HOME = home
        os.environ["GANGMU_HOME"] = str(home)
        try:
            yield name
        finally:
            settings.GANGMU_HOME, os.environ["GANGMU_HOME"] = before


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database and a GANGMU_HOME of the test's own, in which it commits like the real thing."""
    with own_home(tmp_path / "home", django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def committed_once(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """As `committed`, shared by the tests of a module that leave it as they found it."""
    with own_home(tmp_path_factory.mktemp("home") / "home", django_db_blocker) as name:
        yield name


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What is written in the block is taken back at its end: for tests that share a world."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def office() -> Iterator[None]:
    """The test is at the back office. Without it pages are those of the business site."""
    from gangmu.shell.testing.sites import at_site

    with at_site("office"):
        yield


@pytest.fixture(scope="session", autouse=True)
def as_served(django_test_environment: None) -> None:
    """Pages are rendered as they are served. Django copies every context for tests that look into it: none does."""
    from django.template import Template
    from django.test import utils

    Template._render = utils._TestState.saved_data.template_render  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever the one before it left active."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """No test waits because another one failed to sign in."""
    from gangmu.shell.testing.clients import forget_attempts

    yield
    forget_attempts()


def pytest_configure(config: pytest.Config) -> None:
    from gangmu.foundation.settings.home import secret

    for name in ("django", "seal"):
        secret(name, create=True)
    from django.conf import settings

    from gangmu.shell.testing import clients

    clients.install()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one, for tests alone
    settings.RATE_LIMITS = False  # those of the limits switch it on


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    from gangmu.foundation.settings.home import secret

    for name in ("django", "seal"):
        secret(name, create=True)


def _place(path: Path) -> int:
    return next((at for at, wing in enumerate(LONG_WINGS) if wing in path.parts), len(LONG_WINGS))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long proofs run under `make prove` alone. What waits long for servers and browsers comes first, so that the
    processes that share the tests end together."""
    items.sort(key=lambda item: 0 if item.path.is_relative_to(ROOT / "tests") else 1 + _place(item.path))
    proving = os.environ.get("GANGMU_PROVE") == "1"
    for item in items:
        if item.get_closest_marker("prove") and not proving:
            item.add_marker(pytest.mark.skip(reason="a long proof: make prove runs it"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What has been imported and collected stays to the end: no search for garbage need look at it every time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("req"):
        for requirement in marker.args:
            item.user_properties.append(("req", requirement))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        marks = sorted({str(value) for name, value in report.user_properties if name == "req"})
        if marks:
            PROVED[report.nodeid] = marks if report.passed else []


def pytest_unconfigure(config: pytest.Config) -> None:
    """What `make coverage-map` reads: which feature ids each test proved when it last ran."""
    if PROVED and not hasattr(config, "workerinput"):
        path = ROOT / ".coverage-map.json"
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        path.write_text(json.dumps({**known, **PROVED}, indent=1, sort_keys=True), "utf-8")
    LEASE.close()
