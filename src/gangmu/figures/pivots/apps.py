from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class PivotsConfig(AppConfig):
    name = "gangmu.figures.pivots"
    label = "pivots"
    verbose_name = _("Pivots")

    def ready(self) -> None:
        from gangmu.figures.pivots import tile
        from gangmu.foundation.boards import queries, tiles
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        register_kind("pivots.saved", gettext_noop("Pivot saved"))
        register_kind("pivots.deleted", gettext_noop("Pivot deleted"))
        tiles.register(tiles.TileKind("pivot", _("Pivot"), "table", "pivots/tile.html", 6, 5, tile.wants, tile.show))
        queries.register_own(tile.own_tiles)
        menu.register(
            "pivots",
            _("Pivots"),
            "pivots:one",
            icon="layout-grid",
            section="figures",
            order=16,
            visible=lambda request: request.scope.may("figures:view"),
        )
