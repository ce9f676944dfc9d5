"""gangmu init, migrate, check."""

import json

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _


@click.command()
def init_command() -> None:
    """Prepare GANGMU_HOME: secrets, database, migrations, shipped content. No organisations, no accounts."""
    from gangmu.foundation.settings.home import home, secret

    if home().exists() and not home().is_dir():
        raise click.ClickException(_("GANGMU_HOME is %(path)s, which is no folder.") % {"path": home()})
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("django", "seal"):
        secret(name, create=True)
    with session("owner", create=True):
        from gangmu.shell.installing import install

        install()
    click.echo(f"{home()} ready 就绪")


@click.command()
def migrate_command() -> None:
    """Bring the database and the shipped content to this version."""
    with session("owner"):
        from gangmu.shell.installing import install

        install()
    click.echo("migrated 已升级")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON.")
def check_command(as_json: bool) -> None:
    """Prove that the cube is what the database says. Exit code 1 when it is not."""
    with session("system"):
        from gangmu.figures.cube.check import check
        from gangmu.figures.filing import consistency

        findings = [*map(str, check()), *consistency.findings()]
    if as_json:
        click.echo(json.dumps({"findings": findings}, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(finding)
        click.echo(f"{len(findings)} findings 处不符" if findings else "cube = database 立方体与数据库一致")
    raise click.exceptions.Exit(1 if findings else 0)
