"""A question with its codes looked up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import AnalysisError
from gangmu.figures.analysis.festival import Pair, aligned
from gangmu.figures.cube.bycategory import part_of
from gangmu.figures.cube.counting import Counting, shares
from gangmu.figures.cube.errors import BadOption, NoFestivalBase, OtherUnit, UnknownScope
from gangmu.figures.cube.measure import Measure, Shown
from gangmu.figures.cube.measures import KnownMeasures, definitions
from gangmu.figures.cube.question import TIER, Question
from gangmu.figures.cube.tree import Grouping, Tree
from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.taxes.companions import in_basis
from gangmu.figures.indicators.tiers import factor_between, of_tier, tens_between, told_in
from gangmu.figures.scopes.definitions import ScopeDefinition
from gangmu.figures.scopes.queries import Book, book
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock


@dataclass(frozen=True)
class Asked:
    """A question with its codes looked up."""

    question: Question
    known: KnownMeasures
    measures: tuple[Measure, ...]
    periods: tuple[Period, ...]  # what the rows' values are of
    bases: tuple[Period, ...]  # with what each is compared; empty without comparison
    scenario: int
    now: bool
    today: int
    book: Book | None = None  # the statistical scopes, where one is asked for

    @classmethod
    def of(
        cls,
        question: Question,
        known: KnownMeasures | None = None,
        scenarios: Mapping[str, int] | None = None,
        scopes: Book | None = None,
    ) -> "Asked":
        if known is None or scenarios is None:
            standing = definitions()
            known, scenarios = known or standing.known, scenarios or standing.scenarios
        periods = [Period.parse(code) for code in question.periods]
        bases: list[Period] = []
        match question.compare:
            case "previous":
                bases = [period.previous() for period in periods]
            case "year-ago":
                bases = [period.year_ago() for period in periods]
            case "year-ago-festival":
                bases = [festival_base(period) for period in periods]
            case "to-date":
                bases = [period.to_date() for period in periods]
            case "to-date-year-ago":
                bases = [period.to_date_year_ago() for period in periods]
                periods = [period.to_date() for period in periods]
        counted_by = _scope_of(question, scopes := scopes or book()) if question.scope else None
        structure = (counted_by.structure if counted_by else "") or question.structure
        return cls(
            question,
            known,
            in_units([known(code) for code in answering(question, known.catalogue)], question),
            tuple(periods),
            tuple(bases),
            _scenario_id(question.scenario, scenarios),
            structure == "now",
            clock.today().toordinal(),
            scopes if counted_by else None,
        )

    @property
    def structure(self) -> str:
        return "now" if self.now else "then"

    def part(self, places: Sequence[int]) -> "Asked":
        """The same for some of the periods."""
        if len(places) == len(self.periods):
            return self
        bases = tuple(self.bases[place] for place in places) if self.bases else ()
        return replace(self, periods=tuple(self.periods[place] for place in places), bases=bases)

    @property
    def scope(self) -> ScopeDefinition | None:
        """The statistical scope that is asked for."""
        return self.book[self.question.scope] if self.book and self.question.scope else None

    def counting(self, period: Period) -> Counting | None:
        """By which tree and without whom the scope counts a period; None without a scope."""
        scope = self.scope
        return Counting.of(scope, self.book, period, self.now, self.today) if scope and self.book else None

    def countings(self) -> list[Counting | None]:
        """Of each period, as `counting`."""
        return [self.counting(period) for period in self.periods] if self.scope else [None] * len(self.periods)

    def counted(self, grouping: Grouping, tree: Tree, counting: Counting | None) -> Grouping:
        """The part of a grouping that the scope counts, with its shares."""
        if counting is None or self.book is None or self.question.scope is None:
            return grouping
        return shares(tree, self.book, self.book.stamp, self.question.scope, counting).cut(grouping)


def answering(question: Question, known: Mapping[str, IndicatorDefinition]) -> list[str]:
    """The codes of the indicators that answer: of a category, and with tax or without, where that is asked for."""
    parts = (part_of(code, question.category, known) for code in question.indicators)
    return [in_basis(code, question.tax, known) for code in parts]


def in_units(measures: Sequence[Measure], question: Question) -> tuple[Measure, ...]:
    """The measures, to be told in the unit that is asked for.

    Raises:
        OtherUnit: figures cannot be told in it.
    """
    if not question.unit:
        return tuple(measures)
    language, wanted = get_language() or "zh-hans", question.unit
    if wanted == TIER:
        found = Organisation.objects.filter(code=question.organisations[0]).values_list("kind", flat=True)
        wanted = of_tier(next(iter(found), ""))
    shown = []
    for measure in measures:
        if question.is_by_tier:
            tier = told_in(measure.unit, wanted, language)
            if tier is None:
                shown.append(measure)
                continue
            unit, decimals = tier.unit, tier.decimals
        else:
            unit, decimals = wanted, None
        factor = factor_between(measure.unit, unit)
        if factor is None:
            raise OtherUnit(measure.code, measure.unit, unit)
        shown.append(replace(measure, shown=Shown(unit, factor, tens_between(measure.unit, unit), decimals)))
    return tuple(shown)


def festival_base(period: Period) -> Period:
    """The days of last year that a period's days are compared with: in the weeks around the Spring Festival by their
    distance from it, elsewhere by name.

    Raises:
        NoFestivalBase: a day has none, or they do not follow each other; or no source covers a year.
    """
    try:
        pairs = aligned(period.iter_days())
    except AnalysisError as error:
        raise NoFestivalBase(str(error)) from error
    runs: list[list[Pair]] = []
    for pair in pairs:
        if pair.base is None:
            continue
        before = runs[-1][-1] if runs else None
        follows = before is not None and before.base is not None and (pair.base - before.base).days == 1
        if follows and before is not None and (pair.day - before.day).days == 1:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    if len(runs) == 1 and len(runs[0]) == len(pairs):
        first, last = runs[0][0].base, runs[0][-1].base
        assert first is not None and last is not None
        return Period.span(first, last) if period.days > 1 else Period.day(first)
    parts = ", ".join(_span(run[0].day, run[-1].day) for run in runs) or "–"
    words = {"period": period.code, "parts": parts}
    raise NoFestivalBase(
        _("By the Spring Festival, no stretch of days stands beside the days of %(period)s. Ask for: %(parts)s.")
        % words
    )


def _span(first: date, last: date) -> str:
    return Period.span(first, last).code if last > first else Period.day(first).code


def _scope_of(question: Question, scopes: Book) -> ScopeDefinition:
    code = question.scope or ""
    if code not in scopes:
        nearest = get_close_matches(code, list(scopes), n=1, cutoff=0.5)
        raise UnknownScope(code, nearest[0] if nearest else None)
    return scopes[code]


def _scenario_id(code: str, known: Mapping[str, int]) -> int:
    if code not in known:
        raise BadOption("scenario", code, tuple(sorted(known)))
    return known[code]
