"""What a sheet looks like: its sections, the organisations that are its rows, the indicators that are its columns."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db import connection

from gangmu.figures.filing import entry
from gangmu.figures.filing.definitions import SELF, FormDefinition, Section
from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.period import Period

Key = tuple[int, str]  # a cell of a sheet: organisation's id, indicator's code
CAPACITY, FUEL, COMMISSIONED = "capacity_mw", "fuel", "commissioned"
_DEEPEST = 32


@dataclass(frozen=True)
class Column(entry.Column):
    """An indicator of a section: what the form says of it, what it is, and its id."""

    id: int

    @property
    def name(self) -> Words:
        return self.indicator.name


@dataclass(frozen=True)
class Row:
    """An organisation as it stood on the last day of the sheet's period.

    `in_service` is false before the day on which it was commissioned. `attributes` are texts by name, those that are
    inherited included.
    """

    organisation_id: int
    code: str
    name: Words
    kind: str
    parent_id: int | None
    attributes: Mapping[str, str]
    capacity_mw: Decimal | None
    fuel: str
    in_service: bool
    sort_key: str = ""


@dataclass(frozen=True)
class SectionLayout:
    """A section with its rows and columns. A section without rows has nothing to fill in."""

    section: Section
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Layout:
    """A form laid out for one filing organisation and period."""

    form: Form
    definition: FormDefinition
    organisation: Row
    period: Period
    sections: tuple[SectionLayout, ...]

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Every column by its indicator's code."""
        return {column.code: column for section in self.sections for column in section.columns}

    @cached_property
    def columns_by_id(self) -> dict[int, Column]:
        return {column.id: column for column in self.columns.values()}

    @cached_property
    def rows(self) -> dict[int, Row]:
        """Every row by its organisation's id; the filing organisation too."""
        found = {self.organisation.organisation_id: self.organisation}
        return found | {row.organisation_id: row for section in self.sections for row in section.rows}

    def by_level(self) -> dict[str, list[int]]:
        """The organisations of each level as rules read them: the filing one as `self`, and those of the sections."""
        found: dict[str, list[int]] = {SELF: [self.organisation.organisation_id]}
        for section in self.sections:
            ids = found.setdefault(section.section.level, [])
            ids += [row.organisation_id for row in section.rows if row.organisation_id not in ids]
        return found

    @cached_property
    def cells(self) -> dict[Key, Column]:
        """Every cell there is to fill in, section by section, row by row."""
        return {
            (row.organisation_id, column.code): column
            for section in self.sections
            for row in section.rows
            for column in section.columns
        }

    @cached_property
    def keys_by_id(self) -> dict[tuple[int, int], Key]:
        """The cells by organisation's and indicator's id, as the database names them."""
        return {(key[0], column.id): key for key, column in self.cells.items()}


@dataclass(frozen=True)
class Wanted:
    """A layout to be made: a version of a form, who files, and for when."""

    form: Form
    organisation_id: int
    period: Period


def layout(sheet: Sheet) -> Layout:
    """The layout of a sheet.

    Raises:
        LookupError: the organisation did not stand in the tree, or stands outside the asker's scope.
    """
    found = layouts([sheet])
    if sheet.pk not in found:
        raise LookupError(f"organisation {sheet.organisation_id} has no row on {sheet.period}")
    return found[sheet.pk]


def layouts(sheets: Collection[Sheet]) -> dict[int, Layout]:
    """The layouts of many sheets by the sheets' ids, in three queries. Those that `layout` raises for are left out."""
    forms = Form.objects.in_bulk({sheet.form_id for sheet in sheets})
    wanted = [Wanted(forms[sheet.form_id], sheet.organisation_id, period_of(sheet, forms)) for sheet in sheets]
    found = lay_out(wanted)
    return {sheet.pk: one for sheet, one in zip(sheets, found, strict=True) if one is not None}


def period_of(sheet: Sheet, forms: Mapping[int, Form] | None = None) -> Period:
    """The period of a sheet, as a value."""
    form = forms[sheet.form_id] if forms else sheet.form
    return as_period(sheet.period, defined(form).grain)


def as_period(start: date, grain: str) -> Period:
    """The day or month that begins with `start`."""
    return Period.day(start) if grain == "day" else Period.month(start.year, start.month)


_read: dict[str, FormDefinition] = {}
_MOST_READ = 512


def defined(form: Form) -> FormDefinition:
    """What a version of a form says; read once and kept, since what has this digest never says anything else."""
    found = _read.get(form.digest)
    if found is None:
        if len(_read) >= _MOST_READ:
            _read.clear()
        found = _read[form.digest] = form.defined
    return found


