"""Web processes of both sites, as `gangmu run` starts them, and Debian's nginx with the printed configuration."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gangmu.foundation.settings.tests.postgres_helpers import wait_until
from gangmu.shell.cli.serve import Listener

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "operators-guide.md"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    """A process that listens on `port`, with all that it starts, for the time of the block."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=file, stderr=file, start_new_session=True
        )
    try:
        wait_until(lambda: process.poll() is not None or listens(port), f"{command[0]} listens on {port}")
        assert process.poll() is None, log.read_text("utf-8", "replace")
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def both_sites(folder: Path, **environment: str) -> Iterator[dict[str, int]]:
    """{site: port} of the two sites on loopback, on the database of the test."""
    with ExitStack() as stack:
        ports = {}
        for site in ("business", "office"):
            ports[site] = free_port()
            listener = Listener(site, "127.0.0.1", ports[site], workers=1)
            command = [sys.executable, "-m", *listener.arguments(None, None)]
            more = {"GANGMU_DB_ROLE": "web", "GANGMU_SITE": site, **environment}
            stack.enter_context(running(command, ports[site], folder / f"{site}.log", **more))
        yield ports


def printed_configuration() -> str:
    """What docs/operators-guide.md prints for nginx."""
    (found,) = re.findall(r"^```nginx\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    return found


def placed(text: str, folder: Path, ports: dict[str, int], *, office_network: str) -> str:
    """The configuration with ports, files and networks of a test, and nothing else changed.

    Raises:
        LookupError: the document no longer holds what is replaced.
    """
    replaced = {
        "listen 80": f"listen 127.0.0.1:{ports['plain']}",
        "listen 443": f"listen 127.0.0.1:{ports['tls']}",
        "127.0.0.1:8000": f"127.0.0.1:{ports['business']}",
        "127.0.0.1:8001": f"127.0.0.1:{ports['office']}",
        "/etc/nginx/": f"{folder}/",
        "10.1.0.0/16": office_network,
    }
    for old, new in replaced.items():
        if old not in text:
            raise LookupError(f"the printed configuration holds no “{old}”")
        text = text.replace(old, new)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log {folder}/access.log; {temporary}\n{text}\n}}\n"
    )


@contextmanager
def nginx(folder: Path, sites: dict[str, int], *, office_network: str) -> Iterator[dict[str, int]]:
    """nginx in front of the sites; {plain, tls, business, office: port}."""
    ports = {**sites, "plain": free_port(), "tls": free_port()}
    file = folder / "nginx.conf"
    file.write_text(placed(printed_configuration(), folder, ports, office_network=office_network))
    command = [program() or "nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(file)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    with running(command, ports["tls"], folder / "nginx.log"):
        yield ports


def program() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
