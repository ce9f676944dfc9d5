"""gangmu norms show | compare | parameters | oscal | freeze | baselines: standards as data.

All but the last two read the shipped files alone and need no database.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from gangmu.business import standards as shipped_standards
from gangmu.duties.norms.comparing import Difference, compare
from gangmu.duties.norms.figures import Row, parameters
from gangmu.duties.norms.naming import named
from gangmu.duties.norms.resolving import Resolved, everything, resolve
from gangmu.duties.norms.shipped import codes, shipped
from gangmu.duties.norms.standard import Standard, Words
from gangmu.foundation.settings.language import wanted
from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _choices(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`facilities=B1,network=B1`, in one option or several."""
    found: dict[str, str] = {}
    for part in (part.strip() for text in given for part in text.split(",") if part.strip()):
        subject, equals, alternative = (one.strip() for one in part.partition("="))
        if not equals or not subject or not alternative:
            raise click.BadParameter(_("“%(given)s” is no choice; write facilities=B1,network=B1.") % {"given": part})
        if found.setdefault(subject, alternative) != alternative:
            raise click.BadParameter(_("“%(subject)s” is chosen twice.") % {"subject": subject})
    return found


CHOICE = click.option(
    "--choice", "choices", multiple=True, callback=_choices, metavar="SUBJECT=ALTERNATIVE,…",
    help="What is chosen where a reference is open.",
)  # fmt: skip


@click.group()
def norms_command() -> None:
    """Clauses of standards: what holds in a cell, what differs, figures, OSCAL, baselines."""
    shipped_standards.register()


def _said(words: Words) -> str:
    return words.en if wanted() == "en" else words.zh


def _print(found: Any) -> None:
    click.echo(json.dumps(found, ensure_ascii=False))


@norms_command.command("list")
@AS_JSON
def list_standards(as_json: bool) -> None:
    """The shipped standards."""
    rows = [shipped(code) for code in codes()]
    if as_json:
        _print([{"standard": one.code, "edition": one.edition, "entries": len(one.entries)} for one in rows])
        return
    for one in rows:
        click.echo(f"{one.code}  {one.number}  {_said(one.title)}  {len(one.entries)}")


@norms_command.command()
@click.argument("standard")
@click.option("--cell", default="", help="A cell such as A3+B4, or cells of one level: A3B1,A3B3.")
@CHOICE
@AS_JSON
def show(standard: str, cell: str, choices: dict[str, str], as_json: bool) -> None:
    """What a standard says, or what of it holds in a cell."""
    found = _resolved(shipped(standard), cell, choices)
    if as_json:
        _print(found.as_json())
        return
    for line in _told(found):
        click.echo(line)


def _resolved(standard: Standard, cell: str, choices: dict[str, str]) -> Resolved:
    if cell:
        return resolve(standard, cell, choices)
    if choices:
        raise click.UsageError(_("A choice belongs to a cell: give --cell too."))
    return everything(standard)


def _told(resolved: Resolved) -> Iterable[str]:
    """Entry by entry, a statement on each line."""
    standard = resolved.standard
    for held in resolved.held:
        entry = held.entry
        to = f" → {', '.join(entry.to)}" if entry.to else ""
        yield f"{entry.key}  {_said(standard.topics[entry.topic].name)}  ({named('origin', held.origin)}){to}"
        for statement in entry.statements:
            yield f"    [{named('strength', statement.strength)}] {_said(standard.text(entry, statement))}"
    if subjects := resolved.open_subjects:
        names = ", ".join(f"{subject} ({_said(standard.subjects[subject])})" for subject in subjects)
        offered = ", ".join(f"{code} ({_said(one)})" for code, one in standard.alternatives.items())
        yield _("Still open: %(subjects)s; one of %(offered)s each.") % {"subjects": names, "offered": offered}


@norms_command.command("compare")
@click.argument("standard")
@click.argument("a")
@click.argument("b")
@CHOICE
@AS_JSON
def compare_cells(standard: str, a: str, b: str, choices: dict[str, str], as_json: bool) -> None:
    """What differs from cell A to cell B. Choices count on the sides that leave them open."""
    found = shipped(standard)
    comparison = compare(resolve(found, a, choices, spare=True), resolve(found, b, choices, spare=True))
    if as_json:
        _print(comparison.as_json())
        return
    for one in comparison.differences:
        click.echo(_difference(found, one))


def _difference(standard: Standard, one: Difference) -> str:
    topic = standard.topics[one.topic]
    what = _said(topic.name)
    if one.parameter:
        what += f" · {_said(topic.parameters[one.parameter].title)}"
    values = "" if one.values == (None, None) else f": {_value(one.values[0])} → {_value(one.values[1])}"
    return f"{one.entries[0] or '–'} → {one.entries[1] or '–'}  [{named('difference', one.kind)}] {what}{values}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_value(one) for one in value)
    if isinstance(value, dict):
        return value["en" if wanted() == "en" else "zh"]
    return "–" if value is None else str(value)


