"""Taxes from YAML, each fault with its place."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.indicators.loading.fields import Fields
from gangmu.figures.indicators.loading.reading import FIRST_YEAR, LAST_YEAR
from gangmu.figures.indicators.loading.yamlfile import Items, Node, NotYaml, Problem, Text, parse, read_text
from gangmu.figures.indicators.taxes.definitions import MOST_RATES, MOST_TAXES, RATE_DECIMALS, Rate, Tax

LONGEST_SOURCE = 200
_KEYS = ("code", "name", "rates")
_RATE_KEYS = ("until", "rate", "source", "verified")
_RATE = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,8})?)(?P<percent>%?)")


@dataclass
class Reading:
    """What a file says: the taxes that are well-formed, what is wrong, and where each stands by its code."""

    taxes: list[Tax] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, Node] = field(default_factory=dict)

    def wrong(self, node: Node, message: str) -> None:
        self.problems.append(Problem(node.line, node.column, message))


def read_taxes(source: Path | str) -> Reading:
    """The taxes of a YAML file (a Path) or of a text.

    Raises:
        Unreadable: the file is missing, too large, not UTF-8 text, or not what its name says.
    """
    reading = Reading()
    try:
        document = parse(read_text(source) if isinstance(source, Path) else source)
    except NotYaml as error:
        reading.problems.append(error.problem)
        return reading
    if not isinstance(document, Items) or not document.items:
        reading.wrong(document or Text("", 1, 1), _("this is a list of taxes; each begins with “- code: …”."))
        return reading
    if len(document.items) > MOST_TAXES:
        reading.wrong(document, _("a file has at most %(most)d taxes.") % {"most": MOST_TAXES})
        return reading
    for node in document.items:
        one = _Reader(reading).tax(node)
        if one is None:
            continue
        if one.code in reading.places:
            reading.wrong(node, _("the code “%(code)s” stands twice.") % {"code": one.code})
            continue
        reading.places[one.code] = node
        reading.taxes.append(one)
    return reading


class _Reader(Fields):
    def __init__(self, reading: Reading) -> None:
        super().__init__(reading.wrong)
        self.reading = reading

    def tax(self, node: Node) -> Tax | None:
        before = len(self.reading.problems)
        given = self.given(node, _KEYS, _KEYS, _("a tax is code, name, rates."))
        code, name = self.code(given.get("code")), self.name(given.get("name"))
        listed = given.get("rates")
        found: list[Rate] = []
        if listed is not None and (not isinstance(listed, Items) or not 0 < len(listed.items) <= MOST_RATES):
            message = _(
                "rates is a list of 1 to %(most)d, the first one first; each with until, its last day, but the newest."
            )
            self.wrong(listed, message % {"most": MOST_RATES})
        elif isinstance(listed, Items):
            for number, item in enumerate(listed.items):
                one = self.rate(item, is_newest=number == len(listed.items) - 1, before=found[-1:])
                found += [one] if one else []
        if len(self.reading.problems) > before or code is None or name is None:
            return None
        return Tax(code, name, tuple(found))

    def rate(self, node: Node, *, is_newest: bool, before: list[Rate]) -> Rate | None:
        form = _("a rate is {until: 2019-03-31, rate: 16%, source: {zh: …, en: …}}; the newest has no until.")
        given = self.given(node, _RATE_KEYS, ("rate", "source"), form)
        until = self.last_day(node, given.get("until"), before[0].until if before else None, is_newest=is_newest)
        rate = self.share(given.get("rate"))
        source = self.name(
            given.get("source"), _("a source is told in both languages: {zh: …, en: …}."), LONGEST_SOURCE
        )
        is_verified = self.yes_or_no(given.get("verified"))
        return Rate(rate, source, is_verified, until) if rate is not None and source else None

    def last_day(self, node: Node, given: Node | None, after: date | None, *, is_newest: bool) -> date | None:
        if given is None and is_newest:
            return None
        if given is None:
            self.wrong(
                node, _("until is missing: the last day of a rate. Only the newest, which stands last, has none.")
            )
            return None
        if is_newest:
            self.wrong(given, _("the newest rate holds on: leave out until."))
            return None
        day = self.day(given)
        if day is None:
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = _("the year of a last day lies between %(first)d and %(last)d.")
            self.wrong(given, message % {"first": FIRST_YEAR, "last": LAST_YEAR})
        elif after is not None and day <= after:
            words = {"day": day.isoformat(), "before": after.isoformat()}
            message = _("until %(day)s is not after %(before)s, on which the rate before it ends. Days do not overlap.")
            self.wrong(given, message % words)
        return day

    def share(self, node: Node | None) -> Decimal | None:
        """A rate as it is written, 13% or 0.13."""
        if node is None:
            return None
        text = node.value.strip() if isinstance(node, Text) else ""
        match = _RATE.fullmatch(text)
        if match is None:
            message = _("“%(given)s” is no rate. Write 13%% or 0.13.") % {"given": text[:40]}
            plain = unicodedata.normalize("NFKC", text)
            if plain != text and _RATE.fullmatch(plain):
                message += " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": plain}
            self.wrong(node, message)
            return None
        rate = Decimal(match["number"]) / (100 if match["percent"] else 1)
        if rate > 1:
            message = _("a rate lies between 0 and 100 percent, not %(given)s. Thirteen percent is 13%% or 0.13.")
            self.wrong(node, message % {"given": text})
        elif rate != round(rate, RATE_DECIMALS):
            self.wrong(node, _("a rate has at most %(most)d decimals.") % {"most": RATE_DECIMALS})
        else:
            return rate.normalize()
        return None

    def yes_or_no(self, node: Node | None) -> bool:
        if node is None:
            return False
        if not isinstance(node, Text) or node.value not in ("yes", "no"):
            words = {"key": "verified", "values": "yes, no", "given": getattr(node, "value", "")[:40]}
            self.wrong(node, _("%(key)s is one of %(values)s, not “%(given)s”.") % words)
            return False
        return node.value == "yes"
