"""What an expression comes to: a number, a date or a text, and of a figure where it comes from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from gangmu.figures.analysis.changes import in_words
from gangmu.figures.designs.asking import Answers, Issue, Row, Wanted, period_of
from gangmu.figures.designs.tree import Figure, Head, Heading, Shows
from gangmu.figures.designs.vocabulary import Named, Vocabulary
from gangmu.figures.designs.words import STATES, written
from gangmu.figures.indicators.tiers import tens_between
from gangmu.figures.indicators.unitwords import unit_words

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
RATE_DECIMALS = 6
SHARES = {Shows.RATE, Shows.PROGRESS, Shows.COVERAGE_RATE}


@dataclass(frozen=True, slots=True)
class Origin:
    """Of what a figure is, for the page's link to its explanation, marks and the comparison of editions."""

    indicator: str
    organisation: str
    by: str
    group: str | None
    period: str
    compare: str | None
    at_least: str
    scenario: str
    shows: Shows
    state: str | None
    reported: int
    expected: int


@dataclass(frozen=True, slots=True)
class Value:
    content: Decimal | int | str | date | datetime | None = None
    origin: Origin | None = None
    is_share: bool = False


def of_figure(figure: Figure, need: Wanted, answers: Answers, vocabulary: Vocabulary, issue: Issue) -> Value:
    if figure.shows == Shows.NAME:
        return Value(vocabulary.indicators.by_code[figure.indicator].name(issue.language))
    row, plan = answers.row(need.value, need.group), answers.row(need.plan, need.group)
    asked = need.value or need.plan
    if asked is None:
        return Value()
    shown = row or plan
    origin = Origin(
        figure.indicator, asked.organisation, asked.by, need.group, asked.period, asked.compare, asked.at_least,
        asked.scenario, figure.shows, shown.state if shown else None,
        shown.reported if shown else 0, shown.expected if shown else 0,
    )  # fmt: skip
    content = _content(figure, row, plan, issue.language)
    if figure.unit and shown is not None:
        content = _in_unit(content, figure, shown.unit)
    return Value(content, origin, figure.shows in SHARES)


def _content(figure: Figure, row: Row | None, plan: Row | None, language: str) -> Decimal | int | str | None:
    if figure.shows in {Shows.PLAN, Shows.PROGRESS, Shows.PLAN_CHANGE}:
        return _of_plan(figure.shows, _decimal(row.value if row else None), _decimal(plan.value if plan else None))
    if row is None:
        return None
    match figure.shows:
        case Shows.VALUE:
            return _decimal(row.value)
        case Shows.CHANGE:
            return _decimal(row.compare.change) if row.compare else None
        case Shows.RATE:
            if row.compare is None:
                return None
            return _decimal(row.compare.rate) if row.compare.rate is not None else _said(row.compare.word, language)
        case Shows.STATE:
            return written(STATES[row.state], language) if row.state and row.state in STATES else row.state
        case Shows.COVERAGE:
            return f"{row.reported}/{row.expected}"
        case Shows.COVERAGE_RATE:
            return share(Fraction(row.reported), Fraction(row.expected)) if row.expected else None
        case Shows.REPORTED:
            return row.reported
        case Shows.EXPECTED:
            return row.expected
        case Shows.UNIT:
            return unit_words(row.unit, language)
    raise AssertionError(figure.shows)


def _said(word: str, language: str) -> str | None:
    if not word:
        return None
    words = in_words(word)
    return words.zh if language.startswith("zh") else words.en


def _in_unit(content: Decimal | int | str | None, figure: Figure, unit: str) -> Decimal | int | str | None:
    """A figure in the unit that the design wants: the point is moved, no digit changes."""
    if figure.shows == Shows.UNIT:
        return unit_words(figure.unit)
    tens = tens_between(unit, figure.unit)
    if not isinstance(content, Decimal) or figure.shows in SHARES or tens is None:
        return content
    return content.scaleb(tens)


def _of_plan(shows: Shows, value: Decimal | None, plan: Decimal | None) -> Decimal | None:
    if shows == Shows.PLAN:
        return plan
    if value is None or plan is None:
        return None
    if shows == Shows.PLAN_CHANGE:
        return value - plan
    return share(Fraction(value), Fraction(plan)) if plan > 0 else None


def share(part: Fraction, whole: Fraction) -> Decimal:
    """part ÷ whole with six decimals, ties away from zero, as the cube tells rates."""
    scaled = abs(part / whole) * 10**RATE_DECIMALS
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(rounded if part >= 0 else -rounded).scaleb(-RATE_DECIMALS)


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def of_heading(heading: Heading, issue: Issue, member: Named | None, number: int) -> Value:
    period = period_of(heading.when, issue.period)
    match heading.head:
        case Head.TITLE:
            return Value(issue.title)
        case Head.ORGANISATION:
            return Value(issue.organisation.name(issue.language))
        case Head.ORGANISATION_CODE:
            return Value(issue.organisation.code)
        case Head.PERIOD:
            return Value(period.label(issue.language) if period else None)
        case Head.PERIOD_CODE:
            return Value(period.code if period else None)
        case Head.START:
            return Value(period.start if period else None)
        case Head.END:
            return Value(period.end if period else None)
        case Head.EDITION:
            return Value(issue.edition)
        case Head.PRINTED_AT:
            return Value(issue.printed_at.astimezone(BUSINESS_ZONE) if issue.printed_at else None)
        case Head.NUMBER:
            return Value(number or None)
        case Head.MEMBER:
            return Value(member.name(issue.language) if member else None)
        case Head.MEMBER_CODE:
            return Value(member.code if member else None)


def in_a_text(value: Value) -> str:
    """A value inside a sentence, where no number format applies: grouped digits, shares as percent."""
    content = value.content
    if content is None:
        return "–"
    if isinstance(content, Decimal):
        return f"{(content * 100).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}%" if value.is_share else f"{content:,f}"
    if isinstance(content, datetime):
        return f"{content:%Y-%m-%d %H:%M}"
    return content.isoformat() if isinstance(content, date) else str(content)
