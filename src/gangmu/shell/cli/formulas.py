"""gangmu formulas check | used-where | preview."""

import json
from datetime import datetime
from typing import Any

import click

from gangmu.shell.cli.query import PERIOD
from gangmu.shell.cli.session import session

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
SINCE = "The first day on which the change is valid; left out, it holds for all time."


@click.group()
def formulas_command() -> None:
    """Formulas of indicators: whether they hold, where one is used, what a change would do."""


@formulas_command.command("check")
@AS_JSON
def check(as_json: bool) -> None:
    """Check every formula on every stretch of days; exit code 1 where one does not hold."""
    with session("system"):
        from gangmu.figures.indicators.changing import all_definitions
        from gangmu.figures.indicators.consistency import faults
        from gangmu.figures.indicators.timeline import Timeline
        from gangmu.foundation.parties import kinds

        timeline = Timeline(all_definitions().values())
        ranks = {kind.code: kind.rank for kind in kinds.all_kinds()}
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for day, catalogue in timeline.stretches():
            for fault in faults(catalogue, catalogue, ranks):
                place = {"line": fault.place.line, "column": fault.place.column} if fault.place else {}
                row = {"code": fault.code, "field": fault.field, "message": fault.message, **place}
                since = {} if day == day.min else {"since": day.isoformat()}
                found.setdefault((fault.code, fault.message), row | since)
        told = {"indicators": len(timeline.newest), "days": len(timeline.days), "faults": list(found.values())}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    for row in [] if as_json else told["faults"]:
        where = f"{row['line']}:{row['column']}" if "line" in row else row["field"]
        click.echo(f"{row['code']}\t{where}\t{row['message']}")
    if told["faults"]:
        raise click.exceptions.Exit(1)
    if not as_json:
        click.echo(f"{told['indicators']}\t0")


@formulas_command.command("used-where")
@click.argument("code")
@AS_JSON
def used_where(code: str, as_json: bool) -> None:
    """Where an indicator is used: formulas, forms, rules, reports, home pages, publications."""
    with session("system"):
        from gangmu.figures.cube.measures import known_measures
        from gangmu.shell.formulas.used import uses

        known_measures()(code)  # refuses a code that there is not, with the nearest
        found: list[dict[str, Any]] = [use.as_json() | {"label": str(use.label)} for use in uses(code)]
    if as_json:
        click.echo(json.dumps({"indicator": code, "uses": found}, ensure_ascii=False))
        return
    for one in found:
        click.echo("\t".join([one["label"], one["where"], one["name"]["zh"], one.get("until", "")]).rstrip())


@formulas_command.command("preview")
@click.argument("code")
@click.option("--formula", help="The new formula.")
@click.option("--decimals", type=click.IntRange(0, 9), metavar="N", help="The new number of decimals.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help=SINCE)
@click.option("--organisation", required=True, metavar="CODE", help="Whose figures.")
@click.option("--period", "periods", multiple=True, required=True, metavar="P", help=PERIOD)
@AS_JSON
def preview_(
    code: str,
    formula: str | None,
    decimals: int | None,
    since: datetime | None,
    organisation: str,
    periods: tuple[str, ...],
    as_json: bool,
) -> None:
    """Old and new figures of an indicator and of all that stand on it. Nothing is changed; exit code 1 on a fault."""
    with session("system"):
        from dataclasses import replace

        from gangmu.figures.cube.measures import known_measures
        from gangmu.figures.cube.previewing import preview
        from gangmu.figures.indicators.changing import all_definitions, propose
        from gangmu.foundation.access.scope import SYSTEM

        known_measures()(code)
        before = all_definitions()[code]
        wanted = replace(
            before,
            formula=before.formula if formula is None else formula,
            precision=before.precision if decimals is None else decimals,
        )
        proposal = propose(wanted, since.date() if since else None)
        faults = [
            {
                "code": fault.code,
                "message": fault.message,
                "line": fault.place.line if fault.place else None,
                "column": fault.place.column if fault.place else None,
            }
            for fault in proposal.faults
        ]
        told: dict[str, Any] = {"indicator": code, "affected": list(proposal.affected), "faults": faults}
        if not faults:
            told |= preview(proposal, organisation, periods, SYSTEM).as_json()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(f"{fault['code']}\t{fault['line']}:{fault['column']}\t{fault['message']}", err=True)
        for row in told.get("rows", []):
            parts = [row["indicator"], row["period"], row["old"], row["new"], row["change"], row["unit"]]
            click.echo("\t".join("–" if part is None else part for part in parts))
    if faults:
        raise click.exceptions.Exit(1)
