"""The scopes as they are kept."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from gangmu.figures.scopes.definitions import NewPlants, ScopeDefinition, Version
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.foundation.parties.kinds import Words

_COLUMNS = ("code", "name_zh", "name_en", "versions", "new_plants", "structure", "levels", "revision")


class Book(Mapping[str, ScopeDefinition]):
    """All scopes by code. `stamp` is another one as soon as any of them is."""

    def __init__(self, stamp: str, rows: list[dict[str, Any]]) -> None:
        self.stamp = stamp
        self._scopes = {row["code"]: _definition(row) for row in rows}

    def __getitem__(self, code: str) -> ScopeDefinition:
        return self._scopes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)


def book() -> Book:
    """The scopes as they are defined now."""
    rows = list(StatisticalScope.objects.order_by("code").values(*_COLUMNS))
    return _book(_Rows(rows))


class _Rows:
    """Rows that are the same when they say the same."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows, self.stamp = rows, repr(rows)

    def __hash__(self) -> int:
        return hash(self.stamp)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows) and self.stamp == other.stamp


@lru_cache(maxsize=4)
def _book(rows: _Rows) -> Book:
    return Book(rows.stamp, rows.rows)


def definition_of(row: StatisticalScope) -> ScopeDefinition:
    return _definition({name: getattr(row, name) for name in _COLUMNS})


def _definition(row: dict[str, Any]) -> ScopeDefinition:
    return ScopeDefinition(
        row["code"],
        Words(row["name_zh"], row["name_en"]),
        tuple(map(Version.from_json, row["versions"])),
        NewPlants(row["new_plants"]),
        row["structure"],
        tuple(row["levels"]),
    )