@norms_command.command("parameters")
@click.argument("standard")
@click.option("--differing", is_flag=True, help="Only those that are not the same everywhere.")
@AS_JSON
def show_parameters(standard: str, differing: bool, as_json: bool) -> None:
    """The figures of a standard by cell."""
    found = shipped(standard)
    rows = parameters(found, every=not differing)
    if as_json:
        told = [row.as_json() for row in rows]
        _print({"standard": found.code, "edition": found.edition, "cells": list(found.cells), "parameters": told})
        return
    for line in _table(found, rows):
        click.echo(line)


def _table(standard: Standard, rows: list[Row]) -> Iterable[str]:
    """Columns as wide as they must be; a Chinese sign takes two places."""
    head = [named("difference", "figure"), _("unit"), *standard.cells]
    if not standard.cells:
        head.append(_("clauses"))
    lines = [head]
    for row in rows:
        cells = [" / ".join(row.by_cell.get(cell, ())) for cell in standard.cells]
        outside = [f"{key}: {row.parameter.shown(one).en}" for key, one in row.values.items() if not standard.cells]
        name = f"{'*' if row.differs else ' '} {_said(row.name)} · {_said(row.parameter.title)}"
        lines.append(
            [name, named("unit", row.parameter.unit), *cells, *([", ".join(outside)] if not standard.cells else [])]
        )
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        yield "  ".join(text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)).rstrip()
    yield _("* differs between clauses")


def _width(text: str) -> int:
    return sum(2 if "⺀" <= sign <= "￦" else 1 for sign in text)


@norms_command.command()
@click.argument("standard")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write to.")
@click.option("--cell", default="", help="Only this cell's profile and resolved catalogue.")
@CHOICE
def oscal(standard: str, out: Path, cell: str, choices: dict[str, str]) -> None:
    """Write the catalogue, a profile for each cell, and what each resolves to, as OSCAL."""
    from gangmu.duties.norms.oscal import documents
    from gangmu.foundation.settings import clock

    found = shipped(standard)
    made = documents(found, clock.now(), choices, cell)
    for name, document in made.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    click.echo(_("%(n)d files written to %(folder)s.") % {"n": len(made), "folder": out})


@norms_command.command()
@click.argument("standard")
@click.option("--organisation", required=True, metavar="CODE", help="Whose baseline it is.")
@click.option("--subject", required=True, help="The system or contract that it is for.")
@click.option("--cell", default="", help="A cell such as A3+B4, or cells of one level: A3B1,A3B3.")
@CHOICE
@click.option("--drop", default="", metavar="KEY,…", help="Agree that these clauses of the baseline before are gone.")
def freeze(standard: str, organisation: str, subject: str, cell: str, choices: dict[str, str], drop: str) -> None:
    """Freeze what holds in a cell as the baseline of a subject. Every choice must be made."""
    with session("system"):
        from django.db import transaction

        from gangmu.duties.norms import queries, services
        from gangmu.foundation.parties.models import Organisation

        place = Organisation.objects.filter(code=organisation).first()
        if place is None:
            raise click.ClickException(_("There is no “%(code)s”.") % {"code": organisation[:80]})
        with transaction.atomic():
            agreed = tuple(key.strip() for key in drop.split(",") if key.strip())
            edition = queries.current_edition(standard)
            made = services.freeze_baseline(None, place, subject, edition, cell, choices, dropping=agreed)
            click.echo(f"{made.pk}  {made}")


@norms_command.command()
@click.option("--organisation", default="", metavar="CODE", help="Only those of this organisation.")
@AS_JSON
def baselines(organisation: str, as_json: bool) -> None:
    """The frozen baselines, the newest first."""
    with session("system"):
        from gangmu.duties.norms.models import Baseline

        rows = Baseline.objects.select_related("organisation", "edition__standard").order_by("-frozen_at", "-pk")
        if organisation:
            rows = rows.filter(organisation__code=organisation)
        told = [
            {
                "id": one.pk, "organisation": one.organisation.code, "subject": one.subject,
                "standard": one.edition.standard.code, "edition": one.edition.edition, "cell": one.cell,
                "choices": one.choices, "entries": one.entries.count(), "sha256": one.digest,
                "frozen_at": one.frozen_at.isoformat(),
            }
            for one in rows
        ]  # fmt: skip
    if as_json:
        _print(told)
        return
    for one in told:
        what = f"{one['standard']} {one['cell']}".strip()
        click.echo(f"{one['id']}  {one['organisation']}  {one['subject']}  {what}  {one['frozen_at'][:10]}")
