"""What is chosen of a tile that tells figures: in which unit 计量单位, and by which statistical scope 统计口径.

Figures stand in the units of the tier of the page's organisation, whoever they are of: one unit within a chart or a
table. An option `unit` says otherwise: `filed` for those in which indicators are filed, or one unit, which holds for
what fits it. An option `scope` names a statistical scope.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.cube.question import TIER, Question
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.tiers import of_tier, units_like
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.scopes.queries import book
from gangmu.figures.tiles.asking import Figures
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.definitions import PlacedTile
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Asked, Found, Setting, Show, Text, TileKind, Wants

FILED = "filed"
UNIT_WORDS: dict[str, Text] = {TIER: gettext_lazy("of the tier"), FILED: gettext_lazy("as filed")}


def unit_of(asked: Asked) -> str | None:
    """In which unit a tile's questions are asked."""
    chosen = str(asked.options.get("unit") or TIER)
    if chosen == FILED:
        return None
    return of_tier(asked.organisation.kind, "" if chosen == TIER else chosen)


def scope_of(asked: Asked) -> str:
    """The code of the statistical scope by which a tile counts; empty without one."""
    return str(asked.options.get("scope") or "")


def carried(asked: Asked) -> dict[str, str]:
    """What takes unit and scope along to the look-up page."""
    chosen = str(asked.options.get("unit") or TIER)
    return {"unit": {FILED: "", TIER: TIER}.get(chosen, unit_of(asked) or ""), "scope": scope_of(asked)}


@dataclass(frozen=True)
class ScopeName:
    """Wants the name of a statistical scope."""

    code: str


def fetch_scope_names(wanted: Sequence[ScopeName], scope: Scope) -> Mapping[ScopeName, str]:
    """Each name in the active language; an unknown scope's is its code."""
    known = book()
    return {one: str(known[one.code].name) if one.code in known else one.code for one in wanted}


# Kinds that count by a scope ------------------------------------------------------------------------------------------


def by_scope(kind: TileKind, *, units: bool = True) -> TileKind:
    """A kind of tile whose reader may choose a scope and, with `units`, a unit. The scope stands beside the title, and
    where nothing counts by it, the tile says so instead of being left out."""
    settings = (UNIT, SCOPE) if units else (SCOPE,)
    return replace(kind, wants=_wanting(kind.wants), show=_telling(kind.wants, kind.show), settings=settings)


def _wanting(wants: Wants) -> Wants:
    @wraps(wants)
    def wanting(asked: Asked) -> Sequence[Hashable]:
        chosen = scope_of(asked)
        return [*wants(asked), *([ScopeName(chosen)] if chosen else [])]

    return wanting


def _telling(wants: Wants, show: Show) -> Show:
    @wraps(show)
    def telling(asked: Asked, found: Found) -> Mapping[str, Any] | None:
        context, chosen = show(asked, found), scope_of(asked)
        if not chosen:
            return context
        name = found[ScopeName(chosen)]
        answers = [found[want] for want in wants(asked) if isinstance(want, Question)]
        if context is None or "problem" in context or _nobody_counts(answers):
            context = {"problem": _problem(context, answers) or _nobody(asked, name)}
        return {**context, "marks": [scope_mark(name), *context.get("marks", ())]}

    return telling


def scope_mark(name: str) -> tuple[str, str, str]:
    """What stands beside a title of what counts by a scope."""
    return _("Scope: %(scope)s") % {"scope": name}, "secondary", _("Who counts here, and with which share")


def _problem(context: Mapping[str, Any] | None, answers: Sequence[Figures]) -> str:
    said = str(context.get("problem") or "") if context else ""
    return said or next((one.problem for one in answers if one.problem), "")


def _nobody_counts(answers: Sequence[Figures]) -> bool:
    rows = [row for one in answers for row in one.rows]
    return bool(rows) and not any(row.expected or row.reported for row in rows)


def _nobody(asked: Asked, name: str) -> str:
    words = {"scope": name, "organisation": asked.organisation.name}
    return _("By the scope “%(scope)s” nobody of %(organisation)s counts in this period.") % words


# What can be chosen ---------------------------------------------------------------------------------------------------


def _offered_units(place: Place, tiles: Sequence[PlacedTile]) -> dict[str, list[tuple[str, Text]]]:
    """The units that fit an indicator of each tile, behind those of the tier and those in which it is filed."""
    codes = {tile.id: indicators_of(tile) for tile in tiles}
    wanted = {code for several in codes.values() for code in several}
    units = dict(Indicator.objects.filter(code__in=wanted).values_list("code", "unit"))
    found: dict[str, list[tuple[str, Text]]] = {}
    for tile in tiles:
        own = [units[code] for code in codes[tile.id] if code in units]
        moved = [unit for unit in units_like(own) if len(units_like([unit])) > 1]
        if moved:
            first = str(tile.options.get("unit") or TIER)
            each = {**UNIT_WORDS, **{unit: unit_words(unit) for unit in moved}}
            found[tile.id] = sorted(each.items(), key=lambda one, first=first: one[0] != first)
    return found


def _offered_scopes(place: Place, tiles: Sequence[PlacedTile]) -> dict[str, list[tuple[str, Text]]]:
    """The scopes that are shown for the kind of the page's organisation."""
    known = [one for one in book().values() if not one.levels or place.kind in one.levels]
    named = [(one.code, str(one.name)) for one in known]
    if not named:
        return {}
    everybody: tuple[str, Text] = ("", gettext_lazy("all organisations"))
    return {
        tile.id: sorted([everybody, *named], key=lambda one, tile=tile: one[0] != str(tile.options.get("scope") or ""))
        for tile in tiles
    }


def indicators_of(tile: PlacedTile) -> list[str]:
    """The indicators that a tile tells of."""
    options = tile.options
    single = [str(options["indicator"])] if "indicator" in options else []
    return list(dict.fromkeys([*single, *options.get("indicators", ()), *options.get("totals", ())]))


UNIT = Setting("unit", gettext_lazy("Units shown"), _offered_units)
SCOPE = Setting("scope", gettext_lazy("Statistical scope"), _offered_scopes)
