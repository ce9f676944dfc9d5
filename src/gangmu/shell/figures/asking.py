"""What a look-up asks for: read from the address, completed with defaults, written into addresses again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from gangmu.figures.cube.gateway import CannotAnswer, Question, ask
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.figures.places import PlaceGroup

KINDS = (Kind.DAY, Kind.WEEK, Kind.TEN_DAY, Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR)
SHOWN_AT_FIRST = 4
MOST_INDICATORS = 40
DAYS_BACK, MONTHS_BACK = 62, 24
DEFAULTS = {
    "by": "",
    "compare": "",
    "structure": "then",
    "at_least": "filed",
    "scenario": "actual",
    "scope": "",
    "unit": "",
    "tax": "",
}


@dataclass(frozen=True)
class Asked:
    """One look-up. Empty texts are nothing asked; `question` and addresses leave them out."""

    indicators: tuple[str, ...]
    organisation: str
    period: str
    by: str = ""
    compare: str = ""
    structure: str = "then"
    at_least: str = "filed"
    scenario: str = "actual"
    scope: str = ""
    unit: str = ""
    tax: str = ""

    @classmethod
    def of(cls, parameters: QueryDict) -> "Asked":
        """As the address says it; nothing is corrected, so that a faulty entry can be shown again."""
        texts = {name: parameters.get(name, "").strip() or default for name, default in DEFAULTS.items()}
        asked = dict.fromkeys(code.strip() for code in parameters.getlist("indicator") if code.strip())
        organisation, period = (parameters.get(name, "").strip() for name in ("organisation", "period"))
        return cls(tuple(asked)[:MOST_INDICATORS], organisation, period, **texts)

    def question(self, *, by: bool = True) -> Question:
        """For the gateway; without `by`, the total."""
        return Question(
            indicators=self.indicators,
            organisations=(self.organisation,),
            periods=(self.period,),
            by=(self.by or None) if by else None,
            compare=self.compare or None,
            structure=self.structure,
            at_least=self.at_least,
            scenario=self.scenario,
            scope=self.scope or None,
            unit=self.unit or None,
            tax=self.tax or None,
        )

    def but(self, **changes: str) -> str:
        """The query string of this look-up with something changed, without what would be so anyway."""
        changed = replace(self, **changes)
        parts = [("indicator", code) for code in changed.indicators]
        parts += [("organisation", changed.organisation), ("period", changed.period)]
        parts += [(name, getattr(changed, name)) for name, default in DEFAULTS.items()]
        return urlencode([(name, value) for name, value in parts if value and value != DEFAULTS.get(name)])


def completed(asked: Asked, known: Sequence[Indicator], places: Sequence[PlaceGroup], scope: Scope) -> Asked:
    """With the first indicators, the highest organisation and the latest day that has figures, where none is asked."""
    indicators = asked.indicators or tuple(str(one.code) for one in known[:SHOWN_AT_FIRST])
    first = places[0].places[0].code if places and places[0].places else ""
    asked = replace(asked, indicators=indicators, organisation=asked.organisation or first)
    if asked.period or not asked.indicators or not asked.organisation:
        return asked
    return replace(asked, period=_latest(asked, scope))


def _latest(asked: Asked, scope: Scope) -> str:
    """The latest day with figures up to yesterday; of indicators filed by month alone, the latest month."""
    yesterday = Period.day(clock.today() - timedelta(days=1))
    days = _back(yesterday, DAYS_BACK)
    try:
        found = _latest_reported(asked, days, scope)
        if found is None:
            found = _latest_reported(asked, _back(Period.of(Kind.MONTH, yesterday.start), MONTHS_BACK), scope)
            if found is not None:
                month = Period.parse(found)
                every_day = (month.start + timedelta(days=number) for number in reversed(range(month.days)))
                found = _latest_reported(asked, [Period.day(day).code for day in every_day], scope) or found
    except (CannotAnswer, PeriodError):
        return yesterday.code  # whatever is wrong will be said of the question itself
    return found or yesterday.code


def _back(last: Period, count: int) -> list[str]:
    periods = [last]
    while len(periods) < count:
        periods.append(periods[-1].previous())
    return [period.code for period in periods]


def _latest_reported(asked: Asked, periods: Sequence[str], scope: Scope) -> str | None:
    rows = ask(Question(asked.indicators, (asked.organisation,), tuple(periods)), scope).rows
    reported = {row.period for row in rows if row.reported}
    return next((code for code in periods if code in reported), None)


@dataclass(frozen=True)
class Step:
    """A kind of period to switch to, or a neighbour: its code, and whether it is the one shown."""

    kind: str
    code: str
    active: bool = False


def kinds_of(period: Period | None) -> list[Step]:
    """The same time in periods of other kinds: the one that holds the last day shown, at most today's."""
    today = clock.today()
    day = min(period.end, today - timedelta(days=1)) if period else today - timedelta(days=1)
    day = max(day, period.start) if period else day
    found = []
    for kind in KINDS:
        active = bool(period) and period is not None and period.kind == kind
        found.append(Step(str(kind), period.code if active and period else Period.of(kind, day).code, active))
    return found


def neighbours(period: Period | None) -> tuple[str, str]:
    """The codes before and after; empty where the known years end."""
    found: list[str] = []
    for move in ("previous", "next"):
        try:
            found.append(getattr(period, move)().code if period else "")
        except PeriodError:
            found.append("")
    return found[0], found[1]


def parsed(code: str) -> Period | None:
    """The period, or None for what is none (the gateway says what is wrong with it)."""
    try:
        return Period.parse(code) if code else None
    except PeriodError:
        return None


def last_day(period: Period | None) -> date:
    return period.end if period else clock.today()
