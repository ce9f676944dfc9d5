"""From indicators with a tax to their companions 含税/不含税, which tell the same on the other basis.

A companion is an indicator like any other, made of its original: cell by cell with the rate of the cell's day, or, of
a formula that follows what it stands on, the same formula on the companions of its inputs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from itertools import pairwise

from django.utils.translation import gettext as _

from gangmu.figures.indicators.catalogue import DEEPEST, Catalogue
from gangmu.figures.indicators.definitions import (
    LONGEST_CODE,
    LONGEST_NAME,
    Basis,
    Earlier,
    IndicatorDefinition,
    Making,
    Taxed,
)
from gangmu.figures.indicators.formula import tree as trees
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.indicators.loading.entries import Entry, Reading
from gangmu.figures.indicators.taxes.definitions import Tax, companion_code, companion_name
from gangmu.figures.indicators.units import UnknownUnit, parse_unit

Definitions = Mapping[str, IndicatorDefinition]
_FORMULA_PLACES = ("formula", "earlier")


def in_basis(code: str, basis: str | None, known: Definitions) -> str:
    """Which indicator tells the figures of one with tax (`included`) or without (`excluded`): itself or its companion;
    itself where it knows of no tax, or none is asked for."""
    found = known.get(code)
    if not basis or found is None or found.taxed is None or found.taxed.basis == basis:
        return code
    return counterpart(found)


def counterpart(definition: IndicatorDefinition) -> str:
    """The code of an indicator's companion; of a companion, that of its original."""
    assert definition.taxed is not None
    return definition.taxed.of or companion_code(definition.code, definition.taxed.basis.other)


def original(definition: IndicatorDefinition, known: Definitions) -> IndicatorDefinition:
    """Whose companion an indicator is; others are their own."""
    of = definition.taxed.of if definition.taxed else ""
    return known.get(of, definition) if of else definition


def accompany(reading: Reading, standing: Definitions, gone: set[str], taxes: Mapping[str, Tax]) -> set[str]:
    """Put beside each indicator of a file that has a tax its companion; what does not hold becomes a problem of the
    file.

    Args:
        gone: the codes of standing indicators that the file takes away already.

    Returns: the codes of standing companions that the file leaves without an original, or on the wrong basis.
    """
    given = {entry.code: entry for entry in reading.entries}
    _refuse_companions_by_themselves(reading, given, standing)
    work = _Work(reading, given, standing, gone, taxes)
    for entry in list(reading.entries):
        taxed = entry.definition.taxed
        if taxed and taxed.tax and not taxed.of:
            work.by_rates(entry)
    for entry in list(reading.entries):
        taxed = entry.definition.taxed
        if taxed and not taxed.tax and not taxed.of:
            work.by_inputs(entry, ())
    made = {entry.code for entry in work.made}
    reading.entries += work.made
    return {
        code
        for code, one in standing.items()
        if one.taxed and one.taxed.of and code not in made and code not in given and {one.taxed.of} & {*given, *gone}
    }


