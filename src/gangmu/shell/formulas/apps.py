from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class FormulasConfig(AppConfig):
    name = "gangmu.shell.formulas"
    label = "formulas"
    verbose_name = _("Indicators and formulas")

    def ready(self) -> None:
        from gangmu.foundation.records import kinds
        from gangmu.foundation.ui import menu

        kinds.register_kind("indicators.made", gettext_noop("Indicator made"))
        kinds.register_kind("indicators.changed", gettext_noop("Indicator changed"))
        menu.register(
            "formulas.list",
            _("Indicators and formulas"),
            "formulas:list",
            icon="hash",
            section="figures",
            order=70,
            visible=lambda request: request.scope.may("figures:view"),
        )
