"""gangmu query, explain."""

import json
from collections.abc import Callable
from typing import Any

import click

from gangmu.shell.cli.session import session

COMPARISONS = ["previous", "year-ago", "to-date", "to-date-year-ago"]
INDICATOR = "What is asked for; may be given several times."
PERIOD = "2026-11-20, 2026-11-D2, 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026 …; may be given several times."
TREE = "The tree of each day, or today's."
STATE = "Count only facts that have come this far."
SCOPE = "By a statistical scope: who counts, and with which share."
STATES = ["filed", "plant", "region", "group", "locked"]


def question_options(command: Callable) -> Callable:
    """The arguments that `query` and `explain` share."""
    for option in reversed(
        [
            click.option("--indicator", "indicators", multiple=True, required=True, metavar="CODE", help=INDICATOR),
            click.option("--organisation", required=True, metavar="CODE", help="Whose figures."),
            click.option("--period", "periods", multiple=True, required=True, metavar="P", help=PERIOD),
            click.option(
                "--by", type=click.Choice(["children", "fuel", "province", "grid", "kind"]), help="A row for each."
            ),
            click.option("--compare", type=click.Choice(COMPARISONS), help="Beside another period."),
            click.option(
                "--structure", type=click.Choice(["then", "now"]), default="then", show_default=True, help=TREE
            ),
            click.option("--at-least", type=click.Choice(STATES), default="filed", show_default=True, help=STATE),
            click.option("--scenario", default="actual", show_default=True, metavar="NAME", help="plan, forecast, …"),
            click.option("--scope", metavar="CODE", help=SCOPE),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ]
    ):
        command = option(command)
    return command


@click.command()
@question_options
def query_command(as_json: bool, **arguments: Any) -> None:
    """Ask for figures: one row for each indicator, group and period."""
    with session("system"):
        from gangmu.figures.cube.gateway import ask

        answer = ask(_question(arguments), _operator())
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
        return
    for row in answer.as_json()["rows"]:
        compare = row["compare"] or {}
        against = f"{compare['period']} {compare['value']} {compare['rate'] or ''}" if compare else ""
        coverage = f"{row['coverage']['reported']}/{row['coverage']['expected']}"
        label = row["group"] if row["group"] is not None else row["organisation"]
        click.echo(
            "\t".join(
                str(part if part is not None else "–")
                for part in (
                    label,
                    row["indicator"],
                    row["period"],
                    row["value"],
                    row["unit"],
                    coverage,
                    row["state"],
                    against,
                )
            )
        )


@click.command()
@question_options
def explain_command(as_json: bool, **arguments: Any) -> None:
    """Say where a figure comes from: definition, formula with numbers, coverage, state, sources."""
    with session("system"):
        from gangmu.figures.cube.gateway import explain
        from gangmu.shell.figures.written import written

        question = _question(arguments)
        explanation = explain(question, _operator())
        text = "" if as_json else "\n\n".join(written(row, question) for row in explanation["rows"])
    click.echo(json.dumps(explanation, ensure_ascii=False) if as_json else text)


def _question(arguments: dict[str, Any]) -> Any:
    from gangmu.figures.cube.gateway import Question

    return Question(
        indicators=arguments["indicators"],
        organisations=(arguments["organisation"],),
        periods=arguments["periods"],
        by=arguments["by"],
        compare=arguments["compare"],
        structure=arguments["structure"],
        at_least=arguments["at_least"],
        scenario=arguments["scenario"],
        scope=arguments["scope"],
    )


def _operator() -> Any:
    from gangmu.foundation.access.scope import SYSTEM

    return SYSTEM
