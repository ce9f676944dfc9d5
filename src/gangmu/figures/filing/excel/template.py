"""A template: the workbook that a form, its organisations and its periods make.

Written in constant memory, row by row. What people read is in both languages; what a program needs is hidden: ids in a
row and two columns, and a worksheet `_gangmu` that says which form, version and periods these are.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gangmu.figures.filing.definitions import FormDefinition, Item, Section
from gangmu.figures.filing.excel import shape
from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

TITLE_ROW, ID_ROW, NAME_ROW, UNIT_ROW, FIRST_ROW = range(5)
FIXED = 4  # columns before the figures: two of ids, the organisation's name, the period
LONGEST_LIST = 255  # of a list that stands in the rule itself

NOTES = (
    gettext_noop("Fill in the white cells. The grey ones say whose figures these are and are locked."),
    gettext_noop("One row is one organisation and one period. A blank cell says nothing: what was filed before stays."),
    gettext_noop(
        "Zero is a figure. A unit that stood still all the time is “out of service”: choose it at the row's end."
    ),
    gettext_noop("Figures may be pasted from Excel or WPS. Formulas are taken with their result, and it is said so."),
    gettext_noop("Where a rule warns, write in the last column why the figures are right."),
    gettext_noop("Do not merge cells, and do not move rows, columns or worksheets out of the template."),
    gettext_noop("Columns with * must have a figure before the sheet can be submitted."),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row to fill in: an organisation and a period."""

    organisation: str
    name: Words
    period: str


@dataclass(frozen=True)
class Plan:
    """What a template is made of: for each section of the form its lines, in their order."""

    form: FormDefinition
    version: int
    digest: str
    lines: Mapping[str, Sequence[Line]]
    indicators: Mapping[str, IndicatorDefinition]
    language: str = "zh-hans"
    filled: Mapping[tuple[str, str, str], str] | None = None  # (organisation, period, indicator) → as typed

    @property
    def sections(self) -> list[Section]:
        """The sections that have anything to fill in."""
        return [section for section in self.form.sections if self.lines.get(section.code)]

    @property
    def periods(self) -> list[str]:
        return sorted({line.period for lines in self.lines.values() for line in lines})

    @property
    def title(self) -> str:
        return f"{both(self.form.name)}  {span(self.periods)}"


def both(words: Words, between: str = " ") -> str:
    """A name in both languages."""
    return words.zh if words.zh == words.en else f"{words.zh}{between}{words.en}"


def _both(msgid: str, between: str = " ") -> str:
    """A text of ours in both languages."""
    with translation.override("zh-hans"):
        chinese = gettext(msgid)
    return both(Words(chinese, msgid), between)


def span(periods: Sequence[str]) -> str:
    """`2026-11-19`, or `2026-11-01 … 2026-11-19`."""
    return periods[0] if len(periods) == 1 else f"{periods[0]} … {periods[-1]}" if periods else ""


def meta(plan: Plan, names: Sequence[str]) -> list[tuple[str, str]]:
    """What the hidden worksheet says, and its checksum."""
    said = [
        ("format", str(shape.FORMAT)),
        ("form", plan.form.code),
        ("version", str(plan.version)),
        ("digest", plan.digest),
        ("name_zh", plan.form.name.zh),
        ("name_en", plan.form.name.en),
        ("grain", plan.form.grain),
        ("first", plan.periods[0]),
        ("last", plan.periods[-1]),
        ("language", plan.language),
        ("made", clock.now().isoformat(timespec="seconds")),
        *((f"section {section.code}", name) for section, name in zip(plan.sections, names, strict=True)),
    ]
    return [*said, ("checksum", checksum(said))]


def checksum(said: Sequence[tuple[str, str]]) -> str:
    """Tells a meta worksheet that was changed by hand; it is no secret."""
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:16]


def write_template(target: Path | IO[bytes], plan: Plan) -> None:
    """Write the template of `plan`.

    Raises:
        ValueError: there is nothing to fill in.
    """
    if not plan.sections:
        raise ValueError("a template without a line")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
    _Writer(book, plan).write()
    book.close()


