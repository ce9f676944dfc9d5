from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class CurvesConfig(AppConfig):
    name = "gangmu.figures.curves"
    label = "curves"
    verbose_name = _("Curves")

    def ready(self) -> None:
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        register_kind("curves.defined", gettext_noop("Indicators given curves"))
        register_kind("curves.loaded", gettext_noop("Curves recorded from a file"))
        menu.register(
            "curves",
            _("Curves"),
            "curves:one",
            icon="chart-line",
            section="figures",
            order=17,
            visible=lambda request: request.scope.may("figures:view"),
        )
