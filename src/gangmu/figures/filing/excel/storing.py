"""Figures of a workbook kept as cells of their sheets: many sheets at once, a handful of statements."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import may, why_not
from gangmu.figures.filing.entry import show
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.excel.faults import Found, Kind
from gangmu.figures.filing.excel.placing import Given, Target
from gangmu.figures.filing.models import Cell, Mark, Sheet, State
from gangmu.figures.filing.queries import Key
from gangmu.figures.filing.queries.facts import FactRow, as_array
from gangmu.figures.filing.services.events import event, log, name_of
from gangmu.figures.filing.services.opening import due_at
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


class Meanwhile(FilingError):
    """Somebody else did the same at the same time; to be done again."""


@dataclass
class Standing:
    """What the sheets of a workbook hold before it: typed cells and facts, by sheet (`Target`) and cell."""

    cells: dict[int, dict[Key, Cell]] = field(default_factory=dict)
    facts: dict[int, dict[Key, FactRow]] = field(default_factory=dict)


@dataclass
class Stored:
    """What became of the figures."""

    sheets: list[Sheet] = field(default_factory=list)
    cells: int = 0
    unchanged: int = 0


def hold(targets: Sequence[Target]) -> None:
    """Lock the sheets that are there, so that what is decided on them still holds when they are written."""
    pks = sorted(target.sheet.pk for target in targets if target.sheet)
    rows = Sheet.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    held = {sheet.pk: sheet for sheet in rows}
    for target in targets:
        if target.sheet is not None:
            target.sheet = held.get(target.sheet.pk)


def standing(targets: Sequence[Target]) -> Standing:
    """What stands in the sheets of the targets, by their place in the list; a query for cells, one for facts."""
    found = Standing({at: {} for at in range(len(targets))}, {at: {} for at in range(len(targets))})
    by_sheet = {target.sheet.pk: at for at, target in enumerate(targets) if target.sheet}
    for cell in Cell.objects.filter(sheet__in=list(by_sheet)):
        at = by_sheet[cell.sheet_id]
        key = targets[at].layout.keys_by_id.get((cell.organisation_id, cell.indicator_id))
        if key is not None:
            found.cells[at][key] = cell
    by_row: dict[tuple[int, date], list[int]] = defaultdict(list)
    for at, target in enumerate(targets):
        for organisation in target.layout.rows:
            by_row[organisation, target.layout.period.start].append(at)
    for organisation, indicator, period, fact in _facts(targets, by_row):
        for at in by_row.get((organisation, period), ()):
            key = targets[at].layout.keys_by_id.get((organisation, indicator))
            if key is not None:
                found.facts[at][key] = fact
    return found


_FACTS = """
    SELECT f.organisation_id, f.indicator_id, f.period, f.value, f.state, f.mark, f.entered, f.batch_id
    FROM filing_fact f JOIN filing_scenario s ON s.id = f.scenario_id
    WHERE f.superseded_by_id IS NULL AND s.code = %s AND f.indicator_id = ANY(%s) AND f.organisation_id = ANY(%s)
        AND f.period = ANY(%s)"""


def _facts(targets: Sequence[Target], by_row: Collection[tuple[int, date]]) -> Iterator[tuple[int, int, date, FactRow]]:
    """Every fact of the targets' organisations, indicators and periods: they are asked for as the rectangle that they
    nearly always are, since naming fifty thousand cells costs more than the answer."""
    indicators = {column.id for target in targets for column in target.layout.columns.values()}
    organisations, periods = {one for one, _period in by_row}, {period for _one, period in by_row}
    with connection.cursor() as cursor:
        for scenario in {target.layout.definition.scenario for target in targets}:
            cursor.execute(_FACTS, [scenario, list(indicators), list(organisations), list(periods)])
            for organisation, indicator, period, value, state, mark, entered, batch in cursor:
                yield organisation, indicator, period, FactRow(value, state, mark, entered or "", batch)


def refusals(targets: Sequence[Target], before: Standing, scope: Scope) -> list[Found]:
    """Why figures cannot be kept: sheets that are not being filled in, figures that are locked."""
    found: list[Found] = []
    for at, target in enumerate(targets):
        code, period = target.layout.organisation.code, target.layout.period.code
        closed = "edit" not in may(target.sheet, scope) if target.sheet else False
        for given in target.given.values():
            whose = (target.layout.rows[given.key[0]].code, given.key[1], period)
            fact = before.facts[at].get(given.key)
            if _same(given, before.cells[at].get(given.key), fact):
                continue
            if closed and target.sheet is not None:
                message = _("%(organisation)s, %(period)s: %(why)s") % {
                    "organisation": code,
                    "period": period,
                    "why": why_not("edit", target.sheet),
                }
            elif fact is not None and fact.state == State.LOCKED and not _same(given, None, fact):
                column = target.layout.cells[given.key]
                message = _("The figure %(value)s is locked. Ask for a correction once the sheet is approved.") % {
                    "value": show(fact.value, column)
                }
            else:
                continue
            found.append(Found(given.place, message, Kind.FAULT, *whose))
    return found


def replaced(targets: Sequence[Target], before: Standing, by: User | None) -> list[Found]:
    """Entries of other people that the workbook's figures replace: said, so that nothing is lost unseen."""
    found: list[Found] = []
    for at, target in enumerate(targets):
        for key, cell in before.cells[at].items():
            given = target.given.get(key)
            mine = by is not None and cell.edited_by_id == by.pk
            if given is None or mine or not cell.text or _same(given, cell, None):
                continue
            message = _("replaced “%(text)s”, entered by %(name)s.") % {
                "text": cell.text,
                "name": cell.edited_by_name or _("the system"),
            }
            whose = (target.layout.rows[key[0]].code, key[1], target.layout.period.code)
            found.append(Found(given.place, message, Kind.NOTE, *whose))
    return found


