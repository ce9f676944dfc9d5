"""Cells about to be recorded, compared with those that stand, set by set in the database.

The temporary table `staging` holds one line a cell for the time of the transaction. Writers of facts take one
advisory lock, so that what was compared is still true when it is stored.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from gangmu.figures.filing.models import Batch, State
from gangmu.foundation.settings.textfiles import Problem

WRITERS_LOCK = 7411002
SCALES_LOCK = 7411003


def hold_scales() -> None:
    """Until the transaction ends, indicators keep the decimals with which they are stored: what is read with them now
    is written with them. Who locks a sheet has no need of it (see `filing_rescale`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [SCALES_LOCK])


@dataclass
class Staged:
    """Cells read from a source, in its order. `repeated` counts lines that say again what an earlier one said."""

    rows: list[tuple[int, int, int, int, date, bool, int]] = field(default_factory=list)
    fields: dict[int, list[str]] = field(default_factory=dict)
    originals: dict[int, list[str]] = field(default_factory=dict)
    repeated: int = 0

    def add(self, line: int, cell: tuple[int, int, int, date], grain: str, value: int, fields: list[str]) -> None:
        indicator, scenario, organisation, start = cell
        self.rows.append((line, indicator, scenario, organisation, start, grain == "month", value))
        self.fields[line] = fields

    def send(self, cursor: Any) -> None:
        """Fill the temporary table."""
        with cursor.copy(
            "COPY pg_temp.staging (line, indicator_id, scenario_id, organisation_id, period, days, value) FROM STDIN"
        ) as copy:
            for lines in _blocks(self):
                copy.write(lines)

    def original(self, line: int) -> list[str]:
        """The fields of a line, to be given back."""
        return self.fields[line]


@dataclass
class Outcome:
    """What `store` will do."""

    to_add: int = 0
    to_replace: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def compare(staged: Staged, *, correcting: bool, within: Collection[int] | None = None) -> Outcome:
    """Put the cells into `staging` and take out those that must not or need not be stored.

    Organisations that are not `within` (if given) are not named in what is said of the cells.
    """
    outcome = Outcome(unchanged=staged.repeated)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])
        cursor.execute("SET LOCAL timezone TO 'UTC'")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.staging")
        cursor.execute(
            "CREATE TEMPORARY TABLE staging (line int, indicator_id bigint, scenario_id smallint,"
            " organisation_id bigint, period date, days daterange, value bigint, mark smallint NOT NULL DEFAULT 0,"
            " stands bigint, stands_state smallint)"
            " ON COMMIT DROP"
        )
        staged.send(cursor)
        cursor.execute("ANALYZE pg_temp.staging")
        _refuse_absent(cursor, staged, outcome)
        _refuse_ended(cursor, staged, outcome)
        _meet_what_stands(cursor, staged, outcome, correcting)
        _refuse_closed(cursor, staged, outcome)
        _refuse_overlaps(cursor, staged, outcome, within)
        cursor.execute("SELECT count(*) FILTER (WHERE stands IS NULL), count(stands) FROM pg_temp.staging")
        outcome.to_add, outcome.to_replace = cursor.fetchone()
    return outcome


def _blocks(staged: Staged, size: int = 5000) -> Iterator[str]:
    """The cells as COPY reads them, some thousands at a time; all fields are numbers and days, nothing to escape."""
    spans: dict[tuple[date, bool], str] = {}
    for begin in range(0, len(staged.rows), size):
        lines = []
        for line, indicator, scenario, organisation, start, monthly, value in staged.rows[begin : begin + size]:
            span = spans.get((start, monthly))
            if span is None:
                span = spans[start, monthly] = f"{start}\t{_days(start, monthly)}"
            lines.append(f"{line}\t{indicator}\t{scenario}\t{organisation}\t{span}\t{value}\n")
        yield "".join(lines)


def _days(start: date, monthly: bool) -> str:
    if not monthly:
        return f"[{start},{start}]"
    following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return f"[{start},{following})"


def _refuse(cursor, staged: Staged, outcome: Outcome, rows: list[tuple[int, str, str]]) -> None:
    for line, column, message in rows:
        staged.originals[line] = staged.original(line)
        outcome.problems.append(Problem(line, column, message))
    if rows:
        cursor.execute("DELETE FROM pg_temp.staging WHERE line = ANY (%s)", [[line for line, _c, _m in rows]])


def _refuse_absent(cursor, staged: Staged, outcome: Outcome) -> None:
    """A fact needs its organisation to stand in the tree on (a day of) its period."""
    cursor.execute(
        "SELECT s.line, o.code, s.period FROM pg_temp.staging s JOIN parties_organisation o ON o.id = s.organisation_id"
        " WHERE NOT EXISTS (SELECT FROM parties_membership m"
        " WHERE m.organisation_id = s.organisation_id AND m.depth = 0 AND m.valid && s.days) ORDER BY s.line"
    )
    message = _("%(code)s did not exist on %(day)s; check the period, or load the organisation's dates first")
    _refuse(
        cursor,
        staged,
        outcome,
        [(line, "period", message % {"code": code, "day": day}) for line, code, day in cursor.fetchall()],
    )


