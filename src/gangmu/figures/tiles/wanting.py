"""Questions that tiles ask, made from what a page is asked for."""

from collections.abc import Sequence
from datetime import date

from gangmu.figures.cube.gateway import Question
from gangmu.figures.cube.question import CATEGORY
from gangmu.figures.tiles.choosing import scope_of, unit_of
from gangmu.foundation.boards.asking import yesterday
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period

BACK = {Kind.DAY: 30, Kind.MONTH: 13, Kind.YEAR: 5}  # how many periods a trend shows
YEAR_AGO = "year-ago"


def question(
    asked: Asked,
    indicators: Sequence[str],
    *,
    periods: Sequence[Period] | None = None,
    by: str | None = None,
    compare: str | None = None,
    organisations: Sequence[str] = (),
    as_filed: bool = False,
) -> Question:
    """About the page's organisation, period and state, unless told otherwise; in the unit and by the statistical scope
    that are chosen for the tile. `as_filed`: in the units in which indicators are filed, for whoever sets bounds."""
    return Question(
        tuple(indicators),
        tuple(organisations) or (asked.organisation.code,),
        tuple(period.code for period in (periods or (so_far(asked.period),))),
        by=by,
        compare=compare,
        at_least=asked.at_least,
        scope=scope_of(asked) or None,
        unit=None if as_filed or by == CATEGORY else unit_of(asked),
    )


def back(period: Period, count: int = 0) -> list[Period]:
    """The periods up to this one, the oldest first."""
    found = [period]
    while len(found) < (count or BACK.get(period.kind, 12)):
        try:
            found.append(found[-1].previous())
        except PeriodError:
            break
    return found[::-1]


def so_far(period: Period) -> Period:
    """What can have been filed: of the month or year that is running, the days up to yesterday. So a year ago is the
    same days, and nobody is late for tomorrow."""
    last = yesterday().start
    return Period.span(period.start, last) if period.start <= last < period.end else period


def to_date(period: Period) -> tuple[Period, Period]:
    """Month to date and year to date, up to the last day of the period."""
    end = period.end
    return Period.span(date(end.year, end.month, 1), end), Period.span(date(end.year, 1, 1), end)


def lowest(asked: Asked) -> list[Place]:
    """The organisations below the page's that have nobody below themselves: the plants."""
    return asked.places.lowest(asked.organisation)


def question_of_lowest(
    asked: Asked, indicators: Sequence[str], *, periods: Sequence[Period] | None = None, as_filed: bool = False
) -> Question | None:
    """Asks for every plant below at once; None where there is none. A plant's figure is its own of the whole period,
    as on its own page, also where it stood below somebody else for a part of it."""
    plants = sorted(place.code for place in lowest(asked))
    return question(asked, indicators, organisations=plants, periods=periods, as_filed=as_filed) if plants else None
