"""gangmu period, calendar."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

PROVISIONAL = click.option("--provisional", is_flag=True, help="Guess days that no source covers, and mark them.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for key, value in answer.items():
        click.echo(f"{key}\t{' '.join(map(str, value)) if isinstance(value, list) else value}")


@click.command()
@click.argument("code", metavar="P")
@AS_JSON
def period_command(code: str, as_json: bool) -> None:
    """Bounds and neighbours of a period such as 2026-11-20, 2026-11-D2, 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026."""
    from gangmu.foundation.periods.answers import describe_period

    _print(describe_period(code), as_json)


@contextmanager
def _source() -> Iterator[Any]:
    """The calendars of the database with every notice loaded; the shipped ones where there is no database yet."""
    from gangmu.foundation.settings.home import home

    if not (home() / "secrets" / "django").exists():
        from gangmu.foundation.periods import content

        yield content
        return
    from gangmu.shell.cli.session import session

    with session("system"):
        from gangmu.foundation.periods import queries

        yield queries


@click.group()
def calendar_command() -> None:
    """Working days and trading sessions."""


@calendar_command.command()
@click.argument("from_", metavar="FROM")
@click.argument("to", metavar="TO")
@PROVISIONAL
@AS_JSON
def workdays(from_: str, to: str, provisional: bool, as_json: bool) -> None:
    """Working days from FROM to TO, both included."""
    from gangmu.foundation.periods.answers import workdays_answer

    with _source() as source:
        answer = workdays_answer(from_, to, provisional=provisional, source=source)
    _print(answer, as_json)


@calendar_command.command(context_settings={"ignore_unknown_options": True})
@click.argument("from_", metavar="FROM")
@click.argument("days", metavar="N", type=int)
@PROVISIONAL
@AS_JSON
def add(from_: str, days: int, provisional: bool, as_json: bool) -> None:
    """The day N working days after FROM (before it when N is negative); FROM itself is not counted."""
    from gangmu.foundation.periods.answers import add_answer

    with _source() as source:
        answer = add_answer(from_, days, provisional=provisional, source=source)
    _print(answer, as_json)


@calendar_command.command()
@click.argument("from_", metavar="FROM")
@click.argument("to", metavar="TO")
@click.option("--market", required=True, metavar="CODE", help="XSHG, XSHE, SHFE, …")
@PROVISIONAL
@AS_JSON
def sessions(from_: str, to: str, market: str, provisional: bool, as_json: bool) -> None:
    """Trading days of a market from FROM to TO, both included."""
    from gangmu.foundation.periods.answers import sessions_answer

    with _source() as source:
        answer = sessions_answer(from_, to, market, provisional=provisional, source=source)
    _print(answer, as_json)
