"""gangmu designs list | check | fill | issue: reports designed in Excel."""

from pathlib import Path
from typing import Any

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _

LANGUAGE = click.option(
    "--language", type=click.Choice(["zh-hans", "en"]), default="zh-hans", show_default=True, help="Of the workbook."
)
CODE = click.argument("code")


@click.group()
def designs_command() -> None:
    """Reports designed in Excel: check a workbook, fill it, issue an edition."""


@designs_command.command("list")
def list_command() -> None:
    """Code, period, name and workbooks of every report."""
    with session("system"):
        from gangmu.figures.designs.models import Design

        for one in Design.objects.prefetch_related("versions"):
            versions = ", ".join(
                f"{each.number} {each.language} {each.valid_from or '–'}" for each in one.versions.defer("content")
            )
            click.echo(f"{one.code}\t{one.grain}\t{one.name_zh}\t{one.name_en}\t{versions}")


@designs_command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_command(file: Path) -> None:
    """Say what is wrong with a workbook, cell by cell; nothing is kept. Exit code 1 on any fault."""
    with session("system"):
        from gangmu.figures.designs.designing import read
        from gangmu.figures.designs.errors import DesignRefused
        from gangmu.foundation.access.scope import SYSTEM

        try:
            template, _known = read(file, file.name, SYSTEM)
        except DesignRefused as error:
            click.echo(str(error), err=True)
            raise click.exceptions.Exit(1) from error
        for warning in template.warnings:
            click.echo(str(warning))
        click.echo(
            _("%(file)s: %(cells)d cells with expressions, %(blocks)d repeated blocks; no fault.")
            % {"file": file.name, "cells": len(template.cells), "blocks": len(template.blocks)}
        )


@designs_command.command("fill")
@CODE
@click.option("--organisation", required=True, metavar="CODE", help="Whose figures.")
@click.option(
    "--period", required=True, metavar="P", help="Which period, such as 2026-11-20, 2026-W47, 2026-11, 2026-Q4, 2026."
)
@click.option("--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="*.xlsx or *.pdf")
@LANGUAGE
def fill_command(code: str, organisation: str, period: str, target: Path, language: str) -> None:
    """Fill a report as it stands now, and write it as a workbook or as PDF."""
    with session("system"):
        from django.utils.translation import override

        from gangmu.figures.designs import printing_pdf
        from gangmu.figures.designs.making import make, version_for
        from gangmu.foundation.access.scope import SYSTEM

        design, place, span = _asked(code, organisation, period)
        version = version_for(design, span.end, language)
        if version is None:
            raise click.ClickException(_("No version of %(design)s applies yet.") % {"design": design.code})
        made = make(version, place, span, SYSTEM)
        if target.suffix.lower() == ".pdf":
            with override(language):
                content = printing_pdf.write(made.sheets, printing_pdf.head(design, place, span.code))
        else:
            content = made.workbook()
        target.write_bytes(content)


@designs_command.command("issue")
@CODE
@click.option("--organisation", required=True, metavar="CODE", help="Whose figures.")
@click.option(
    "--period", required=True, metavar="P", help="Which period, such as 2026-11-20, 2026-W47, 2026-11, 2026-Q4, 2026."
)
@click.option("--all-the-same", is_flag=True, help="Though not everybody has filed.")
def issue_command(code: str, organisation: str, period: str, all_the_same: bool) -> None:
    """Issue an edition; exit code 1 and who is missing when it is held back."""
    with session("system"):
        from gangmu.figures.designs.issuing import HeldBack, issue
        from gangmu.figures.reports.models import Edition

        design, place, span = _asked(code, organisation, period)
        try:
            edition = issue(design, place, span, Edition.Reason.MANUAL, all_the_same=all_the_same)
        except HeldBack as held:
            click.echo(str(held), err=True)
            raise click.exceptions.Exit(1) from held
        click.echo(f"{design.code}\t{organisation}\t{span.code}\t{edition.number}\t{edition.digest}")


def _asked(code: str, organisation: str, period: str) -> tuple[Any, Any, Any]:
    """The report, the organisation and the period that are meant."""
    from gangmu.figures.designs.models import Design
    from gangmu.foundation.parties.models import Organisation
    from gangmu.foundation.periods.period import Period

    design = Design.objects.filter(code=code).first()
    if design is None:
        raise click.ClickException(_("There is no report %(code)s; see `gangmu designs list`.") % {"code": code})
    place = Organisation.objects.filter(code=organisation).first()
    if place is None:
        raise click.ClickException(_("There is no organisation %(code)s.") % {"code": organisation})
    span = Period.parse(period)
    if span.kind != design.grain:
        last = Period.of(type(span.kind)(design.grain), span.end)
        raise click.ClickException(
            _("%(code)s is of another kind of period; write for instance %(period)s.")
            % {"code": code, "period": last.code}
        )
    return design, place, span
