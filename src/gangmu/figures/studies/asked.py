"""What a study is asked for: read from its address, completed with defaults, written into addresses again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gangmu.figures.analysis.factors import Method
from gangmu.figures.analysis.ranking import Better
from gangmu.figures.cube.question import GROUPINGS, STATES, STRUCTURES, Question
from gangmu.figures.studies.errors import StudyError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

YEAR_AGO, PREVIOUS = "year-ago", "previous"
BASES: dict[str, str | Promise] = {
    YEAR_AGO: _("the same period a year ago"),
    PREVIOUS: _("the period before"),
}
METHODS: dict[str, str | Promise] = {
    Method.CHAIN: _("Chain substitution"),
    Method.SHAPLEY: _("Shapley values"),
}
DEFAULTS = {
    "base": YEAR_AGO,
    "by": "children",
    "method": str(Method.CHAIN),
    "best": str(Better.HIGHER),
    "plan": "",
    "structure": "then",
    "at_least": "filed",
    "scope": "",
    "forecast": "",
}


@dataclass(frozen=True)
class Asked:
    """One study. `base` is `year-ago`, `previous` or a period's own code; `order` the factors as they are replaced."""

    indicator: str
    organisation: str
    period: str
    base: str = YEAR_AGO
    by: str = "children"
    method: str = str(Method.CHAIN)
    order: tuple[str, ...] = ()
    best: str = str(Better.HIGHER)
    plan: str = ""
    structure: str = "then"
    at_least: str = "filed"
    scope: str = ""  # the code of a statistical scope: of all figures of the study
    forecast: str = ""  # "1": also where it takes seconds

    @classmethod
    def of(cls, parameters: QueryDict) -> "Asked":
        """As the address says it; what is left out is a default. Nothing is corrected."""
        texts = {name: parameters.get(name, "").strip() or default for name, default in DEFAULTS.items()}
        order = tuple(filter(None, (code.strip() for code in parameters.get("order", "").split(","))))
        needed = (parameters.get(name, "").strip() for name in ("indicator", "organisation", "period"))
        return cls(*needed, order=order, **texts)

    def check(self) -> None:
        """Refuse options that do not exist.

        Raises:
            StudyError: with what exists.
        """
        for name, value, known in (
            ("by", self.by, GROUPINGS),
            ("method", self.method, tuple(METHODS)),
            ("best", self.best, tuple(Better)),
            ("structure", self.structure, STRUCTURES),
            ("at_least", self.at_least, STATES),
        ):
            if value not in known:
                raise StudyError(
                    _("%(option)s cannot be “%(value)s”; possible are: %(known)s.")
                    % {"option": name, "value": value[:40], "known": ", ".join(known)}
                )

    def periods(self) -> tuple[Period, Period]:
        """The base and the period itself.

        Raises:
            PeriodError: a code is wrong, or the base leaves the known years.
        """
        period = Period.parse(self.period)
        base = {YEAR_AGO: Period.year_ago, PREVIOUS: Period.previous}.get(self.base)
        return (base(period) if base else Period.parse(self.base)), period

    def question(self, periods: Sequence[Period], *, by: bool = False, scenario: str = "actual") -> Question:
        return Question(
            (self.indicator,),
            (self.organisation,),
            tuple(period.code for period in periods),
            by=self.by if by else None,
            structure=self.structure,
            at_least=self.at_least,
            scenario=scenario,
            scope=self.scope or None,
        )

    def but(self, **changes: object) -> str:
        """The query string of this study with something changed, without what would be so anyway."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        parts = [(name, getattr(changed, name)) for name in ("indicator", "organisation", "period")]
        parts += [
            (name, getattr(changed, name)) for name, default in DEFAULTS.items() if getattr(changed, name) != default
        ]
        if changed.order:
            parts.append(("order", ",".join(changed.order)))
        return urlencode([(name, value) for name, value in parts if value])

    def as_mapping(self) -> Mapping[str, str]:
        return {"indicator": self.indicator, "organisation": self.organisation, "period": self.period}


def so_far(period: Period) -> Period:
    """What can have been filed: of a period that is running, the days up to yesterday."""
    last = clock.today() - timedelta(days=1)
    return Period.span(period.start, last) if period.start <= last < period.end else period
