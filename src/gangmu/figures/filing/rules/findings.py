"""Findings: what a check has to say about the figures of one organisation, in either language at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.definitions import Strength
from gangmu.figures.filing.rules.numbers import grouped
from gangmu.foundation.parties.kinds import Words


class About(StrEnum):
    """What kind of check found it."""

    RULE = "rule"  # the two sides of a rule do not agree
    MISSING = "missing"  # a rule cannot do without a figure that is not there
    HISTORY = "history"  # far from the organisation's own past
    NEIGHBOURS = "neighbours"  # far from its neighbours on the same day


@dataclass(frozen=True)
class Finding:
    """One thing that a check found. Nothing in it depends on a language until it is read.

    Args:
        key: the same for the same thing found again; `Explanation.finding` holds it.
        rule: the code of the rule, `history` or `neighbours`.
        indicators: the items that it speaks of, in the rule's order.
        cells: where they stand, (organisation, indicator): also those of organisations below that were added up.
        numbers: as shown, by name (`left`, `right`, `limit` or `value`, and each indicator's code): what words about it
            are said of.
        usual: what `value` was held against (`median`, `low`, `high`, `count`, `z`): it may be another one tomorrow,
            and for another reader, without new words.
        unit: of the numbers that are not an indicator's.
        name, advice: the rule's own words.
        names: of the indicators that the message speaks of.
    """

    key: str
    about: About
    rule: str
    strength: Strength
    organisation_id: int
    indicators: tuple[str, ...]
    cells: tuple[tuple[int, str], ...]
    numbers: Mapping[str, str]
    usual: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    operator: str = ""
    name: Words = field(default_factory=lambda: Words("", ""))
    advice: Words = field(default_factory=lambda: Words("", ""))
    names: tuple[Words, ...] = ()

    @property
    def needs_words(self) -> bool:
        """Whether the sheet can be submitted once somebody says why; an error has to be mended."""
        return self.strength == "warning"

    @property
    def text(self) -> str:
        """What was found, with its numbers, in the active language."""
        shown = {**self.numbers, **self.usual}
        values: dict[str, object] = {name: self._measure(text) for name, text in shown.items() if text}
        names = str(_(", ")).join(map(str, self.names))
        values |= {"name": self.name, "indicators": names, "count": self.usual.get("count", "")}
        message = str(MESSAGES[self.about, self.operator]) % values
        return message + str(_(" (tolerance %(allowed)s)")) % values if "allowed" in values else message

    def _measure(self, text: str) -> str:
        """A number with its unit."""
        number = grouped(text)
        if self.unit in ("", "1"):
            return number
        return f"{number}{self.unit}" if self.unit in "%‰" else f"{number} {self.unit}"

    def message(self, language: str) -> str:
        """What was found and what to do, in a language."""
        with translation.override(language):
            advice = str(self.advice)
            return str(_("%(finding)s. %(advice)s")) % {"finding": self.text, "advice": advice} if advice else self.text

    def as_json(self) -> dict[str, Any]:
        """The finding for a record; `from_json` reads it."""
        return {
            "key": self.key,
            "about": self.about.value,
            "rule": self.rule,
            "strength": self.strength,
            "organisation": self.organisation_id,
            "indicators": list(self.indicators),
            "cells": [list(cell) for cell in self.cells],
            "numbers": dict(self.numbers),
            "usual": dict(self.usual),
            "unit": self.unit,
            "operator": self.operator,
            "name": _pair(self.name),
            "advice": _pair(self.advice),
            "names": [_pair(name) for name in self.names],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Finding":
        """The finding that `as_json` wrote."""
        return cls(
            key=given["key"],
            about=About(given["about"]),
            rule=given["rule"],
            strength=given["strength"],
            organisation_id=given["organisation"],
            indicators=tuple(given["indicators"]),
            cells=tuple((organisation, code) for organisation, code in given["cells"]),
            numbers=given["numbers"],
            usual=given["usual"],
            unit=given["unit"],
            operator=given["operator"],
            name=Words(*given["name"]),
            advice=Words(*given["advice"]),
            names=tuple(Words(*name) for name in given["names"]),
        )


def _pair(words: Words) -> list[str]:
    return [words.zh, words.en]


MESSAGES = {
    (About.RULE, "<="): _("%(name)s: %(left)s is more than %(right)s"),
    (About.RULE, "<"): _("%(name)s: %(left)s is not less than %(right)s"),
    (About.RULE, ">="): _("%(name)s: %(left)s is less than %(right)s"),
    (About.RULE, ">"): _("%(name)s: %(left)s is not more than %(right)s"),
    (About.RULE, "="): _("%(name)s: %(left)s differs from %(right)s by %(difference)s"),
    (About.RULE, "!="): _("%(name)s: %(left)s is the same as %(right)s"),
    (About.MISSING, ""): _("%(name)s cannot be checked: there is no figure for %(indicators)s"),
    (About.HISTORY, ""): _(
        "%(indicators)s of %(value)s is unusual here: the last %(count)s figures were about %(median)s, usually "
        "between %(low)s and %(high)s"
    ),
    (About.NEIGHBOURS, ""): _(
        "%(indicators)s of %(value)s is far from %(count)s neighbours: like them it would be about %(median)s, usually "
        "between %(low)s and %(high)s"
    ),
}
