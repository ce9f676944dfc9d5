"""gangmu run, demo, worker, folder."""

import ipaddress
import os

import click

from gangmu.shell.cli.session import session

HOST = click.option("--host", default="127.0.0.1", show_default=True)
PORT = click.option("--port", default=8000, show_default=True)


@click.command()
@HOST
@PORT
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def run_command(host: str, port: int, workers: int) -> None:
    """Serve the business site, with the worker and the folder of the cube. Stays in the foreground."""
    if not _is_loopback(host):
        _refuse_known_passwords()
    _serve(host, port, workers)


@click.command()
@HOST
@PORT
def demo_command(host: str, port: int) -> None:
    """Prepare a demonstration with real plants and made figures where there is none, and serve it on loopback."""
    if not _is_loopback(host):
        raise click.ClickException(
            "a demonstration has known passwords: it listens on loopback only (127.0.0.1, ::1, localhost). "
            "演示环境使用公开口令，只能监听本机回环地址。"
        )
    os.environ["GANGMU_DEMONSTRATION"] = "1"
    from gangmu.foundation.settings.home import home
    from gangmu.shell.cli.database import init_command, migrate_command

    click.echo("preparing the database 正在准备数据库 …")
    command = migrate_command if (home() / "secrets" / "django").exists() else init_command
    command.main([], standalone_mode=False)
    with session("system"):
        from gangmu.shell.demonstration import prepare

        prepare(say=click.echo)
    _serve(host, port, workers=2)


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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _serve(host: str, port: int, workers: int) -> None:
    from gangmu.foundation.settings.home import home
    from gangmu.foundation.settings.postgres import open_database
    from gangmu.shell.cli.processes import Child, keep_running

    web = [
        "granian",
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        f"--workers={workers}",
        "--blocking-threads=4",
        "--respawn-failed-workers",
        "--log-level=warning",
        "gangmu.shell.wsgi:application",
    ]
    with open_database(home(), watch=True):
        click.echo(f"Gangmu 纲目 · http://{host}:{port}/")
        keep_running(
            [
                Child("web", web, {"GANGMU_DB_ROLE": "web"}),
                Child("folder", ["gangmu.shell.cli", "folder"]),
                Child("worker", ["gangmu.shell.cli", "worker"]),
            ]
        )


@click.command()
def worker_command() -> None:
    """Do background jobs until stopped; part of `gangmu run`."""
    with session("system"):
        from gangmu.foundation.jobs import worker

        worker.run()


@click.command()
def folder_command() -> None:
    """Fold changes of facts into the cube until stopped; part of `gangmu run`."""
    with session("system"):
        from gangmu.figures.cube import services

        services.watch()
