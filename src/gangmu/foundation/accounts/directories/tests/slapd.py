"""Debian's slapd for tests: an ordinary process on a free port of loopback, in a folder of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import ldap3
import pytest

from gangmu.foundation.accounts.directories.tests.certificates import make_server_certificate

BASE = "dc=example,dc=org"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{BASE}", "admin-secret"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "reader-secret"
SCHEMAS = ("core", "cosine", "inetorgperson")
TRIES = 200


def program() -> str | None:
    """Where slapd is; Debian keeps it away from people's PATH."""
    return shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Slapd:
    """One directory with three people, whom `add` and `modify` change."""

    def __init__(self, folder: Path, executable: str) -> None:
        self.folder, self.executable = folder, executable
        self.port, self.secure_port = _free_port(), _free_port()
        self.ca = make_server_certificate(folder, addresses=())
        (folder / "data").mkdir()
        schemas = "\n".join(f"include /etc/ldap/schema/{name}.schema" for name in SCHEMAS)
        (folder / "slapd.conf").write_text(
            f"""{schemas}
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
TLSProtocolMin 3.3
database mdb
maxsize 10485760
suffix "{BASE}"
rootdn "{ADMIN}"
rootpw {ADMIN_PASSWORD}
directory {folder}/data
index uid,entryUUID eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{READER}" read by * none
"""
        )
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        where = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.secure_port}/"
        with (self.folder / "slapd.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.executable, "-d", "0", "-f", str(self.folder / "slapd.conf"), "-h", where], stdout=log, stderr=log
            )
        for _try in range(TRIES):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.secure_port), 0.5):
                return
            try:
                self.process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        raise RuntimeError((self.folder / "slapd.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def fill(self) -> None:
        self.add(BASE, ["dcObject", "organization"], {"o": "Example", "dc": "example"})
        self.add(READER, ["person"], {"sn": "reader", "userPassword": READER_PASSWORD})
        self.person("wangmin", "王敏", "Tide!over9Kites")
        self.person("lihua", "李华", "Other!pass8word")

    def person(self, uid: str, name: str, password: str, **more: object) -> None:
        values = {"cn": name, "sn": name, "uid": uid, "mail": f"{uid}@example.org", "userPassword": password, **more}
        self.add(f"uid={uid},{BASE}", ["inetOrgPerson"], values)

    @contextlib.contextmanager
    def administered(self) -> Iterator[ldap3.Connection]:
        server = ldap3.Server("127.0.0.1", port=self.port, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, ADMIN, ADMIN_PASSWORD, auto_bind=True, raise_exceptions=True)
        yield connection
        connection.unbind()

    def add(self, dn: str, classes: list[str], values: dict[str, object]) -> None:
        with self.administered() as connection:
            connection.add(dn, classes, values)

    def modify(self, uid: str, **values: str) -> None:
        with self.administered() as connection:
            changes = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in values.items()}
            connection.modify(f"uid={uid},{BASE}", changes)

    def rename(self, uid: str, to: str) -> None:
        with self.administered() as connection:
            connection.modify_dn(f"uid={uid},{BASE}", f"uid={to}")

    def remove(self, uid: str) -> None:
        with self.administered() as connection:
            connection.delete(f"uid={uid},{BASE}")

    def options(self, **more: str) -> dict[str, str]:
        """How the product reaches it, by TLS from the first byte on."""
        return {
            "address": f"ldaps://localhost:{self.secure_port}",
            "base": BASE,
            "bind_dn": READER,
            "disabled": "(description=left)",
            "ca": str(self.ca),
            **more,
        }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A directory for the tests of a module. Without slapd they are skipped and say so; where CI is, they fail."""
    executable = program()
    if executable is None:
        say = pytest.fail if os.environ.get("GANGMU_NEEDS_SLAPD") else pytest.skip
        say("NO DIRECTORY: slapd is not installed; apt-get install slapd to run the tests of LDAP")
    one = Slapd(tmp_path_factory.mktemp("slapd"), executable)
    one.start()
    try:
        one.fill()
        yield one
    finally:
        one.stop()
