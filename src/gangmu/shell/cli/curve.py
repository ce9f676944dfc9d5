"""gangmu curve."""

import json

import click

from gangmu.shell.cli.session import session

GROUPS = ["children", "fuel", "province", "grid", "kind"]


@click.command()
@click.option("--indicator", "indicators", multiple=True, required=True, metavar="CODE", help="May be repeated.")
@click.option("--organisation", required=True, metavar="CODE", help="Whose curves.")
@click.option("--day", required=True, metavar="D[..D]", help="A business day, or the first and the last of several.")
@click.option("--by", type=click.Choice(GROUPS), help="A row for each.")
@click.option("--compare", metavar="DAY", help="Beside another day: previous, year-ago, or a day (of a single one).")
@click.option("--unit", type=click.Choice(["MW", "MWh"]), help="The curve's own unless told; 1 MW is 0.25 MWh a point.")
@click.option("--scenario", default="actual", show_default=True, metavar="NAME", help="plan, forecast, …")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def curve_command(
    indicators: tuple[str, ...],
    organisation: str,
    day: str,
    by: str | None,
    compare: str | None,
    unit: str | None,
    scenario: str,
    as_json: bool,
) -> None:
    """Ask for curves of 96 points: one row for each indicator, day and group."""
    with session("system"):
        from gangmu.figures.curves.asking import CurveQuestion, ask_curves
        from gangmu.foundation.access.scope import SYSTEM
        from gangmu.foundation.periods.period import parse_day

        first, _dots, last = day.partition("..")
        days = parse_day(first), parse_day(last or first)
        rows = [
            row
            for code in indicators
            for row in ask_curves(CurveQuestion(code, organisation, *days, by, compare, unit, scenario), SYSTEM)
        ]
        found = {"rows": [row.as_json() for row in rows]}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["rows"]:
        label = one["group"] if one["group"] is not None else one["organisation"]
        click.echo(
            "\t".join([label, one["indicator"], one["day"], one["unit"], *(text or "–" for text in one["points"])])
        )
