from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class IndicatorsConfig(AppConfig):
    name = "gangmu.figures.indicators"
    label = "indicators"
    verbose_name = _("Indicators")

    def ready(self) -> None:
        from gangmu.foundation.records.kinds import register_kind

        register_kind("indicators.loaded", gettext_noop("Indicators loaded"))
        register_kind("indicators.categories-defined", gettext_noop("Dictionaries of categories defined"))
        register_kind("indicators.taxes-defined", gettext_noop("Taxes defined"))
        register_kind("indicators.kept-back", gettext_noop("Shipped indicators kept back"))
