"""gangmu load organisations | people | resources | categories | taxes | indicators | curves | scopes | facts …"""

from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _

FILE = click.Path(path_type=Path)


def _reason(_context: click.Context, _parameter: click.Parameter, reason: str | None) -> str:
    """What `--correct` was given. A reason that says nothing is none."""
    if reason is not None and not reason.strip():
        raise click.BadParameter(_("say why the values change"))
    return (reason or "").strip()


@click.group()
def load_command() -> None:
    """Load organisations, people, resources, categories, taxes, indicators, scopes, facts, curves … from a file."""


@load_command.command()
@click.argument("file", type=FILE)
def organisations(file: Path) -> None:
    """Organisations and their dated placements and attributes (CSV). All or nothing."""
    with session("system"):
        from django.db import IntegrityError

        from gangmu.figures.filing.consistency import said_of
        from gangmu.foundation.parties.services import load_organisations

        try:
            result = load_organisations(file)
        except IntegrityError as error:  # the figures' word on a tree that would take their days away
            said = said_of(error)
            if said is None:
                raise
            raise click.ClickException(said) from error
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change, line by line, and change nothing.")
@click.option("--keep-good", is_flag=True, help="Take over the good lines although others have faults.")
@click.option("--mail", is_flag=True, help="Send each new person their one-time password by mail.")
@click.option("--sheet", type=FILE, help="Where one-time passwords are written; FILE.passwords.csv if left out.")
def people(file: Path, dry_run: bool, keep_good: bool, mail: bool, sheet: Path | None) -> None:
    """People with their accounts and posts (.xlsx, CSV). All or nothing; known ones are changed where they differ."""
    with session("system"):
        from django.db import transaction

        from gangmu.foundation.access.scope import SYSTEM
        from gangmu.foundation.records.services import note
        from gangmu.foundation.settings.textfiles import Problem
        from gangmu.shell.people.loading import files
        from gangmu.shell.people.loading.checking import judge
        from gangmu.shell.people.loading.reading import read
        from gangmu.shell.people.loading.recording import take_over

        target = sheet or file.with_name(f"{file.stem}.passwords.csv")
        judged = judge(read(file), SYSTEM, by_mail=mail)
        problems = [Problem(one.line.number, column, text) for one in judged for column, text in one.faults]
        if dry_run:
            for one in judged:
                said = "; ".join(f"{column}: {before} → {after}" for column, before, after in one.changes)
                click.echo(f"{one.line.number}  {one.username}  {one.outcome}  {said}".rstrip())
        if dry_run or (problems and not keep_good):
            _report(problems, _("Nothing was recorded."), bool(problems))
            return
        if not mail and any(one.account is None and not one.faults for one in judged) and target.exists():
            raise click.ClickException(_("%(file)s is there already; name another with --sheet.") % {"file": target})
        with transaction.atomic():
            taken = take_over(judged, SYSTEM, by=None, by_mail=mail)
            note("accounts.imported", data={"file": file.name, **taken.told()})
            if taken.passwords:
                files.write_sheet(target, taken.passwords)
        told = _("People: %(created)d new, %(changed)d changed, %(unchanged)d as they were.") % taken.told()
        if taken.passwords:
            told += "\n" + _("The one-time passwords are in %(file)s; hand them out, then delete it.") % {
                "file": target
            }
        _report(problems, told)
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change, line by line, and change nothing.")
@click.option("--keep-good", is_flag=True, help="Take over the good lines although others have faults.")
def resources(file: Path, dry_run: bool, keep_good: bool) -> None:
    """Systems, rooms, lines … and what needs what (.xlsx, CSV). All or nothing; known ones change where they differ."""
    with session("system"):
        from django.db import transaction

        from gangmu.duties.resources.errors import ResourceRefused
        from gangmu.duties.resources.loading.checking import judge
        from gangmu.duties.resources.loading.reading import read
        from gangmu.duties.resources.loading.recording import take_over
        from gangmu.foundation.access.scope import SYSTEM
        from gangmu.foundation.records.services import note
        from gangmu.foundation.settings.textfiles import Problem

        judged = judge(read(file), SYSTEM)
        problems = [Problem(one.line.number, column, text) for one in judged for column, text in one.faults]
        if dry_run:
            for one in judged:
                said = "; ".join(f"{column}: {before} → {after}" for column, before, after in one.changes)
                click.echo(f"{one.line.number}  {one.wanted.code}  {one.outcome}  {said}".rstrip())
        if dry_run or (problems and not keep_good):
            _report(problems, _("Nothing was recorded."), bool(problems))
            return
        try:
            with transaction.atomic():
                taken = take_over(judged, SYSTEM, by=None)
                note("resources.imported", data={"file": file.name, **taken.told()})
        except ResourceRefused as refused:
            raise click.ClickException(str(refused)) from refused
        told = _(
            "Resources: %(created)d new, %(changed)d changed, %(unchanged)d as they were; dependencies: %(needs)d."
        )
        _report(problems, told % taken.told())
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
def indicators(file: Path) -> None:
    """Indicators and formulas (YAML). All or nothing."""
    with session("system"):
        from gangmu.figures.indicators.services import load_indicators

        result = load_indicators(file)
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
def categories(file: Path) -> None:
    """Dictionaries of categories, by which indicators are split (YAML). All or nothing."""
    with session("system"):
        from gangmu.figures.indicators.categories.services import load_categories

        result = load_categories(file)
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
def taxes(file: Path) -> None:
    """Taxes with the rates of each time, by which money is told with tax and without (YAML). All or nothing."""
    with session("system"):
        from gangmu.figures.indicators.taxes.services import load_taxes

        result = load_taxes(file)
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
def scopes(file: Path) -> None:
    """Statistical scopes: who counts, when, and with which share (YAML, CSV). All or nothing."""
    with session("system"):
        from gangmu.figures.scopes.services import load_scopes

        result = load_scopes(file)
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--correct", metavar="REASON", callback=_reason, help="Replace values that stand, and say why.")
def facts(file: Path, correct: str) -> None:
    """Facts (CSV). Good lines enter as locked; faulty ones go to FILE.rejected.csv and the exit code is 1."""
    with session("system"):
        from gangmu.figures.cube import services as cube
        from gangmu.figures.filing.importing import load_facts

        result = load_facts(file, correct=correct)
        if result.batch_id:
            cube.fold()
        _report(result.problems, str(result))
        wrote()


