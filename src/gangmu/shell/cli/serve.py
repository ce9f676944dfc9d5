"""gangmu run, demo, worker, folder."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from gangmu.shell.cli.processes import Child, keep_running
from gangmu.shell.cli.session import session
from gangmu.shell.sites.networks import is_loopback
from gangmu.shell.sites.safety import refusals, serves_others

PORT = click.IntRange(1, 65535)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Where the business site listens."),
    click.option("--port", default=8000, show_default=True, type=PORT, help="And on which port."),
    click.option("--office-host", default="127.0.0.1", show_default=True, help="Where the back office listens."),
    click.option("--office-port", type=PORT, help="And on which port; the next after --port when left out."),
)


@dataclass(frozen=True)
class Listener:
    """One site's web server, and on which port it asks for certificates besides."""

    site: str
    host: str
    port: int
    workers: int
    certificate_port: int | None = None

    def address(self, *, secure: bool = False) -> str:
        """As a browser on this machine reaches it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if secure else 'http'}://{host}:{self.port}/"

    def arguments(self, certificate: Path | None, key: Path | None) -> list[str]:
        """What is run for it, with TLS where there is a certificate."""
        tls = []
        if certificate:
            tls = [f"--ssl-certificate={certificate}", f"--ssl-keyfile={key}", "--ssl-protocol-min=tls1.2"]
        return [
            "granian",
            "--interface=wsgi",
            f"--host={self.host}",
            f"--port={self.port}",
            f"--workers={self.workers}",
            "--blocking-threads=4",
            "--respawn-failed-workers",
            "--log-level=warning",
            *tls,
            "gangmu.shell.wsgi:application",
        ]

    def certificate_arguments(self, certificate: Path, key: Path) -> list[str]:
        """What is run to ask for certificates."""
        return [
            "gangmu.shell.sites.certificates",
            f"--host={self.host}",
            f"--port={self.certificate_port}",
            f"--certificate={certificate}",
            f"--key={key}",
        ]


def listening(command: Callable) -> Callable:
    """The options of where the two sites listen."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command()
@listening
@click.option("--workers", default=2, show_default=True, help="Web processes of the business site.")
@click.option("--certificate", type=FILE, help="A certificate (PEM), to speak HTTPS without a proxy in front.")
@click.option("--key", type=FILE, help="The certificate's private key (PKCS#8).")
@click.option("--certificate-port", type=PORT, help="Where the business site asks people for a certificate besides.")
@click.option("--office-certificate-port", type=PORT, help="And where the back office does.")
def run_command(
    host: str,
    port: int,
    office_host: str,
    office_port: int | None,
    workers: int,
    certificate: Path | None,
    key: Path | None,
    certificate_port: int | None,
    office_certificate_port: int | None,
) -> None:
    """Serve business site and back office, with the worker and the folder of the cube. Stays in the foreground."""
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together. --certificate 与 --key 须同时给出。")
    listeners = _sites(host, port, office_host, office_port, workers, certificate_port, office_certificate_port)
    _require_what_certificates_need(listeners, certificate)
    hosts = (host, office_host)
    problems = refusals(hosts, os.environ, has_certificate=certificate is not None)
    if problems:
        raise click.ClickException("\n".join(problems))
    if serves_others(hosts, os.environ):
        _refuse_known_passwords()
    _serve(listeners, certificate, key)


@click.command()
@listening
def demo_command(host: str, port: int, office_host: str, office_port: int | None) -> None:
    """Prepare a demonstration with real plants and made figures where there is none, and serve it on loopback."""
    if not (is_loopback(host) and is_loopback(office_host)):
        raise click.ClickException(
            "a demonstration has known passwords: it listens on loopback only (127.0.0.1, ::1, localhost). "
            "演示环境使用公开口令，只能监听本机回环地址。"
        )
    listeners = _sites(host, port, office_host, office_port, workers=2)
    os.environ["GANGMU_DEMONSTRATION"] = "1"
    from gangmu.shell.cli.database import init_command

    click.echo("preparing the database 正在准备数据库 …")
    init_command.main([], standalone_mode=False)  # also brings one to this version, or on that was killed on the way
    with session("system"):
        from gangmu.shell.demonstration import NotPrepared, prepare

        try:
            prepare(say=click.echo)
        except NotPrepared as error:
            raise click.ClickException(str(error)) from error
    os.environ["GANGMU_SITES"] = " ".join(f"{one.site}={one.address()}" for one in listeners)
    _serve(listeners)


