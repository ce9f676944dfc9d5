"""Why an analysis cannot be made. Each text says what is wrong, where, and what to do."""

from collections.abc import Collection

from django.utils.translation import gettext as _


class AnalysisError(ValueError):
    """Base of everything that this room refuses."""


class BadModel(AnalysisError):
    """Formula and declared factors do not go together, or the formula cannot be taken apart into factors."""


class TooManyFactors(AnalysisError):
    """Shapley values need every combination of factors: 2ⁿ evaluations."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            _(
                "Shapley values of %(count)d factors would need %(ways)d evaluations; at most %(most)d factors are "
                "taken. Combine some of them, or use chain substitution."
            )
            % {"count": count, "ways": 2**count, "most": most}
        )
        self.count, self.most = count, most


class MissingFactor(AnalysisError):
    """Factors have no value on one of the two sides. `base` and `actual` are the codes that miss there."""

    def __init__(self, base: Collection[str], actual: Collection[str]) -> None:
        sides = []
        if base:
            sides.append(_("in the base: %(factors)s") % {"factors": ", ".join(base)})
        if actual:
            sides.append(_("in the period itself: %(factors)s") % {"factors": ", ".join(actual)})
        super().__init__(
            _("Factors have no value (%(where)s). File them, or compare with a period that has them.")
            % {"where": "; ".join(sides)}
        )
        self.base, self.actual = tuple(base), tuple(actual)


class DividesByZero(AnalysisError):
    """The formula divides by zero with the factors in `replaced` at their new values, the others at their old.

    `step` is the step of chain substitution (0: the base, n: all replaced), or the number of replaced factors for
    Shapley values. `divisor` holds the factors that make up the divisor.
    """

    def __init__(self, step: int, replaced: Collection[str], divisor: Collection[str]) -> None:
        where = (
            _("after %(factors)s took their new values") % {"factors": ", ".join(replaced)}
            if replaced
            else _("with all factors of the base")
        )
        super().__init__(
            _(
                "Step %(step)d divides by zero, %(where)s: the divisor made of %(divisor)s is 0. "
                "Choose another order of factors, or another base."
            )
            % {"step": step, "where": where, "divisor": ", ".join(divisor) or "0"}
        )
        self.step, self.replaced, self.divisor = step, tuple(replaced), tuple(divisor)


class NoBase(AnalysisError):
    """Something to be divided by is zero or does not exist."""


class TooLittle(AnalysisError):
    """Not enough figures to say anything."""


class UnknownFestival(AnalysisError):
    """No source gives the date of the Spring Festival of a year."""

    def __init__(self, year: int, first: int, last: int) -> None:
        super().__init__(
            _(
                "The date of the Spring Festival of %(year)d is not known; known are %(first)d to %(last)d. "
                "Add the year to the dates of the festival."
            )
            % {"year": year, "first": first, "last": last}
        )
        self.year = year
