"""The `gangmu` command. Commands that need no database load none of it, so that they answer at once."""

import io
import os
import sys

import click

from gangmu import __version__
from gangmu.shell.cli.words import CONTEXT, in_words, speaking
from gangmu.shell.cli.words import text as _

COMMANDS = {
    "init": "database",
    "migrate": "database",
    "check": "database",
    "demo": "serve",
    "run": "serve",
    "worker": "serve",
    "folder": "serve",
    "load": "load",
    "months": "months",
    "query": "query",
    "explain": "query",
    "curve": "curve",
    "analyse": "analyse",
    "formulas": "formulas",
    "categories": "categories",
    "taxes": "taxes",
    "designs": "designs",
    "grade": "grading",
    "resources": "resources",
    "norms": "norms",
    "period": "periods",
    "calendar": "periods",
    "audit": "audit",
    "sign-agent": "signing",
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
        return in_words(getattr(module, f"{cmd_name}_command".replace("-", "_")))


@click.group(cls=LazyGroup, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="gangmu")
def gangmu() -> None:
    """Figures and duties of a group that is steered in tiers.

    All data lives in the folder GANGMU_HOME. GANGMU_DATABASE_URL switches to an outside PostgreSQL.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is returned. Expected failures are one clear line on standard error."""
    from gangmu.shell.cli.session import EXPECTED

    in_words(gangmu)
    with speaking():
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
        except BrokenPipeError:  # whoever read has enough
            return _gone()
        except OSError as problem:
            click.echo(f"gangmu: {_not_possible(problem)}", err=True)
            return 2
        except Exception as problem:
            refused = _refused_by_database(problem)
            if refused is None:
                raise
            click.echo(f"gangmu: {refused}", err=True)
            return 2
    return outcome if isinstance(outcome, int) else 0


def _not_possible(problem: OSError) -> str:
    """What the system refused: a full disk, a folder that may not be written."""
    why = problem.strerror or str(problem)
    if problem.filename is None:
        return _("the system refuses: %(why)s. Look at free space and permissions.") % {"why": why}
    return _("%(file)s: the system refuses: %(why)s. Look at free space, owner and permissions.") % {
        "file": problem.filename,
        "why": why,
    }


def _refused_by_database(problem: Exception) -> str | None:
    """A database that went away, is full, or was made by another version; None for what is a fault of ours."""
    if "psycopg" not in sys.modules:
        return None
    from psycopg import OperationalError, errors

    cause = problem.__cause__ or problem
    if isinstance(cause, errors.UndefinedTable | errors.UndefinedColumn | errors.UndefinedFunction):
        return _("the database is not at this version of the product. Run `gangmu migrate`.")
    if isinstance(cause, OperationalError):
        why = str(cause).strip().split("\n", 1)[0]
        return _("the database refuses: %(why)s. Nothing was half done; try again.") % {"why": why}
    return None


def _gone() -> int:
    """Nobody reads on: say nothing more, not even when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def console() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or _gone()
    except OSError as problem:
        click.echo(f"gangmu: {_not_possible(problem)}", err=True)
        code = code or 2
        _gone()
    sys.exit(code)
