"""Organisations and where they stand, read once: what plans are laid over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from django.utils.translation import get_language

from gangmu.foundation.parties.changes.errors import NotYours
from gangmu.foundation.parties.changes.lines import TOP, Line, line, piece_on
from gangmu.foundation.parties.days import Days, meet
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement


@dataclass(frozen=True)
class Known:
    """An organisation. One that a plan would open has an id below zero."""

    id: int
    code: str
    kind: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """In the active language."""
        chinese = (get_language() or "zh-hans").startswith("zh")
        return (self.name_zh or self.name_en) if chinese else (self.name_en or self.name_zh)


@dataclass(frozen=True)
class World:
    """All organisations that the transaction sees, and where each stands when."""

    organisations: Mapping[int, Known]
    placements: Mapping[int, Line[int]]
    _attributes: dict[int, dict[str, Line[str]]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls) -> "World":
        rows = Organisation.objects.order_by().values_list("id", "code", "kind", "name_zh", "name_en")
        organisations = {row[0]: Known(*row) for row in rows}
        pieces: dict[int, list[tuple[Days, int]]] = {one: [] for one in organisations}
        placed = Placement.objects.order_by().values_list("child_id", "parent_id", "valid")
        for child, parent, valid in placed:
            pieces.setdefault(child, []).append((Days.of(valid), parent or TOP))
        return cls(organisations, {one: line(of) for one, of in pieces.items()})

    def with_lines(self, changed: Mapping[int, Line[int]], made: Iterable[Known] = ()) -> "World":
        """As it would be with other placements and organisations that would be opened."""
        organisations = {**self.organisations, **{one.id: one for one in made}}
        return replace(self, organisations=organisations, placements={**self.placements, **changed}, _attributes={})

    def known(self, one: int) -> Known:
        """The organisation.

        Raises:
            NotYours: the asker does not see it.
        """
        found = self.organisations.get(one)
        if found is None:
            raise NotYours
        return found

    def by_code(self, code: str) -> Known | None:
        return self._codes.get(code)

    @cached_property
    def _codes(self) -> dict[str, Known]:
        return {one.code: one for one in self.organisations.values()}

    def line(self, one: int) -> Line[int]:
        return self.placements.get(one, ())

    @cached_property
    def _children(self) -> dict[int, list[tuple[Days, int]]]:
        found: dict[int, list[tuple[Days, int]]] = {}
        for child, of in self.placements.items():
            for days, parent in of:
                found.setdefault(parent, []).append((days, child))
        return found

    def children(self, one: int, during: Days) -> list[int]:
        """Who is placed directly below it on a day of `during`, by code."""
        found = {child for days, child in self._children.get(one, ()) if meet(days, during)}
        return sorted(found, key=self.code)

    def below(self, one: int, day: date) -> Iterator[int]:
        """Who stands below it on a day, tier by tier."""
        level, seen = [one], {one}
        while level:
            level = [
                child
                for above in level
                for days, child in self._children.get(above, ())
                if day in days and child not in seen
            ]
            seen.update(level)
            yield from level

    def above(self, one: int, day: date) -> list[int]:
        """Who stands above it on a day, the nearest first; as far as it is seen."""
        found: list[int] = []
        piece = piece_on(self.line(one), day)
        while piece and piece[1] != TOP and piece[1] not in found and piece[1] != one:
            found.append(piece[1])
            piece = piece_on(self.line(piece[1]), day)
        return found

    def attributes(self, one: int) -> dict[str, Line[str]]:
        """The values of its own, by name. Read when first asked for."""
        if one not in self._attributes:
            pieces: dict[str, list[tuple[Days, str]]] = {}
            rows = AttributeValue.objects.filter(organisation=one).order_by() if one > 0 else ()
            for row in rows:
                pieces.setdefault(row.name, []).append((Days.of(row.valid), row.value))
            self._attributes[one] = {name: line(of) for name, of in pieces.items()}
        return self._attributes[one]

    def code(self, one: int) -> str:
        """Its code; "?" of one that the asker does not see."""
        known = self.organisations.get(one)
        return known.code if known else "?"

    def name(self, one: int) -> str:
        known = self.organisations.get(one)
        return known.name if known else "?"