@dataclass
class _Work:
    reading: Reading
    given: Mapping[str, Entry]
    standing: Definitions
    gone: set[str]
    taxes: Mapping[str, Tax]

    def __post_init__(self) -> None:
        self.made: list[Entry] = []
        self.looked_at: set[str] = set()
        self.following: set[str] = set()  # those that follow inputs whose basis was found
        self.known: dict[str, IndicatorDefinition] = {
            **{code: one for code, one in self.standing.items() if code not in self.gone},
            **{code: entry.definition for code, entry in self.given.items()},
        }

    def wrong(self, entry: Entry, message: str) -> None:
        self.reading.problems.append(entry.problem("tax", message))

    # With a rate of its own ------------------------------------------------------------------------------------------

    def by_rates(self, entry: Entry) -> None:
        """The companion of what is filed, or made cell by cell: the cell with the rate of its day."""
        one, taxed = entry.definition, entry.definition.taxed
        assert taxed is not None
        tax = self._tax(entry, taxed.tax)
        if one.making is Making.RESULT:
            self.wrong(entry, _("a formula on totals has no rate of a day of its own. Write tax: follows."))
            return
        if not _holds_money(one.unit):
            message = _("tax is in money and in prices; there is no money in %(unit)s.")
            self.wrong(entry, message % {"unit": one.unit or "1"})
            return
        if tax is None:
            return
        sign = "*" if taxed.basis is Basis.EXCLUDED else "/"
        formulas = [(rate.until, f"{one.code} {sign} {_plain(1 + rate.rate)}") for rate in tax.rates]
        versions: list[Earlier] = []
        for (until, formula), (_next_until, next_formula) in pairwise(formulas):
            if formula != next_formula and until is not None:
                versions.append(Earlier(until, formula))
        self._make(entry, replace(one, formula=formulas[-1][1], earlier=tuple(versions)))

    def _tax(self, entry: Entry, code: str) -> Tax | None:
        if code in self.taxes:
            return self.taxes[code]
        near = get_close_matches(code, self.taxes, n=1, cutoff=0.5)
        message = _("there is no tax “%(code)s”. Known ones: %(known)s.") % {
            "code": code[:60],
            "known": ", ".join(sorted(self.taxes)) or "–",
        }
        hint = " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": near[0]} if near else ""
        self.wrong(entry, message + hint)
        return None

    # Following what it stands on -------------------------------------------------------------------------------------

    def by_inputs(self, entry: Entry, path: tuple[str, ...]) -> None:
        """The companion of a formula: the same on the companions of its inputs. Inputs that follow come first."""
        code = entry.code
        if code in self.looked_at or code in path or len(path) > DEEPEST:
            return  # circles and depth are told when formulas are checked
        catalogue = Catalogue(self.known.values())
        mentions = _mentions(entry.definition, catalogue)
        for mentioned in mentions:
            other = self.given.get(mentioned)
            taxed = other.definition.taxed if other else None
            if other and taxed and not taxed.tax and not taxed.of:
                self.by_inputs(other, (*path, code))
        self.looked_at.add(code)
        taxed_inputs = {
            name: taxed
            for name in mentions
            if (taxed := self.known[name].taxed) is not None and not self._is_open(name)
        }
        if not taxed_inputs:
            if not any(map(self._is_open, mentions)):  # else it is told there, or as a circle
                self.wrong(entry, _("there is nothing to follow: no indicator that the formula needs has a tax."))
            return
        bases = {taxed.basis for taxed in taxed_inputs.values()}
        if len(bases) > 1:
            words = {
                basis.value: ", ".join(sorted(name for name, taxed in taxed_inputs.items() if taxed.basis is basis))
                for basis in bases
            }
            message = _("the formula puts together what is with tax (%(included)s) and without (%(excluded)s).")
            self.wrong(entry, message % words)
            return
        entry.definition = replace(entry.definition, taxed=Taxed(bases.pop()))
        self.known[code] = entry.definition
        self.following.add(code)
        one = entry.definition
        try:
            formula = self._on_companions(one.formula, catalogue)
            earlier = tuple(Earlier(old.until, self._on_companions(old.formula, catalogue)) for old in one.earlier)
        except FormulaError:
            return  # told when formulas are checked
        self._make(entry, replace(one, formula=formula, earlier=earlier))

    def _is_open(self, code: str) -> bool:
        """Whether it follows inputs, and it is not known yet which."""
        entry = self.given.get(code)
        taxed = entry.definition.taxed if entry else None
        return bool(taxed and not taxed.tax and not taxed.of and code not in self.following)

    def _on_companions(self, formula: str, catalogue: Catalogue) -> str:
        """A formula with every mention of an indicator that has a tax put on the other basis."""
        lines = formula.split("\n")
        for mention in sorted(trees.references(parse(formula)), key=lambda one: one.place.column, reverse=True):
            code = catalogue.resolve(mention)
            found = self.known.get(code)
            if found is None or found.taxed is None:
                continue
            line, start = mention.place.line - 1, mention.place.column - 1
            text = lines[line]
            end = text.index("」", start) + 1 if mention.is_name else start + len(mention.text)
            lines[line] = f"{text[:start]}{counterpart(found)}{text[end:]}"
        return "\n".join(lines)

    # Both ------------------------------------------------------------------------------------------------------------

    def _make(self, entry: Entry, like: IndicatorDefinition) -> None:
        """Keep a companion of an entry, with the formulas that it has."""
        assert like.taxed is not None
        basis = like.taxed.basis.other
        code, name = companion_code(like.code, basis), companion_name(like, basis)
        if len(code) > LONGEST_CODE or max(len(name.zh), len(name.en)) > LONGEST_NAME:
            words = {"part": code, "most": LONGEST_CODE if len(code) > LONGEST_CODE else LONGEST_NAME}
            message = _("the code or name of its companion %(part)s would be too long: at most %(most)d characters.")
            self.wrong(entry, message % words)
            return
        holder = self.known.get(code)
        if code in self.given or (holder and (holder.taxed is None or holder.taxed.of != like.code)):
            message = _("its companion %(part)s would have the code of another indicator.")
            self.wrong(entry, message % {"part": code})
            return
        made = replace(
            like,
            code=code,
            name=name,
            settles=None,
            split=None,
            member=None,
            taxed=Taxed(basis, like.taxed.tax, of=like.code),
        )
        # What is wrong with its formula is not at a place of the original's.
        places = {key: node for key, node in entry.places.items() if key.partition(".")[0] not in _FORMULA_PLACES}
        self.made.append(Entry(made, entry.line, entry.column, places, told_as=entry.told_as or entry.code))
        self.known[code] = made


def _mentions(definition: IndicatorDefinition, catalogue: Catalogue) -> list[str]:
    """The codes of the indicators that its formulas mention, as far as they can be read."""
    found: dict[str, None] = {}
    for text in (definition.formula, *(one.formula for one in definition.earlier)):
        try:
            mentioned = trees.references(parse(text)) if text else []
        except FormulaError:
            continue
        for reference in mentioned:
            try:
                code = catalogue.resolve(reference)
            except FormulaError:
                continue
            if code in catalogue:
                found[code] = None
    return list(found)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _holds_money(unit: str) -> bool:
    try:
        return ("yuan", 1) in parse_unit(unit).dimensions
    except UnknownUnit:
        return True  # told when units are checked


def _refuse_companions_by_themselves(reading: Reading, given: Mapping[str, Entry], standing: Definitions) -> None:
    for code, entry in given.items():
        found = standing.get(code)
        if found and found.taxed and found.taxed.of and found.taxed.of not in given:
            message = _("this is made from %(original)s and its tax; change %(original)s.")
            reading.problems.append(entry.problem("code", message % {"original": found.taxed.of}))
