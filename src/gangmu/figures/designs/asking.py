"""From the expressions of a design to one batch of questions, and from the answers back to values.

The cube's gateway answers in production; it is known here by the protocol `Figures` alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext as _

from gangmu.figures.designs.errors import DesignRefused
from gangmu.figures.designs.tree import Against, Figure, PartKind, Place, Repeat, Shows, ToDate, When
from gangmu.figures.designs.vocabulary import Named
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period

MOST_ASKED = 20_000  # distinct figures, a repeated block counting once
MOST_MEMBERS = 5_000
PLAN = "plan"
ACTUAL = "actual"


@dataclass(frozen=True, slots=True)
class Question:
    """As the cube's: every combination of indicators, organisations and periods is answered, with one row for each
    member if `by` says so. Periods are codes; `compare` is a comparison of the cube."""

    indicators: tuple[str, ...]
    organisations: tuple[str, ...]
    periods: tuple[str, ...]
    by: str | None = None
    compare: str | None = None
    at_least: str = "filed"
    scenario: str = ACTUAL


@dataclass(frozen=True, slots=True)
class Compared:
    """What a figure is compared with; `rate` as a fraction. `word`: the code of what is said where a rate makes no
    sense (扭亏)."""

    value: str | None
    change: str | None
    rate: str | None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One answered figure; decimal texts, as the cube rounded them."""

    organisation: str
    group: str | None
    indicator: str
    period: str
    value: str | None
    unit: str
    reported: int
    expected: int
    state: str | None
    compare: Compared | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """Whose members a repeated block has: children, fuels, provinces or kinds of an organisation in a period."""

    organisation: str
    by: str
    period: str


class Figures(Protocol):
    """Who answers. Each method is called at most once for a filling."""

    def members(self, wanted: Sequence[Members]) -> Sequence[Sequence[Named]]:
        """The members of each, in the order of rows."""
        ...

    def figures(self, questions: Sequence[Question]) -> Sequence[Sequence[Row]]:
        """The rows of each question."""
        ...


@dataclass(frozen=True)
class Issue:
    """What is being filled: which report, of whom, for when, in which edition and language."""

    title: str
    organisation: Named
    period: Period
    language: str = "zh-hans"
    edition: int | None = None
    printed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One figure, or with `by` one for each member, before it is put together with others."""

    indicator: str
    organisation: str
    by: str
    period: str
    compare: str | None
    at_least: str
    scenario: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one expression in one row needs: rows by what was asked, and the group in them."""

    value: Asked | None
    plan: Asked | None
    group: str | None


def period_of(when: When, report: Period) -> Period | None:
    """The period that is meant; None where there is none, such as the 30th of February."""
    try:
        period = Period.parse(when.code) if when.code else report
        if when.part is not None:
            part = _part(when.part, when.number, period)
            if part is None:
                return None
            period = part
        if when.previous:
            period = period.previous()
        if when.to_date == ToDate.YEAR:
            return period.to_date_year_ago() if when.year_ago else period.to_date()
        if when.year_ago:
            period = period.year_ago()
        return period.month_to_date() if when.to_date == ToDate.MONTH else period
    except PeriodError:
        return None


def _part(kind: PartKind, number: int, period: Period) -> Period | None:
    parts = list(period.iter_inside(Kind(kind.value)))
    return parts[number - 1] if number <= len(parts) and parts else None


def wanted(figure: Figure, issue: Issue, block: Repeat | None, member: Named | None) -> Wanted:
    """What a figure needs in the row of a member, or outside any block."""
    where = figure.where
    own = issue.organisation.code
    organisation, by, group = own, where.by, where.group or None
    if where.place == Place.NAMED:
        organisation = where.organisation
    elif where.place == Place.HERE and block is not None and member is not None:
        if where.by:  # of a child again; other blocks were refused with the design
            organisation = member.code
        else:
            organisation, by, group = block.organisation or own, block.by, member.code
    period = period_of(figure.when, issue.period)
    if period is None:
        return Wanted(None, None, group)
    compare, code = _compared(figure, issue, period)
    of_plan = figure.shows in {Shows.PLAN, Shows.PROGRESS, Shows.PLAN_CHANGE}
    scenario = ACTUAL if of_plan else figure.scenario or ACTUAL
    value = Asked(figure.indicator, organisation, by, code, compare, figure.at_least, scenario)
    if not of_plan:
        return Wanted(value, None, group)
    plan = replace(value, scenario=figure.scenario or PLAN, at_least="filed")
    return Wanted(None if figure.shows == Shows.PLAN else value, plan, group)


