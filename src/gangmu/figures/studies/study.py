"""A whole study: the figure, and each part of the analysis or why there is none of it."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import AnalysisError
from gangmu.figures.analysis.outliers import Judged
from gangmu.figures.analysis.records import Standing
from gangmu.figures.analysis.words import decimal, in_unit
from gangmu.figures.cube.exactly import Figures, Side, exactly
from gangmu.figures.cube.gateway import REFUSALS, ask_all
from gangmu.figures.cube.measure import Measure
from gangmu.figures.cube.question import Question, Row
from gangmu.figures.filing.models import Scenario
from gangmu.figures.scopes.queries import book
from gangmu.figures.studies import course
from gangmu.figures.studies.asked import Asked
from gangmu.figures.studies.course import MonthEnd, PlanLine
from gangmu.figures.studies.errors import StudyError
from gangmu.figures.studies.factoring import FactorTable, factor_table
from gangmu.figures.studies.parts import Contributions, Place, contributions, places
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import AttributeValue, Organisation
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

REFUSED = (StudyError, AnalysisError, *REFUSALS)
ACTUAL = "actual"
T = TypeVar("T")


@dataclass(frozen=True)
class Section(Generic[T]):
    """A part of a study; without a `value`, `problem` says why."""

    value: T | None = None
    problem: str = ""
    is_slow: bool = False  # not made, since it takes seconds; who wants it asks for it


@dataclass(frozen=True)
class Study:
    """`row` and `base_row` are the gateway's, as everywhere else."""

    asked: Asked
    measure: Measure
    base: Period
    period: Period
    row: Row
    base_row: Row
    question: Question
    factors: Section[FactorTable]
    contributions: Section[Contributions]
    places: Section[tuple[Place, ...]]
    own_past: Judged | None
    records: tuple[Standing, Standing] | None
    plans: Section[tuple[PlanLine, ...]]
    month_end: Section[MonthEnd]
    plan_scenarios: tuple[str, ...]

    @property
    def change(self) -> Decimal | None:
        if self.row.value is None or self.base_row.value is None:
            return None
        return Decimal(self.row.value) - Decimal(self.base_row.value)


def study(asked: Asked, scope: Scope) -> Study:
    """Everything that is told of a figure.

    Raises:
        CannotAnswer, PeriodError, FormulaError: as `gateway.ask`.
        StudyError: an option that does not exist; by the statistical scope nobody counts.
    """
    asked.check()
    base, period = asked.periods()
    both = asked.question((base, period))
    (answer,) = ask_all([both], scope)
    if isinstance(answer, Exception):
        raise answer
    rows = {row.period: row for row in answer.rows}
    if asked.scope and not any(row.expected or row.reported for row in answer.rows):
        words = {"scope": str(book()[asked.scope].name), "organisation": asked.organisation}
        raise StudyError(_("By the scope “%(scope)s” nobody of %(organisation)s counts in this period.") % words)
    month, year, through = course.running(period)
    scenarios = tuple(Scenario.objects.exclude(code=ACTUAL).order_by("code").values_list("code", flat=True))
    chosen = asked.plan or _plan(scenarios)
    total, parts, past, history = exactly(
        [
            both,
            asked.question((base, period), by=True),
            asked.question(course.comparables(period)),
            asked.question(course.history(period)),
        ],
        scope,
    )
    if not isinstance(total, Figures):
        raise total
    measure = total.measure
    return Study(
        asked,
        measure,
        base,
        period,
        _told(rows[period.code], total.sides[1], measure.precision),
        _told(rows[base.code], total.sides[0], measure.precision),
        both,
        _section(lambda: factor_table(total, parts if isinstance(parts, Figures) else None, asked.order, asked.method)),
        _section(lambda: contributions(total, _known(parts))),
        _section(lambda: places(_known(parts), asked.best, _peers(asked, measure, _known(parts)))),
        course.judged([side.values.fraction(0) for side in past.sides], course.comparables(period))
        if isinstance(past, Figures)
        else None,
        course.records(history) if isinstance(history, Figures) else None,
        _section(lambda: _plans(asked, measure, chosen, (month, year), through, scope)),
        Section(is_slow=True)
        if _is_by_cell(measure) and not asked.forecast
        else _section(lambda: _month_end(asked, measure, month, through, scope)),
        scenarios,
    )


def _told(row: Row, side: Side, digits: int) -> Row:
    """The row with the decimals of the study, the finer ones of its two periods: effects add up to the change."""
    value = side.fractions()[0]
    return row if value is None or row.value is None else replace(row, value=decimal(value, digits))


def _section(make: Callable[[], T]) -> Section[T]:
    try:
        return Section(make())
    except REFUSED as error:
        return Section(problem=str(error))


def _known(figures: Figures | Exception) -> Figures:
    if isinstance(figures, Figures):
        return figures
    raise figures


def _plan(scenarios: tuple[str, ...]) -> str:
    """The scenario that is the plan, when nobody says which: the last whose name says so."""
    return next((code for code in reversed(scenarios) if code.startswith("plan")), "")


