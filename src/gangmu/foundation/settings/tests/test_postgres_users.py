"""As root and as an ordinary user, below open and closed folders, with short and long paths."""

import json
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from gangmu.foundation.settings.postgres import Cluster, DatabaseUnavailable, binaries, open_database, stop
from gangmu.foundation.settings.tests.postgres_helpers import (
    first_line,
    query,
    server_process,
    start_user,
    wait_until_stopped,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
PACKAGES = [str(binaries.folder().parents[2]), str(Path(str(psycopg.__file__)).parents[1])]


@pytest.fixture
def open_folder():
    """A folder that every user may enter, belonging to an ordinary one."""
    folder = Path(tempfile.mkdtemp(prefix="gangmu-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    stop(folder / "home", force=True)
    shutil.rmtree(folder)


def somebody() -> pwd.struct_passwd:
    return next(user for user in pwd.getpwall() if user.pw_uid >= 1000)


def python_for(user: pwd.struct_passwd) -> str:
    """An interpreter that this user may run with our packages, of our version."""
    import sys

    probe = "import sys, psycopg, gangmu; sys.exit(sys.version_info[:2] != (%d, %d))"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.run(
                [python, "-c", probe % sys.version_info[:2]],
                check=True,
                capture_output=True,
                user=user.pw_uid,
                group=user.pw_gid,
                extra_groups=[],
                env={"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[4]), *PACKAGES])},
                cwd="/",
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"NOT TESTED as an ordinary user: {user.pw_name} can run no Python {sys.version_info[:2]} here")


def test_a_path_too_long_for_a_socket(place_cluster, tmp_path):
    home = tmp_path / ("很长的目录" * 5) / ("a-long-folder-name" * 5) / "home"
    home.parent.mkdir(parents=True)
    cluster = place_cluster(home)
    assert len(os.fsencode(cluster.run / ".s.PGSQL.5432")) > 107
    with open_database(home, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
        folder = Path(database.dsn("web")["host"])
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert Cluster(home).socket_folder == folder  # every process finds the same
    wait_until_stopped(cluster)
    assert not folder.exists()


def test_a_path_with_quotes_spaces_and_backslashes(place_cluster, tmp_path):
    home = tmp_path / 'it\'s a "home", \\n really'
    cluster = place_cluster(home)
    with open_database(home, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
        assert query(database, "SHOW log_directory") == str(cluster.logs)


@as_root
def test_a_socket_folder_that_somebody_else_has_put_there(place_cluster, tmp_path):
    home = tmp_path / ("long" * 30) / "home"
    home.parent.mkdir()
    cluster = place_cluster(home)
    trap = cluster.socket_folder
    trap.mkdir(mode=0o777)
    os.chown(trap, 12345, 12345)
    try:
        with pytest.raises(DatabaseUnavailable) as refusal:
            open_database(home, linger=0.0).close()
        assert refusal.value.code == "socket"
    finally:
        trap.rmdir()


@as_root
def test_as_root_below_a_closed_folder(place_cluster, tmp_path):
    tmp_path.chmod(0o700)
    cluster = place_cluster(tmp_path / "home")
    with open_database(cluster.home, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
        assert (cluster.data / "postmaster.pid").stat().st_uid == 0
        inside = Path(f"/proc/{server_process(cluster).pid}/uid_map").read_text().split()
    assert inside[0] != "0" and inside[1:] == ["0", "1"]  # it believes to be somebody, one user wide


@as_root
def test_as_an_ordinary_user(open_folder):
    user = somebody()
    python = python_for(user)
    os.chown(open_folder, user.pw_uid, user.pw_gid)
    command = start_user(
        open_folder / "home",
        python=python,
        path=PACKAGES,
        env={"HOME": str(open_folder)},
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
    )
    line = first_line(command)
    assert json.loads(line)["uid"] == user.pw_uid
    cluster = Cluster(open_folder / "home")
    assert cluster.data.stat().st_uid == user.pw_uid
    assert os.stat(f"/proc/{server_process(cluster).pid}").st_uid == user.pw_uid
    # Root joins what the user runs, and leaves files that the user can go on with.
    with open_database(cluster.home, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
    command.communicate()
    assert command.returncode == 0
    wait_until_stopped(cluster)
    assert {path.stat().st_uid for path in cluster.home.rglob("*")} == {user.pw_uid}


@as_root
def test_as_an_ordinary_user_inside_a_namespace(tmp_path):
    """The same without an interpreter of the user's own: Python itself runs in a user namespace of one uid."""
    home = tmp_path / "home"
    wrapper = shutil.which("unshare")
    if wrapper is None or subprocess.run([wrapper, "--user", "--map-user=1234", "true"]).returncode != 0:
        pytest.skip("NOT TESTED: user namespaces are forbidden here")
    nobody = pwd.getpwnam("nobody").pw_uid  # initdb wants a user with a name
    command = start_user(home, wrapper=(wrapper, "--user", f"--map-user={nobody}"))
    line = first_line(command)
    assert json.loads(line)["uid"] == nobody
    command.communicate()
    wait_until_stopped(Cluster(home))


@as_root
def test_root_runs_a_users_cluster_as_that_user(place_cluster, open_folder):
    user = somebody()
    cluster = place_cluster(open_folder / "home")
    for path in [cluster.home, *cluster.home.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid)
    with open_database(cluster.home, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
        assert os.stat(f"/proc/{server_process(cluster).pid}").st_uid == user.pw_uid
    wait_until_stopped(cluster)
    assert {path.stat().st_uid for path in cluster.home.rglob("*")} == {user.pw_uid}


@as_root
def test_root_without_namespaces_gives_a_new_folder_to_an_ordinary_user(open_folder, monkeypatch):
    monkeypatch.setenv("GANGMU_DATABASE_NAMESPACE", "0")
    home = open_folder / "home"
    with open_database(home, create=True, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
        owner = database.cluster.data.stat().st_uid
        assert owner != 0
        assert os.stat(f"/proc/{server_process(database.cluster).pid}").st_uid == owner
    wait_until_stopped(database.cluster)
    with open_database(home, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1


@as_root
def test_root_without_namespaces_below_a_closed_folder_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_DATABASE_NAMESPACE", "0")
    tmp_path.chmod(0o700)
    with pytest.raises(DatabaseUnavailable) as refusal:
        open_database(tmp_path / "home", create=True, linger=0.0)
    assert refusal.value.code == "root_refused"
    for text in (refusal.value.english, refusal.value.chinese):
        assert "chown -R gangmu" in text and "GANGMU_DATABASE_URL" in text


@as_root
def test_a_users_folder_below_a_closed_one_names_the_folder(place_cluster, tmp_path):
    user = somebody()
    tmp_path.chmod(0o700)
    cluster = place_cluster(tmp_path / "home")
    for path in [cluster.home, *cluster.home.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid)
    with pytest.raises(DatabaseUnavailable) as refusal:
        open_database(cluster.home, linger=0.0)
    assert refusal.value.code == "unreachable"
    assert user.pw_name in refusal.value.english
