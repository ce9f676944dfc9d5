"""Facts from a CSV file: `gangmu load facts`.

The file is read line by line into cells; faults of a line refuse that line alone. What is left goes into a
temporary table, where the database compares it with what stands: equal cells change nothing, other values need a
correction, cells at an organisation and at one below it refuse each other. The good lines enter in one
transaction; the faulty ones are written to FILE.rejected.csv with the reason.
"""

import csv
import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.figures.filing.bulk import first_load
from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Batch, State
from gangmu.figures.filing.scenarios import scenario_fault, scenario_id
from gangmu.figures.filing.staging import Staged, compare, hold_scales, store
from gangmu.figures.indicators.categories.definitions import member_code
from gangmu.figures.indicators.decimals import EarlierPrecision, decimals_on, read_precisions, span
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock, textfiles
from gangmu.foundation.settings.textfiles import NUMBER, Problem

COLUMNS = ("organisation", "indicator", "period", "scenario", "value")
OPTIONAL = ("scenario", "category")
NOTES = ("line", "column", "reason")  # what a file of refused lines has besides; such a file is loaded once put right
STEP = 500  # lines between two words of progress
MOST_FAULTY_LINES = 200_000
MOST_HINTS = 50


@dataclass
class LoadResult:
    """What a load did, in lines of the file."""

    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    rejected_file: Path | None = None
    not_written: str = ""  # why there is no such file though lines were refused
    batch_id: int | None = None

    @property
    def rejected(self) -> int:
        return len({problem.line for problem in self.problems})

    def __str__(self) -> str:
        summary = _(
            "Facts: %(recorded)d new, %(corrected)d corrected, %(unchanged)d as they were, %(rejected)d refused."
        ) % {name: getattr(self, name) for name in ("recorded", "corrected", "unchanged", "rejected")}
        if self.rejected_file:
            summary += "\n" + _("The refused lines are in %(file)s.") % {"file": self.rejected_file}
        return f"{summary}\n{self.not_written}" if self.not_written else summary


@dataclass(frozen=True)
class Measure:
    """What the loader needs to know of an indicator."""

    id: int
    scale: int  # the decimals with which its facts are stored
    precision: int
    precisions: tuple[EarlierPrecision, ...]
    grain: str
    is_formula: bool
    split_by: str = ""


def load_facts(
    path: Path,
    *,
    by: User | None = None,
    correct: str = "",
    within: Collection[int] | None = None,
    step: Callable[[int], None] = lambda lines: None,
) -> LoadResult:
    """Record the facts of a CSV file as locked, by the operator (or `by`).

    Args:
        path: columns organisation, indicator, period, scenario, value, and category for parts of split indicators;
            the first line names them.
        correct: the reason for which other values replace those that stand; without one they are refused.
        within: ids of the only organisations that the file may speak of; others are not known to it.
        step: told now and then how many more lines were read; what it raises undoes everything.

    Raises:
        Unreadable: the file as a whole is not such a table; nothing was recorded.
    """
    text = textfiles.decode(path)
    result = LoadResult()
    originals: dict[int, list[str]] = {}

    def broken(line: int, fields: list[str], message: str) -> None:
        originals[line] = fields
        result.problems.append(Problem(line, "", message))

    rows = textfiles.read_rows(text, path.name, broken)
    first = next(rows, None)
    if first is None:
        raise textfiles.Unreadable(
            _("%(file)s is empty. The first line names the columns: %(columns)s.")
            % {"file": path.name, "columns": ", ".join(COLUMNS)}
        )
    header = textfiles.trimmed(first[1])
    required = tuple(name for name in COLUMNS if name not in OPTIONAL)
    positions = textfiles.header_positions(header, path.name, required, (*OPTIONAL, *NOTES))
    correct = correct.strip()
    with transaction.atomic():
        hold_scales()
        staged = _read_cells(rows, path.name, positions, result.problems, originals, within, step)
        outcome = compare(staged, correcting=bool(correct), within=within)
        result.problems += outcome.problems
        result.unchanged = outcome.unchanged
        if outcome.to_add or outcome.to_replace:
            kind = Batch.Kind.CORRECTION if correct and outcome.to_replace else Batch.Kind.IMPORT
            batch = Batch.objects.create(
                kind=kind,
                source=path.name[:255],
                reason=correct if kind == Batch.Kind.CORRECTION else "",
                key=act_key(text, correct),
                recorded_at=clock.now(),
                recorded_by=by,
                facts_count=outcome.to_add + outcome.to_replace,
            )
            with first_load(outcome.to_add):
                store(batch, State.LOCKED)
            result.batch_id = batch.pk
            result.recorded, result.corrected = outcome.to_add, outcome.to_replace
    result.problems.sort(key=lambda problem: problem.line)
    try:
        result.rejected_file = write_rejected(path, positions, result.problems, originals)
    except OSError as error:  # what was recorded stands
        result.not_written = _(
            "The refused lines could not be written to %(file)s: %(why)s. Load the file again from a folder that can "
            "be written; what was recorded stays as it is."
        ) % {"file": rejected_path(path), "why": error.strerror or error}
    return result


