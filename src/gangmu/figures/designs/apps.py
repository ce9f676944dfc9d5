from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class DesignsConfig(AppConfig):
    name = "gangmu.figures.designs"
    label = "designs"
    verbose_name = _("Reports designed in Excel")

    def ready(self) -> None:
        from gangmu.figures.designs import queries
        from gangmu.figures.reports import makers
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        makers.register(queries.Designed())
        register_kind("designs.uploaded", gettext_noop("Workbook of a report uploaded"))
        register_kind("designs.downloaded", gettext_noop("Workbook of a report downloaded"))
        register_kind("designs.applied", gettext_noop("Version of a report applied"))
        register_kind("designs.changed", gettext_noop("Settings of a report changed"))
        menu.register(
            "designs",
            _("Reports designed in Excel"),
            "designs:list",
            icon="table",
            section="figures",
            order=6,
            visible=lambda request: request.scope.may("figures:view"),
        )
