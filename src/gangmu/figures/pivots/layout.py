"""What a pivot asks for and where it stands: read from an address and written into addresses. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from gangmu.figures.cube.question import GROUPINGS, STATES, STRUCTURES, TIER
from gangmu.figures.indicators.units import UnknownUnit, parse_unit
from gangmu.figures.pivots.errors import PivotError

DIMENSIONS = ("indicator", "place", "period", "show")
DIMENSION_WORDS: dict[str, str | Promise] = {
    "indicator": gettext_lazy("Indicators"),
    "place": gettext_lazy("Organisations"),
    "period": gettext_lazy("Periods"),
    "show": gettext_lazy("Comparisons"),
}
ROWS, COLUMNS = ("place", "indicator"), ("period", "show")
DRAWN: dict[str, str | Promise] = {
    "table": pgettext_lazy("pivot", "Table"),
    "bar": pgettext_lazy("pivot", "Bars"),
    "line": pgettext_lazy("chart", "Trend"),
}
ALL = "all"  # every organisation of the lowest tier below
MOST_ITEMS = 400  # tokens of one kind in an address
LONGEST = 64  # characters of a unit or a scope's code


@dataclass(frozen=True)
class Show:
    """What stands in a cell: `part` of the answer to a question with the comparison `compare`."""

    compare: str | None
    part: str  # value, base, change or rate
    words: str | Promise


SHOWS: dict[str, Show] = {
    "value": Show(None, "value", gettext_lazy("Value")),
    "year-ago": Show("year-ago", "base", gettext_lazy("Year ago")),
    "year-ago-change": Show("year-ago", "change", gettext_lazy("Difference to year ago")),
    "year-ago-rate": Show("year-ago", "rate", gettext_lazy("Year on year")),
    "previous": Show("previous", "base", gettext_lazy("Previous period")),
    "previous-change": Show("previous", "change", gettext_lazy("Difference to the period before")),
    "previous-rate": Show("previous", "rate", gettext_lazy("Period on period")),
    "to-date": Show("to-date", "base", gettext_lazy("This year to date")),
    "last-to-date": Show("to-date-year-ago", "base", gettext_lazy("Last year to date")),
    "to-date-rate": Show("to-date-year-ago", "rate", gettext_lazy("Year to date on year")),
}


@dataclass(frozen=True)
class Layout:
    """A pivot. `places` are codes, or CODE/children, CODE/all, CODE/fuel …; `periods` codes, FIRST~LAST or words such
    as last-month; `rows` and `columns` hold every dimension once."""

    indicators: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    shows: tuple[str, ...] = ("value",)
    rows: tuple[str, ...] = ROWS
    columns: tuple[str, ...] = COLUMNS
    drawn: str = "table"
    structure: str = "then"
    at_least: str = "filed"
    unit: str = ""  # as filed; `tier`: of the tier of the first organisation; or a unit, for what fits it
    scope: str = ""  # the code of a statistical scope

    @classmethod
    def of(cls, parameters: QueryDict) -> "Layout":
        """As the address says it. Every dimension gets a place, wherever the address leaves it out."""
        rows = _axis(parameters, "rows", ROWS)
        columns = _axis(parameters, "columns", COLUMNS)
        columns = tuple(one for one in columns if one not in rows)
        columns += tuple(one for one in (*COLUMNS, *ROWS) if one not in rows and one not in columns)
        found = cls(
            _texts(parameters, "indicator"),
            _texts(parameters, "place"),
            _texts(parameters, "period"),
            _texts(parameters, "show") or ("value",),
            rows,
            columns,
            parameters.get("as", "") or "table",
            parameters.get("structure", "") or "then",
            parameters.get("at_least", "") or "filed",
            parameters.get("unit", "").strip()[:LONGEST],
            parameters.get("scope", "").strip()[:LONGEST],
        )
        moved = parameters.get("move", "").split(":")
        return found.moved(moved[0], moved[1]) if len(moved) == 2 else found

    @classmethod
    def of_query(cls, query: str) -> "Layout":
        return cls.of(QueryDict(query))

    def query(self) -> str:
        """The one query string of this pivot: equal pivots have equal ones."""
        parts = [("indicator", code) for code in self.indicators]
        parts += [("place", token) for token in self.places]
        parts += [("period", token) for token in self.periods]
        parts += [("show", code) for code in self.shows if self.shows != ("value",)]
        if (self.rows, self.columns) != (ROWS, COLUMNS):
            parts += [("rows", ",".join(self.rows) or "-"), ("columns", ",".join(self.columns) or "-")]
        for name, value, default in (
            ("as", self.drawn, "table"),
            ("structure", self.structure, "then"),
            ("at_least", self.at_least, "filed"),
            ("unit", self.unit, ""),
            ("scope", self.scope, ""),
        ):
            if value != default:
                parts.append((name, value))
        return urlencode(parts)

    def moved(self, dimension: str, to: str) -> "Layout":
        """With a dimension `up` or `down` on its axis, or at the end of the other one (`rows`, `columns`)."""
        if dimension not in DIMENSIONS:
            return self
        rows, columns = list(self.rows), list(self.columns)
        own = rows if dimension in rows else columns
        place = own.index(dimension)
        if to in ("up", "down"):
            other = place + (1 if to == "down" else -1)
            if 0 <= other < len(own):
                own[place], own[other] = own[other], own[place]
        elif to in ("rows", "columns"):
            own.remove(dimension)
            (rows if to == "rows" else columns).append(dimension)
        return replace(self, rows=tuple(rows), columns=tuple(columns))

    def check(self) -> None:
        """Refuse what does not exist.

        Raises:
            PivotError: with what exists.
        """
        for name, values, known in (
            ("show", self.shows, tuple(SHOWS)),
            ("as", (self.drawn,), tuple(DRAWN)),
            ("structure", (self.structure,), STRUCTURES),
            ("at_least", (self.at_least,), STATES),
            ("place", [token.rpartition("/")[2] for token in self.places if "/" in token], (*GROUPINGS, ALL)),
        ):
            for value in values:
                if value not in known:
                    raise PivotError(
                        _("%(option)s cannot be “%(value)s”; possible are: %(known)s.")
                        % {"option": name, "value": value[:40], "known": ", ".join(known)}
                    )
        if self.unit not in ("", TIER):
            try:
                parse_unit(self.unit)
            except UnknownUnit as error:
                raise PivotError(str(error)) from error

    @property
    def is_empty(self) -> bool:
        return not (self.indicators and self.places and self.periods)


def _texts(parameters: QueryDict, name: str) -> tuple[str, ...]:
    given = (text.strip() for many in parameters.getlist(name) for text in many.split(","))
    return tuple(dict.fromkeys(filter(None, given)))[:MOST_ITEMS]


def _axis(parameters: QueryDict, name: str, default: Sequence[str]) -> tuple[str, ...]:
    given = parameters.get(name, "")
    if not given:
        return tuple(default)
    return tuple(dict.fromkeys(one for one in given.split(",") if one in DIMENSIONS))
