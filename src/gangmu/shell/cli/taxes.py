"""gangmu taxes list."""

import json
from typing import Any

import click

from gangmu.shell.cli.formulas import AS_JSON
from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _


@click.group()
def taxes_command() -> None:
    """Taxes by which money and prices are told with tax and without."""


@taxes_command.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """Every tax with its rates, since when, by which act, and the indicators that have it."""
    with session("system"):
        from gangmu.figures.indicators.changing import all_definitions
        from gangmu.figures.indicators.taxes.queries import taxes

        known = all_definitions().values()
        found = [
            {
                "code": tax.code,
                "name": {"zh": tax.name.zh, "en": tax.name.en},
                "rates": [
                    {
                        "percent": rate.percent,
                        "since": _day(tax.since(rate)),
                        "until": _day(rate.until),
                        "source": {"zh": rate.source.zh, "en": rate.source.en},
                        "verified": rate.is_verified,
                    }
                    for rate in tax.rates
                ],
                "indicators": [
                    one.code for one in known if one.taxed and one.taxed.tax == tax.code and not one.taxed.of
                ],
            }
            for tax in taxes().values()
        ]
    if as_json:
        click.echo(json.dumps({"taxes": found}, ensure_ascii=False))
        return
    for tax in found:
        click.echo("\t".join([tax["code"], tax["name"]["zh"], ", ".join(tax["indicators"]) or "–"]))
        for rate in tax["rates"]:
            checked = "" if rate["verified"] else _("unverified")
            days = f"{rate['since'] or ''}..{rate['until'] or ''}"
            click.echo(f"  {rate['percent']}%\t{days}\t{rate['source']['zh']}\t{checked}".rstrip())


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
