"""gangmu load organisations | indicators | facts."""

from pathlib import Path

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _

FILE = click.Path(path_type=Path)


def _reason(_context: click.Context, _parameter: click.Parameter, reason: str | None) -> str:
    """What `--correct` was given. A reason that says nothing is none."""
    if reason is not None and not reason.strip():
        raise click.BadParameter(_("say why the values change"))
    return (reason or "").strip()


@click.group()
def load_command() -> None:
    """Load organisations, indicators or facts from a file."""


@load_command.command()
@click.argument("file", type=FILE)
def organisations(file: Path) -> None:
    """Organisations and their dated placements and attributes (CSV). All or nothing."""
    with session("system"):
        from django.db import IntegrityError

        from gangmu.figures.filing.consistency import said_of
        from gangmu.foundation.parties.services import load_organisations

        try:
            result = load_organisations(file)
        except IntegrityError as error:  # the figures' word on a tree that would take their days away
            said = said_of(error)
            if said is None:
                raise
            raise click.ClickException(said) from error
        _report(result.problems, str(result))
        _wrote()


@load_command.command()
@click.argument("file", type=FILE)
def indicators(file: Path) -> None:
    """Indicators and formulas (YAML). All or nothing."""
    with session("system"):
        from gangmu.figures.indicators.services import load_indicators

        result = load_indicators(file)
        _report(result.problems, str(result))
        _wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--correct", metavar="REASON", callback=_reason, help="Replace values that stand, and say why.")
def facts(file: Path, correct: str) -> None:
    """Facts (CSV). Good lines enter as locked; faulty ones go to FILE.rejected.csv and the exit code is 1."""
    with session("system"):
        from gangmu.figures.cube import services as cube
        from gangmu.figures.filing.importing import load_facts

        result = load_facts(file, correct=correct)
        if result.batch_id:
            cube.fold()
        _report(result.problems, str(result))
        _wrote()


def _report(problems, summary: str) -> None:
    """Say what happened; every problem on a line of its own, the first fifty of them."""
    for problem in problems[:50]:
        click.echo(str(problem), err=True)
    if len(problems) > 50:
        click.echo(f"… {len(problems) - 50} more 另有", err=True)
    click.echo(summary)
    if problems:
        _wrote()
        raise click.exceptions.Exit(1)


def _wrote() -> None:
    """Seal what the command has recorded."""
    from gangmu.foundation.records.chain import ChainBroken, seal

    try:
        seal()
    except ChainBroken as broken:  # what was loaded stands
        click.echo(f"not sealed 未封存: {broken}. gangmu audit verify", err=True)
