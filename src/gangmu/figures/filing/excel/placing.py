"""What was read, put into its place: whose cell of which sheet each figure is, and what it says.

A few queries for the whole workbook: the organisations by their codes, who stands above them, the layouts of all sheets
that it speaks of.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from gangmu.figures.filing.entry import Entry, read_entry
from gangmu.figures.filing.excel.faults import Found, Kind
from gangmu.figures.filing.excel.reading import Reading, Row, Table
from gangmu.figures.filing.excel.shape import OUT_OF_SERVICE, Place
from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.filing.queries import Column, Key, Layout, Wanted, defined, lay_out, matches
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

Where = tuple[int, date]  # a sheet of one form: who files, and the first day of its period
MOST_TIERS = 32


@dataclass(slots=True)
class Given:
    """One figure of the workbook in its cell of a sheet."""

    place: Place
    key: Key
    text: str
    entry: Entry
    row: tuple[str, int]  # the worksheet and row that it stands in
    by_row: bool = False  # nothing stands in the cell itself; the row is marked out of service


@dataclass
class Target:
    """A sheet that the workbook speaks of."""

    form: Form
    layout: Layout
    sheet: Sheet | None
    given: dict[Key, Given] = field(default_factory=dict)
    words: dict[int, tuple[Place, str]] = field(default_factory=dict)  # by organisation


@dataclass
class Placed:
    """A workbook's figures by sheet, and what was found on the way."""

    targets: dict[Where, Target] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)

    @property
    def faulty_rows(self) -> set[tuple[str, int]]:
        """The rows that have something that cannot be taken."""
        return {(one.place.sheet, one.place.row) for one in self.found if one.kind.refuses}