def act_key(text: str, correct: str) -> str:
    """A key of this very act; the same file loaded again finds its cells equal and never comes here."""
    digest = hashlib.sha256()
    for part in (text, correct, clock.now().isoformat(), os.urandom(16).hex()):
        digest.update(part.encode())
    return digest.hexdigest()


def _read_cells(
    rows: Iterator[tuple[int, list[str]]],
    path_name: str,
    positions: dict[str, int],
    problems: list[Problem],
    originals: dict[int, list[str]],
    within: Collection[int] | None,
    step: Callable[[int], None],
) -> Staged:
    organisations = {
        code: pk for code, pk in Organisation.objects.values_list("code", "id") if within is None or pk in within
    }
    indicators = {
        code: Measure(pk, scale, precision, read_precisions(precisions), grain, bool(formula), split_by)
        for pk, code, scale, precision, precisions, grain, formula, split_by in Indicator.objects.order_by(
            "id"
        ).values_list("id", "code", "scale", "precision", "precisions", "grain", "formula", "split_by")
    }
    scenarios: dict[str, int] = {}
    at_organisation, at_indicator, at_period, at_value = (
        positions[name] for name in ("organisation", "indicator", "period", "value")
    )
    at_scenario, at_category = positions.get("scenario"), positions.get("category")
    width = 1 + max(positions[name] for name in (*COLUMNS, *OPTIONAL) if name in positions)
    unknown_organisation, unknown_indicator = Unknown(organisations), Unknown(indicators)
    staged = Staged()
    seen: dict[tuple, tuple[int, int]] = {}
    for count, (line, read) in enumerate(rows, start=1):
        if count % STEP == 0:
            step(STEP)
        faults_before = len(problems)
        if len(originals) > MOST_FAULTY_LINES:
            raise textfiles.Unreadable(
                _("%(file)s has more than %(most)d faulty lines; nothing was recorded. Is it the right file?")
                % {"file": path_name, "most": MOST_FAULTY_LINES}
            )
        fields = textfiles.trimmed(read, len(positions))
        if len(fields) < width or len(fields) > len(positions):
            originals[line] = fields
            problems.append(textfiles.miscounted(line, fields, positions))
            continue
        code = fields[at_organisation].strip()
        organisation = organisations.get(code)
        if organisation is None:
            problems.append(Problem(line, "organisation", unknown_organisation(code)))
        code = fields[at_indicator].strip()
        measure = indicators.get(code)
        category = fields[at_category].strip() if at_category is not None else ""
        if measure is not None and category:
            part = indicators.get(member_code(code, category)) if measure.split_by else None
            if part is None:
                problems.append(Problem(line, "category", _no_category(code, category, measure, indicators)))
            measure = part or replace(measure, is_formula=False, split_by="")
        if measure is None:
            problems.append(Problem(line, "indicator", unknown_indicator(code)))
        elif measure.is_formula:
            message = _("%(code)s is computed by a formula; it is not filed")
            if measure.split_by:
                message = _("%(code)s is made of its parts; say in the column category of which")
            problems.append(Problem(line, "indicator", message % {"code": code}))
        start: date | str | None = None
        if measure is not None:
            start = _period_start(fields[at_period].strip(), measure.grain)
            if isinstance(start, str):
                problems.append(Problem(line, "period", start))
        name = (fields[at_scenario].strip() if at_scenario is not None else "") or "actual"
        fault = "" if name in scenarios else scenario_fault(name)
        if fault:
            problems.append(Problem(line, "scenario", fault))
        value: int | str | None = None
        if measure is not None:
            value = scaled_value(fields[at_value].strip(), measure, start if isinstance(start, date) else None)
            if isinstance(value, str):
                problems.append(Problem(line, "value", value))
        if len(problems) > faults_before:
            originals[line] = fields
            continue
        if name not in scenarios:  # made for good lines only
            scenarios[name] = scenario_id(name)
        cell = (measure.id, scenarios[name], organisation, start)  # type: ignore[union-attr]
        earlier = seen.get(cell)
        if earlier is not None:
            if earlier[1] == value:
                staged.repeated += 1
            else:
                originals[line] = fields
                problems.append(
                    Problem(
                        line,
                        "value",
                        _("gives another value for the cell of line %(line)d; keep one of the two")
                        % {"line": earlier[0]},
                    )
                )
            continue
        seen[cell] = (line, value)  # type: ignore[assignment]
        staged.add(line, cell, measure.grain, value, fields)  # type: ignore[union-attr,arg-type]
    staged.originals = originals
    return staged


