"""From the file to lines: every field read, every fault kept with its line and column."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.loading import values
from gangmu.foundation.settings import textfiles
from gangmu.foundation.settings.textfiles import Problem, Unreadable

REQUIRED = ("code", "kind")
OPTIONAL = ("name_zh", "name_en", "parent", "valid_from", "valid_to")
MOST_LINES = 200_000

Value = tuple[str, Decimal | None]


@dataclass(frozen=True)
class Line:
    """One line: what holds for the organisation `code` during `days`. A blank parent is the root."""

    number: int
    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: str
    days: Days
    attributes: tuple[tuple[str, Value], ...]

    @property
    def content(self) -> tuple:
        """All but the line number."""
        return (
            self.code,
            self.name_zh,
            self.name_en,
            self.kind,
            self.parent,
            self.days,
            self.attributes,
        )


@dataclass
class Table:
    """What a file says. `faulty` are codes with a line that could not be read; `columns` the attributes named."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    columns: tuple[str, ...] = ()

    def problem(self, line: int, column: str, message: str) -> None:
        self.problems.append(Problem(line, column, message))


def read(path: Path) -> Table:
    """Read a CSV file of organisations.

    Raises:
        Unreadable: the file as a whole is not such a table.
    """
    rows = textfiles.read_rows(textfiles.decode(path), path.name)
    attributes = kinds.attributes()
    optional = OPTIONAL + tuple(attributes)
    first = next(rows, None)
    if first is None:
        raise Unreadable(
            _("%(file)s is empty. The first line names the columns: %(columns)s.")
            % {"file": path.name, "columns": ", ".join(REQUIRED + optional)}
        )
    positions = textfiles.header_positions(textfiles.trimmed(first[1]), path.name, REQUIRED, optional)
    table = Table(columns=tuple(name for name in attributes if name in positions))
    for count, (number, fields) in enumerate(rows, start=1):
        if count > MOST_LINES:
            raise Unreadable(
                _("%(file)s has more than %(most)d lines. Split the file.") % {"file": path.name, "most": MOST_LINES}
            )
        _read_line(number, textfiles.trimmed(fields, len(positions)), positions, table)
    return table


def _read_line(number: int, fields: list[str], positions: dict[str, int], table: Table) -> None:
    if len(fields) != len(positions):
        table.problems.append(textfiles.miscounted(number, fields, positions))
        at = positions["code"]
        table.faulty.add(fields[at].strip() if at < len(fields) else "")
        return
    given = {column: fields[position].strip() for column, position in positions.items()}
    faults: list[Problem] = []

    def taken(column: str, read_as, default=None, blank_is_default: bool = True):
        text = given.get(column, "")
        if not text and blank_is_default:
            return default
        try:
            return read_as(text)
        except values.Fault as fault:
            faults.append(Problem(number, column, fault.text))
            return default

    code = taken("code", values.code, "", blank_is_default=False)
    kind = taken("kind", _known_kind, "")
    parent = taken("parent", values.code, "")
    if parent and parent == code:
        faults.append(Problem(number, "parent", _("%(code)s is given as its own parent") % {"code": code}))
    valid_from, valid_to = taken("valid_from", values.day), taken("valid_to", values.day)
    if valid_from and valid_to and valid_to < valid_from:
        message = _("the last day %(to)s is before the first day %(from)s") % {"to": valid_to, "from": valid_from}
        faults.append(Problem(number, "valid_to", message))
    attributes: list[tuple[str, Value]] = []
    for name in table.columns:
        attribute = kinds.attributes()[name]
        value = taken(name, lambda text, attribute=attribute: values.attribute_value(text, attribute))
        if value is not None:
            attributes.append((name, value))
            warning = values.warning(value[0], attribute)
            if warning:
                table.warnings.append(Problem(number, name, warning))
    names = taken("name_zh", values.words, ""), taken("name_en", values.words, "")
    if faults:
        table.problems += faults
        table.faulty.add(given["code"])
        return
    days = Days.until(valid_from, valid_to)
    table.lines.append(Line(number, code, *names, kind, parent, days, tuple(attributes)))


def _known_kind(text: str) -> str:
    try:
        return kinds.kind(text).code
    except kinds.UnknownKind as unknown:
        raise values.Fault(str(unknown.message)) from unknown