class OtherForm(WorkbookRefused):
    """The workbook is of another form; `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OtherPeriod(WorkbookRefused):
    """The workbook is of another period; `period` says which."""

    def __init__(self, period: str, message: str) -> None:
        super().__init__(message)
        self.period = period


def place(reading: Reading, code: str, *, scope: Scope, period: str = "", accept_rounding: bool = False) -> Placed:
    """Put a workbook's figures into the cells of sheets.

    Args:
        code: of the form for which it was given.
        scope: of whoever gives it: rows of organisations whose figures they may not change are faults.
        period: the only one that it may speak of, when it was given for one.
        accept_rounding: take figures with too many decimals for what they are rounded to.

    Raises:
        OtherForm, OtherPeriod: it is not what it was given as; nothing of it is taken.
        WorkbookRefused: there is no such form.
    """
    _refuse_other_form(reading, code)
    if period:
        _refuse_other_period(reading, period)
    return _Placing(reading, code, scope, accept_rounding).place()


def _refuse_other_form(reading: Reading, code: str) -> None:
    other = next((table for table in reading.tables if table.form != code), None)
    if other is None:
        return
    names = {form.code: form.name for form in Form.objects.filter(code__in=[code, other.form], is_current=True)}
    raise OtherForm(
        other.form,
        _("This workbook is of the form %(theirs)s, not of %(asked)s. Send it to that form, or get the right template.")
        % {
            "theirs": f"{names.get(other.form, '?')} ({other.form})",
            "asked": f"{names.get(code, '?')} ({code})",
        },
    )


def _refuse_other_period(reading: Reading, period: str) -> None:
    periods = sorted({row.period for table in reading.tables for row in table.rows if row.cells or row.out_of_service})
    others = [one for one in periods if one != period]
    if not others:
        return
    raise OtherPeriod(
        others[0],
        _("This workbook is of %(theirs)s; you are filing %(asked)s. Send it for its own period, or fill in another.")
        % {"theirs": others[0] if len(others) == 1 else f"{others[0]} … {others[-1]}", "asked": period},
    )


class _Placing:
    """One workbook being put into its place."""

    def __init__(self, reading: Reading, code: str, scope: Scope, accept_rounding: bool) -> None:
        self.reading, self.code, self.scope, self.accept_rounding = reading, code, scope, accept_rounding
        self.placed = Placed(found=list(reading.found))
        versions = {form.version: form for form in Form.objects.filter(code=code)}
        current = next((form for form in versions.values() if form.is_current), None)
        if current is None:
            raise WorkbookRefused(_("There is no form called %(code)s.") % {"code": code})
        self.current, self.versions = current, versions
        self.periods: dict[str, Period | None] = {}
        self.organisations: dict[str, Organisation] = {}
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self.where: dict[tuple[int, date], list[Target]] = defaultdict(list)  # by organisation of a row and period

    def place(self) -> Placed:
        tables = [table for table in self.reading.tables if self._is_known(table)]
        self._organisations(tables)
        self._targets(tables)
        for table in tables:
            columns = self._columns(table)
            self._tell_version(table, {self._row(table, row, columns) for row in table.rows} - {0})
        return self.placed

    def _tell(
        self, table: Table, row: Row | None, column: int, message: str, kind: Kind = Kind.FAULT, indicator: str = ""
    ) -> None:
        place = Place(table.sheet, row.number if row else -1, column)
        whose = (row.organisation, row.period) if row else ("", "")
        self.placed.found.append(Found(place, message, kind, whose[0], indicator, whose[1]))

    # What the tables are ------------------------------------------------------------------------------------------

    def _is_known(self, table: Table) -> bool:
        """Whether the version of the form is one that there is."""
        if table.version in self.versions:
            return True
        message = _("was made for version %(version)d of the form, which is not known here. Get a new template.")
        self._tell(table, None, 0, message % {"version": table.version})
        return False

    def _tell_version(self, table: Table, used: set[int]) -> None:
        """Say so where sheets are filled in with another version of the form than the template was made for."""
        if used and table.version not in used:
            message = _("was made for version %(version)d of the form; version %(current)d is in force.")
            values = {"version": table.version, "current": max(used)}
            self._tell(table, None, 0, message % values, Kind.NOTE)

    def _columns(self, table: Table) -> dict[int, str]:
        """The columns whose heads do not say that they are another's."""
        layouts = {target.form.pk: target.layout for target in self.placed.targets.values()}
        known = {head: code for layout in layouts.values() for code, head in _heads(layout)}
        kept: dict[int, str] = {}
        for column, code in table.columns.items():
            other = known.get(_folded(table.heads.get(column, "")))
            if other is not None and other != code:
                message = _(
                    "stands in a column whose id says %(code)s and whose head says %(other)s: columns were moved apart "
                    "from their ids. Use a new template."
                ) % {"other": other, "code": code}
                for row in table.rows:
                    if any(cell.column == column for cell in row.cells):
                        self._tell(table, row, column, message, indicator=code)
                continue
            kept[column] = code
        return kept

    # Whose rows they are ------------------------------------------------------------------------------------------

    def _organisations(self, tables: Iterable[Table]) -> None:
        codes = {row.organisation for table in tables for row in table.rows}
        known = Organisation.objects.filter(code__in=codes)
        self.organisations = {one.code: one for one in known}
        for one in self.organisations.values():
            for name in _names(one):
                self.by_name[name].add(one.pk)

    def _period(self, text: str) -> Period | None:
        if text not in self.periods:
            try:
                period = Period.parse(text)
            except ValueError:
                period = None
            grain = defined(self.current).grain
            self.periods[text] = period if period is not None and period.kind.value == grain else None
        return self.periods[text]

    def _targets(self, tables: Iterable[Table]) -> None:
        """The sheets that the rows belong to, laid out: those of the organisations themselves, or of one above them."""
        rows = {(row.organisation, row.period) for table in tables for row in table.rows}
        wanted: dict[date, tuple[Period, set[int]]] = {}
        for code, text in rows:
            organisation, period = self.organisations.get(code), self._period(text)
            if organisation is not None and period is not None:
                wanted.setdefault(period.end, (period, set()))[1].add(organisation.pk)
        candidates: list[tuple[int, Period]] = []
        for period, ids in wanted.values():
            candidates += [(one, period) for one in self._at_or_above(ids, period.end)]
        forms = self._forms(candidates)
        sheets = self._sheets(candidates)
        layouts = lay_out(
            [Wanted(forms[organisation, period.start], organisation, period) for organisation, period in candidates]
        )
        for (organisation, period), layout in zip(candidates, layouts, strict=True):
            if layout is None or not matches(layout.definition, layout.organisation):
                continue
            where = (organisation, period.start)
            target = Target(layout.form, layout, sheets.get(where))
            self.placed.targets[where] = target
            for section in layout.sections:
                for row in section.rows:
                    there = self.where[row.organisation_id, period.start]
                    if target not in there:
                        there.append(target)

    def _at_or_above(self, ids: Collection[int], day: date) -> list[int]:
        """Organisations and all that stands above them on a day, of the kinds that file the form."""
        found, level = dict.fromkeys(sorted(ids)), set(ids)
        for _tier in range(MOST_TIERS):
            above = Placement.objects.filter(child__in=level, valid__contains=day, parent__isnull=False)
            level = set(above.values_list("parent_id", flat=True)) - found.keys()
            if not level:
                break
            found |= dict.fromkeys(sorted(level))
        kinds = {kind for form in self.versions.values() for kind in defined(form).kinds}
        rows = Organisation.objects.filter(pk__in=found)
        return list((rows.filter(kind__in=kinds) if kinds else rows).values_list("pk", flat=True))

    def _sheets(self, candidates: Collection[tuple[int, Period]]) -> dict[Where, Sheet]:
        rows = Sheet.objects.filter(
            form_code=self.code,
            organisation__in={organisation for organisation, _period in candidates},
            period__in={period.start for _organisation, period in candidates},
        )
        return {(sheet.organisation_id, sheet.period): sheet for sheet in rows}

    def _forms(self, candidates: Collection[tuple[int, Period]]) -> dict[Where, Form]:
        """The version of the form of each sheet: the one it was opened with, else the one in force."""
        sheets = self._sheets(candidates)
        by_id = {form.pk: form for form in self.versions.values()}
        return {
            (organisation, period.start): by_id[sheet.form_id]
            if (sheet := sheets.get((organisation, period.start)))
            else self.current
            for organisation, period in candidates
        }

    # Rows and cells -----------------------------------------------------------------------------------------------

    def _row(self, table: Table, row: Row, columns: Mapping[int, str]) -> int:
        """Take a row into its sheet; the version of the sheet's form, 0 where there is no sheet for it."""
        target, organisation = self._whose(table, row)
        if target is None or organisation is None:
            return 0
        for cell in row.cells:
            if cell.column not in columns:
                continue
            column = target.layout.cells.get((organisation.pk, cell.indicator))
            if column is None:
                self._tell(table, row, cell.column, self._no_cell(cell.indicator, target), indicator=cell.indicator)
                continue
            entry = read_entry(cell.text, column, accept_rounding=self.accept_rounding)
            if entry.fault is not None:
                kind = Kind.ROUNDING if entry.fault.is_of_decimals else Kind.FAULT
                self._tell(table, row, cell.column, entry.fault.text, kind, cell.indicator)
                continue
            if entry.rounded_from:
                message = _("%(entered)s was taken as %(rounded)s.")
                values = {"entered": entry.rounded_from, "rounded": entry.shown}
                self._tell(table, row, cell.column, message % values, Kind.NOTE, cell.indicator)
            self._give(table, row, cell.column, target, (organisation.pk, column.code), cell.text, entry)
        if row.out_of_service:
            self._out_of_service(table, row, target, organisation, columns)
        if row.words:
            target.words[organisation.pk] = (Place(table.sheet, row.number, table.at_words or 0), row.words)
        return target.form.version

    def _give(
        self,
        table: Table,
        row: Row,
        column: int,
        target: Target,
        key: Key,
        text: str,
        entry: Entry,
        by_row: bool = False,
    ) -> None:
        earlier = target.given.get(key)
        place = Place(table.sheet, row.number, column)
        if earlier is not None:
            message = _("stands for the same figure as %(first)s. Keep one of the two.") % {"first": earlier.place}
            self._tell(table, row, column, message, indicator=key[1])
            return
        target.given[key] = Given(place, key, text, entry, (table.sheet, row.number), by_row)

    def _out_of_service(
        self, table: Table, row: Row, target: Target, organisation: Organisation, columns: Mapping[int, str]
    ) -> None:
        """The mark at the row's end stands for every cell that was left blank and knows it."""
        filled = {cell.column for cell in row.cells}
        for at, code in columns.items():
            column = target.layout.cells.get((organisation.pk, code))
            if at not in filled and column is not None and column.item.out_of_service:
                entry = read_entry(OUT_OF_SERVICE[0], column)
                self._give(table, row, at, target, (organisation.pk, code), OUT_OF_SERVICE[0], entry, by_row=True)

    def _no_cell(self, indicator: str, target: Target) -> str:
        if indicator in target.layout.columns:
            return _("%(indicator)s is not filed for this organisation.") % {"indicator": indicator}
        return _("%(indicator)s is not part of the form any more; delete the figure, or get a new template.") % {
            "indicator": indicator
        }

    def _whose(self, table: Table, row: Row) -> tuple[Target | None, Organisation | None]:
        """The sheet that a row belongs to; None when it was told why there is none."""
        at = table.at_organisation
        organisation = self.organisations.get(row.organisation)
        if organisation is None:
            message = _(
                "“%(code)s”, the hidden id of this row, is no organisation known to you. Use a row of the template."
            )
            self._tell(table, row, at, message % {"code": row.organisation[:60]})
            return None, None
        fault = self._row_fault(row, organisation)
        targets = []
        if not fault:
            period = self._period(row.period)
            targets = self.where.get((organisation.pk, period.start), []) if period else []
            if not targets:
                values = {"organisation": row.organisation, "form": self.current.name, "period": row.period}
                fault = _("%(organisation)s has nothing to file with %(form)s for %(period)s.") % values
        if fault:
            self._tell(table, row, at, fault)
            return None, None
        if len(targets) > 1:  # an organisation that files for itself and stands in another's sheet
            codes = set(table.columns.values())
            targets = [
                one for one in targets if any((organisation.pk, code) in one.layout.cells for code in codes)
            ] or targets
        return targets[0], organisation

    def _row_fault(self, row: Row, organisation: Organisation) -> str:
        if not self.scope.everything and organisation.pk not in self.scope.changeable("figures"):
            return _("You may not file for %(organisation)s.") % {"organisation": row.organisation}
        period = self._period(row.period)
        if period is None:
            want = "2026-11-20" if defined(self.current).grain == "day" else "2026-11"
            return _("“%(period)s” is no period of this form; its hidden id is written like %(want)s.") % {
                "period": row.period[:40],
                "want": want,
            }
        if period.start > clock.today():
            return _("%(period)s has not begun yet.") % {"period": row.period}
        named = self.by_name.get(row.label.casefold(), {organisation.pk})
        if organisation.pk not in named:
            return _(
                "The row reads %(shown)s, but its hidden id says %(id)s: columns were moved apart. Use a new template."
            ) % {
                "shown": row.label,
                "id": row.organisation,
            }
        return ""


def _names(organisation: Organisation) -> set[str]:
    zh, en = str(organisation.name_zh or organisation.name_en), str(organisation.name_en or organisation.name_zh)
    return {name.casefold() for name in (zh, en, f"{zh} {en}", organisation.code) if name}


def _heads(layout: Layout) -> Iterator[tuple[str, str]]:
    """Code and head of each column, as a template writes it."""
    for column in layout.columns.values():
        yield column.code, head_of(column)


def head_of(column: Column) -> str:
    """What stands over a column, with nothing but its letters."""
    name = column.name
    return _folded(name.zh if name.zh == name.en else f"{name.zh}{name.en}")


def _folded(head: str) -> str:
    return "".join(head.replace("*", "").casefold().split())