def _no_category(code: str, category: str, measure: Measure, indicators: Mapping[str, Measure]) -> str:
    """Why an indicator has no such part, with those that it has."""
    if not measure.split_by:
        return _("%(indicator)s is not split by categories; leave the category blank") % {"indicator": code}
    parts = [part.removeprefix(member_code(code, "")) for part in indicators if part.startswith(member_code(code, ""))]
    words = {"category": category[:60], "dictionary": measure.split_by, "possible": ", ".join(parts) or "–"}
    message = _("“%(category)s” is no category of %(dictionary)s. Possible are: %(possible)s.") % words
    close = get_close_matches(category[:60], parts, 1)
    return message + (_(" Did you mean “%(close)s”?") % {"close": close[0]} if close else "")


class Unknown:
    """Words for codes that are not known, with the nearest known one for the first of them: that takes its time."""

    def __init__(self, known: dict) -> None:
        self.known = known
        self.told: dict[str, str] = {"": _("is blank")}

    def __call__(self, code: str) -> str:
        message = self.told.get(code)
        if message is None:
            message = _("“%(code)s” is not known.") % {"code": code[:60]}
            if len(self.told) <= MOST_HINTS:
                close = get_close_matches(code[:60], list(self.known)[:20000], 1)
                message += _(" Did you mean “%(close)s”?") % {"close": close[0]} if close else ""
                self.told[code] = message
        return message


@lru_cache(maxsize=20_000)
def _period_start(text: str, grain: str) -> date | str:
    """The first day of the period `text`, or why it cannot be one of this grain."""
    try:
        period = Period.parse(text)
    except ValueError as error:
        return str(error)
    if period.kind != grain:
        want = "2026-11-20" if grain == "day" else "2026-11"
        return _("“%(text)s” is not a %(grain)s; write it like %(want)s") % {
            "text": text[:40],
            "grain": _("day") if grain == "day" else _("month"),
            "want": want,
        }
    return period.start


def scaled_value(text: str, measure: Measure, start: date | None) -> int | str:
    """`text` as an integer in units of 10^-scale, or why it is none in the period that begins with `start`."""
    precision, day = measure.precision, None
    if measure.precisions and start is not None:
        day = start if measure.grain == "day" else Period.month(start.year, start.month).end
        precision = decimals_on(day, precision, measure.precisions)
    if not NUMBER.match(text):
        return textfiles.number_fault(text)
    whole, _dot, decimals = text.partition(".")
    extra = decimals[precision:]
    if extra.strip("0") and day is not None:
        return ngettext(
            "“%(text)s” has more decimals than the %(precision)d of the indicator %(span)s; round it yourself",
            "“%(text)s” has more decimals than the %(precision)d of the indicator %(span)s; round it yourself",
            precision,
        ) % {"text": text[:40], "precision": precision, "span": span(day, measure.precisions)}
    if extra.strip("0"):
        return ngettext(
            "“%(text)s” has more decimals than the %(precision)d of the indicator; round it yourself",
            "“%(text)s” has more decimals than the %(precision)d of the indicator; round it yourself",
            precision,
        ) % {"text": text[:40], "precision": precision}
    value = int(whole + decimals[:precision].ljust(measure.scale, "0"))
    if abs(value) > LARGEST_SCALED_VALUE:
        return _("“%(text)s” is larger than anything that can be recorded") % {"text": text[:40]}
    return value


def rejected_path(path: Path) -> Path:
    return path.with_name((path.stem if path.suffix.lower() == ".csv" else path.name) + ".rejected.csv")


def write_rejected(path: Path, positions: dict[str, int], problems: list[Problem], originals: dict) -> Path | None:
    """Write the faulty lines beside the file, in their own columns, with line, column and reason behind."""
    target = rejected_path(path)
    if not problems:
        target.unlink(missing_ok=True)
        return None
    reasons: dict[int, list[Problem]] = {}
    for problem in problems:
        reasons.setdefault(problem.line, []).append(problem)
    temporary = target.with_name(target.name + ".part")
    columns = [name for name in positions if name not in NOTES]
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*columns, *NOTES])
            for line, faults in sorted(reasons.items()):
                where = " ".join(dict.fromkeys(fault.column for fault in faults if fault.column))
                why = "; ".join(fault.message for fault in faults)
                writer.writerow([*_own(originals.get(line, []), positions), line, where, why])
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return target


def _own(fields: list[str], positions: dict[str, int]) -> list[str]:
    """The fields of a faulty line without notes of an earlier load; what is too many is kept in the last of them."""
    if len(fields) > len(positions):
        fields = [*fields[: len(positions) - 1], ",".join(fields[len(positions) - 1 :])]
    fields = [*fields, *[""] * (len(positions) - len(fields))]
    return [fields[at] for name, at in positions.items() if name not in NOTES]
