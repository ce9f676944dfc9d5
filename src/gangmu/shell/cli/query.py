"""gangmu query, explain."""

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _

COMPARISONS = ["previous", "year-ago", "year-ago-festival", "to-date", "to-date-year-ago"]
INDICATOR = "What is asked for; may be given several times."
PERIOD = "2026-11-20, 2026-11-D2, 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026 …; may be given several times."
TREE = "The tree of each day, or today's."
STATE = "Count only facts that have come this far."
UNIT = "In another unit, such as GWh; “tier” for those of the organisation's kind."
TAX = "Money and prices with tax or without, of those indicators that have a tax."
SCOPE = "By a statistical scope: who counts, and with which share."
CATEGORY = "Of split indicators the part for a category, such as spot."
FILE = "Write them to a table, .csv or .xlsx, of any length."
STATES = ["filed", "plant", "region", "group", "locked"]


def question_options(command: Callable) -> Callable:
    """The arguments that `query` and `explain` share."""
    for option in reversed(
        [
            click.option("--indicator", "indicators", multiple=True, required=True, metavar="CODE", help=INDICATOR),
            click.option("--organisation", required=True, metavar="CODE", help="Whose figures."),
            click.option("--period", "periods", multiple=True, required=True, metavar="P", help=PERIOD),
            click.option(
                "--by",
                type=click.Choice(["children", "fuel", "province", "grid", "kind", "category"]),
                help="A row for each.",
            ),
            click.option("--category", metavar="CODE", help=CATEGORY),
            click.option("--compare", type=click.Choice(COMPARISONS), help="Beside another period."),
            click.option(
                "--structure", type=click.Choice(["then", "now"]), default="then", show_default=True, help=TREE
            ),
            click.option("--at-least", type=click.Choice(STATES), default="filed", show_default=True, help=STATE),
            click.option("--scenario", default="actual", show_default=True, metavar="NAME", help="plan, forecast, …"),
            click.option("--scope", metavar="CODE", help=SCOPE),
            click.option("--unit", metavar="UNIT", help=UNIT),
            click.option("--tax", type=click.Choice(["included", "excluded"]), help=TAX),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ]
    ):
        command = option(command)
    return command


@click.command()
@question_options
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=FILE)
def query_command(as_json: bool, path: Path | None, **arguments: Any) -> None:
    """Ask for figures: one row for each indicator, group and period."""
    if path is not None:
        click.echo(_exported(arguments, path))
        return
    with session("system"):
        from gangmu.figures.cube.gateway import ask

        answer = ask(_question(arguments), _operator())
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
        return
    for row in answer.as_json()["rows"]:
        compare = row["compare"] or {}
        against = (
            f"{compare['period']} {compare['value']} {compare['rate'] or compare.get('word') or ''}" if compare else ""
        )
        coverage = f"{row['coverage']['reported']}/{row['coverage']['expected']}"
        label = _label(row)
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


def _label(row: dict[str, Any]) -> str:
    """The group, else the organisation; of a category with its share."""
    label = row["group"] if row["group"] is not None else row["organisation"]
    if "category" in row and row["category"] is None:
        label = _("not categorised")
    return f"{label} {Decimal(row['share']):.2%}" if row.get("share") else label


def _exported(arguments: dict[str, Any], path: Path) -> str:
    """Write the answer to a file; what to say."""
    with session("system"):
        from gangmu.shell.figures.exporting import export, kind_of

        kind = kind_of(path)
        if kind is None:
            raise click.BadParameter(
                _("A file ends in .csv or .xlsx, not as “%(name)s”.") % {"name": path.name}, param_hint="--to"
            )
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as target:
                count = export(_question(arguments), _operator(), target, kind)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return _("%(path)s: lines: %(count)s") % {"path": path, "count": count}


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
        category=arguments["category"],
        unit=arguments["unit"],
        tax=arguments["tax"],
    )


def _operator() -> Any:
    from gangmu.foundation.access.scope import SYSTEM

    return SYSTEM
