"""What stands on the axes of a pivot: organisations and periods that its words come to today, in the asker's scope."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.cube.bycategory import with_parts
from gangmu.figures.cube.measures import KnownMeasures
from gangmu.figures.cube.question import CATEGORY
from gangmu.figures.pivots.errors import PivotError
from gangmu.figures.pivots.layout import ALL
from gangmu.foundation.boards.places import Places
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

MOST_PERIODS = 400
SERIES = "~"
FEW = 40  # values that an attribute is taken to have while nobody knows


def _yesterday() -> Period:
    return Period.day(clock.today() - timedelta(days=1))


def _last(kind: Kind) -> Period:
    """The last period of a kind that is over."""
    found = Period.of(kind, _yesterday().start)
    return found if found.end <= _yesterday().end else found.previous()


def _back(last: Period, count: int) -> list[Period]:
    found = [last]
    while len(found) < count:
        found.append(found[-1].previous())
    return found[::-1]


MOVING: dict[str, tuple[str | Promise, Callable[[], list[Period]]]] = {
    "yesterday": (gettext_lazy("Yesterday"), lambda: [_yesterday()]),
    "last-7-days": (gettext_lazy("Last 7 days"), lambda: _back(_yesterday(), 7)),
    "last-30-days": (gettext_lazy("Last 30 days"), lambda: _back(_yesterday(), 30)),
    "this-month": (gettext_lazy("This month so far"), lambda: [_so_far(Kind.MONTH)]),
    "last-month": (gettext_lazy("Last month"), lambda: [_last(Kind.MONTH)]),
    "last-6-months": (gettext_lazy("Last 6 months"), lambda: _back(_last(Kind.MONTH), 6)),
    "last-12-months": (gettext_lazy("Last 12 months"), lambda: _back(_last(Kind.MONTH), 12)),
    "last-quarter": (gettext_lazy("Last quarter"), lambda: [_last(Kind.QUARTER)]),
    "this-year": (gettext_lazy("This year so far"), lambda: [_so_far(Kind.YEAR)]),
    "last-3-years": (gettext_lazy("Last 3 years"), lambda: _back(_last(Kind.YEAR), 3)),
}


def _so_far(kind: Kind) -> Period:
    yesterday = _yesterday().start
    whole = Period.of(kind, yesterday)
    return whole if whole.end == yesterday else Period.span(whole.start, yesterday)


def periods(tokens: tuple[str, ...]) -> list[Period]:
    """The periods that words come to, each once, in the order given.

    Raises:
        PeriodError: a code is wrong.
        PivotError: a series is none, or there are more than 400 periods.
    """
    found: dict[str, Period] = {}
    for token in tokens:
        if token in MOVING:
            some = MOVING[token][1]()
        elif SERIES in token:
            some = _series(*token.split(SERIES, 1))
        else:
            some = [Period.parse(token)]
        found.update({one.code: one for one in some})
    return list(found.values())


def indicators(tokens: tuple[str, ...], known: KnownMeasures) -> list[str]:
    """The indicators that tokens come to, each once: CODE/category is the parts of a split indicator, then the whole.

    Raises:
        CannotAnswer: an indicator does not exist, or is not split.
        PivotError: nothing but its categories can be taken of an indicator.
    """
    found: dict[str, None] = {}
    for token in tokens:
        code, slash, by = token.partition("/")
        if slash and by != CATEGORY:
            words = {"option": "indicator", "value": token[:40], "known": f"{code}/{CATEGORY}"}
            raise PivotError(_("%(option)s cannot be “%(value)s”; possible are: %(known)s.") % words)
        known(code)
        found.update(dict.fromkeys(with_parts(code, known.catalogue) if slash else [code]))
    return list(found)


def _series(first: str, last: str) -> list[Period]:
    start, end = Period.parse(first.strip()), Period.parse(last.strip())
    if start.kind != end.kind or start.kind == Kind.SPAN or start.start > end.start:
        raise PivotError(
            _("%(first)s~%(last)s is no series: both must be of one kind, the earlier first.")
            % {"first": start.code, "last": end.code}
        )
    found = [start]
    while found[-1].start < end.start:
        if len(found) >= MOST_PERIODS:
            raise PivotError(
                _("%(first)s~%(last)s has more than %(most)d periods. Take fewer, or longer ones.")
                % {"first": start.code, "last": end.code, "most": MOST_PERIODS}
            )
        found.append(found[-1].next())
    return found


@dataclass(frozen=True)
class Group:
    """A token of organisations: `codes` asked beside each other, or the parts of one by `by`, with its total."""

    token: str
    code: str
    by: str = ""  # children, fuel, province, kind; empty for codes
    codes: tuple[str, ...] = ()

    @property
    def has_total(self) -> bool:
        return bool(self.by) or len(self.codes) > 1


def groups(tokens: tuple[str, ...], known: Places) -> list[Group]:
    """The organisations of a pivot. Whoever is not in the asker's scope is refused when the cube is asked."""
    found = []
    for token in tokens:
        code, slash, part = token.rpartition("/")
        if not slash:
            found.append(Group(token, part, codes=(part,)))
        elif part == ALL:
            place = known.by_code.get(code)
            below = [one.code for one in known.lowest(place)] if place else []
            found.append(Group(token, code, codes=tuple(sorted(below)) or (code,)))
        else:
            found.append(Group(token, code, by=part))
    return found


def expected(group: Group, known: Places) -> int:
    """How many items a token comes to, at most, before anybody is asked."""
    if not group.by:
        return len(group.codes) + group.has_total
    if group.by == "children":
        place = known.by_code.get(group.code)
        return (len(known.children(place)) if place else FEW) + 1
    attribute = kinds.attributes().get(group.by)
    choices = len(attribute.choices) if attribute and attribute.choices else 0
    return (choices or (len(kinds.all_kinds()) if group.by == "kind" else FEW)) + 1


def is_period(token: str) -> bool:
    try:
        return bool(periods((token,)))
    except (PeriodError, PivotError):
        return False
