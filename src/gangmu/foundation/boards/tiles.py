"""What a home page is made of. Rooms register kinds of tiles, and sources that fetch what all tiles of a page want.

    tiles.register_source(Question, fetch_figures)          # all questions of the page in one call
    tiles.register(TileKind("figure", _("Figure"), "hash", "tiles/figure.html", 3, 2, wants=…, show=…))

A tile first says what it wants, then makes of it what its template shows. It never asks for anything by itself: so a
page costs as many queries as there are sources, however many tiles it has.

A source may say by `state` on what its answers depend besides what is wanted. A tile all of whose sources do is kept as
it was rendered, and shown again while nothing of that has changed, to those who may see the same: so it knows no
request and no user.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.definitions import PlacedTile
from gangmu.foundation.boards.places import Place, Places
from gangmu.foundation.periods.period import Period

Text = str | Promise
COLUMNS = 12
MOST_ROWS = 12


@dataclass(frozen=True)
class Asked:
    """For what a tile is asked. `at_least` and `compare` are codes of registered switches; `options` the placed
    tile's own; `carried` is the query string that takes period, state and comparison along to another home page.

    Everything in here is part of what a kept tile is kept under; `scope` is by what the sources say of it.
    """

    scope: Scope
    organisation: Place
    places: Places
    period: Period
    at_least: str
    compare: str
    carried: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of the organisation whose page it is."""
        return self.organisation.kind


@dataclass(frozen=True)
class Setting:
    """What a reader may choose for one tile of theirs, such as the unit of its figures: an option of the tile under
    `name`. `offers` says for all tiles of a page of an organisation at once, by the tiles' ids, what can be chosen:
    values with their words, the first what holds when nobody chooses; nothing where there is no choice."""

    name: str
    label: Text
    offers: Callable[[Place, Sequence["PlacedTile"]], Mapping[str, Sequence[tuple[str, Text]]]]


Wants = Callable[[Asked], Sequence[Hashable]]
Found = Mapping[Any, Any]
Show = Callable[[Asked, Found], Mapping[str, Any] | None]


@dataclass(frozen=True)
class TileKind:
    """A kind of tile. `width` and `height` are those of a new one, in columns of twelve and rows.

    `wants` names what it needs, by values that a registered source understands. `show` makes the template's context of
    what was found; None where there is nothing to show here (a plant without a reservoir): the tile is left out.
    """

    code: str
    label: Text
    icon: str
    template: str
    width: int
    height: int
    wants: Wants
    show: Show
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True)
class Switch:
    """What a page's reader chooses for all tiles: `at_least` or `compare`. The first option is the default."""

    name: str
    label: Text
    options: tuple[tuple[str, Text], ...]

    def value(self, asked: str) -> str:
        """The option that was asked for, or the default."""
        known = [code for code, _label in self.options]
        return asked if asked in known else known[0]


Fetch = Callable[[Sequence[Any], Scope], Mapping[Any, Any]]
State = Callable[[Scope], Hashable | None]


@dataclass(frozen=True)
class Source:
    """Who finds what tiles want. `state` is everything on which that depends besides what is wanted: what a change
    makes another; None: it cannot be said now."""

    fetch: Fetch
    state: State | None = None


_kinds: dict[str, TileKind] = {}
_sources: dict[type, Source] = {}
_switches: dict[str, Switch] = {}


def register(kind: TileKind) -> None:
    """Add a kind of tile. A second one with the same code replaces the first."""
    _kinds[kind.code] = kind


def register_source(want: type, fetch: Fetch, state: State | None = None) -> None:
    """Say who finds what tiles want by values of the type `want`: all of a page in one call, in the asker's scope.

    With `state`, what is found may be kept while that stays the same; see `Source`.
    """
    _sources[want] = Source(fetch, state)


def register_switch(switch: Switch) -> None:
    """Add a choice above the tiles."""
    _switches[switch.name] = switch


def unregister(code: str) -> None:
    """Take a kind of tile out again (for tests)."""
    _kinds.pop(code, None)


def switches() -> list[Switch]:
    return list(_switches.values())


def switched(name: str, asked: str) -> str:
    """What holds for a switch; empty where nobody registered it."""
    return _switches[name].value(asked) if name in _switches else ""


def kind(code: str) -> TileKind:
    """The kind registered as `code`.

    Raises:
        LookupError: nobody registered it.
    """
    if code not in _kinds:
        raise LookupError(f"there is no kind of tile {code!r}; known: {', '.join(sorted(_kinds))}")
    return _kinds[code]


def found(wants: Iterable[Hashable], scope: Scope) -> dict[Hashable, Any]:
    """What the sources find for everything that is wanted, each source asked once."""
    by_type: dict[type, dict[Hashable, None]] = {}
    for want in wants:
        by_type.setdefault(type(want), {})[want] = None
    results: dict[Hashable, Any] = {}
    for type_, group in by_type.items():
        results.update(_sources[type_].fetch(list(group), scope))
    return results


def state_of(scope: Scope) -> Hashable | None:
    """Everything on which tiles can depend that may be kept; None while some source cannot say. Sources with the same
    `state` are asked once."""
    asked = dict.fromkeys(source.state for source in _sources.values() if source.state)
    states = tuple(state(scope) for state in asked)
    return None if any(state is None for state in states) else states


def may_be_kept(wants: Iterable[Hashable]) -> bool:
    """Whether everything that a tile wants comes from sources that say on what it depends."""
    return all(_sources[type(want)].state for want in wants)
