"""What a home page is asked for: read from its address, completed with defaults, written into addresses again."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from gangmu.foundation.boards import tiles
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

KINDS: dict[Kind, str | Promise] = {
    Kind.DAY: pgettext_lazy("kind of period", "Day"),
    Kind.MONTH: pgettext_lazy("kind of period", "Month"),
    Kind.YEAR: pgettext_lazy("kind of period", "Year"),
}


@dataclass(frozen=True)
class View:
    """Which period is shown, and what is chosen above the tiles."""

    period: Period
    at_least: str
    compare: str

    @classmethod
    def of(cls, parameters: QueryDict) -> "View":
        """As the address says; what it says wrong or not at all is yesterday and the first option of each switch."""
        return cls(
            _period(parameters.get("period", "")),
            tiles.switched("at_least", parameters.get("at_least", "")),
            tiles.switched("compare", parameters.get("compare", "")),
        )

    def but(self, **changes: object) -> str:
        """The query string of this page with something changed, without what would be so anyway; with its `?`."""
        changed = replace(self, **changes)
        parts = {"period": changed.period.code, "at_least": changed.at_least, "compare": changed.compare}
        defaults = {"period": yesterday().code, **{name: tiles.switched(name, "") for name in ("at_least", "compare")}}
        said = {name: value for name, value in parts.items() if value != defaults[name]}
        return f"?{urlencode(said)}" if said else ""

    @property
    def kinds(self) -> list[tuple[str | Promise, str, bool]]:
        """The same time by day, month and year: label, query string, whether it is the one shown."""
        day = min(max(self.period.start, min(self.period.end, yesterday().start)), clock.today())
        found = []
        for kind, label in KINDS.items():
            active = self.period.kind == kind
            period = self.period if active else Period.of(kind, day)
            found.append((label, self.but(period=period), active))
        return found

    @property
    def before(self) -> str | None:
        return self._neighbour("previous")

    @property
    def after(self) -> str | None:
        """The next period, as far as it has begun."""
        return self._neighbour("next")

    def _neighbour(self, move: str) -> str | None:
        try:
            period = getattr(self.period, move)()
        except PeriodError:
            return None
        return self.but(period=period) if period.start <= clock.today() else None

    @property
    def switches(self) -> list[tuple[tiles.Switch, str]]:
        """Each switch with the option that holds."""
        return [(switch, getattr(self, switch.name)) for switch in tiles.switches()]


def yesterday() -> Period:
    return Period.day(clock.today() - timedelta(days=1))


def _period(code: str) -> Period:
    try:
        period = Period.parse(code) if code else yesterday()
    except PeriodError:
        return yesterday()
    return period if period.kind in KINDS else yesterday()