def store(
    targets: Sequence[Target],
    before: Standing,
    faulty: Collection[tuple[str, int]],
    *,
    by: User | None,
    source: str,
    step: Callable[[int], None] = lambda cells: None,
) -> Stored:
    """Keep the figures of all rows that are not faulty; sheets are opened where there are none."""
    stored = Stored()
    kept = [
        (at, target, [given for given in target.given.values() if given.row not in faulty])
        for at, target in enumerate(targets)
    ]
    kept = [(at, target, given) for at, target, given in kept if given]
    sheets = _open([target for _at, target, _given in kept], by)
    written: list[tuple[int, int, int, str, int | None, int, int]] = []
    events = []
    for (at, target, figures), sheet in zip(kept, sheets, strict=True):
        step(len(figures))
        target.sheet = sheet
        cells, facts = before.cells[at], before.facts[at]
        ids = {code: column.id for code, column in target.layout.columns.items()}
        version, already = sheet.version + 1, len(written)
        for given in figures:
            key, entry = given.key, given.entry
            if (cells or facts) and _same(given, cells.get(key), facts.get(key)):
                stored.unchanged += 1
                continue
            text = "" if given.by_row else given.text
            written.append((sheet.pk, key[0], ids[key[1]], text, entry.value, entry.mark, version))
        stored.sheets.append(sheet)
        if changed := len(written) - already:
            sheet.version = version
            events.append(event(sheet, "imported", by=by, file=source, cells=changed))
    _write(written, by)
    Sheet.objects.filter(pk__in=[one.sheet_id for one in events]).update(version=F("version") + 1)
    log(events)
    stored.cells = len(written)
    return stored


_WRITE = """
    INSERT INTO filing_cell (sheet_id, organisation_id, indicator_id, text, value, mark, version, edited_by_id,
                             edited_by_name, edited_at)
    SELECT c.sheet_id, c.organisation_id, c.indicator_id, c.text, c.value, c.mark, c.version, %s, %s, %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], string_to_array(%s, chr(31)), %s::bigint[], %s::smallint[],
                %s::integer[]) AS c (sheet_id, organisation_id, indicator_id, text, value, mark, version)
    WHERE c.sheet_id IS NOT NULL
    ON CONFLICT (sheet_id, organisation_id, indicator_id) DO UPDATE SET
        text = EXCLUDED.text, value = EXCLUDED.value, mark = EXCLUDED.mark, version = EXCLUDED.version,
        edited_by_id = EXCLUDED.edited_by_id, edited_by_name = EXCLUDED.edited_by_name, edited_at = EXCLUDED.edited_at
"""
SEPARATOR = "\x1f"  # between texts; no spreadsheet keeps it in a cell


def _write(written: Sequence[tuple[int, int, int, str, int | None, int, int]], by: User | None) -> None:
    """Store cells in one statement. Arrays are written as text here: the driver takes ten times as long for them."""
    if not written:
        return
    sheets, organisations, indicators, texts, values, marks, versions = zip(*written, strict=True)
    joined = SEPARATOR.join(
        text.replace(SEPARATOR, " ") for text in (*texts, "")
    )  # one more, for no texts are no array
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            [
                by.pk if by else None,
                name_of(by),
                clock.now(),
                as_array(sheets),
                as_array(organisations),
                as_array(indicators),
                joined,
                as_array(values),
                as_array(map(int, marks)),
                as_array(versions),
            ],
        )


def _open(targets: Sequence[Target], by: User | None) -> list[Sheet]:
    """The sheets of the targets, made where there are none, held for this transaction."""
    new = [target for target in targets if target.sheet is None]
    now = clock.now()
    made = [
        Sheet(
            form=target.form,
            form_code=target.form.code,
            organisation_id=target.layout.organisation.organisation_id,
            period=target.layout.period.start,
            due_at=due_at(target.layout.definition, target.layout.period),
            opened_at=now,
        )
        for target in new
    ]
    Sheet.objects.bulk_create(made, ignore_conflicts=True)
    rows = Sheet.objects.select_for_update(of=("self",)).filter(
        form_code__in={target.form.code for target in targets},
        organisation__in={target.layout.organisation.organisation_id for target in targets},
        period__in={target.layout.period.start for target in targets},
    )
    held = {(sheet.organisation_id, sheet.period): sheet for sheet in rows.order_by("pk")}
    found = [held[target.layout.organisation.organisation_id, target.layout.period.start] for target in targets]
    opened = [sheet for target, sheet in zip(targets, found, strict=True) if target.sheet is None]
    if any(sheet.opened_at != now for sheet in opened):
        raise Meanwhile(_("Somebody opened one of these sheets at the same moment. Send the workbook again."))
    versions = {target.form.pk: target.form.version for target in targets}
    log(event(sheet, "opened", by=by, form=versions[sheet.form_id]) for sheet in opened)
    return found


def _same(given: Given, cell: Cell | None, fact: FactRow | None) -> bool:
    """Whether the workbook says what stands: the cell as typed, else the fact."""
    entry = given.entry
    if cell is not None:
        return (
            cell.value == entry.value
            and cell.mark == entry.mark
            and bool(cell.text or cell.mark or entry.value is None)
        )
    if fact is None:
        return False
    out = entry.mark == Mark.OUT_OF_SERVICE
    return out == (fact.mark == Mark.OUT_OF_SERVICE) and fact.value == entry.value
