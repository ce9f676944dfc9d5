"""The organisations that have a home page, as today's tree shows them to the asker. One query a page."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.definitions import kinds_with_boards
from gangmu.foundation.boards.keeping import Kept
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Placement
from gangmu.foundation.settings import clock

ROOM = "figures"  # whose scope decides: a home page is its figures


@dataclass(frozen=True)
class Place:
    """An organisation with a home page."""

    pk: int
    code: str
    name: str
    kind: str
    parent: int | None
    sort_key: str = ""

    @property
    def kind_name(self) -> str:
        return str(kinds.kind(self.kind).name)

    @property
    def icon(self) -> str:
        return kinds.kind(self.kind).icon


class Places:
    """The part of today's tree that the asker may open. Whoever's parent they may not see stands at the top."""

    def __init__(self, places: Iterable[Place], version: Hashable | None = None) -> None:
        self.version = version  # of the tree in which they stand, where somebody can tell
        self._by_id = {one.pk: one for one in places}
        self.by_code = {one.code: one for one in self._by_id.values()}
        self._children: dict[int, list[Place]] = defaultdict(list)
        self._lowest: dict[int, list[Place]] = {}
        for one in self._by_id.values():
            if one.parent is not None:
                self._children[one.parent].append(one)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._by_id.values())

    def get(self, pk: int | None) -> Place | None:
        return self._by_id.get(pk) if pk is not None else None

    @property
    def tops(self) -> list[Place]:
        """The highest, by rank of their kinds, then by name."""
        found = [one for one in self._by_id.values() if one.parent not in self._by_id]
        return sorted(found, key=lambda one: (kinds.kind(one.kind).rank, one.sort_key, one.code))

    def children(self, place: Place) -> list[Place]:
        """Those directly below, in order of their names."""
        return self._children.get(place.pk, [])

    def below(self, place: Place) -> list[Place]:
        """All below, tier by tier."""
        found = list(self.children(place))
        for one in found:
            found += self._children.get(one.pk, ())
        return found

    def lowest(self, place: Place) -> list[Place]:
        """Those below who have nobody below themselves."""
        if place.pk not in self._lowest:
            self._lowest[place.pk] = [one for one in self.below(place) if one.pk not in self._children]
        return self._lowest[place.pk]

    def trail(self, place: Place) -> list[Place]:
        """From the highest that may be opened down to this one."""
        line: list[Place] = []
        one: Place | None = place
        while one is not None and one not in line:
            line.append(one)
            one = self._by_id.get(one.parent) if one.parent is not None else None
        return line[::-1]


_kept = Kept(most=200_000)  # places
_version: Callable[[], Hashable | None] = lambda: None  # noqa: E731 (until somebody can tell)


def register_version(version: Callable[[], Hashable | None]) -> None:
    """Say who can tell, without reading it, whether the tree is another: organisations, placements, attributes."""
    global _version  # noqa: PLW0603
    _version = version


def seen(scope: Scope) -> Hashable:
    """What somebody may see of organisations and figures; who has the same sees the same."""
    return scope.everything, *((scope.ids(room), scope.former(room)) for room in ("parties", ROOM))


def places(scope: Scope) -> Places:
    """Everybody whose home page the asker may open today."""
    version = _version()
    key = version, seen(scope), clock.today(), get_language(), tuple(kinds_with_boards())
    found = _kept.get(key) if version is not None else None
    if found is None:
        found = _read(scope, version)
        if version is not None:
            _kept.put(key, found, len(found) + 1)
    return found


def _read(scope: Scope, version: Hashable | None) -> Places:
    rows = Placement.objects.filter(valid__contains=clock.today(), child__kind__in=kinds_with_boards())
    columns = ("child_id", "child__code", "child__name_zh", "child__name_en", "child__kind", "parent_id")
    chinese = (get_language() or "zh-hans").startswith("zh")
    ids = scope.ids(ROOM)
    found = (
        Place(pk, code, (zh or en) if chinese else (en or zh), kind, parent, key)
        for pk, code, zh, en, kind, parent, key in rows.order_by("child__sort_key", "child__code").values_list(
            *columns, "child__sort_key"
        )
        if scope.everything or pk in ids
    )
    return Places(found, version)


def sees_several(scope: Scope) -> bool:
    """Whether the asker sees figures of more than their own plant: then the home page is where they begin."""
    return len(places(scope)) > 1


def may_look(request: HttpRequest) -> bool:
    """Whether the asker may see figures at all."""
    return request.scope.may(f"{ROOM}:view")  # type: ignore[attr-defined]
