"""A pivot on a home page: the tile of whoever put it there."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import REFUSALS
from gangmu.figures.pivots.errors import PivotError
from gangmu.figures.pivots.grid import Grid, Plan, filled, plan
from gangmu.figures.pivots.layout import Layout
from gangmu.figures.pivots.models import Use
from gangmu.figures.pivots.showing import chart_of, table_of
from gangmu.figures.tiles.choosing import ScopeName, scope_mark
from gangmu.figures.tiles.showing import provisional
from gangmu.foundation.accounts.models import User
from gangmu.foundation.boards.definitions import PlacedTile
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.parties.kinds import Words

MOST_CELLS = 400
ROWS = 8
PREFIX = "pivot-"
LOWEST = 400  # own tiles stand below those of the page


def own_tiles(user: User) -> list[PlacedTile]:
    """The pivots that a user has put onto their home pages."""
    found = Use.objects.filter(user=user, on_home=True).select_related("pivot").order_by("pk")
    return [
        PlacedTile(
            f"{PREFIX}{use.pivot_id}",
            "pivot",
            Words(use.pivot.name, use.pivot.name),
            6 * (place % 2),
            LOWEST + 5 * (place // 2),
            6,
            5,
            {"query": use.pivot.query},
        )
        for place, use in enumerate(found)
    ]


def _plan(asked: Asked) -> Plan | str:
    try:
        return plan(Layout.of_query(str(asked.options["query"])), asked.places, most=MOST_CELLS)
    except (PivotError, *REFUSALS) as error:
        return str(error)


def wants(asked: Asked) -> Sequence[Hashable]:
    made = _plan(asked)
    if isinstance(made, str):
        return []
    return [*made.questions, *([ScopeName(made.layout.scope)] if made.layout.scope else [])]


def show(asked: Asked, found: Mapping[Any, Any]) -> dict[str, Any] | None:
    """The first lines as a table, or the chart."""
    url = f"{reverse('pivots:one')}?{asked.options['query']}"
    made = _plan(asked)
    if isinstance(made, str):
        return {"problem": made, "url": url}
    figures = [found[question] for question in made.questions]
    problem = next((one.problem for one in figures if one.problem), "")
    scope = made.layout.scope
    marks = [scope_mark(found[ScopeName(scope)])] if scope else []
    if problem:
        return {"problem": problem, "url": url, "marks": marks}

    def names(codes: set[str]) -> Mapping[str, str]:
        return {code: place.name for code in codes if (place := asked.places.by_code.get(code))}

    grid = filled(made, [one.rows for one in figures], names)
    if grid.nobody_counts:
        return {"problem": _("Nobody counts"), "url": url, "marks": marks}
    chart = chart_of(grid) if grid.layout.drawn != "table" else None
    context: dict[str, Any] = {"url": url, "marks": marks + (provisional() if _is_provisional(grid) else [])}
    if chart and not chart.problem:
        return {**context, "chart": chart}
    table = table_of(grid, ROWS)
    more = len(grid.lines(grid.layout.rows)) - len(table.lines)
    return {**context, "table": table, "note": _("and %(count)d more lines") % {"count": more} if more > 0 else ""}


def _is_provisional(grid: Grid) -> bool:
    return any(
        grid.cell(line, over).provisional
        for line in grid.lines(grid.layout.rows)[:ROWS]
        for over in grid.lines(grid.layout.columns)
    )
