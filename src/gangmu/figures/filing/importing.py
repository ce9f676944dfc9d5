"""Facts from a CSV file: `gangmu load facts`.

The file is read line by line into cells; faults of a line refuse that line alone. What is left goes into a
temporary table, where the database compares it with what stands: equal cells change nothing, other values need a
correction, cells at an organisation and at one below it refuse each other. The good lines enter in one
transaction; the faulty ones are written to FILE.rejected.csv with the reason.
"""

import csv
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Batch, State
from gangmu.figures.filing.scenarios import scenario_fault, scenario_id
from gangmu.figures.filing.staging import Staged, compare, store
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock, textfiles
from gangmu.foundation.settings.textfiles import NUMBER, Problem

COLUMNS = ("organisation", "indicator", "period", "scenario", "value")
STEP = 500  # lines between two words of progress


@dataclass
class LoadResult:
    """What a load did, in lines of the file."""

    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    rejected_file: Path | None = None
    batch_id: int | None = None

    @property
    def rejected(self) -> int:
        return len({problem.line for problem in self.problems})

    def __str__(self) -> str:
        return _(
            "Facts: %(recorded)d new, %(corrected)d corrected, %(unchanged)d as they were, %(rejected)d refused."
        ) % {name: getattr(self, name) for name in ("recorded", "corrected", "unchanged", "rejected")}


@dataclass(frozen=True)
class Measure:
    """What the loader needs to know of an indicator."""

    id: int
    precision: int
    grain: str
    is_formula: bool


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
        path: columns organisation, indicator, period, scenario, value; the first line names them.
        correct: the reason for which other values replace those that stand; without one they are refused.
        within: ids of the only organisations that the file may speak of; others are not known to it.
        step: told now and then how many more lines were read; what it raises undoes everything.

    Raises:
        Unreadable: the file as a whole is not such a table; nothing was recorded.
    """
    text = textfiles.decode(path)
    rows = textfiles.read_rows(text, path.name)
    first = next(rows, None)
    if first is None:
        raise textfiles.Unreadable(
            _("%(file)s is empty. The first line names the columns: %(columns)s.")
            % {"file": path.name, "columns": ", ".join(COLUMNS)}
        )
    header = first[1]
    positions = textfiles.header_positions(header, path.name, COLUMNS[:3] + COLUMNS[4:], ("scenario",))
    result = LoadResult()
    with transaction.atomic():
        originals: dict[int, list[str]] = {}
        staged = _read_cells(rows, positions, result.problems, originals, within, step)
        outcome = compare(staged, correcting=bool(correct), within=within)
        result.problems += outcome.problems
        result.unchanged = outcome.unchanged
        if outcome.to_add or outcome.to_replace:
            kind = Batch.Kind.CORRECTION if correct and outcome.to_replace else Batch.Kind.IMPORT
            batch = Batch.objects.create(
                kind=kind,
                source=path.name[:255],
                reason=correct if kind == Batch.Kind.CORRECTION else "",
                key=_key(text, correct),
                recorded_at=clock.now(),
                recorded_by=by,
                facts_count=outcome.to_add + outcome.to_replace,
            )
            store(batch, State.LOCKED)
            result.batch_id = batch.pk
            result.recorded, result.corrected = outcome.to_add, outcome.to_replace
    result.problems.sort(key=lambda problem: problem.line)
    result.rejected_file = _write_rejected(path, header, result.problems, originals)
    return result


def _key(text: str, correct: str) -> str:
    """A key of this very act; the same file loaded again finds its cells equal and never comes here."""
    digest = hashlib.sha256()
    for part in (text, correct, clock.now().isoformat(), os.urandom(16).hex()):
        digest.update(part.encode())
    return digest.hexdigest()


def _read_cells(
    rows: Iterator[tuple[int, list[str]]],
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
        code: Measure(pk, precision, grain, bool(formula))
        for pk, code, precision, grain, formula in Indicator.objects.values_list(
            "id", "code", "precision", "grain", "formula"
        )
    }
    scenarios: dict[str, int] = {}
    at_organisation, at_indicator, at_period, at_value = (
        positions[name] for name in ("organisation", "indicator", "period", "value")
    )
    at_scenario = positions.get("scenario")
    width = max(positions.values()) + 1
    staged = Staged()
    seen: dict[tuple, tuple[int, int]] = {}
    for count, (line, fields) in enumerate(rows, start=1):
        if count % STEP == 0:
            step(STEP)
        faults_before = len(problems)
        if len(fields) < width or len(fields) > len(positions):
            originals[line] = fields
            problems.append(
                Problem(
                    line,
                    "",
                    _("has %(found)d fields where the first line names %(named)d")
                    % {"found": len(fields), "named": len(positions)},
                )
            )
            continue
        code = fields[at_organisation].strip()
        organisation = organisations.get(code)
        if organisation is None:
            problems.append(Problem(line, "organisation", _unknown(code, organisations)))
        code = fields[at_indicator].strip()
        measure = indicators.get(code)
        if measure is None:
            problems.append(Problem(line, "indicator", _unknown(code, indicators)))
        elif measure.is_formula:
            problems.append(
                Problem(line, "indicator", _("%(code)s is computed by a formula; it is not filed") % {"code": code})
            )
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
            value = _scaled(fields[at_value].strip(), measure.precision)
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


def _unknown(code: str, known: dict) -> str:
    if not code:
        return _("is blank")
    close = get_close_matches(code, list(known)[:20000], 1)
    hint = _(" Did you mean “%(close)s”?") % {"close": close[0]} if close else ""
    return _("“%(code)s” is not known.") % {"code": code[:60]} + hint


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


def _scaled(text: str, precision: int) -> int | str:
    """`text` as an integer in units of 10^-precision, or why it is not one."""
    if not NUMBER.match(text):
        return textfiles.number_fault(text)
    whole, _dot, decimals = text.partition(".")
    extra = decimals[precision:]
    if extra.strip("0"):
        return ngettext(
            "“%(text)s” has more decimals than the %(precision)d of the indicator; round it yourself",
            "“%(text)s” has more decimals than the %(precision)d of the indicator; round it yourself",
            precision,
        ) % {"text": text[:40], "precision": precision}
    value = int(whole + decimals[:precision].ljust(precision, "0"))
    if abs(value) > LARGEST_SCALED_VALUE:
        return _("“%(text)s” is larger than anything that can be recorded") % {"text": text[:40]}
    return value


def _write_rejected(path: Path, header: list[str], problems: list[Problem], originals: dict) -> Path | None:
    """Write the faulty lines beside the file, in their own columns, with line, column and reason behind."""
    target = path.with_name(path.name.removesuffix(".csv") + ".rejected.csv")
    if not problems:
        target.unlink(missing_ok=True)
        return None
    reasons: dict[int, list[Problem]] = {}
    for problem in problems:
        reasons.setdefault(problem.line, []).append(problem)
    temporary = target.with_name(target.name + ".part")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*header, "line", "column", "reason"])
        for line, faults in sorted(reasons.items()):
            fields = originals.get(line, [])
            if len(fields) > len(header):  # a comma too many: what stood there is kept in the last column
                fields = [*fields[: len(header) - 1], ",".join(fields[len(header) - 1 :])]
            fields = [*fields, *[""] * (len(header) - len(fields))]
            columns = " ".join(dict.fromkeys(fault.column for fault in faults if fault.column))
            writer.writerow([*fields, line, columns, "; ".join(fault.message for fault in faults)])
    temporary.replace(target)
    return target
