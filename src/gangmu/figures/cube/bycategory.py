"""Figures by category 分类: of each part of a split indicator, with its share of the whole, and what is in no part.

Parts are indicators of their own and are asked as such, all in one question. What is told of them together (shares,
what is not split) is worked out of the figures as they are shown, so that a page adds up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from fractions import Fraction

from gangmu.figures.cube.errors import NotSplit, UnknownCategory
from gangmu.figures.cube.question import CATEGORY, Answer, Comparison, Question, Row
from gangmu.figures.indicators.categories.definitions import NOT_SPLIT, Dictionary, member_code
from gangmu.figures.indicators.categories.queries import dictionaries
from gangmu.figures.indicators.definitions import IndicatorDefinition, OverOrganisations, OverTime, Total
from gangmu.figures.indicators.taxes.companions import in_basis, original
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period

SHARE_DECIMALS = 6
_SHARE = Decimal(1).scaleb(-SHARE_DECIMALS)
Definitions = Mapping[str, IndicatorDefinition]


def part_of(code: str, category: str | None, known: Definitions) -> str:
    """The code of an indicator's part for a category; its own without one. Of a companion 含税/不含税, the companion of
    the part.

    Raises:
        NotSplit, UnknownCategory: with what is possible.
    """
    if not category or code not in known:
        return code
    taxed, code = known[code].taxed, original(known[code], known).code
    found = member_code(code, category)
    if found in known and known[found].member:
        return in_basis(found, taxed.basis if taxed else None, known)
    possible = [one.member.category for one in known.values() if one.member and one.member.of == code]
    if not possible:
        raise NotSplit(code)
    near = get_close_matches(category, possible, n=1, cutoff=0.5)
    raise UnknownCategory(category, code, possible, near[0] if near else None)


@dataclass(frozen=True)
class Spread:
    """A question by category as one about wholes and parts. `wholes` are what was asked for."""

    question: Question
    plain: Question
    wholes: "tuple[Whole, ...]"

    @classmethod
    def of(cls, question: Question, known: Definitions) -> "Spread":
        """
        Raises:
            NotSplit: an indicator has no parts.
        """
        books = dictionaries()
        wholes = [Whole.of(known[code], question.tax, known, books) for code in question.indicators if code in known]
        codes = [code for one in wholes for code in (one.code, *(code for _part, code in one.parts))]
        unknown = [code for code in question.indicators if code not in known]  # whoever is asked says so
        plain = replace(question, by=None, tax=None, indicators=(*unknown, *codes))
        return cls(question, plain, tuple(wholes))

    def assembled(self, answer: Answer) -> Answer:
        """The rows by organisation, period, indicator, then category; what is not split comes last."""
        rows = iter(answer.rows)
        made: list[Row] = []
        for first in rows:
            at = first
            for place, whole in enumerate(self.wholes):
                of_whole = at if not place else next(rows)
                made += self._rows(of_whole, whole, [(part, next(rows)) for part, _code in whole.parts])
        return Answer(made)

    def _rows(self, of_whole: Row, whole: "Whole", members: list[tuple[IndicatorDefinition, Row]]) -> Iterator[Row]:
        total = of_whole.value if whole.adds_up else None
        for definition, row in members:
            assert definition.member is not None
            if row.reported or row.value is not None or _is_used(definition, row.period):
                category = definition.member.category
                share = _share(row.value, total)
                yield replace(
                    row, indicator=whole.code, group=category, category=category, share=share, part=row.indicator
                )
        if whole.adds_up and whole.is_filed:
            rest = _rest(of_whole, [row for _definition, row in members])
            if rest.value is not None and Decimal(rest.value) > 0:
                yield replace(rest, share=_share(rest.value, total))


@dataclass(frozen=True)
class Whole:
    """A split indicator as it is answered: `code` is itself or its companion 含税/不含税, as are the codes beside its
    parts, which stand in the order of their dictionary."""

    code: str
    adds_up: bool
    is_filed: bool
    parts: tuple[tuple[IndicatorDefinition, str], ...]

    @classmethod
    def of(
        cls, asked: IndicatorDefinition, tax: str | None, known: Definitions, books: Mapping[str, Dictionary]
    ) -> "Whole":
        """
        Raises:
            NotSplit: it has no parts.
        """
        whole = original(asked, known)
        if whole.split is None:
            raise NotSplit(asked.code)
        basis = tax or (asked.taxed.basis if asked.taxed else None)
        return cls(
            in_basis(asked.code, basis, known),
            (whole.over_time, whole.over_organisations) == (OverTime.SUM, OverOrganisations.SUM),
            whole.split.total is Total.FILED,
            tuple((one, in_basis(one.code, basis, known)) for one in members_of(whole, known, books)),
        )


def members_of(
    whole: IndicatorDefinition, known: Definitions, books: Mapping[str, Dictionary]
) -> tuple[IndicatorDefinition, ...]:
    """The parts of a split indicator, in the order of its dictionary."""
    book = books.get(whole.split.by) if whole.split else None
    codes = [member_code(whole.code, category.code) for category in book.categories] if book else []
    return tuple(known[code] for code in codes if code in known)


def with_parts(code: str, known: Definitions) -> list[str]:
    """The codes of an indicator's parts, in the order of their dictionary, then its own.

    Raises:
        NotSplit: it has none.
    """
    if code in known and known[code].split is None:
        raise NotSplit(code)
    return [*(one.code for one in members_of(known[code], known, dictionaries())), code] if code in known else [code]


def plain(question: Question, known: Definitions) -> Question:
    """A question by category as one about wholes and parts; any other as it is.

    Raises:
        NotSplit: an indicator has no parts.
    """
    return Spread.of(question, known).plain if question.by == CATEGORY else question


def _is_used(definition: IndicatorDefinition, code: str) -> bool:
    try:
        period = Period.parse(code)
    except PeriodError:
        return True
    return definition.member is None or definition.member.takes(period.start, period.end)


def _share(part: str | None, whole: str | None) -> str | None:
    if part is None or whole is None or Decimal(whole) <= 0:
        return None
    return _rounded(Fraction(part) / Fraction(whole))


def _rounded(value: Fraction) -> str:
    scaled = abs(value) * 10**SHARE_DECIMALS
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return str((Decimal(whole if value >= 0 else -whole) * _SHARE).quantize(_SHARE, ROUND_HALF_UP))


def _rest(whole: Row, parts: list[Row]) -> Row:
    """What is in the whole and in none of its parts."""
    compare = whole.compare
    rest = _less(whole.value, [one.value for one in parts])
    if compare:
        base = _less(compare.value, [one.compare.value for one in parts if one.compare])
        changes = compare.change is not None and rest is not None and base is not None
        compare = Comparison(
            period=compare.period,
            value=base,
            change=_less(rest, [base]) if changes else None,
            rate=_rate(rest, base) if changes else None,
            state=compare.state,
        )
    return replace(whole, value=rest, compare=compare, category=NOT_SPLIT, settled=None)


def _less(whole: str | None, parts: list[str | None]) -> str | None:
    if whole is None:
        return None
    found = Decimal(whole) - sum((Decimal(one) for one in parts if one is not None), Decimal(0))
    return f"{found if found else abs(found):f}"


def _rate(value: str | None, base: str | None) -> str | None:
    if value is None or base is None or Decimal(base) <= 0:
        return None
    return _rounded((Fraction(value) - Fraction(base)) / Fraction(base))
