from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudiesConfig(AppConfig):
    name = "gangmu.figures.studies"
    label = "studies"
    verbose_name = _("Analysis of figures")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu

        menu.register(
            "studies",
            _("Analyse a figure"),
            "studies:one",
            icon="chart-line",
            section="figures",
            order=15,
            visible=lambda request: request.scope.may("figures:view"),
        )
