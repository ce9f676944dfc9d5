import re
from pathlib import Path

import psycopg
import pytest

from gangmu.foundation.settings.postgres import (
    DatabaseUnavailable,
    OutsideDatabase,
    create_database,
    database_url_override,
    drop_database,
    open_database,
    prepare,
)
from gangmu.foundation.settings.tests.postgres_helpers import query


def url(dsn: dict, dbname: str | None = None) -> str:
    return (
        f"postgresql://{dsn['user']}:{dsn['password']}@/{dbname or dsn['dbname']}?host={dsn['host']}&port={dsn['port']}"
    )


@pytest.fixture
def running(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        yield database


def test_without_the_variable_there_is_no_outside_database():
    assert database_url_override() is None


def test_an_outside_server_is_used_and_none_started(running, tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_DATABASE_URL", url(running.dsn("owner")))
    home = tmp_path / "untouched"
    with open_database(home) as database:
        assert isinstance(database, OutsideDatabase)
        assert query(database, "SELECT current_user", "owner") == "gangmu_owner"
        for role in ("system", "web"):
            who = "SELECT session_user || ' as ' || current_user"
            assert query(database, who, role) == f"gangmu_owner as gangmu_{role}"
            # The role is the connection's own: resetting does not lead back to the owner.
            with psycopg.connect(**database.dsn(role)) as connection:
                connection.execute("RESET ROLE")
                assert connection.execute("SELECT current_user").fetchone() == (f"gangmu_{role}",)
    assert not home.exists()


def test_logins_of_their_own_for_the_system_and_the_web(running, monkeypatch):
    for role, name in (("owner", ""), ("system", "_SYSTEM"), ("web", "_WEB")):
        monkeypatch.setenv(f"GANGMU_DATABASE_URL{name}", url(running.dsn(role)))
    database = database_url_override()
    assert database is not None
    for role in ("owner", "system", "web"):
        assert query(database, "SELECT session_user::text", role) == f"gangmu_{role}"
        assert "options" not in database.dsn(role)


def test_preparing_gives_a_bare_server_roles_extensions_and_rights(running, monkeypatch):
    # A stranger's server: no roles of ours (their names are taken aside), a bare database.
    query(running, "CREATE ROLE dba SUPERUSER LOGIN PASSWORD 'long enough'")
    query(running, "CREATE DATABASE theirs TEMPLATE template0 OWNER dba")
    dsn = {**running.dsn("owner"), "user": "dba", "password": "long%20enough"}
    for role in ("gangmu_system", "gangmu_web"):
        query(running, f"ALTER ROLE {role} RENAME TO {role}_aside")
    monkeypatch.setenv("GANGMU_DATABASE_URL", url(dsn, "theirs"))
    database = database_url_override()
    assert database is not None
    for _ in range(2):
        prepare(database)
    assert query(database, "SELECT current_user", "web") == "gangmu_web"
    assert query(database, "SELECT rolbypassrls FROM pg_roles WHERE rolname = 'gangmu_system'") is True
    assert query(database, "SELECT '大唐.一号'::ltree::text", "web") == "大唐.一号"
    assert query(database, "SELECT pg_has_role('gangmu_system', 'gangmu_web', 'SET')") is True
    assert query(database, "SELECT pg_has_role('gangmu_system', 'gangmu_web', 'USAGE')") is False


def test_the_statements_in_the_documentation_are_enough_for_an_owner_without_rights(running, monkeypatch):
    page = (Path(__file__).parents[5] / "docs" / "concepts" / "database.md").read_text("utf-8")
    blocks = [block for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL) if "CREATE ROLE" in block]
    assert len(blocks) == 1
    before, after = blocks[0].replace("…", "long enough").split("\\c gangmu\n")
    query(running, "CREATE ROLE dba SUPERUSER LOGIN PASSWORD 'long enough'")
    as_dba = {**running.dsn("owner", "postgres"), "user": "dba", "password": "long enough"}
    with psycopg.connect(**as_dba, autocommit=True) as connection:
        connection.execute("ALTER DATABASE gangmu RENAME TO gangmu_aside")
        for role in ("gangmu_owner", "gangmu_system", "gangmu_web"):
            connection.execute(f"ALTER ROLE {role} RENAME TO {role}_aside".encode())
        for statement in before.split(";"):
            if statement.strip():
                connection.execute(statement.encode())
    with psycopg.connect(**{**as_dba, "dbname": "gangmu"}, autocommit=True) as connection:
        connection.execute(after.encode())
    for role, suffix in (("owner", ""), ("system", "_SYSTEM"), ("web", "_WEB")):
        dsn = {**as_dba, "user": f"gangmu_{role}", "password": "long%20enough", "dbname": "gangmu"}
        monkeypatch.setenv(f"GANGMU_DATABASE_URL{suffix}", url(dsn))
    database = database_url_override()
    assert database is not None
    prepare(database)
    assert query(database, "SELECT rolsuper FROM pg_roles WHERE rolname = session_user", "owner") is False
    query(database, "CREATE TABLE ours (a int)")
    assert query(database, "SELECT session_user::text", "web") == "gangmu_web"


def test_preparing_without_the_rights_says_so(running, monkeypatch):
    query(running, "CREATE ROLE clerk LOGIN PASSWORD 'long enough'")
    query(running, "CREATE DATABASE theirs OWNER clerk")
    dsn = {**running.dsn("owner"), "user": "clerk", "password": "long%20enough"}
    monkeypatch.setenv("GANGMU_DATABASE_URL", url(dsn, "theirs"))
    database = database_url_override()
    assert database is not None
    with pytest.raises(DatabaseUnavailable) as refusal:
        prepare(database)
    assert refusal.value.code == "outside_rights"


def test_a_database_that_does_not_know_chinese_letters_is_refused(running, monkeypatch):
    query(running, "CREATE DATABASE plain TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C' LOCALE 'C'")
    monkeypatch.setenv("GANGMU_DATABASE_URL", url(running.dsn("owner"), "plain"))
    database = database_url_override()
    assert database is not None
    with pytest.raises(DatabaseUnavailable) as refusal:
        prepare(database)
    assert refusal.value.code == "outside_characters"


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ("mysql://u:hush@h/d", "does not begin"),
        ("postgresql://u:hush@h:port/d", "port"),
        ("postgresql://u:hush@h/d?nonsense=1", "invalid"),
        ("postgresql://u:hush@h", "no dbname"),
        ("postgresql://h/d", "no user"),
    ],
)
def test_a_wrong_address_is_refused_without_showing_the_password(monkeypatch, wrong, detail):
    monkeypatch.setenv("GANGMU_DATABASE_URL", wrong)
    with pytest.raises(DatabaseUnavailable) as refusal:
        database_url_override()
    assert refusal.value.code == "wrong_url"
    assert detail in refusal.value.english
    assert "hush" not in str(refusal.value)