def _compared(figure: Figure, issue: Issue, period: Period) -> tuple[str | None, str]:
    """The cube's comparison and the period to ask for. Of the year to date the cube compares by its own rule."""
    if figure.against is None:
        return None, period.code
    if figure.against == Against.YEAR_AGO and figure.when.to_date == ToDate.YEAR and not figure.when.year_ago:
        base = period_of(replace(figure.when, to_date=None), issue.period)
        if base is not None:
            return "to-date-year-ago", base.code
    return str(figure.against), period.code


def batched(asked: Iterable[Asked]) -> list[Question]:
    """The fewest whole questions that ask for exactly these figures, each once.

    A figure that is also wanted with a comparison is read from that row.
    """
    alone = set(asked)
    if len(alone) > MOST_ASKED:
        raise DesignRefused(
            _("The design asks for %(count)d figures; at most %(most)d are answered at once. Split it.")
            % {"count": len(alone), "most": MOST_ASKED}
        )
    alone = {served_by(one, alone) for one in alone}
    indicators: dict[tuple[str, str, str, str | None, str, str], list[str]] = defaultdict(list)
    for one in alone:
        key = (one.organisation, one.by, one.period, one.compare, one.at_least, one.scenario)
        indicators[key].append(one.indicator)
    periods = defaultdict(list)
    for (organisation, by, period, compare, at_least, scenario), codes in indicators.items():
        apart = period if compare == "to-date-year-ago" else ""  # its rows tell another period
        periods[tuple(sorted(codes)), organisation, by, compare, at_least, scenario, apart].append(period)
    organisations = defaultdict(list)
    for (codes, organisation, by, compare, at_least, scenario, _apart), found in periods.items():
        organisations[codes, tuple(sorted(found)), by, compare, at_least, scenario].append(organisation)
    questions = [
        Question(codes, tuple(sorted(found)), spans, by or None, compare, at_least, scenario)
        for (codes, spans, by, compare, at_least, scenario), found in organisations.items()
    ]
    return sorted(questions, key=str)


def served_by(one: Asked, among: Iterable[Asked] | set[Asked]) -> Asked:
    """The figure itself, or the same with a comparison that is asked for anyway."""
    if one.compare is None and isinstance(among, set):
        for compare in (str(Against.YEAR_AGO), str(Against.PREVIOUS)):
            other = replace(one, compare=compare)
            if other in among:
                return other
    return one


@dataclass
class Answers:
    """The rows that were answered, found again by what was asked."""

    rows: dict[tuple[Asked, str | None], Row] = field(default_factory=dict)
    asked: set[Asked] = field(default_factory=set)

    def row(self, asked: Asked | None, group: str | None) -> Row | None:
        return None if asked is None else self.rows.get((served_by(asked, self.asked), group))


def answered(asked: set[Asked], figures: Figures) -> Answers:
    """Ask for everything at once.

    Raises:
        DesignRefused: more is asked for than is answered at once.
    """
    questions = batched(asked)
    answers = Answers(asked=asked)
    if not questions:
        return answers
    for question, rows in zip(questions, figures.figures(questions), strict=True):
        by = question.by or ""
        for row in rows:
            period = question.periods[0] if question.compare == "to-date-year-ago" else row.period
            key = Asked(
                row.indicator, row.organisation, by, period, question.compare, question.at_least, question.scenario
            )
            answers.rows[key, row.group] = row
    return answers


def members_of(repeats: Sequence[Repeat], issue: Issue, figures: Figures) -> Mapping[Repeat, Sequence[Named]]:
    """The members of every block, asked together.

    Raises:
        DesignRefused: a block would become longer than a report may be.
    """
    distinct = list(dict.fromkeys(replace(one, rows=1) for one in repeats))
    if not distinct:
        return {}
    asked = [Members(one.organisation or issue.organisation.code, one.by, issue.period.code) for one in distinct]
    found = dict(zip(distinct, figures.members(asked), strict=True))
    if any(len(members) > MOST_MEMBERS for members in found.values()):
        raise DesignRefused(_("A block would be repeated more than %(most)d times.") % {"most": MOST_MEMBERS})
    return {one: found[replace(one, rows=1)] for one in repeats}
