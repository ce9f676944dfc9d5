from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TilesConfig(AppConfig):
    name = "gangmu.figures.tiles"
    label = "tiles"
    verbose_name = _("Tiles")

    def ready(self) -> None:
        from gangmu.figures.cube.gateway import Question
        from gangmu.figures.filing.models import State
        from gangmu.figures.tiles import asking, choosing, lateness, names, positions, restating, state
        from gangmu.figures.tiles.kinds import charts, maps, single, units, watching
        from gangmu.foundation.boards import places, tiles

        places.register_version(state.tree_version)
        tiles.register_source(Question, asking.fetch_figures, state.of_figures)
        tiles.register_source(names.Name, names.fetch_names, state.of_figures)
        tiles.register_source(choosing.ScopeName, choosing.fetch_scope_names, state.of_figures)
        tiles.register_source(names.Categories, names.fetch_categories, state.of_figures)
        tiles.register_source(positions.Positions, positions.fetch_positions, state.of_figures)
        tiles.register_source(positions.NamesBelow, positions.fetch_names_below, state.of_figures)
        tiles.register_source(lateness.Filed, lateness.fetch_filed)
        tiles.register_source(restating.Restated, restating.fetch_restated, state.of_figures)
        states = (("filed", _("any state")), *((one.name.lower(), one.label) for one in list(State)[1:]))
        tiles.register_switch(tiles.Switch("at_least", _("State at least"), states))
        against = (("year-ago", _("a year ago")), ("previous", _("the period before")))
        tiles.register_switch(tiles.Switch("compare", _("Against"), against))
        kind = tiles.TileKind
        for one in (
            kind("figure", _("Figure"), "hash", "tiles/figure.html", 3, 2, single.wants_figure, single.show_figure),
            kind("figures", _("Figures"), "list-details", "tiles/figures.html", 4, 4, single.wants_figures,
                 single.show_figures),
            kind("table", _("Table"), "table", "tiles/table.html", 8, 5, single.wants_table, single.show_table),
            kind("gauge", _("Gauge"), "clock", "tiles/gauge.html", 4, 3, single.wants_gauge, single.show_gauge),
            kind("trend", pgettext_lazy("chart", "Trend"), "chart-line", "tiles/chart.html", 8, 4, charts.wants_trend,
                 charts.show_trend),
            kind("mix", pgettext_lazy("chart", "Mix"), "chart-bar", "tiles/chart.html", 4, 4, charts.wants_mix,
                 charts.show_mix),
            kind("bars", _("Bars"), "chart-bar", "tiles/chart.html", 4, 4, charts.wants_bars, charts.show_bars),
            kind("ranking", _("Ranking"), "sort-descending", "tiles/chart.html", 4, 5, charts.wants_ranking,
                 charts.show_ranking),
            kind("map", _("Map"), "map-pin", "tiles/map.html", 8, 7, maps.wants_map, maps.show_map),
            kind("warnings", _("Warnings"), "alert-triangle", "tiles/warnings.html", 4, 5, watching.wants_warnings,
                 watching.show_warnings),
            kind("late", _("Late plants"), "alarm", "tiles/late.html", 4, 5, watching.wants_late, watching.show_late),
            kind("restated", _("Restated figures"), "history", "tiles/restated.html", 4, 4, watching.wants_restated,
                 watching.show_restated),
            kind("plants", _("Plants"), "building-factory-2", "tiles/plants.html", 4, 5, watching.wants_plants,
                 watching.show_plants),
            kind("states", _("States of units"), "power", "tiles/states.html", 4, 3, units.wants_states,
                 units.show_states),
        ):  # fmt: skip
            rates, as_filed = one.code in ("gauge", "states"), one.code in ("warnings", "late", "restated")
            tiles.register(one if as_filed else choosing.by_scope(one, units=not rates))
