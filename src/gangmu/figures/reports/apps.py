from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class ReportsConfig(AppConfig):
    name = "gangmu.figures.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        register_kind("reports.exported", gettext_noop("Report exported"))
        menu.register(
            "reports.list",
            _("Reports"),
            "reports:list",
            icon="file-text",
            section="figures",
            order=5,
            visible=lambda request: request.scope.may("figures:view"),
        )