def _refuse_ended(cursor, staged: Staged, outcome: Outcome) -> None:
    """The part of an indicator takes figures on the days of its category alone."""
    cursor.execute(
        "SELECT s.line, i.category, i.member_of, i.valid_from, i.valid_to, array("
        "  SELECT o.category FROM indicators_indicator o WHERE o.member_of = i.member_of"
        "  AND s.days && daterange(o.valid_from, o.valid_to, '[]') ORDER BY o.id)"
        " FROM pg_temp.staging s JOIN indicators_indicator i ON i.id = s.indicator_id AND i.member_of <> ''"
        " WHERE NOT s.days && daterange(i.valid_from, i.valid_to, '[]') ORDER BY s.line"
    )
    message = _(
        "the category %(category)s of %(indicator)s is used from %(first)s to %(last)s; possible in this period: "
        "%(others)s"
    )
    _refuse(
        cursor,
        staged,
        outcome,
        [
            (
                line,
                "period",
                message
                % {
                    "category": category,
                    "indicator": whole,
                    "first": first or "–",
                    "last": last or "–",
                    "others": ", ".join(others) or "–",
                },
            )
            for line, category, whole, first, last, others in cursor.fetchall()
        ],
    )


def _meet_what_stands(cursor, staged: Staged, outcome: Outcome, correcting: bool) -> None:
    cursor.execute(
        "UPDATE pg_temp.staging s SET stands = f.value, stands_state = f.state FROM filing_fact f"
        " WHERE f.superseded_by_id IS NULL AND (f.indicator_id, f.scenario_id, f.organisation_id, f.period)"
        " = (s.indicator_id, s.scenario_id, s.organisation_id, s.period)"
    )
    cursor.execute("DELETE FROM pg_temp.staging WHERE stands = value AND stands_state = %s", [State.LOCKED])
    outcome.unchanged += cursor.rowcount
    if correcting:
        return
    cursor.execute(
        "SELECT s.line, s.stands, i.scale FROM pg_temp.staging s JOIN indicators_indicator i"
        " ON i.id = s.indicator_id WHERE s.stands <> s.value ORDER BY s.line"
    )
    message = _("the cell holds %(value)s already; use --correct REASON to replace it")
    _refuse(
        cursor,
        staged,
        outcome,
        [
            (line, "value", message % {"value": decimal_text(stands, scale)})
            for line, stands, scale in cursor.fetchall()
        ],
    )


def _refuse_closed(cursor, staged: Staged, outcome: Outcome) -> None:
    """A closed month takes no figure, also no correction, until it is reopened."""
    cursor.execute("SELECT EXISTS (SELECT FROM filing_monthclosing WHERE reopened_at IS NULL)")
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        "SELECT s.line, to_char(c.month, 'YYYY-MM'), d.code, min(x.code) FROM pg_temp.staging s"
        " JOIN filing_scenario k ON k.id = s.scenario_id AND k.code = 'actual'"
        " JOIN indicators_indicator i ON i.id = s.indicator_id"
        " JOIN indicators_indicator d ON d.code = coalesce(nullif(i.settles, ''), i.code)"
        " JOIN filing_monthclosing c ON c.indicator_id = d.id AND c.reopened_at IS NULL"
        "  AND c.month = date_trunc('month', s.period)::date"
        " JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.organisation_id = s.organisation_id"
        "  AND m.valid && daterange(c.month, (c.month + interval '1 month')::date)"
        " JOIN parties_organisation x ON x.id = c.organisation_id GROUP BY 1, 2, 3 ORDER BY 1"
    )
    message = _(
        "%(month)s is closed for %(indicator)s at %(closed_at)s; nothing was changed. Reopen it first: "
        "gangmu months reopen --indicator %(indicator)s --organisation %(closed_at)s --month %(month)s --reason …"
    )
    _refuse(
        cursor,
        staged,
        outcome,
        [
            (line, "period", message % {"month": month, "indicator": indicator, "closed_at": closed_at})
            for line, month, indicator, closed_at in cursor.fetchall()
        ],
    )


def decimal_text(scaled: int, precision: int) -> str:
    """An integer in units of 10^-precision as decimal text."""
    digits = str(abs(scaled)).rjust(precision + 1, "0")
    whole, decimals = digits[: len(digits) - precision], digits[len(digits) - precision :]
    return ("-" if scaled < 0 else "") + whole + ("." + decimals if precision else "")


# Organisations of the lines, and those that stand above or below them, as pairs (upper, lower, days).
RELATED = """
CREATE TEMPORARY TABLE related ON COMMIT DROP AS
SELECT m.ancestor_id AS upper_id, m.organisation_id AS lower_id, m.valid
FROM parties_membership m
WHERE m.depth > 0
  AND (m.ancestor_id IN (SELECT organisation_id FROM pg_temp.staging)
       OR m.organisation_id IN (SELECT organisation_id FROM pg_temp.staging))
  AND (m.ancestor_id IN (SELECT organisation_id FROM pg_temp.filers)
       AND m.organisation_id IN (SELECT organisation_id FROM pg_temp.filers))
"""