@load_command.command(name="curve-indicators")
@click.argument("file", type=FILE)
def curve_indicators(file: Path) -> None:
    """Which daily indicators have curves of 96 points, and what a day of them comes to (YAML). All or nothing."""
    with session("system"):
        from gangmu.figures.curves.defining import load_curve_indicators

        result = load_curve_indicators(file)
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--correct", metavar="REASON", callback=_reason, help="Replace values that stand, and say why.")
@click.option(
    "--times",
    "labels",
    type=click.Choice(["end", "start"]),
    default="end",
    show_default=True,
    help="What times name: the end of their quarter (00:15 to 24:00) or its beginning (00:00 to 23:45).",
)
def curves(file: Path, correct: str, labels: str) -> None:
    """Curves of 96 points a day and their daily figures (CSV, .xlsx). Faulty lines go to FILE.rejected.csv."""
    with session("system"):
        from gangmu.figures.cube import services as cube
        from gangmu.figures.curves.loading import load_curves

        result = load_curves(file, correct=correct, labels=labels)
        if result.batch_id:
            cube.fold()
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--source", required=True, metavar="NAME", help="Where the values come from, as filers shall read it.")
def readings(file: Path, source: str) -> None:
    """Values of an interface (CSV), offered beside the cells of forms. They count once somebody has filed them."""
    if not source.strip():
        raise click.UsageError(_("Say with --source where the values come from."))
    with session("system"):
        from gangmu.figures.filing.services.receiving import receive_file

        result = receive_file(file, source=source.strip())
        _report(result.problems, str(result))
        wrote()


