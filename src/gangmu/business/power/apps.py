from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PowerConfig(AppConfig):
    name = "gangmu.business.power"
    label = "power"
    verbose_name = _("Power")

    def ready(self) -> None:
        from gangmu.business.power import boards, content, outages, proposing, reports
        from gangmu.figures.indicators import tiers
        from gangmu.foundation.parties import kinds
        from gangmu.foundation.ui import menu

        kinds.register(kinds=content.kinds(), attributes=content.attributes())
        proposing.register_source()
        outages.register_tile()
        boards.register_boards()
        reports.register_reports()
        for (kind, language), units in content.tiers().items():
            tiers.register_tier(kind, language, units)
        menu.register(
            "power.events",
            _("Unit event log"),
            "power:events",
            icon="bolt",
            section="figures",
            order=60,
            visible=lambda request: request.scope.may("figures:view"),
        )
