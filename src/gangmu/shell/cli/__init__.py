"""The `gangmu` command. Commands that need no database load none of it, so that they answer at once."""

import sys

import click

from gangmu import __version__

COMMANDS = {
    "init": "database",
    "migrate": "database",
    "check": "database",
    "demo": "serve",
    "run": "serve",
    "worker": "serve",
    "folder": "serve",
    "load": "load",
    "query": "query",
    "explain": "query",
    "period": "periods",
    "calendar": "periods",
    "audit": "audit",
    "account": "account",
    "shell": "shell",
}


class LazyGroup(click.Group):
    """Imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module_name = COMMANDS.get(cmd_name)
        if module_name is None:
            return None
        from importlib import import_module

        module = import_module(f"gangmu.shell.cli.{module_name}")
        return getattr(module, f"{cmd_name}_command")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gangmu")
def gangmu() -> None:
    """Figures and duties of a group that is steered in tiers.

    All data lives in the folder GANGMU_HOME. GANGMU_DATABASE_URL switches to an outside PostgreSQL.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is returned. Expected failures are one clear line on standard error."""
    from gangmu.shell.cli.session import EXPECTED

    try:
        outcome = gangmu.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.Abort:
        click.echo("interrupted 已中断", err=True)
        return 130
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except EXPECTED as problem:
        click.echo(f"gangmu: {problem}", err=True)
        return 2
    return outcome if isinstance(outcome, int) else 0


def console() -> None:
    sys.exit(main())
