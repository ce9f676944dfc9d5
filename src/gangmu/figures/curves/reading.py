"""Files of curves: what each line says of which point. Nothing is compared with what stands here.

A long table has a line for each point (`time` or `period`, or a whole `timestamp`), a wide one a line for each day
with 96 columns. Both may be CSV or the first worksheet of an .xlsx workbook. The line of a wide table with one faulty
cell is refused whole: who puts it right hands in the day again.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gangmu.figures.curves.models import Curve
from gangmu.figures.curves.points import LABELS, POINTS
from gangmu.figures.filing.excel.reading import number_text
from gangmu.figures.filing.importing import NOTES, Measure, Unknown, scaled_value
from gangmu.figures.filing.scenarios import scenario_fault
from gangmu.foundation.documents.workbooks.tables import worksheet
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import PeriodError, parse_day
from gangmu.foundation.settings import textfiles
from gangmu.foundation.settings.textfiles import Problem, Unreadable

CALLED = {
    "organisation": ("机构", "机构编码", "organization"),
    "indicator": ("指标", "指标编码"),
    "date": ("日期", "业务日期", "day"),
    "timestamp": ("时间戳",),
    "time": ("时间", "时刻"),
    "period": ("时段", "点号", "point"),
    "value": ("值", "数值"),
    "scenario": ("情景",),
    "unit": ("单位",),
}
WHO = ("organisation", "indicator")
OTHERS = ("scenario", "unit", *NOTES)
LONG = ("date", "timestamp", "time", "period", "value")
CLOCK = re.compile(r"^([0-9]{1,2})[:：]([0-9]{2})(?:[:：]00)?$")
TIMESTAMP = re.compile(r"^(\S+?)[T ]+([0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)$")
POINT = re.compile(r"^[Pp]?0*([1-9][0-9]{0,2})$")
MOST_FAULTY_LINES = 100_000
MOST_LINES = 2_000_000


@dataclass(frozen=True)
class Key:
    """Whose curve: one row of what is kept."""

    curve: int
    scenario: str
    organisation: int
    day: date


@dataclass(frozen=True)
class Said:
    """What a line says of a point: its value in units of 10^-precision, and where it says so."""

    line: int
    column: str
    value: int


@dataclass
class Curves:
    """What a file says, by curve and point. `fields` holds each line as it stood, `problems` what is wrong with it."""

    points: dict[Key, dict[int, Said]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    fields: dict[int, list[str]] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    repeated: int = 0

    def refuse(self, line: int, column: str, message: str) -> None:
        self.problems.append(Problem(line, column, message))


Row = tuple[int, list[str], Mapping[int, str]]  # number, fields, what cannot be read by position


def read_curves(path: Path, *, labels: str = "end", within: Collection[int] | None = None) -> Curves:
    """What a file says of curves.

    Args:
        within: ids of the only organisations that the file may speak of; others are not known to it.
        labels: `end`: times name the end of their quarter, 00:15 … 24:00; `start`: its beginning, 00:00 … 23:45.

    Raises:
        Unreadable: the file as a whole is no such table.
    """
    found = Curves()
    rows = _rows(path, found)
    first = next(rows, None)
    if first is None:
        raise Unreadable(_("%(file)s is empty. The first line names the columns.") % {"file": path.name})
    header = [_known(text) for text in textfiles.trimmed(first[1])]
    heads = _Heads.of(header, path.name, labels)
    found.positions = heads.positions
    reader = _Reader(found, heads, labels, within)
    for count, (line, fields, faults) in enumerate(rows):
        if count >= MOST_LINES:
            words = {"file": path.name, "most": MOST_LINES}
            raise Unreadable(_("%(file)s has more than %(most)d lines. Split the file.") % words)
        reader.line(line, fields, faults)
    return found


def _rows(path: Path, found: Curves) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except (OSError, ValueError):
        head = b""  # decode says why
    if head.startswith((b"PK", b"\xd0\xcf")):
        yield from worksheet(path, path.name, cell_text)
        return

    def broken(line: int, fields: list[str], message: str) -> None:
        found.fields[line] = fields
        found.refuse(line, "", message)

    for number, fields in textfiles.read_rows(textfiles.decode(path), path.name, broken):
        yield number, fields, {}


def cell_text(value: Any) -> str:
    """A cell of a workbook as it would stand in a text file; 24:00 is the time of no hours to a spreadsheet."""
    if isinstance(value, datetime):
        nearest = value + timedelta(milliseconds=500)
        if nearest.year < 1901:  # a time of day, which spreadsheets count from there
            return "24:00" if nearest.strftime("%H:%M") == "00:00" else nearest.strftime("%H:%M")
        return nearest.strftime("%Y-%m-%d") if nearest.time() < time(0, 0, 1) else nearest.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return number_text(value)
    return "" if value is None else str(value).strip()


def _known(text: str) -> str:
    plain = " ".join(text.split()).lower()
    return next((name for name, others in CALLED.items() if plain == name or plain in others), text.strip())


# The first line -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Heads:
    """Where the columns stand: by name, and for a wide table by point."""

    positions: dict[str, int]
    points: dict[int, int]  # point → column; empty in a long table

    @classmethod
    def of(cls, header: list[str], name: str, labels: str) -> "_Heads":
        known = (*WHO, *OTHERS, *LONG)
        others = [text for text in header if text.lower() not in known]
        points = {text: point_of_head(text, labels) for text in others}
        if not others or not any(isinstance(point, int) for point in points.values()):
            positions = textfiles.header_positions(header, name, (*WHO, "value"), (*OTHERS, *LONG[:-1]))
            _refuse_moments(positions, name)
            return cls(positions, {})
        for text, point in points.items():
            if isinstance(point, str):
                raise Unreadable(_("%(file)s, line 1, column “%(column)s”: %(why)s") %
                                 {"file": name, "column": text[:40], "why": point})  # fmt: skip
        at: dict[int, int] = {}
        for position, text in enumerate(header):
            point = points.get(text)
            if isinstance(point, int):
                if point in at:
                    raise Unreadable(_("%(file)s, line 1: point %(point)d (%(time)s) has two columns.") %
                                     {"file": name, "point": point, "time": LABELS[point - 1]})  # fmt: skip
                at[point] = position
        missing = [point for point in range(1, POINTS + 1) if point not in at]
        if missing:
            words = {"file": name, "found": len(at), "missing": ", ".join(LABELS[point - 1] for point in missing[:8])}
            raise Unreadable(
                _("%(file)s, line 1: %(found)d columns of points where a day has 96; missing: %(missing)s …. Leave a "
                  "cell blank where a value is missing, not its column.") % words
            )  # fmt: skip
        named = [text for text in header if not isinstance(points.get(text), int)]
        textfiles.header_positions(named, name, (*WHO, "date"), OTHERS)
        return cls({text.lower() if text.lower() in known else text: at for at, text in enumerate(header)}, at)


def point_of_head(text: str, labels: str) -> int | str:
    """The point that a column is for: its number or its time; or why it is none."""
    number = POINT.match(text)
    if number:
        return _numbered(number.group(1))
    return point_of_time(text, labels)


def _refuse_moments(positions: Mapping[str, int], name: str) -> None:
    moments = [column for column in ("timestamp", "time", "period") if column in positions]
    if len(moments) != 1 or ("date" in positions) == ("timestamp" in positions):
        raise Unreadable(
            _("%(file)s, line 1: say which point a value is for by date and time, by date and period (1 to 96), or by "
              "a timestamp.") % {"file": name}
        )  # fmt: skip


def point_of_time(text: str, labels: str) -> int | str:
    """The point, 1 to 96, of a time within a business day; or why there is none."""
    match = CLOCK.match(text)
    if not match:
        return _("“%(text)s” is no time of a point, such as 00:15 or 24:00") % {"text": text[:40]}
    hours, minutes = int(match.group(1)), int(match.group(2))
    if minutes > 59 or hours > 24 or (hours == 24 and minutes):
        return _("“%(text)s” is no time of a business day, which ends at 24:00") % {"text": text[:40]}
    if minutes % 15:
        return _("“%(text)s” is no quarter of an hour") % {"text": text[:40]}
    quarter = hours * 4 + minutes // 15
    if labels == "start":
        if quarter == POINTS:
            return _("24:00 begins no quarter of this day: with --times start the last one is 23:45")
        return quarter + 1
    if quarter == 0:
        return _(
            "00:00 beside a date may be the end of the day before (write 24:00 with that day's date) or the beginning "
            "of this day's first quarter (load the file with --times start)"
        )
    return quarter


def moment_of(text: str, labels: str) -> tuple[date, int] | str:
    """The business day and point of a timestamp: 2026-11-21 00:00 is point 96 of 2026-11-20. Or why there is none."""
    match = TIMESTAMP.match(text)
    day_text, time_text = (match.group(1), match.group(2)) if match else (text, "00:00")
    try:
        day = parse_day(day_text)
    except PeriodError as error:
        return str(error)
    if labels == "end" and point_of_time(time_text, "start") == 1:
        return day - timedelta(days=1), POINTS
    point = point_of_time(time_text, labels)
    return point if isinstance(point, str) else (day, point)


def _numbered(text: str) -> int | str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= POINTS:
        return _("“%(text)s” is no point; a business day has the points 1 (00:15) to 96 (24:00)") % {"text": text[:40]}
    return int(text)


# Lines ----------------------------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, found: Curves, heads: _Heads, labels: str, within: Collection[int] | None) -> None:
        self.found, self.heads, self.labels = found, heads, labels
        known = Organisation.objects.values_list("code", "id")
        self.organisations = {code: pk for code, pk in known if within is None or pk in within}
        self.curves = {str(one.indicator.code): one for one in Curve.objects.select_related("indicator")}
        self.unknown = Unknown(self.organisations)
        self.width = 1 + max(at for name, at in heads.positions.items() if name not in NOTES)

    def line(self, line: int, given: list[str], faults: Mapping[int, str]) -> None:
        """Take in what a line says, all or nothing of it."""
        found, positions = self.found, self.heads.positions
        fields = textfiles.trimmed(given, self.width)
        found.fields[line] = fields
        before = len(found.problems)
        if len(fields) < self.width and self.heads.points:
            fields += [""] * (self.width - len(fields))  # spreadsheets leave out what is blank at the end
        if len(fields) < self.width or len(fields) > len(positions):
            found.problems.append(textfiles.miscounted(line, fields, positions))
            return
        if len(found.problems) > MOST_FAULTY_LINES:
            raise Unreadable(_("More than %(most)d faults; nothing was recorded. Is it the right file?") %
                             {"most": MOST_FAULTY_LINES})  # fmt: skip
        names = {at: name for name, at in positions.items()}
        for at, message in faults.items():
            found.refuse(line, names.get(at, ""), message)
        text = {name: fields[at].strip() if at < len(fields) else "" for name, at in positions.items()}
        organisation = self.organisations.get(text["organisation"])
        if organisation is None:
            found.refuse(line, "organisation", self.unknown(text["organisation"]))
        curve = self.curves.get(text["indicator"])
        if curve is None:
            found.refuse(line, "indicator", self._no_curve(text["indicator"]))
        scenario = text.get("scenario", "") or "actual"
        if fault := scenario_fault(scenario):
            found.refuse(line, "scenario", fault)
        unit = text.get("unit", "")
        if curve is not None and unit and unit != curve.unit:
            message = _("the points of %(code)s are in %(unit)s; MW and MWh are not mixed (1 MW over 15 minutes is "
                        "0.25 MWh)")  # fmt: skip
            found.refuse(line, "unit", message % {"code": text["indicator"], "unit": curve.unit})
        day, values = self._wide(line, text, fields, curve) if self.heads.points else self._long(line, text, curve)
        if len(found.problems) > before or day is None or curve is None or organisation is None:
            return
        self._keep(Key(curve.pk, scenario, organisation, day), values)

    def _no_curve(self, code: str) -> str:
        if not code:
            return _("is blank")
        near = get_close_matches(code[:60], self.curves, 1)
        message = _("“%(code)s” has no curve; see gangmu load curve-indicators.") % {"code": code[:60]}
        return message + (_(" Did you mean “%(close)s”?") % {"close": near[0]} if near else "")

    def _day(self, line: int, text: str) -> date | None:
        try:
            return parse_day(text)
        except PeriodError as error:
            self.found.refuse(line, "date", _("is blank") if not text else str(error))
            return None

    def _long(self, line: int, text: dict[str, str], curve: Curve | None) -> tuple[date | None, dict[int, Said]]:
        found = self.found
        if "timestamp" in text:
            column, moment = "timestamp", moment_of(text["timestamp"], self.labels)
            day, point = (None, moment) if isinstance(moment, str) else moment
        else:
            day = self._day(line, text["date"])
            column = "time" if "time" in text else "period"
            point = point_of_time(text["time"], self.labels) if column == "time" else _numbered(text["period"])
        if isinstance(point, str):
            found.refuse(line, column, point)
        value = _scaled(text["value"], curve) if curve is not None else 0
        if isinstance(value, str):
            found.refuse(line, "value", value)
        if isinstance(point, str) or isinstance(value, str):
            return None, {}
        return day, {point: Said(line, "value", value)}

    def _wide(
        self, line: int, text: dict[str, str], fields: list[str], curve: Curve | None
    ) -> tuple[date | None, dict[int, Said]]:
        found, values = self.found, {}
        names = {at: name for name, at in self.heads.positions.items()}
        day = self._day(line, text["date"])
        for point, at in self.heads.points.items():
            written = fields[at].strip() if at < len(fields) else ""
            if not written or curve is None:
                continue
            value = _scaled(written, curve)
            if isinstance(value, str):
                found.refuse(line, names[at], value)
            else:
                values[point] = Said(line, names[at], value)
        if not values and curve is not None:
            found.refuse(line, "", _("has no value in any of its 96 points"))
        return day, values

    def _keep(self, key: Key, values: dict[int, Said]) -> None:
        """What was said before of a point holds; another value refuses the whole line."""
        held = self.found.points.get(key, {})
        for point, said in values.items():
            earlier = held.get(point)
            if earlier is not None and earlier.value != said.value:
                message = _(
                    "gives another value for point %(point)d (%(time)s) than line %(line)d; keep one of the two"
                )
                words = {"point": point, "time": LABELS[point - 1], "line": earlier.line}
                self.found.refuse(said.line, said.column, message % words)
                return
        new = {point: said for point, said in values.items() if point not in held}
        self.found.repeated += not new
        self.found.points.setdefault(key, {}).update(new)


def _scaled(text: str, curve: Curve) -> int | str:
    """`text` in units of 10^-precision of the curve, or why it is no number of so many decimals."""
    precision = int(curve.precision)
    return scaled_value(text, Measure(curve.pk, precision, precision, (), "day", False, ""), None)