def _peers(asked: Asked, measure: Measure, parts: Figures) -> Mapping[str | None, Hashable] | None:
    """Who is like whom: organisations of one kind and fuel. Figures that size decides have no peers."""
    if asked.by != "children" or not (measure.is_result or measure.over_organisations in ("weighted", "mean")):
        return None
    codes = [label for label in parts.labels if label]
    kinds = dict(Organisation.objects.filter(code__in=codes).values_list("code", "kind"))
    fuels = AttributeValue.objects.filter(
        organisation__code__in=codes, name="fuel", valid__contains=clock.today()
    ).values_list("organisation__code", "value")
    fuel_of = dict(fuels)
    return {code: (kinds.get(code), fuel_of.get(code)) for code in codes}


def _plans(
    asked: Asked, measure: Measure, scenario: str, periods: tuple[Period, Period], through: Any, scope: Scope
) -> tuple[PlanLine, ...]:
    _require_sum(measure)
    if not scenario:
        raise StudyError(_("No plan has been filed yet."))
    so_far = [Period.span(one.start, through) if through < one.end else one for one in periods]
    planned, done = exactly([asked.question(periods, scenario=scenario), asked.question(so_far)], scope)
    plan, actual = _known(planned), _known(done)
    asked_days = [] if _is_by_cell(measure) else so_far  # of those every day that is over counts as reported
    days = exactly([asked.question([Period.day(day) for day in one.iter_days()]) for one in asked_days], scope)
    found = []
    for place, one in enumerate(periods):
        each = days[place] if days else None
        reported = sum(1 for side in each.sides if side.reported[0]) if isinstance(each, Figures) else None
        try:
            found.append(
                course.plan_line(
                    one,
                    plan.sides[place].values.fraction(0),
                    actual.sides[place].values.fraction(0),
                    through,
                    reported,
                    measure.precision,
                )
            )
        except (StudyError, AnalysisError):
            if place == len(periods) - 1 and not found:
                raise
    return tuple(found)


def _month_end(asked: Asked, measure: Measure, month: Period, through: Any, scope: Scope) -> MonthEnd:
    _require_sum(measure)
    periods = course.days_for_forecast(month, through, course.FEW_YEARS if _is_by_cell(measure) else course.YEARS)
    (found,) = exactly([asked.question(periods)], scope)
    daily = {side.period.start: side.values.fraction(0) for side in _known(found).sides}
    return course.month_end(daily, month, through, measure.precision)


def _is_by_cell(measure: Measure) -> bool:
    return measure.program is not None and not measure.is_result


def _require_sum(measure: Measure) -> None:
    if measure.over_time != "sum" or str(measure.grain) != str(Kind.DAY):
        raise StudyError(_("Progress and forecast are of daily figures that add up over time; this is none."))


def as_json(one: Study) -> dict[str, Any]:
    """The study as the command line prints it: figures as decimal text, words in the active language."""
    factors, made, ends = one.factors.value, one.contributions.value, one.month_end.value
    return {
        "indicator": one.measure.code,
        "unit": one.measure.unit,
        "organisation": one.asked.organisation,
        **({"scope": one.asked.scope} if one.asked.scope else {}),
        "period": one.period.code,
        "base_period": one.base.code,
        "value": one.row.value,
        "base": one.base_row.value,
        "change": _text(one.change),
        "factors": {
            "method": factors.method,
            "order": list(factors.order),
            "effects": [factor.as_json() for factor in factors.factors],
            "parts": [
                {
                    "group": part.label,
                    "change": _text(part.change),
                    "effects": [_text(effect) for effect in part.effects],
                    **({"problem": part.problem} if part.problem else {}),
                }
                for part in factors.parts
            ],
        }
        if factors
        else {"problem": one.factors.problem},
        "contributions": [
            {
                "group": None if line.is_rest else line.label,
                "rest": line.is_rest,
                **{name: _text(getattr(line, name)) for name in
                   ("base", "actual", "change", "pull", "share", "mix", "rate")},
            }
            for line in made.lines
        ]
        if made
        else {"problem": one.contributions.problem},
        "ranking": [
            {"group": line.label, "place": line.ranked.place, "value": _text(line.actual), "moved": line.moved,
             "words": str(line.ranked.words()), "outlier": bool(line.judged and line.judged.stands_out)}
            for line in one.places.value or ()
        ],
        "own_past": _judged_words(one),
        "records": [str(words) for words in record_words(one)],
        "plan": [
            {"period": line.period.code, "plan": _text(line.plan), "done": _text(line.done),
             "completion": _part(line.progress.completion), "time": _part(line.progress.time)}
            for line in one.plans.value or ()
        ] or {"problem": one.plans.problem},
        "month_end": [
            {
                "method": str(told.method),
                "value": None if told.value is None else decimal(told.value, one.measure.precision),
                "mean_error": None if told.past is None else _part(told.past.mean),
            }
            for told in ends.forecasts
        ]
        if ends
        else {"problem": one.month_end.problem},
    }  # fmt: skip


def record_words(one: Study) -> list[Any]:
    """What is worth saying of the figure among its records."""
    found = [course.record_words(end, one.period) for end in one.records or () if one.period.kind in course.BACK]
    return [words for words in found if words is not None]


def _judged_words(one: Study) -> str | None:
    return str(one.own_past.words(one.measure.precision, in_unit(one.measure.unit))) if one.own_past else None


def _part(value: Any) -> str:
    return decimal(value, 6)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
