"""Statistical scopes as values: what a file, a form and the database say, and what the cube counts by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from gangmu.foundation.parties.kinds import Words

WHOLE = Fraction(1)
OWNERSHIP = "ownership"  # the attribute that 权益 stands for


class NewPlants(StrEnum):
    """Which organisations are new, and left out: commissioned in the asked period, in its year, or since last year."""

    IN = "in"
    PERIOD = "period"
    YEAR = "year"
    LAST_YEAR = "last-year"


@dataclass(frozen=True)
class Part:
    """Organisations that count, and with which share. Conditions hold together; without any, everybody counts.

    Args:
        organisations: those with these codes and all below them.
        attributes: name → values; inherited as the attribute is.
        kinds: those of one of these kinds and all below them.
        scope: those that another scope counts, with the shares that it gives them.
        share: a number above 0 and at most 1, or the name of an attribute in percent; who has none counts wholly.
    """

    organisations: tuple[str, ...] = ()
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kinds: tuple[str, ...] = ()
    scope: str = ""
    share: Fraction | str = WHOLE

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.organisations:
            found["organisations"] = list(self.organisations)
        found |= {name: list(values) for name, values in self.attributes}
        if self.kinds:
            found["kind"] = list(self.kinds)
        if self.scope:
            found["scope"] = self.scope
        if self.share != WHOLE:
            found["share"] = self.share if isinstance(self.share, str) else str(self.share)
        return found

    def but_known(self, known: Mapping[str, bool]) -> "Part":
        """For somebody who may not know all organisations: the others as “…”."""
        codes = [code if known.get(code) else "…" for code in self.organisations]
        return replace(self, organisations=tuple(dict.fromkeys(codes)))

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Part":
        known = {"organisations", "kind", "scope", "share"}
        share = given.get("share", "1")
        return cls(
            tuple(given.get("organisations", ())),
            tuple((name, tuple(values)) for name, values in given.items() if name not in known),
            tuple(given.get("kind", ())),
            given.get("scope", ""),
            Fraction(share) if share[0].isdigit() else share,
        )


@dataclass(frozen=True)
class Version:
    """What holds from `first` to `last` (both count; None: no bound): the parts add up, the exceptions are out."""

    first: date | None
    last: date | None
    count: tuple[Part, ...]
    exceptions: tuple[Part, ...] = ()

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def scopes(self) -> Iterator[str]:
        return (part.scope for part in (*self.count, *self.exceptions) if part.scope)

    def as_json(self) -> dict[str, Any]:
        return {
            "valid_from": self.first.isoformat() if self.first else None,
            "valid_to": self.last.isoformat() if self.last else None,
            "count": [part.as_json() for part in self.count],
            "except": [part.as_json() for part in self.exceptions],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Version":
        first, last = (
            date.fromisoformat(text) if (text := given[name]) else None for name in ("valid_from", "valid_to")
        )
        parts = (tuple(map(Part.from_json, given[name])) for name in ("count", "except"))
        return cls(first, last, *parts)


@dataclass(frozen=True)
class ScopeDefinition:
    """A statistical scope.

    Args:
        versions: by their days, none of which two have. On a day that none has, nobody counts.
        new_plants: whether new organisations count; the same ones are out of a figure and of what it is compared with.
        structure: `then`, `now`, or empty for whatever is asked.
        levels: kinds of organisations whose figures are shown by this scope; all when empty.
    """

    code: str
    name: Words
    versions: tuple[Version, ...]
    new_plants: NewPlants = NewPlants.IN
    structure: str = ""
    levels: tuple[str, ...] = ()

    def version_on(self, day: date) -> Version | None:
        return next((one for one in self.versions if one.holds_on(day)), None)

    @property
    def scopes(self) -> set[str]:
        """The other scopes that it names."""
        return {code for version in self.versions for code in version.scopes}


def circle(code: str, book: Mapping[str, ScopeDefinition]) -> list[str] | None:
    """The way from a scope through others back to itself, or None."""
    ways = [[code]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        one = book.get(way[-1])
        for other in sorted(one.scopes) if one else ():
            if other == code:
                return [*way, code]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return None


def overlapping(versions: Iterable[Version]) -> tuple[Version, Version] | None:
    """Two versions that have a day in common, or None."""
    ordered = sorted(versions, key=lambda one: one.first or date.min)
    for one, other in pairwise(ordered):
        if one.last is None or other.first is None or one.last >= other.first:
            return one, other
    return None
