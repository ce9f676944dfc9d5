"""Making a new cluster: all of it beside its place, then moved there in one step, so that half of one is never seen."""

import locale
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import binaries, locks, roles
from .cluster import DATABASE, ROLES, Cluster
from .problems import DatabaseUnavailable, from_server_log
from .processes import servers_in
from .serveruser import ServerUser

# The order is by code point in every case. The character classes must know Chinese: with "C", ltree refuses Chinese
# labels and pg_trgm finds no trigrams in Chinese text.
CHARACTER_CLASSES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8")


def create_cluster(cluster: Cluster, user: ServerUser, say: Callable[[str], None]) -> None:
    """Create the data folder with its roles and the database `gangmu`; the server is not running afterwards.

    Raises:
        DatabaseUnavailable: locale, disk_full, initialisation_failed, and what the server's programs say.
    """
    for leftover in cluster.home.glob("postgres.new-*"):
        _remove_leftover(leftover)
    staging = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=cluster.home))
    user.own(staging)
    try:
        say("creating")
        passwords = {role: cluster.password(role, create=True) for role in ROLES}
        _run(
            cluster,
            user,
            [
                binaries.program("initdb"),
                f"--pgdata={staging}",
                f"--username={ROLES['owner']}",
                f"--pwfile={cluster.secret_path('owner')}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                f"--lc-ctype={_character_classes()}",
                "--data-checksums",
                "--no-sync",
                "--no-instructions",
            ],
        )
        say("roles")
        _statements(cluster, user, staging, "template1", roles.extension_statements())
        _statements(
            cluster,
            user,
            staging,
            "postgres",
            [
                *roles.role_statements(passwords),
                f"CREATE DATABASE {DATABASE}",
                *roles.database_statements(DATABASE),
                "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC",
            ],
        )
        say("writing")
        _run(cluster, user, [binaries.program("initdb"), "--sync-only", f"--pgdata={staging}"])
        os.rename(staging, cluster.data)
        locks.sync_folder(cluster.home)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _remove_leftover(folder: Path) -> None:
    """Remove what a killed creation left; its last programs may still be ending there."""
    for _ in range(100):
        for process in servers_in(folder):
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.02)
    raise DatabaseUnavailable("unwritable", folder=folder, detail="it cannot be removed")


def _statements(cluster: Cluster, user: ServerUser, data: Path, database: str, statements: Sequence[str]) -> None:
    """Run statements without a server: the first error ends it."""
    arguments = [binaries.program("postgres"), "--single", "-j", "-D", str(data)]
    arguments += ["-c", "exit_on_error=on", "-c", "fsync=off", "-c", "log_min_error_statement=panic", database]
    _run(cluster, user, arguments, "".join(f"{statement};\n\n" for statement in statements))


def _run(cluster: Cluster, user: ServerUser, arguments: Sequence[str], text: str = "") -> None:
    """Run one of the server's programs to its end, its words going to the start log."""
    with cluster.start_log.open("ab") as log, tempfile.TemporaryFile() as script:
        locks.give_to_owner_of(cluster.home, log.fileno())
        begin = log.seek(0, os.SEEK_END)
        script.write(text.encode())
        script.seek(0)
        process = user.start(arguments, output=log, input=script, mortal=True)
        code = process.wait()
    if code != 0:
        said = cluster.start_log.read_bytes()[begin:].decode("utf-8", "replace")
        details = {"folder": cluster.data, "log": cluster.start_log, "local": cluster.local_configuration}
        raise from_server_log(said, "initialisation_failed", socket=cluster.run, **details)


def _character_classes() -> str:
    """The first UTF-8 locale that this system has."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in CHARACTER_CLASSES:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise DatabaseUnavailable("locale", detail=", ".join(CHARACTER_CLASSES))