class _Writer:
    """One workbook being written."""

    def __init__(self, book: xlsxwriter.Workbook, plan: Plan) -> None:
        self.book, self.plan = book, plan
        notes = _both(gettext_noop("How to fill in"))
        self.notes, *self.names = shape.worksheet_names([notes, *(both(section.name) for section in plan.sections)])
        self.formats: dict[str, Format] = {}
        base = {
            "font_name": "等线" if plan.language.startswith("zh") else "Calibri",
            "font_size": 11,
            "valign": "vcenter",
        }
        framed = {**base, "border": 1, "border_color": "#BFBFBF"}
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.text = book.add_format({**base, "text_wrap": True})
        self.ids = book.add_format({"font_color": "#808080", "font_size": 8})
        self.head = book.add_format(
            {**framed, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#DDEBF7"}
        )
        self.unit = book.add_format({**framed, "align": "center", "bg_color": "#DDEBF7", "font_color": "#595959"})
        self.fixed = book.add_format({**framed, "bg_color": "#F2F2F2"})
        self.words = book.add_format({**framed, "locked": False, "text_wrap": True, "num_format": "@"})
        self.choice = book.add_format({**framed, "locked": False})
        self.framed = framed

    def write(self) -> None:
        self._properties()
        self._notes()
        for section, name in zip(self.plan.sections, self.names, strict=True):
            self._section(section, name)
        self._meta()

    def _properties(self) -> None:
        plan = self.plan
        self.book.set_properties(
            {
                "title": plan.title,
                "subject": f"{plan.form.code} v{plan.version}",
                "author": "Gangmu 纲目",
                "created": clock.now().replace(tzinfo=None),
            }
        )
        for name, value in (("gangmu_form", plan.form.code), ("gangmu_digest", plan.digest)):
            self.book.set_custom_property(name, value)

    def _notes(self) -> None:
        sheet = self.book.add_worksheet(self.notes)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 1, 96)
        sheet.write_string(0, 1, self.plan.title, self.title)
        sheet.set_row(0, 26)
        for number, msgid in enumerate(NOTES, start=1):
            sheet.set_row(number + 1, 34)
            sheet.write_number(number + 1, 0, number, self.text)
            sheet.write_string(number + 1, 1, _both(msgid, "\n"), self.text)
        sheet.protect()

    def _section(self, section: Section, name: str) -> None:
        plan = self.plan
        lines = plan.lines[section.code]
        sheet = self.book.add_worksheet(name)
        last_row, first, last = FIRST_ROW + len(lines) - 1, FIXED, FIXED + len(section.items) - 1
        sheet.set_column(0, 1, 12, None, {"hidden": True})
        sheet.set_column(2, 2, 30)
        sheet.set_column(3, 3, 12)
        sheet.set_column(first, last, 14)
        sheet.set_column(last + 1, last + 1, 14)
        sheet.set_column(last + 2, last + 2, 40)
        sheet.write_string(TITLE_ROW, 2, f"{plan.title}  {both(section.name)}", self.title)
        sheet.set_row(TITLE_ROW, 24)
        sheet.set_row(ID_ROW, 12, None, {"hidden": True})
        ids = [shape.marker(plan.form.code, plan.version, section.code), shape.PERIOD, shape.NAME, shape.DAY]
        ids += [*(item.indicator for item in section.items), shape.OUT, shape.WORDS]
        for column, one in enumerate(ids):
            sheet.write_string(ID_ROW, column, one, self.ids)
        sheet.set_row(NAME_ROW, 34)
        heads = self._heads(section)
        for column, (head, _unit) in enumerate(heads):  # one row after the other: what is written is not kept
            sheet.write_string(NAME_ROW, column, head, self.head)
        for column, (_head, unit) in enumerate(heads):
            sheet.write_string(UNIT_ROW, column, unit, self.unit)
        formats: dict[str, list[Format]] = {}
        for row, line in enumerate(lines, start=FIRST_ROW):
            if line.period not in formats:
                day = Period.parse(line.period).end
                formats[line.period] = [self._input(item, day) for item in section.items]
            self._line(sheet, row, line, section, formats[line.period])
        for column, item in enumerate(section.items, start=first):
            self._validate(sheet, column, last_row, item)
        out = {"validate": "list", "source": [self._out_of_service()], "ignore_blank": True}
        sheet.data_validation(FIRST_ROW, last + 1, last_row, last + 1, out)
        sheet.freeze_panes(FIRST_ROW, FIXED)
        sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(NAME_ROW, UNIT_ROW)

    def _heads(self, section: Section) -> list[tuple[str, str]]:
        heads = [
            ("@head", "@unit"),
            ("", ""),
            (_both(gettext_noop("Organisation"), "\n"), ""),
            (_both(gettext_noop("Period"), "\n"), ""),
        ]
        for item in section.items:
            indicator = self.plan.indicators[item.indicator]
            heads.append((both(indicator.name, "\n") + (" *" if item.required else ""), indicator.unit))
        return [
            *heads,
            (_both(gettext_noop("Out of service"), "\n"), ""),
            (_both(gettext_noop("Why a figure is right"), "\n"), ""),
        ]

    def _line(self, sheet: Worksheet, row: int, line: Line, section: Section, formats: list[Format]) -> None:
        fixed = (line.organisation, line.period, both(line.name), line.period)
        for column, text in enumerate(fixed):
            sheet.write_string(row, column, text, self.fixed)
        filled = self.plan.filled
        for column, (item, cell) in enumerate(zip(section.items, formats, strict=True), start=FIXED):
            text = filled.get((line.organisation, line.period, item.indicator), "") if filled else ""
            if text:
                _write_typed(sheet, row, column, text, cell)
            else:
                sheet.write_blank(row, column, None, cell)
        sheet.write_blank(row, FIXED + len(section.items), None, self.choice)
        sheet.write_blank(row, FIXED + len(section.items) + 1, None, self.words)

    def _input(self, item: Item, day: date) -> Format:
        """Unlocked; shows the decimals of the indicator and, so that nothing hides, those typed beyond them."""
        precision = 0 if item.choices else self.plan.indicators[item.indicator].decimals(day)
        code = "General" if item.choices else f"#,##0.{'0' * precision}{'#' * (9 - precision)}" if precision else ""
        code = code or "General"
        if code not in self.formats:
            options: dict[str, Any] = {**self.framed, "locked": False, "num_format": code}
            self.formats[code] = self.book.add_format(options)
        return self.formats[code]

    def _out_of_service(self) -> str:
        return shape.OUT_OF_SERVICE[0 if self.plan.language.startswith("zh") else 1]

    def _validate(self, sheet: Worksheet, column: int, last_row: int, item: Item) -> None:
        indicator = self.plan.indicators[item.indicator]
        rule: dict[str, Any] = {
            "ignore_blank": True,
            "error_type": "warning",
            "input_title": both(indicator.name)[:32],
            "error_title": both(indicator.name)[:32],
        }
        out = [self._out_of_service()] if item.out_of_service else []
        if item.choices:
            names = [
                option.name.zh if self.plan.language.startswith("zh") else option.name.en for option in item.choices
            ]
            source = [*names, *out]
            if len(",".join(source)) > LONGEST_LIST or any("," in name for name in source):
                return  # the reader knows the choices; a list that Excel cannot hold is left out
            message = _both(gettext_noop("Choose one of the list."))
            rule |= {"validate": "list", "source": source, "error_message": message[:255]}
        else:
            cell = f"{shape.letters(column)}{FIRST_ROW + 1}"
            words = "".join(f',{cell}="{word}"' for word in shape.OUT_OF_SERVICE) if out else ""
            message = _both(gettext_noop("A number in %(unit)s.")) % {"unit": indicator.unit or "1"}
            rule |= {"validate": "custom", "value": f"=OR(ISNUMBER({cell}){words})", "error_message": message[:255]}
        rule["input_message"] = message[:255]
        sheet.data_validation(FIRST_ROW, column, last_row, column, rule)

    def _meta(self) -> None:
        sheet = self.book.add_worksheet(shape.META)
        for row, (key, value) in enumerate(meta(self.plan, self.names)):
            sheet.write_string(row, 0, key)
            sheet.write_string(row, 1, value)
        sheet.very_hidden()
        sheet.protect()


def _write_typed(sheet: Worksheet, row: int, column: int, text: str, cell: Format) -> None:
    """What was typed: a plain number as one, as long as a spreadsheet holds all its digits; anything else as text."""
    digits = sum(map(str.isdecimal, text))
    if text.isascii() and digits <= 15 and text.lstrip("+-").replace(".", "", 1).isdecimal():
        sheet.write_number(row, column, float(text), cell)
    else:
        sheet.write_string(row, column, text, cell)
