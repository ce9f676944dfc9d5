"""The tile 全集团电厂排名: the first of what is published to the asker, and where their own stand in it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.publications.queries import Line, Ranking, granted, is_told, ranking
from gangmu.figures.tiles.names import Name, fetch_names
from gangmu.figures.tiles.showing import is_provisional, provisional
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.periods.period import Period

MOST = 6


@dataclass(frozen=True)
class Rankings:
    """Wants what is published to the asker that tells this period: by its place among those (`number`, from 0)."""

    period: str
    number: int = 0


def grants(scope: Scope) -> Hashable:
    """On what rankings depend besides figures and scope: what is granted to the asker now."""
    return tuple(granted()) if scope.may("figures:view") else ()


def fetch_rankings(wanted: Sequence[Rankings], scope: Scope) -> Mapping[Rankings, Ranking | None]:
    """The ranking of each; None where nothing, or nothing more, is published to the asker."""
    known = granted() if scope.may("figures:view") else []
    found: dict[Rankings, Ranking | None] = {}
    for one in wanted:
        period = Period.parse(one.period)
        told = [publication for publication in known if is_told(publication, period)]
        found[one] = None
        if one.number < len(told):
            try:
                found[one] = ranking(told[one.number], period, scope)
            except CannotAnswer:
                found[one] = None
    return found


def _wanted(asked: Asked) -> Rankings:
    return Rankings(asked.period.code, int(asked.options.get("number", 0)))


def wants(asked: Asked) -> Sequence[Hashable]:
    return [_wanted(asked)]


def show(asked: Asked, found: Mapping[Any, Any]) -> dict[str, Any] | None:
    """The first lines, and those of the page's own plants with their neighbours' places left out."""
    told: Ranking | None = found[_wanted(asked)]
    if told is None or not told.lines:
        return None
    below = asked.places.lowest(asked.organisation) or [asked.organisation]
    here = {place.code for place in below}
    own = [line for line in told.own if line.code in here]
    most = int(asked.options.get("most", MOST))
    lines = parted(told, own, most)
    return {
        "publication": told.publication,
        "unit": told.units[0],
        "lines": lines,
        "own": {line.code for line in own} if len(own) < len(told.lines) else set(),
        "count": len(told.lines),
        "note": _("%(count)s plants") % {"count": len(told.lines)},
        "marks": provisional() if is_provisional(told.state) else [],
        "url": f"{reverse('publications:one', args=[told.publication.pk])}?period={asked.period.code}",
    }


def parted(told: Ranking, own: Sequence[Line], most: int) -> list[Line | None]:
    """The first of all and the first of one's own, in order; None where some are left out between."""
    marked = own if len(own) < len(told.lines) else []
    kept = {*told.lines[: max(1, most - min(len(marked), most // 2))], *marked[: most // 2]}
    shown: list[Line | None] = []
    gap = False
    for line in told.lines:
        if line in kept:
            if gap:
                shown.append(None)
            shown.append(line)
            gap = False
        else:
            gap = True
    return shown


def names_of(codes: Sequence[str], scope: Scope) -> list[str]:
    """What indicators are called, in their order."""
    found = fetch_names([Name(code) for code in codes], scope)
    return [found[Name(code)] for code in codes]
