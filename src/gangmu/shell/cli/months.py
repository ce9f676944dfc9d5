"""gangmu months close | reopen | list: closed months 关账."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from gangmu.shell.cli.load import wrote
from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _

INDICATORS = click.option(
    "--indicator", "indicators", multiple=True, metavar="CODE", help="A daily one; may be given several times."
)
ORGANISATION = click.option("--organisation", required=True, metavar="CODE", help="For it and all below it.")
MONTH = click.option("--month", required=True, metavar="2026-10", help="A month that is over.")
REASON = click.option("--reason", required=True, metavar="WORDS", help="Why, or on whose word; it stays on record.")


@click.group()
def months_command() -> None:
    """Close months, so that settled values answer for them, or reopen them."""


@months_command.command()
@INDICATORS
@ORGANISATION
@MONTH
@REASON
def close(indicators: tuple[str, ...], organisation: str, month: str, reason: str) -> None:
    """Close a month: settled values answer for it, none of its figures changes.

    Without --indicator: all that have any.
    """
    with session("system"):
        from django.db import transaction

        from gangmu.figures.filing.services.closing import close_month

        with _refusals(), transaction.atomic():
            at, period = _organisation(organisation), _month(month)
            found = _indicators(indicators)
            for one in found:
                close_month(one, at, period, reason=reason, by=None)
            told = ", ".join(one.code for one in found)
        wrote()
        words = {"at": organisation, "month": month, "codes": told}
        click.echo(_("%(month)s is closed at %(at)s: %(codes)s.") % words)


@months_command.command()
@INDICATORS
@ORGANISATION
@MONTH
@REASON
def reopen(indicators: tuple[str, ...], organisation: str, month: str, reason: str) -> None:
    """Reopen a closed month: days answer again, and its figures can be corrected."""
    with session("system"):
        from django.db import transaction

        from gangmu.figures.filing.services.closing import reopen_month, standing_closing

        with _refusals(), transaction.atomic():
            at, period = _organisation(organisation), _month(month)
            found = _indicators(indicators)
            for one in found:
                reopen_month(standing_closing(one, at, period), reason=reason, by=None)
            told = ", ".join(one.code for one in found)
        wrote()
        words = {"at": organisation, "month": month, "codes": told}
        click.echo(_("%(month)s is open again at %(at)s: %(codes)s.") % words)


@months_command.command("list")
def listed() -> None:
    """Every closing and reopening, the latest month first."""
    with session("system"):
        from gangmu.figures.filing.models import MonthClosing

        rows = MonthClosing.objects.select_related("indicator", "organisation")
        for one in rows.order_by("-month", "indicator__code", "id"):
            stands = _("month open again") if one.reopened_at else _("month closed")
            words = one.reopening_reason or one.reason
            click.echo(f"{one.month:%Y-%m}\t{one.indicator.code}\t{one.organisation.code}\t{stands}\t{words}")


@contextmanager
def _refusals() -> Iterator[None]:
    from gangmu.figures.filing.errors import FilingError

    try:
        yield
    except FilingError as error:
        raise click.ClickException(str(error)) from error


def _organisation(code: str) -> Any:
    from gangmu.foundation.parties.models import Organisation

    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise click.ClickException(_("“%(code)s” is not known.") % {"code": code[:60]})
    return found


def _month(text: str) -> Any:
    from gangmu.foundation.periods.period import Period

    return Period.parse(text)


def _indicators(codes: tuple[str, ...]) -> list[Any]:
    """Those that are named, or all that have settled values."""
    from gangmu.figures.indicators.models import Indicator

    if not codes:
        settled = Indicator.objects.exclude(settles="").values_list("settles", flat=True)
        found = list(Indicator.objects.filter(code__in=settled).order_by("code"))
        if not found:
            raise click.ClickException(_("No indicator has settled values: make a monthly one with settles: CODE."))
        return found
    rows = {str(one.code): one for one in Indicator.objects.filter(code__in=codes)}
    for code in codes:
        if code not in rows:
            raise click.ClickException(_("“%(code)s” is not known.") % {"code": code[:60]})
    return [rows[code] for code in dict.fromkeys(codes)]