def lay_out(wanted: Sequence[Wanted]) -> list[Layout | None]:
    """Layouts in the order asked for: two queries, however many. None where nobody stood in the tree on that day, or
    the asker may not see it."""
    definitions = [defined(one.form) for one in wanted]
    columns = _columns({code for definition in definitions for code in definition.items})
    levels = {section.level for definition in definitions for section in definition.sections}
    roots = list(dict.fromkeys((one.organisation_id, one.period.end) for one in wanted))
    rows = standing_rows(roots, levels)
    return [
        _laid_out(one, definition, rows.get((one.organisation_id, one.period.end)), columns)
        for one, definition in zip(wanted, definitions, strict=True)
    ]


def _columns(codes: Collection[str]) -> dict[str, tuple[int, IndicatorDefinition]]:
    return {row.code: (row.pk, definition_of(row)) for row in Indicator.objects.filter(code__in=codes)}


def _laid_out(
    one: Wanted,
    definition: FormDefinition,
    rows: list[Row] | None,
    columns: Mapping[str, tuple[int, IndicatorDefinition]],
) -> Layout | None:
    if not rows:
        return None
    filer, *below = rows
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in below:
        by_kind[row.kind].append(row)

    def of(section: Section) -> SectionLayout:
        found = [filer] if section.level == SELF else by_kind.get(section.level, [])
        if not found and section.or_self:
            found = [filer]
        made = [
            Column(item, columns[item.indicator][1], columns[item.indicator][0], day=one.period.end)
            for item in section.items
            if item.indicator in columns and _is_filed_in(columns[item.indicator][1], one.period)
        ]
        return SectionLayout(section, tuple(found), tuple(made))

    return Layout(one.form, definition, filer, one.period, tuple(map(of, definition.sections)))


def _is_filed_in(indicator: IndicatorDefinition, period: Period) -> bool:
    """The part of an indicator stands in the forms of the days of its category."""
    return indicator.member is None or indicator.member.takes(period.start, period.end)


# Rows -----------------------------------------------------------------------------------------------------------------


def standing_rows(
    roots: Sequence[tuple[int, date]], of_kinds: Collection[str], *, deepest: int = _DEEPEST
) -> dict[tuple[int, date], list[Row]]:
    """Each root with what stood below it on its day, of some kinds, in the order of names; the root comes first."""
    registered = kinds.attributes()
    inherited = [name for name, attribute in registered.items() if attribute.inherited]
    found: dict[tuple[int, date], list[tuple[Any, Row]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM filing_rows(%s::bigint[], %s::date[], %s, %s, %s, %s)",
            [
                [root for root, _day in roots],
                [day for _root, day in roots],
                deepest,
                list(of_kinds),
                list(registered),
                inherited,
            ],
        )
        for root, day, *row in cursor:
            found[root, day].append(_row(day, *row))
    return {root: [row for _order, row in sorted(rows, key=lambda pair: pair[0])] for root, rows in found.items()}


def _row(
    day: date,
    organisation_id: int,
    parent_id: int | None,
    depth: int,
    code: str,
    name_zh: str,
    name_en: str,
    kind: str,
    sort_key: str,
    attributes: Any,
) -> tuple[Any, Row]:
    held = _attributes(attributes)
    commissioned = held.get(COMMISSIONED, "")
    row = Row(
        organisation_id=organisation_id,
        code=code,
        name=Words(name_zh or name_en, name_en or name_zh),
        kind=kind,
        parent_id=parent_id,
        attributes=held,
        capacity_mw=_decimal(held.get(CAPACITY)),
        fuel=held.get(FUEL, ""),
        in_service=not commissioned or commissioned <= day.isoformat(),
        sort_key=sort_key,
    )
    return (depth > 0, sort_key, code), row


def _attributes(given: Any) -> dict[str, str]:
    """Attributes by name; known choices by their codes, however they were written."""
    texts: dict[str, str] = json.loads(given) if isinstance(given, str) else given
    registered = kinds.attributes()
    known = {name: registered[name].choice(text) for name, text in texts.items()}
    return {name: choice.code if (choice := known[name]) else text for name, text in texts.items()}


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def matches(definition: FormDefinition, row: Row) -> bool:
    """Whether an organisation is one that files a form, by its kind and its attributes on the day."""
    given = row.attributes
    return (
        (not definition.kinds or row.kind in definition.kinds)
        and (not definition.fuels or row.fuel in definition.fuels)
        and all(given.get(name) in wanted for name, wanted in definition.having)
        and not any(given.get(name) in unwanted for name, unwanted in definition.lacking)
    )


def sections_with_rows(layout: Layout) -> Iterator[SectionLayout]:
    """The sections in which there is something to fill in."""
    return (section for section in layout.sections if section.rows and section.columns)