@load_command.command()
@click.argument("file", type=FILE)
@click.option("--form", required=True, metavar="CODE", help="The form whose template was filled in.")
@click.option("--period", default="", metavar="PERIOD", help="Refuse a workbook of any other day or month.")
@click.option("--accept-rounding", is_flag=True, help="Take figures with too many decimals as rounded.")
@click.option("--keep-good", is_flag=True, help="Store the good rows although others have faults.")
@click.option("--submit", is_flag=True, help="Submit the sheets where every rule holds; needs --user.")
@click.option("--user", default="", metavar="USERNAME", help="Act as this user, in their scope.")
def sheet(file: Path, form: str, period: str, accept_rounding: bool, keep_good: bool, submit: bool, user: str) -> None:
    """A filled-in form (.xlsx), stored as drafts. What was found in it is marked in FILE.checked.xlsx."""
    if submit and not user:
        raise click.UsageError(_("Sheets are submitted by somebody: say who with --user."))
    with session("system"):
        from contextlib import nullcontext

        from gangmu.figures.cube import services as cube
        from gangmu.figures.filing.errors import FilingError
        from gangmu.figures.filing.excel.importing import import_workbook
        from gangmu.foundation.access.scope import SYSTEM, acting_as
        from gangmu.foundation.accounts.models import User

        by = User.objects.filter(username=user).first() if user else None
        if user and (by is None or not by.is_active):
            raise click.ClickException(_("There is no user “%(user)s”.") % {"user": user[:80]})
        try:
            with acting_as(by) if by else nullcontext(SYSTEM) as scope:
                result = import_workbook(
                    file,
                    form,
                    by=by,
                    scope=scope,
                    period=period,
                    accept_rounding=accept_rounding,
                    keep_good=keep_good,
                    submit=submit,
                    key=uuid4().hex,  # each time is an act of its own: what was returned may be handed in again
                )
        except FilingError as error:
            raise click.ClickException(str(error)) from error
        if result.submitted:
            cube.fold()
        marked = _mark(file, result)
        _report(
            [one for one in result.found if one.kind.refuses or one.kind == "warning"],
            f"{result}{marked}",
            bool(result.faults or result.kept_back),
        )
        wrote()


def _mark(file: Path, result: Any) -> str:
    """Write the marked workbook, or take an earlier one away; what to say of it."""
    from gangmu.figures.filing.excel.marking import mark

    target = file.with_name(f"{file.stem}.checked.xlsx")
    if not result.found:
        target.unlink(missing_ok=True)
        return ""
    try:
        mark(file, target, result.found, str(result).splitlines())
    except OSError as error:  # what was stored stands
        words = {"file": target, "why": error.strerror or error}
        return "\n" + _("The marked workbook could not be written to %(file)s: %(why)s.") % words
    return "\n" + _("The workbook with its marks is %(file)s.") % {"file": target}


def _report(problems, summary: str, failed: bool | None = None) -> None:
    """Say what happened; every problem on a line of its own, the first fifty. They are a failure unless told."""
    for problem in problems[:50]:
        click.echo(str(problem), err=True)
    if len(problems) > 50:
        click.echo(f"… {len(problems) - 50} more 另有", err=True)
    click.echo(summary)
    if problems if failed is None else failed:
        wrote()
        raise click.exceptions.Exit(1)


def wrote() -> None:
    """Seal what the command has recorded."""
    from gangmu.foundation.records.chain import ChainBroken, seal

    try:
        seal()
    except ChainBroken as broken:  # what was loaded stands
        click.echo(f"not sealed 未封存: {broken}. gangmu audit verify", err=True)
