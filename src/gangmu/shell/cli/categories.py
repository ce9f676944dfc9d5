"""gangmu categories list | check."""

import json

import click

from gangmu.shell.cli.formulas import AS_JSON
from gangmu.shell.cli.query import PERIOD
from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _


@click.group()
def categories_command() -> None:
    """Categories by which indicators are split: what there is, and whether parts add up to their wholes."""


@categories_command.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """Every dictionary with its categories, their days, and the indicators that are split by it."""
    with session("system"):
        from gangmu.figures.indicators.categories.queries import dictionaries
        from gangmu.figures.indicators.changing import all_definitions

        split = [one for one in all_definitions().values() if one.split]
        found = [
            {
                "code": book.code,
                "name": {"zh": book.name.zh, "en": book.name.en},
                "categories": [
                    {
                        "code": one.code,
                        "name": {"zh": one.name.zh, "en": one.name.en},
                        "valid_from": one.valid_from.isoformat() if one.valid_from else None,
                        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
                    }
                    for one in book.categories
                ],
                "indicators": [one.code for one in split if one.split and one.split.by == book.code],
            }
            for book in dictionaries().values()
        ]
    if as_json:
        click.echo(json.dumps({"dictionaries": found}, ensure_ascii=False))
        return
    for book in found:
        click.echo("\t".join([book["code"], book["name"]["zh"], ", ".join(book["indicators"]) or "–"]))
        for one in book["categories"]:
            days = f"{one['valid_from'] or ''}..{one['valid_to'] or ''}" if one["valid_from"] or one["valid_to"] else ""
            click.echo(f"  {one['code']}\t{one['name']['zh']}\t{days}".rstrip())


@categories_command.command("check")
@click.option("--indicator", "indicators", multiple=True, metavar="CODE", help="Only this one; several are possible.")
@click.option("--organisation", default="", metavar="CODE", help="Only at and below it.")
@click.option("--period", required=True, metavar="P", help=PERIOD)
@AS_JSON
def check(indicators: tuple[str, ...], organisation: str, period: str, as_json: bool) -> None:
    """Where filed parts do not add up to the filed whole, cell by cell; exit code 1 where there is such a cell."""
    with session("system"):
        from gangmu.figures.cube.measures import known_measures
        from gangmu.figures.filing.queries.adding_up import differences
        from gangmu.foundation.parties.models import Organisation
        from gangmu.foundation.periods.period import Period

        for code in indicators:
            known_measures()(code)  # refuses a code that there is not, with the nearest
        if organisation and not Organisation.objects.filter(code=organisation).exists():
            raise click.BadParameter(
                _("There is no organisation %(code)s.") % {"code": organisation[:60]}, param_hint="--organisation"
            )
        found = list(differences(Period.parse(period), indicators, organisation))
    if as_json:
        click.echo(json.dumps({"differences": [one.as_json() for one in found]}, ensure_ascii=False))
    for one in [] if as_json else found:
        words = _("more than the whole") if one.exceeds else _("not categorised")
        click.echo("\t".join([one.organisation, one.indicator, one.period, one.whole, one.parts, one.rest, words]))
    if found:
        raise click.exceptions.Exit(1)
