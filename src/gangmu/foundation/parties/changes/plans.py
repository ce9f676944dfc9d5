"""A plan: what a verb would make of the tree, worked out and checked before anything is written."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from gangmu.foundation.parties.changes.lines import TOP, Line, as_json, days_of
from gangmu.foundation.parties.changes.worlds import Known, World
from gangmu.foundation.parties.days import EVER, OPEN, Days, minus

Named = tuple[str, str]  # the Chinese and the English name
Attributes = Mapping[tuple[int, str], Line[str]]  # by organisation and name


@dataclass(frozen=True)
class Plan:
    """The tree before and after, in what the change touches.

    `placements`, `attributes` and `names` say how things are to be; what they do not name stays. `subjects` are the
    organisations that the change is about, `successors` pairs of one that ends and one that goes on in its place.
    `details` is for readers: what was asked for, in codes.
    """

    verb: str
    world: World
    from_date: date | None
    subjects: tuple[int, ...]
    made: tuple[Known, ...] = ()
    names: Mapping[int, Named] = field(default_factory=dict)
    placements: Mapping[int, Line[int]] = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    successors: tuple[tuple[int, int], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    withdraws: int | None = None  # the change that is taken back
    unmade: tuple[int, ...] = ()  # organisations that it had opened, and that go with it

    @cached_property
    def after(self) -> World:
        """The world as it would be."""
        return self.world.with_lines(self.placements, self.made)

    @property
    def changes_anything(self) -> bool:
        return bool(self.made or self.moving or self.changing or self.renaming)

    @cached_property
    def moving(self) -> dict[int, Line[int]]:
        """The placements that become others, and those of organisations that would be opened."""
        made = {one.id for one in self.made}
        return {one: of for one, of in self.placements.items() if one in made or of != self.world.line(one)}

    @cached_property
    def changing(self) -> dict[tuple[int, str], Line[str]]:
        """The attributes that become others."""
        return {
            (one, name): of
            for (one, name), of in self.attributes.items()
            if of != self.world.attributes(one).get(name, ())
        }

    @cached_property
    def renaming(self) -> dict[int, Named]:
        known = self.world.organisations
        return {one: to for one, to in self.names.items() if to != (known[one].name_zh, known[one].name_en)}

    @cached_property
    def leaving(self) -> dict[int, list[Days]]:
        """Who would not stand in the tree any more on days on which they now do."""
        found = {}
        for one, of in self.moving.items():
            lost = [rest for days in days_of(self.world.line(one)) for rest in minus(days, days_of(of))]
            if lost:
                found[one] = lost
        return found

    @cached_property
    def moved(self) -> frozenset[int]:
        """Everybody whose place in the tree changes: who is placed elsewhere, and all that stand below them then."""
        during = Days(self.from_date or EVER, OPEN)
        found: set[int] = set()
        for world in (self.world, self.after):
            level = set(self.moving)
            while level:
                found |= level
                level = {child for above in level for child in world.children(above, during)} - found
        return frozenset(found)

    @cached_property
    def place(self) -> int:
        """In whose branch all of it lies: the nearest organisation above everything that it touches.

        A change at the top of what the asker sees lies with what it is about itself.
        """
        chains = [chain for chain in self._chains() if chain]
        if not chains:
            return next((one for one in self.subjects if one > 0), self.subjects[0])
        common = [one for one in chains[0] if all(one in chain for chain in chains)]
        return common[0] if common else chains[0][-1]

    def _chains(self) -> Iterable[list[int]]:
        day = self.from_date or date.max
        for one in {*self.renaming, *(of for of, _name in self.changing)} - set(self.moving):
            yield [one, *self.world.above(one, day)]
        for one, of in self.moving.items():
            parents = {parent for line in (self.world.line(one), of) for days, parent in line if days.end > day}
            for parent in parents - {TOP}:
                world = self.world if parent in self.world.organisations else self.after
                chain = [parent, *world.above(parent, day)]
                yield [known for known in chain if known > 0]

    @cached_property
    def digest(self) -> str:
        """Of what was and what would be: another one when somebody else has been there in between."""
        text = json.dumps([self.verb, self.before_json(), self.after_json(), [one.code for one in self.made]])
        return hashlib.sha256(text.encode()).hexdigest()

    def before_json(self) -> dict[str, Any]:
        """What stood, of all that becomes something else."""
        known = self.world.organisations
        return {
            "placements": {str(one): as_json(self.world.line(one)) for one in sorted(self.moving)},
            "attributes": {
                f"{one}:{name}": as_json(self.world.attributes(one).get(name, ()))
                for one, name in sorted(self.changing)
            },
            "names": {str(one): [known[one].name_zh, known[one].name_en] for one in sorted(self.renaming)},
        }

    def after_json(self) -> dict[str, Any]:
        """What it becomes."""
        return {
            "placements": {str(one): as_json(of) for one, of in sorted(self.moving.items())},
            "attributes": {f"{one}:{name}": as_json(of) for (one, name), of in sorted(self.changing.items())},
            "names": {str(one): list(to) for one, to in sorted(self.renaming.items())},
        }
