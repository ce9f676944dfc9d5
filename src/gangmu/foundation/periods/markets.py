"""Trading hours of a market's product groups, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from gangmu.foundation.periods.errors import in_chinese


class Phase(StrEnum):
    """What a stretch of trading hours is for. The closing auction lies inside continuous hours."""

    OPENING_AUCTION = "opening_auction"
    CONTINUOUS = "continuous"
    CLOSING_AUCTION = "closing_auction"
    AFTER_HOURS = "after_hours"


CONTINUOUS = frozenset({Phase.CONTINUOUS})


@dataclass(frozen=True)
class TradingSpan:
    """One stretch of a trading day. With `night` it lies on the evening before; `ends` ≤ `starts` is the day after."""

    phase: Phase
    starts: time
    ends: time
    night: bool = False
    since: date | None = None
    until: date | None = None

    def holds_on(self, session: date) -> bool:
        return (self.since is None or self.since <= session) and (self.until is None or session <= self.until)


@dataclass(frozen=True)
class TradingHours:
    """The hours of one product group 品种组, with their source; `verified` only when an official text was read."""

    group: str
    name_zh: str
    name_en: str
    spans: tuple[TradingSpan, ...]
    source: str
    verified: bool = False

    @property
    def name(self) -> str:
        """The group's name in the reader's language."""
        return self.name_zh if in_chinese() else self.name_en

    def on(self, session: date) -> Iterable[TradingSpan]:
        """The stretches in force on a trading day."""
        return (span for span in self.spans if span.holds_on(session))
