"""gangmu analyse."""

import json
from typing import Any

import click

from gangmu.shell.cli.query import SCOPE, STATES
from gangmu.shell.cli.session import session

BASE = "previous, year-ago, or a period of its own, with which the figure is compared."
ORDER = "Codes of the factors with commas between them, in the order in which they are replaced."


@click.command()
@click.option("--indicator", required=True, metavar="CODE", help="Which figure.")
@click.option("--organisation", required=True, metavar="CODE", help="Whose figures.")
@click.option("--period", required=True, metavar="P", help="2026-11-20, 2026-11, 2026-Q4, 2026 …")
@click.option("--base", default="year-ago", show_default=True, metavar="P", help=BASE)
@click.option("--by", type=click.Choice(["children", "fuel", "province", "grid", "kind"]), default="children",
              show_default=True, help="The parts of the figure.")  # fmt: skip
@click.option("--method", type=click.Choice(["chain", "shapley"]), default="chain", show_default=True,
              help="Chain substitution, or the mean over all orders.")  # fmt: skip
@click.option("--order", default="", metavar="CODE,CODE", help=ORDER)
@click.option("--best", type=click.Choice(["higher", "lower"]), default="higher", show_default=True,
              help="Which end of the ranking is the first place.")  # fmt: skip
@click.option("--plan", default="", metavar="NAME", help="The scenario that is the plan.")
@click.option("--structure", type=click.Choice(["then", "now"]), default="then", show_default=True,
              help="The tree of each day, or today's.")  # fmt: skip
@click.option("--at-least", type=click.Choice(STATES), default="filed", show_default=True,
              help="Count only facts that have come this far.")  # fmt: skip
@click.option("--scope", default="", metavar="CODE", help=SCOPE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def analyse_command(as_json: bool, order: str, **arguments: Any) -> None:
    """Take a figure's change apart: factors, contributions, ranking, records, plan and forecast."""
    with session("system"):
        from gangmu.figures.studies.asked import Asked
        from gangmu.figures.studies.errors import StudyError
        from gangmu.figures.studies.study import as_json as told
        from gangmu.figures.studies.study import study
        from gangmu.foundation.access.scope import SYSTEM

        codes = tuple(filter(None, (code.strip() for code in order.split(","))))
        try:
            found = told(study(Asked(order=codes, forecast="1", **arguments), SYSTEM))
        except StudyError as error:
            raise click.ClickException(str(error)) from None
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _written(found))


def _written(found: dict[str, Any]) -> str:
    """The study in lines: what, how much."""
    lines = [
        f"{found['indicator']} {found['organisation']} {found['period']} / {found['base_period']}",
        f"{found['value']} − {found['base']} = {found['change']} {found['unit']}",
    ]
    for name in ("factors", "contributions", "plan", "month_end"):
        part = found[name]
        if isinstance(part, dict) and "problem" in part:
            lines.append(f"{name}: {part['problem']}")
            continue
        lines.append(f"{name}:")
        rows = part["effects"] if name == "factors" else part
        lines += ["  " + "\t".join(str(value) for value in row.values() if value is not None) for row in rows]
    lines += ["ranking:"] + [f"  {row['words']}\t{row['group']}\t{row['value']}" for row in found["ranking"]]
    return "\n".join([*lines, *found["records"], *filter(None, [found["own_past"]])])
