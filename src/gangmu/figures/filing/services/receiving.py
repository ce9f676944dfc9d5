"""Values from interfaces 接口: kept beside the cells as proposals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import FILE, scope_for
from gangmu.figures.filing.definitions import Item
from gangmu.figures.filing.entry import Column, read_entry
from gangmu.figures.filing.staging import hold_scales
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period, PeriodError
from gangmu.foundation.settings import clock, textfiles
from gangmu.foundation.settings.textfiles import Problem

SOURCE_LENGTH = 80
COLUMNS = ("organisation", "indicator", "period", "value")


@dataclass(frozen=True)
class Value:
    """One value as an interface gives it: codes, a period's code, and the figure as text."""

    organisation: str
    indicator: str
    period: str
    value: str


@dataclass
class Answer:
    """What became of values: how many are kept, and why others are not, by their place in what was given."""

    received: int = 0
    faults: dict[int, str] = field(default_factory=dict)


_UPSERT = """
    INSERT INTO filing_received (organisation_id, indicator_id, period, source, value, received_at)
    SELECT one, two, day, %s, given, %s FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::bigint[])
        AS r (one, two, day, given)
    ON CONFLICT (organisation_id, indicator_id, period, source) DO UPDATE
        SET value = EXCLUDED.value, received_at = EXCLUDED.received_at
"""


@transaction.atomic
def receive(values: Sequence[Value], *, source: str, by: User | None, scope: Scope | None = None) -> Answer:
    """Keep values from `source` as proposals beside the cells; a newer value of a source replaces its older one.

    Faulty values are told and left out; the others are kept.
    """
    held = scope_for(by, scope)
    hold_scales()
    answer = Answer()
    codes = {value.organisation for value in values}
    organisations = {
        code: pk
        for code, pk in Organisation.objects.filter(code__in=codes).values_list("code", "pk")
        if held.may_at(FILE, pk)
    }
    indicators = {row.code: row for row in Indicator.objects.filter(code__in={value.indicator for value in values})}
    kept: dict[tuple[int, int, str], tuple[int, int, object, int]] = {}
    for place, value in enumerate(values):
        indicator, organisation_id = indicators.get(value.indicator), organisations.get(value.organisation)
        if organisation_id is None:
            answer.faults[place] = _("“%(code)s” is no organisation that you file for.") % {"code": value.organisation}
        elif indicator is None or indicator.formula:
            answer.faults[place] = _("“%(code)s” is no indicator that is filed.") % {"code": value.indicator}
        else:
            try:
                period = Period.parse(value.period)
            except PeriodError as error:
                answer.faults[place] = str(error)
                continue
            column = Column(Item(value.indicator), definition_of(indicator), day=period.end)
            read = read_entry(value.value, column)
            if period.kind != indicator.grain:
                answer.faults[place] = _("%(period)s is no period of this indicator.") % {"period": value.period}
            elif read.fault or read.value is None:
                answer.faults[place] = read.fault.text if read.fault else _("There is no value.")
            else:
                cell = (organisation_id, indicator.pk, period.code)
                kept[cell] = (organisation_id, indicator.pk, period.start, read.value)
    if kept:
        columns = [list(column) for column in zip(*kept.values(), strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [source[:SOURCE_LENGTH], clock.now(), *columns])
    answer.received = len(kept)
    return answer


@dataclass
class ReadFile:
    """What became of a file of values."""

    received: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        return _("Values: %(received)d kept as proposals, %(refused)d refused.") % {
            "received": self.received,
            "refused": len(self.problems),
        }


def receive_file(path: Path, *, source: str, by: User | None = None, scope: Scope | None = None) -> ReadFile:
    """Keep the values of a CSV file (organisation, indicator, period, value) as proposals; faulty lines are told.

    Raises:
        Unreadable: the file as a whole is no such table; nothing was kept.
    """
    result = ReadFile()
    rows = textfiles.read_rows(
        textfiles.decode(path), path.name, lambda line, _fields, words: result.problems.append(Problem(line, "", words))
    )
    first = next(rows, (1, []))
    positions = textfiles.header_positions(textfiles.trimmed(first[1]), path.name, COLUMNS)
    lines: list[int] = []
    values: list[Value] = []
    for line, read in rows:
        fields = textfiles.trimmed(read, len(positions))
        if len(fields) != len(positions):
            result.problems.append(textfiles.miscounted(line, fields, positions))
            continue
        lines.append(line)
        values.append(Value(*(fields[positions[name]].strip() for name in COLUMNS)))
    answer = receive(values, source=source, by=by, scope=scope)
    result.received = answer.received
    result.problems += [Problem(lines[place], "", words) for place, words in answer.faults.items()]
    result.problems.sort(key=lambda problem: problem.line)
    return result
