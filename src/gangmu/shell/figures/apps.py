from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiguresConfig(AppConfig):
    name = "gangmu.shell.figures"
    label = "figures"
    verbose_name = _("Figures")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu

        menu.register(
            "figures.lookup",
            _("Look up figures"),
            "figures:lookup",
            icon="chart-bar",
            section="figures",
            order=10,
            visible=lambda request: request.scope.may("figures:view"),
        )
        menu.register(
            "scopes.list",
            _("Statistical scopes"),
            "scopes:list",
            icon="filter",
            section="figures",
            order=60,
            visible=lambda request: request.scope.may("figures:view"),
        )
