"""The names that expressions may use: indicators, organisations, groups, scenarios."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from gangmu.figures.designs.words import plain

MOST_COMPARED = 5_000  # names among which a near one is looked for


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a code and a name in both languages."""

    code: str
    zh: str = ""
    en: str = ""

    def name(self, language: str) -> str:
        return (self.zh if language.startswith("zh") else self.en) or self.zh or self.en or self.code


class Names:
    """Things found by their code or either name. Codes are exact, names are looked up in half-width, small letters."""

    def __init__(self, things: Iterable[Named]) -> None:
        self.by_code = {thing.code: thing for thing in things}
        self._by_name: dict[str, list[Named]] = {}
        for thing in self.by_code.values():
            for name in {plain(thing.zh), plain(thing.en)} - {""}:
                self._by_name.setdefault(name, []).append(thing)

    def found(self, text: str, *, by_code: bool = True) -> list[Named]:
        """What a text names: none, one, or several of one name."""
        if by_code and text in self.by_code:
            return [self.by_code[text]]
        return self._by_name.get(plain(text), [])

    def near(self, text: str) -> str:
        """The name or code most like a text, or nothing."""
        return next(iter(get_close_matches(plain(text), self._compared, n=1, cutoff=0.5)), "")

    @cached_property
    def _compared(self) -> list[str]:
        return [*self._by_name, *self.by_code][:MOST_COMPARED]


@dataclass(frozen=True)
class Vocabulary:
    """What the names of a design may mean. `groups`: by fuel, province and kind."""

    indicators: Names
    organisations: Names = field(default_factory=lambda: Names(()))
    groups: Mapping[str, Names] = field(default_factory=dict)
    scenarios: frozenset[str] = frozenset({"actual", "plan"})