def test_databases_beside_the_first_are_made_and_dropped(running):
    create_database(running, '测试 "1"')
    query(running, "CREATE TABLE kept AS SELECT 7 AS a", dbname='测试 "1"')
    assert query(running, "SELECT 1", "system", '测试 "1"') == 1
    create_database(running, "copy", template='测试 "1"')
    assert query(running, "SELECT a FROM kept", dbname="copy") == 7
    assert query(running, "SELECT 1", "web", "copy") == 1
    with psycopg.connect(**running.dsn("owner", "copy")):
        drop_database(running, "copy")
    drop_database(running, "copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        query(running, "SELECT 1", dbname="copy")


def test_what_else_the_address_says_is_kept(monkeypatch):
    address = "postgresql://o:p@db.example:6432/world?sslmode=verify-full&options=-c%20work_mem%3D9MB"
    monkeypatch.setenv("GANGMU_DATABASE_URL", address)
    database = database_url_override()
    assert database is not None
    assert database.dsn("system", "other") == {
        "dbname": "other",
        "user": "o",
        "password": "p",
        "host": "db.example",
        "port": "6432",
        "sslmode": "verify-full",
        "options": "-c work_mem=9MB -c role=gangmu_system",
    }
    assert database.dsn("owner")["options"] == "-c work_mem=9MB"
