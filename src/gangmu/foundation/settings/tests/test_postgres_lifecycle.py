import json
import os
import stat

import psycopg
import pytest

from gangmu.foundation.settings.postgres import Cluster, DatabaseUnavailable, open_database, stop
from gangmu.foundation.settings.tests.postgres_helpers import (
    first_line,
    query,
    server_process,
    start_user,
    supervisor_process,
    wait_until,
    wait_until_stopped,
)


def test_a_new_cluster_has_the_roles_the_extensions_and_an_order_by_code_point(cluster):
    with open_database(cluster.home, linger=0.0) as database, psycopg.connect(**database.dsn("owner")) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname LIKE 'gangmu%' ORDER BY 1"
        ).fetchall()
        extensions = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        order = [letter for (letter,) in connection.execute("SELECT x FROM unnest('{电,a,B,北}'::text[]) x ORDER BY x")]
        trigrams = connection.execute("SELECT cardinality(show_trgm('大唐发电'))").fetchone()
        label = connection.execute("SELECT '大唐.一号机组'::ltree <@ '大唐'::ltree").fetchone()
        settings = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'listen_addresses', "
                "'TimeZone', 'shared_preload_libraries', 'data_checksums')"
            ).fetchall()
        )
    assert roles == [
        ("gangmu_owner", True, True, True),
        ("gangmu_system", False, True, True),
        ("gangmu_web", False, False, True),
    ]
    assert {"ltree", "btree_gist", "pg_trgm", "pg_stat_statements"} <= extensions
    assert order == ["B", "a", "北", "电"]
    assert trigrams is not None and trigrams[0] > 0
    assert label == (True,)
    assert settings == {
        "fsync": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "shared_preload_libraries": "pg_stat_statements",
        "data_checksums": "on",
    }


def test_the_system_role_becomes_the_web_role_only_by_asking(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        query(database, "CREATE TABLE secret (a int)")
        query(database, "CREATE TABLE open (a int); GRANT SELECT ON open TO gangmu_web")
        with psycopg.connect(**database.dsn("system"), autocommit=True) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT * FROM open")
            with connection.transaction():
                connection.execute("SET LOCAL ROLE gangmu_web")
                assert connection.execute("SELECT * FROM open").fetchall() == []
        for statement in (
            "SELECT * FROM secret",
            "SET ROLE gangmu_system",
            "CREATE TABLE mine (a int)",
            "CREATE TEMPORARY TABLE mine (a int)",
            "SELECT * FROM pg_stat_statements",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                query(database, statement, "web")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            query(database, "SELECT 1", "web", "postgres")


def test_a_wrong_password_is_refused_and_the_files_are_closed_to_others(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**{**database.dsn("web"), "password": "guess"})
        for path in [*cluster.secrets.iterdir(), *cluster.logs.iterdir(), *cluster.run.iterdir()]:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_last_one_out_stops_it(cluster):
    first = open_database(cluster.home, linger=0.0)
    second = open_database(cluster.home, linger=0.0)
    server = server_process(cluster)
    first.close()
    assert query(second, "SELECT 1") == 1
    assert server.alive()
    second.close()
    wait_until_stopped(cluster)
    assert not server.alive()
    assert cluster.status().state == "stopped"


def test_it_lingers_for_the_next_command(cluster):
    open_database(cluster.home, linger=600.0).close()
    server = server_process(cluster)
    with open_database(cluster.home):
        assert server_process(cluster) == server
    assert stop(cluster.home)
    assert not server.alive()


def test_a_folder_without_a_database_is_left_as_it_was(tmp_path):
    with pytest.raises(DatabaseUnavailable) as refusal:
        open_database(tmp_path / "nothing")
    assert refusal.value.code == "not_initialised"
    assert "gangmu init" in refusal.value.english and "gangmu init" in refusal.value.chinese
    assert list(tmp_path.iterdir()) == []


def test_processes_that_create_and_start_it_at_once_share_one_server(tmp_path):
    home = tmp_path / "home"
    users = [start_user(home) for _ in range(3)]
    servers = {json.loads(first_line(user))["server"] for user in users}
    assert len(servers) == 1
    for user in users:
        user.communicate()
        assert user.returncode == 0
    wait_until_stopped(Cluster(home))


def test_who_comes_while_it_stops_waits_and_starts_it_again(cluster):
    servers = set()
    for _ in range(4):  # closing the last one and opening the next meet at every stage of the stop
        with open_database(cluster.home, linger=0.0) as database:
            servers.add(query(database, "SELECT pg_postmaster_start_time()"))
        wait_until(lambda: cluster.status().state in ("stopping", "stopped"), "it begins to stop")
    assert len(servers) == 4


def test_a_killed_command_holds_nothing(cluster):
    user = start_user(cluster.home)
    first_line(user)
    server = server_process(cluster)
    user.kill()
    user.communicate()
    wait_until_stopped(cluster)
    assert not server.alive()


def test_a_forked_child_keeps_it_running(cluster):
    database = open_database(cluster.home, linger=0.0)
    asleep, wake = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(wake)
        os.read(asleep, 1)
        os._exit(0)
    os.close(asleep)
    supervisor = supervisor_process(cluster)
    database.close()
    assert stop(cluster.home) is False  # in use, by the child
    assert supervisor.alive()
    os.close(wake)
    os.waitpid(child, 0)
    wait_until_stopped(cluster)


def test_stop_spares_what_is_in_use_unless_forced(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        assert stop(cluster.home) is False
        assert query(database, "SELECT 1") == 1
        assert stop(cluster.home, force=True) is True
        assert cluster.status().state == "stopped"
        with pytest.raises(psycopg.OperationalError):
            query(database, "SELECT 1")


def test_the_status_changes_nothing(tmp_path, cluster):
    assert Cluster(tmp_path / "nothing").status().state == "missing"
    assert cluster.status().state == "stopped"
    with open_database(cluster.home, linger=0.0):
        status = cluster.status()
        assert (status.state, status.version, status.server) == ("ready", "18", server_process(cluster).pid)
    assert not (tmp_path / "nothing").exists()


def test_progress_is_told_in_both_languages(cluster):
    said = []
    with open_database(cluster.home, linger=0.0, progress=said.append):
        pass
    assert "Starting the database （正在启动数据库）" in said


def test_a_link_to_the_folder_leads_to_the_same_server(cluster, tmp_path):
    link = tmp_path / ("a-long-name" * 10)
    link.symlink_to(cluster.home)
    with open_database(cluster.home, linger=0.0) as database, open_database(link, linger=0.0) as other:
        assert other.dsn("web") == database.dsn("web")
        assert stop(link) is False


def test_last_weeks_logs_go_and_yesterdays_stay(cluster):
    old, recent = cluster.logs / "postgres-xxx.log", cluster.logs / "postgres-yyy.log"
    for path in (old, recent):
        path.write_text("said")
    os.utime(old, (0, 0))
    with open_database(cluster.home, linger=0.0):
        assert not old.exists()
        assert recent.read_text() == "said"
