"""Curves from a file: `gangmu load curves`.

What is compared is a point: one that stands stays, another value needs a correction, a missing one may be handed in
later. A day with all its 96 points gives its daily figures, in the same transaction and the same batch; a day that
misses one gives none, since a figure without an hour of its day would pass for a whole one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.figures.cube.question import stored_text
from gangmu.figures.curves.defining import PARTS, fault_of, parts_of
from gangmu.figures.curves.models import Curve
from gangmu.figures.curves.outcomes import Change, LoadResult
from gangmu.figures.curves.points import LABELS, POINTS, Unit, day_of, half_up
from gangmu.figures.curves.reading import Curves, Key, Said, read_curves
from gangmu.figures.filing.importing import act_key, rejected_path, write_rejected
from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Batch, State
from gangmu.figures.filing.scenarios import scenario_id
from gangmu.figures.filing.staging import WRITERS_LOCK, Outcome, Staged, compare, decimal_text, hold_scales, store
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.units import parse_unit
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.textfiles import Problem

Points = list[int | None]
MOST_TOLD = 200  # days whose change is told one by one


def load_curves(
    path: Path,
    *,
    by: User | None = None,
    correct: str = "",
    labels: str = "end",
    within: Collection[int] | None = None,
    trial: bool = False,
) -> LoadResult:
    """Record the curves of a file as locked.

    Args:
        within: ids of the only organisations that the file may speak of; others are neither known to it nor named.
        trial: find out what would be done, and do nothing of it.
        correct: the reason for which other values replace those that stand; without one they are refused.
        labels: see `reading.read_curves`.

    Raises:
        Unreadable: the file as a whole is not such a table; nothing was recorded.
    """
    read = read_curves(path, labels=labels, within=within)
    result = LoadResult(positions=read.positions)
    correct = correct.strip()
    with transaction.atomic():
        hold_scales()
        _Loading(read, result, correct, by, within).run(path)
        if trial:
            transaction.set_rollback(True)
    result.problems = sorted(read.problems, key=lambda problem: problem.line)
    if trial:
        result.batch_id = None
        return result
    try:
        refused = {problem.line: read.fields.get(problem.line, []) for problem in result.problems}
        result.rejected_file = write_rejected(path, read.positions, result.problems, refused)
    except OSError as error:  # what was recorded stands
        words = {"file": rejected_path(path), "why": error.strerror or error}
        result.not_written = _("The refused lines could not be written to %(file)s: %(why)s.") % words
    return result


@dataclass
class _Day:
    """One curve on its way: what stands, and what it becomes."""

    key: Key
    said: dict[int, Said]
    stands: Points | None
    points: Points
    changed: bool
    replaces: bool

    @property
    def is_whole(self) -> bool:
        return None not in self.points


class _Loading:
    def __init__(
        self, read: Curves, result: LoadResult, correct: str, by: User | None, within: Collection[int] | None
    ) -> None:
        self.read, self.result, self.correct, self.by, self.within = read, result, correct, by, within
        rows = Curve.objects.select_related("indicator", *PARTS)
        self.curves = {one.pk: one for one in rows}
        self.faults = {pk: fault_of(one) for pk, one in self.curves.items()}
        self.scenarios: dict[str, int] = {}

    def run(self, path: Path) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])
        self._refuse_unfit()
        self.scenarios = {name: scenario_id(name) for name in {key.scenario for key in self.read.points}}
        days = self._against_what_stands()
        self._refuse_absent(days)
        self._refuse_closed(days)
        self._refuse_overlaps(days)
        self._record(days, path)

    # Refusing ---------------------------------------------------------------------------------------------------------

    def _drop(self, key: Key, column: str, message: str) -> None:
        """Refuse everything that the file says of a curve."""
        for line, where in sorted({(said.line, column or said.column) for said in self.read.points.pop(key).values()}):
            self.read.refuse(line, where, message)

    def _refuse_unfit(self) -> None:
        for key in list(self.read.points):
            if fault := self.faults[key.curve]:
                self._drop(key, "indicator", fault)

    def _against_what_stands(self) -> dict[Key, _Day]:
        standing = self._standing(self.read.points)
        precision = {pk: one.precision for pk, one in self.curves.items()}
        refused: set[int] = set()
        message = (
            _("point %(point)d (%(time)s) holds %(value)s already; use --correct REASON to replace it")
            if self.within is None
            else _("point %(point)d (%(time)s) holds %(value)s already; say why it is corrected to replace it")
        )
        for key, points in () if self.correct else standing.items():
            for point, said in self.read.points[key].items():
                held = points[point - 1]
                if held is not None and held != said.value and said.line not in refused:
                    refused.add(said.line)
                    value = decimal_text(held, precision[key.curve])
                    words = {"point": point, "time": LABELS[point - 1], "value": value}
                    self.read.refuse(said.line, said.column, message % words)
        days: dict[Key, _Day] = {}
        for key, saids in self.read.points.items():
            kept = {point: said for point, said in saids.items() if said.line not in refused}
            if not kept:
                continue
            stands = standing.get(key)
            points = list(stands or [None] * POINTS)
            for point, said in kept.items():
                points[point - 1] = said.value
            replaces = stands is not None and any(stands[point - 1] not in (None, points[point - 1]) for point in kept)
            days[key] = _Day(key, kept, stands, points, points != stands, replaces)
        self.read.points = {key: day.said for key, day in days.items()}
        return days

    def _standing(self, keys: Collection[Key]) -> dict[Key, Points]:
        found: dict[Key, Points] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT w.place, d.points FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[])"
                " WITH ORDINALITY AS w (curve, scenario, organisation, day, place)"
                " JOIN curves_curveday d ON d.superseded_by_id IS NULL AND d.indicator_id = w.curve"
                " AND d.scenario_id = w.scenario AND d.organisation_id = w.organisation AND d.day = w.day",
                self._columns(keys),
            )
            listed = list(keys)
            for place, points in cursor:
                found[listed[place - 1]] = points
        return found

    def _columns(self, keys: Iterable[Key]) -> list[list[object]]:
        """The keys as arrays of curves, scenarios, organisations and days."""
        rows = [(key.curve, self.scenarios[key.scenario], key.organisation, key.day) for key in keys]
        return [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], []]

    def _refuse_absent(self, days: dict[Key, _Day]) -> None:
        message = _("%(code)s did not exist on %(day)s; check the day, or load the organisation's dates first")
        for key, code in self._asked(
            days,
            "SELECT w.place, o.code FROM wanted w JOIN parties_organisation o ON o.id = w.organisation"
            " WHERE NOT EXISTS (SELECT FROM parties_membership m"
            "  WHERE m.organisation_id = w.organisation AND m.depth = 0 AND m.valid @> w.day)",
        ):
            self._drop(key, "date", message % {"code": code, "day": key.day})
            del days[key]

    def _refuse_closed(self, days: dict[Key, _Day]) -> None:
        """A closed month takes no point either, of any day that would change in it."""
        message = (
            _(
                "%(month)s is closed for %(indicator)s at %(closed_at)s; nothing was changed. Reopen it first: gangmu "
                "months reopen --indicator %(indicator)s --organisation %(closed_at)s --month %(month)s --reason …"
            )
            if self.within is None
            else _("%(month)s is closed for %(indicator)s; ask whoever closed it to reopen it")
        )
        for key, month, indicator, closed_at in self._asked(
            {key: day for key, day in days.items() if day.changed and key.scenario == "actual"},
            "SELECT DISTINCT ON (w.place) w.place, to_char(c.month, 'YYYY-MM'), i.code, x.code FROM wanted w"
            " JOIN filing_monthclosing c ON c.indicator_id = ANY(curves_daily(w.curve)) AND c.reopened_at IS NULL"
            "  AND c.month = date_trunc('month', w.day)::date"
            " JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.organisation_id = w.organisation"
            "  AND m.valid && daterange(c.month, (c.month + interval '1 month')::date)"
            " JOIN indicators_indicator i ON i.id = c.indicator_id"
            " JOIN parties_organisation x ON x.id = c.organisation_id ORDER BY w.place, i.code, x.code",
        ):
            self._drop(key, "date", message % {"month": month, "indicator": indicator, "closed_at": closed_at})
            del days[key]

    def _refuse_overlaps(self, days: dict[Key, _Day]) -> None:
        """A curve at an organisation and at one below it would count twice."""
        related = (
            "SELECT w.place, o.code, o.id FROM wanted w JOIN parties_membership m ON m.depth > 0 AND m.valid @> w.day"
            " AND (m.{own} = w.organisation) JOIN parties_organisation o ON o.id = m.{other}"
        )
        one_way = related.format(own="organisation_id", other="ancestor_id")
        other_way = related.format(own="ancestor_id", other="organisation_id")
        stands = (
            " WHERE EXISTS (SELECT FROM curves_curveday d WHERE d.superseded_by_id IS NULL AND d.indicator_id = w.curve"
            " AND d.scenario_id = w.scenario AND d.organisation_id = o.id AND d.day = w.day)"
        )
        message = _("%(other)s, above or below it, has a curve for this already; it would count twice")
        query = f"SELECT DISTINCT ON (place) place, code, id FROM ({one_way}{stands} UNION ALL {other_way}{stands}) f"
        for key, code, other in self._asked(days, f"{query} ORDER BY place, code"):
            named = code if self.within is None or other in self.within else _("another organisation")
            self._drop(key, "organisation", message % {"other": named})
            del days[key]
        first = {key: min(said.line for said in day.said.values()) for key, day in days.items()}
        earlier: dict[Key, set[Key]] = {}
        for key, _code, other_id in self._asked(days, f"{one_way} ORDER BY w.place"):
            if (other := Key(key.curve, key.scenario, other_id, key.day)) in days:
                before, after = sorted((key, other), key=first.__getitem__)
                earlier.setdefault(after, set()).add(before)
                earlier.setdefault(before, set())
        self._refuse_later(days, earlier, first)

    def _refuse_later(self, days: dict[Key, _Day], earlier: dict[Key, set[Key]], first: dict[Key, int]) -> None:
        """Of curves of one file above and below each other the first stands: of those whose figures may enter."""
        message = _("line %(line)d gives a curve of an organisation above or below it; it would count twice")
        undecided, stand = set(earlier), set[Key]()
        while undecided:
            ready = {key for key in undecided if not earlier[key] & undecided}
            undecided -= ready
            for key in {key for key in ready if earlier[key] & stand}:
                self._drop(key, "organisation", message % {"line": min(first[one] for one in earlier[key] & stand)})
                del days[key]
            tried = {key: days[key] for key in ready if key in days}
            with transaction.atomic():
                problems = self._problems(tried)
                transaction.set_rollback(True)
            self._refuse_figures(days, problems)
            for key in ready & days.keys() - tried.keys():  # what their days come to is too large
                del days[key]
            stand |= ready & days.keys()

    def _problems(self, days: dict[Key, _Day]) -> list[tuple[Key, Problem]]:
        """Why daily figures may not enter, of curves that are not above or below each other."""
        keys = list(days)
        staged = self._figures(days)
        return [(keys[problem.line], problem) for problem in self._compared(staged).problems]

    def _compared(self, staged: Staged) -> Outcome:
        return compare(staged, correcting=bool(self.correct), within=self.within)

    def _refuse_figures(self, days: dict[Key, _Day], problems: Iterable[tuple[Key, Problem]]) -> None:
        for key, problem in problems:
            if key in days:
                self._drop(key, problem.column, _("its daily figure: %(why)s") % {"why": problem.message})
                del days[key]

    def _asked(self, days: dict[Key, _Day], query: str) -> list[tuple]:
        """Rows of a query over the table `wanted` (place, curve, scenario, organisation, day), each with its key."""
        keys = list(days)
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH wanted AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[])"
                f" WITH ORDINALITY AS u (curve, scenario, organisation, day, place)) {query}",
                self._columns(keys),
            )
            return [(keys[place - 1], *rest) for place, *rest in cursor.fetchall()]

    # Recording --------------------------------------------------------------------------------------------------------

    def _record(self, days: dict[Key, _Day], path: Path) -> None:
        """Store what has changed with the daily figures of whole days; a figure that is refused refuses its curve."""
        keys = list(days)
        staged = self._figures(days)
        outcome = self._compared(staged)
        self._refuse_figures(days, [(keys[problem.line], problem) for problem in outcome.problems])
        changed = [day for day in days.values() if day.changed]
        result = self.result
        result.figures = outcome.to_add + outcome.to_replace
        result.corrected = sum(day.replaces for day in changed)
        result.recorded = len(changed) - result.corrected
        result.unchanged = len(days) - len(changed)
        result.incomplete = sum(not day.is_whole for day in days.values())
        result.changes = [self._change(day) for day in changed[:MOST_TOLD]]
        if not changed and not result.figures:
            return
        corrects = bool(self.correct) and bool(result.corrected or outcome.to_replace)
        batch = Batch.objects.create(
            kind=Batch.Kind.CORRECTION if corrects else Batch.Kind.IMPORT,
            source=path.name[:255],
            reason=self.correct if corrects else "",
            key=act_key(path.name, self.correct),
            recorded_at=clock.now(),
            recorded_by=self.by,
            facts_count=result.figures,
        )
        store(batch, State.LOCKED)
        self._store(batch, changed)
        result.batch_id = batch.pk

    def _change(self, day: _Day) -> Change:
        before = day.stands or [None] * POINTS
        new = sum(old is None and now is not None for old, now in zip(before, day.points, strict=True))
        other = sum(old is not None and old != now for old, now in zip(before, day.points, strict=True))
        figures = daily(self.curves[day.key.curve], day.key.day, day.points)
        told = tuple(
            (one.name, stored_text(amount, int(one.scale), one.decimals(day.key.day)), str(one.unit))
            for one, amount in figures
        )
        return Change(day.key, new, other, day.points.count(None), told)

    def _figures(self, days: dict[Key, _Day]) -> Staged:
        """The daily figures of whole days: of those that change, and of the others where one is not there yet."""
        staged, absent = Staged(), self._without_figure(days)
        too_large: list[tuple[Key, str]] = []
        for place, (key, day) in enumerate(days.items()):
            figures = daily(self.curves[key.curve], key.day, day.points)
            if any(abs(amount) > LARGEST_SCALED_VALUE for _one, amount in figures):
                too_large.append((key, _("the figures of its day are larger than anything that can be recorded")))
                continue
            for indicator, amount in figures:
                if day.changed or (key, indicator.pk) in absent:
                    cell = indicator.pk, self.scenarios[key.scenario], key.organisation, key.day
                    staged.add(place, cell, "day", amount, [])
        for key, message in too_large:
            self._drop(key, "", message)
            del days[key]
        return staged

    def _without_figure(self, days: dict[Key, _Day]) -> set[tuple[Key, int]]:
        """(curve, daily indicator) of unchanged days that have no such figure: the curve was given one since."""
        unchanged = {key: day for key, day in days.items() if not day.changed and day.is_whole}
        return set(
            self._asked(
                unchanged,
                "SELECT w.place, i.id FROM wanted w CROSS JOIN LATERAL unnest(curves_daily(w.curve)) AS i (id)"
                " WHERE NOT EXISTS (SELECT FROM filing_fact f WHERE f.superseded_by_id IS NULL"
                "  AND f.indicator_id = i.id AND f.scenario_id = w.scenario"
                "  AND f.organisation_id = w.organisation AND f.period = w.day)",
            )
        )

    def _store(self, batch: Batch, changed: list[_Day]) -> None:
        columns = self._columns([day.key for day in changed])
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE curves_curveday d SET superseded_by_id = %s"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[])"
                "  AS w (curve, scenario, organisation, day)"
                " WHERE d.superseded_by_id IS NULL AND d.indicator_id = w.curve AND d.scenario_id = w.scenario"
                " AND d.organisation_id = w.organisation AND d.day = w.day",
                [batch.pk, *columns],
            )
            with cursor.copy(
                "COPY curves_curveday (indicator_id, scenario_id, organisation_id, day, batch_id, points, state)"
                " FROM STDIN"
            ) as copy:
                for day, row in zip(changed, zip(*columns, strict=True), strict=True):
                    copy.write_row((*row, batch.pk, _array(day.points), int(State.LOCKED)))


def _array(points: Points) -> str:
    return "{" + ",".join("NULL" if point is None else str(point) for point in points) + "}"


def daily(curve: Curve, on: date, points: Points) -> list[tuple[Indicator, int]]:
    """The figures of a day as they are stored, rounded half up to the decimals of that day; none while points miss."""
    values = [None if point is None else Fraction(point, 10**curve.precision) for point in points]
    day = day_of(values, Unit(curve.unit))
    if day is None:
        return []
    found: list[tuple[Indicator, int]] = []
    for part, indicator in parts_of(curve).items():
        unit = parse_unit((Unit.MWH if part == "energy" else Unit.MW).value)
        value = getattr(day, part) * unit.in_terms_of(parse_unit(str(indicator.unit)))
        decimals = indicator.decimals(on)
        found.append((indicator, half_up(value, decimals) * 10 ** (int(indicator.scale) - decimals)))
    return found