def _refuse_overlaps(cursor, staged: Staged, outcome: Outcome, within: Collection[int] | None) -> None:
    """Facts of one indicator, period and scenario at an organisation and at one below it count twice: refused."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.related, pg_temp.filers")
    cursor.execute(
        "CREATE TEMPORARY TABLE filers ON COMMIT DROP AS SELECT DISTINCT organisation_id FROM pg_temp.staging"
    )
    # one probe an organisation instead of a walk through the facts
    cursor.execute(
        "INSERT INTO pg_temp.filers SELECT DISTINCT m.other FROM ("
        " SELECT ancestor_id AS other FROM parties_membership"
        "  WHERE depth > 0 AND organisation_id IN (SELECT organisation_id FROM pg_temp.filers)"
        " UNION SELECT organisation_id FROM parties_membership"
        "  WHERE depth > 0 AND ancestor_id IN (SELECT organisation_id FROM pg_temp.filers)) m"
        " WHERE m.other NOT IN (SELECT organisation_id FROM pg_temp.filers)"
        " AND EXISTS (SELECT FROM (SELECT DISTINCT indicator_id, scenario_id FROM pg_temp.staging) k"
        "  WHERE EXISTS (SELECT FROM filing_fact f WHERE f.superseded_by_id IS NULL"
        "   AND f.indicator_id = k.indicator_id AND f.scenario_id = k.scenario_id AND f.organisation_id = m.other))"
    )
    cursor.execute(RELATED)
    cursor.execute("ANALYZE pg_temp.related")
    cursor.execute("SELECT count(*) FROM pg_temp.related")
    if not cursor.fetchone()[0]:
        return
    _refuse_against_standing(cursor, staged, outcome, within)
    _refuse_against_each_other(cursor, staged, outcome)


def _refuse_against_standing(cursor, staged: Staged, outcome: Outcome, within: Collection[int] | None) -> None:
    cursor.execute(
        "SELECT DISTINCT ON (c.line) c.line, o.id, o.code FROM ("
        "  SELECT s.*, r.lower_id AS other_id FROM pg_temp.staging s"
        "  JOIN pg_temp.related r ON r.upper_id = s.organisation_id AND r.valid && s.days"
        "  UNION ALL SELECT s.*, r.upper_id FROM pg_temp.staging s"
        "  JOIN pg_temp.related r ON r.lower_id = s.organisation_id AND r.valid && s.days) c"
        " CROSS JOIN LATERAL ("  # there is but one; the limit makes it one look into the index
        "  SELECT f.organisation_id FROM filing_fact f WHERE f.superseded_by_id IS NULL"
        "   AND f.indicator_id = c.indicator_id AND f.scenario_id = c.scenario_id"
        "   AND f.organisation_id = c.other_id AND f.period = c.period LIMIT 1) f"
        " JOIN parties_organisation o ON o.id = f.organisation_id ORDER BY c.line, o.code"
    )
    message = _("%(other)s, above or below it, has a fact for this already; it would count twice")
    _refuse(
        cursor,
        staged,
        outcome,
        [
            (
                line,
                "organisation",
                message % {"other": code if within is None or pk in within else _("another organisation")},
            )
            for line, pk, code in cursor.fetchall()
        ],
    )


def _refuse_against_each_other(cursor, staged: Staged, outcome: Outcome) -> None:
    cursor.execute(
        "SELECT greatest(a.line, b.line), least(a.line, b.line)"
        " FROM pg_temp.staging a JOIN pg_temp.related r ON r.upper_id = a.organisation_id AND r.valid && a.days"
        " JOIN pg_temp.staging b ON b.organisation_id = r.lower_id AND b.indicator_id = a.indicator_id"
        "  AND b.scenario_id = a.scenario_id AND b.period = a.period ORDER BY 1, 2"
    )
    refused: dict[int, int] = {}
    for later, earlier in cursor.fetchall():
        if earlier not in refused:
            refused.setdefault(later, earlier)
    message = _("line %(line)d files the same for an organisation above or below it; it would count twice")
    _refuse(
        cursor,
        staged,
        outcome,
        [(line, "organisation", message % {"line": earlier}) for line, earlier in sorted(refused.items())],
    )


def store(batch: Batch, state: State) -> None:
    """Record what is left in `staging` as revisions of `batch`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_temp.staging WHERE stands IS NOT NULL)")
        if cursor.fetchone()[0]:
            cursor.execute(
                "UPDATE filing_fact f SET superseded_by_id = %s FROM pg_temp.staging s"
                " WHERE s.stands IS NOT NULL AND f.superseded_by_id IS NULL"
                " AND (f.indicator_id, f.scenario_id, f.organisation_id, f.period)"
                " = (s.indicator_id, s.scenario_id, s.organisation_id, s.period)",
                [batch.pk],
            )
        cursor.execute(
            "INSERT INTO filing_fact"
            " (indicator_id, scenario_id, organisation_id, period, batch_id, value, state, mark)"
            " SELECT indicator_id, scenario_id, organisation_id, period, %s, value, %s, mark FROM pg_temp.staging",
            [batch.pk, int(state)],
        )
