from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class PublicationsConfig(AppConfig):
    name = "gangmu.figures.publications"
    label = "publications"
    verbose_name = _("Publications")

    def ready(self) -> None:
        from gangmu.figures.publications import tile
        from gangmu.foundation.boards import tiles
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        register_kind("publications.published", gettext_noop("Ranking published"))
        register_kind("publications.ended", gettext_noop("Publication ended"))
        tiles.register_source(tile.Rankings, tile.fetch_rankings, tile.grants)
        tiles.register(
            tiles.TileKind("publication", _("Published ranking"), "share", "publications/tile.html", 4, 5, tile.wants,
                           tile.show)
        )  # fmt: skip
        menu.register(
            "publications",
            _("Published rankings"),
            "publications:mine",
            icon="sort-descending",
            section="figures",
            order=50,
            visible=lambda request: request.scope.may("figures:view"),
        )
