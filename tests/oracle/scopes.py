"""Statistical scopes: whom they count on a day, and with which share. One day and one organisation at a time."""

from datetime import date, timedelta
from fractions import Fraction

from oracle.tree import History, Tree
from oracle.world import Scope, ScopePart, ScopeVersion, World


class Counting:
    """The scopes of a world. With `now`, a day is always today."""

    def __init__(self, world: World, history: History, today: date, *, now: bool) -> None:
        self.world, self.history, self.today, self.now = world, history, today, now
        self._memory: dict[tuple[str, str, date, date], Fraction] = {}

    def share(self, scope: str, code: str, day: date, begins: date) -> Fraction:
        """0: does not count. `begins` is the first day of the period that is asked for."""
        if self.now:
            day = self.today
        memory = (scope, code, day, begins)
        if memory not in self._memory:
            self._memory[memory] = self._share(self.world.scope(scope), code, day, begins)
        return self._memory[memory]

    def _share(self, scope: Scope, code: str, day: date, begins: date) -> Fraction:
        tree = self.history.tree(day)
        version = _version_on(scope, day)
        if code not in tree or version is None or self._is_new(scope, code, begins):
            return Fraction(0)
        if any(self._of_part(part, code, tree, day, begins) for part in version.exceptions):
            return Fraction(0)
        return sum((self._of_part(part, code, tree, day, begins) for part in version.count), Fraction(0))

    def _of_part(self, part: ScopePart, code: str, tree: Tree, day: date, begins: date) -> Fraction:
        path = tree.path(code)
        if part.organisations and not set(part.organisations) & set(path):
            return Fraction(0)
        if part.kinds and not any(tree.kind(one) in part.kinds for one in path):
            return Fraction(0)
        if part.fuels and tree.attribute(code, "fuel") not in part.fuels:
            return Fraction(0)
        inner = self.share(part.scope, code, day, begins) if part.scope else Fraction(1)
        if part.share == "ownership":
            held = tree.attribute(code, "ownership")
            return inner * Fraction(held) / 100 if held else inner
        return inner * Fraction(part.share) / 100 if part.share else inner

    def _is_new(self, scope: Scope, code: str, begins: date) -> bool:
        since = {
            "period": begins,
            "year": date(begins.year, 1, 1),
            "last-year": date(max(begins.year - 1, 1), 1, 1),
        }.get(scope.new_plants)
        if since is None:
            return False
        first = self.history.first_day(code)
        return first is not None and first != self.history.beginning() and first >= since


def _version_on(scope: Scope, day: date) -> ScopeVersion | None:
    found = None
    for version in sorted(scope.versions, key=lambda one: one.valid_from):
        if not version.valid_from or version.valid_from <= day.isoformat():
            found = version
    return found


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
