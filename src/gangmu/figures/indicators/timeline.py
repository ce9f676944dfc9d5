"""The indicators of every day. Formulas are valid from a day on; on any one day the indicators are one catalogue."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import IndicatorDefinition

MOST_DAYS = 120  # days on which formulas may change, of all indicators together


class Timeline:
    """A catalogue for each stretch of days in which no formula changes; they are made when they are asked for.

    `newest` is the last of them. `days` are those on which a formula begins to be valid.
    """

    def __init__(self, definitions: Iterable[IndicatorDefinition]) -> None:
        self.newest = Catalogue(definitions)
        ends = {earlier.until for definition in self.newest.values() for earlier in definition.earlier}
        self.days = [end + timedelta(days=1) for end in sorted(ends)]
        self._catalogues: dict[int, Catalogue] = {len(self.days): self.newest}

    def on(self, day: date) -> Catalogue:
        """The indicators with the formulas of one day."""
        return self._numbered(self.number(day))

    def number(self, day: date) -> int:
        """Which of the stretches a day is in, from 0."""
        return bisect_right(self.days, day)

    def stretches(self) -> Iterator[tuple[date, Catalogue]]:
        """The first day of each stretch, with its indicators; the first stretch begins with time itself."""
        for number, day in enumerate([date.min, *self.days]):
            yield day, self._numbered(number)

    def _numbered(self, number: int) -> Catalogue:
        if number not in self._catalogues:
            day = self.days[number] - timedelta(days=1)
            self._catalogues[number] = Catalogue(definition.on(day) for definition in self.newest.values())
        return self._catalogues[number]