def _refuse_known_passwords() -> None:
    """What `gangmu demo` made has passwords that everybody can read in the manual."""
    with session("system"):
        from gangmu.shell.demonstration import known_passwords

        known = known_passwords()
    if known:
        names = ", ".join(known)
        raise click.ClickException(
            f"the accounts {names} have the known password of the demonstration: listen on loopback only, or give them "
            f"other passwords. 账号 {names} 使用演示环境的公开口令：只能监听本机回环地址，或先修改口令。"
        )


def _sites(
    host: str,
    port: int,
    office_host: str,
    office_port: int | None,
    workers: int,
    certificate_port: int | None = None,
    office_certificate_port: int | None = None,
) -> list[Listener]:
    """The two sites' web servers. Few people use the back office: it has one process."""
    found = [
        Listener("business", host, port, workers, certificate_port),
        Listener("office", office_host, office_port or port + 1, 1, office_certificate_port),
    ]
    ports = [one for site in found for one in (site.port, site.certificate_port) if one]
    if len(set(ports)) < len(ports):
        raise click.UsageError("every listener needs a port of its own. 各监听端口须互不相同。")
    for site in found:
        for one in filter(None, (site.port, site.certificate_port)):
            _require_free(site.host, one)
    return found


def _require_free(host: str, port: int) -> None:
    """Web servers share their ports among processes, so a second product would quietly answer every other request."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed a moment ago does not count
        try:
            probe.bind(address)
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} cannot be listened on ({error.strerror}): end what listens there, perhaps an earlier "
                f"start of this command, or choose another --port. "
                f"{host}:{port} 无法监听：请结束占用该端口的程序（可能是上次启动的本命令），或用 --port 换一个端口。"
            ) from error


def _require_what_certificates_need(listeners: list[Listener], certificate: Path | None) -> None:
    """Refuse to ask for certificates that nobody could judge, or over a line that is not secure."""
    if not any(one.certificate_port for one in listeners):
        return
    if certificate is None:
        raise click.UsageError(
            "--certificate-port asks by TLS: give --certificate and --key. "
            "证书登录端口使用 TLS：请给出 --certificate 与 --key。"
        )
    from gangmu.foundation.settings.home import home

    authorities = home() / "certificates" / "ca.pem"
    if not authorities.is_file():
        raise click.ClickException(
            f"{authorities} is missing: put the CAs there whose certificates open accounts (PEM). "
            f"缺少 {authorities}：请放入可用于登录的 CA 证书（PEM）。"
        )


def _serve(listeners: list[Listener], certificate: Path | None = None, key: Path | None = None) -> None:
    from gangmu.foundation.settings.home import home
    from gangmu.foundation.settings.postgres import open_database

    everywhere = {"GANGMU_DB_ROLE": "web"} | ({"GANGMU_HTTPS": "1"} if certificate else {})
    names = {"business": "business site 业务网站", "office": "back office 后台管理"}
    with open_database(home(), watch=True):
        for one in listeners:
            click.echo(f"Gangmu 纲目 · {names[one.site]} · {one.address(secure=certificate is not None)}")
            if one.certificate_port:
                asking = Listener(one.site, one.host, one.certificate_port, 1).address(secure=True)
                click.echo(f"Gangmu 纲目 · {names[one.site]} · {asking} · certificates 证书登录")
        keep_running(
            [
                *(child for one in listeners for child in _web(one, everywhere, certificate, key)),
                Child("folder", ["gangmu.shell.cli", "folder"]),
                Child("worker", ["gangmu.shell.cli", "worker"]),
            ]
        )


def _web(one: Listener, everywhere: dict[str, str], certificate: Path | None, key: Path | None) -> list[Child]:
    """The processes of one site."""
    environment = {**everywhere, "GANGMU_SITE": one.site, "GANGMU_CERTIFICATE_PORT": str(one.certificate_port or "")}
    found = [Child(f"web {one.site}", one.arguments(certificate, key), environment)]
    if one.certificate_port and certificate and key:
        arguments = one.certificate_arguments(certificate, key)
        found.append(Child(f"certificates {one.site}", arguments, environment))
    return found


@click.command()
def worker_command() -> None:
    """Do background jobs until stopped; part of `gangmu run`."""
    with session("system"):
        from gangmu.foundation.jobs import worker
        from gangmu.shell.records.stream import streaming

        with streaming():
            worker.run()


@click.command()
def folder_command() -> None:
    """Fold changes of facts into the cube until stopped; part of `gangmu run`."""
    with session("system"):
        from gangmu.figures.cube import services

        services.watch()
