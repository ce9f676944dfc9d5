from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PowerConfig(AppConfig):
    name = "gangmu.business.power"
    label = "power"
    verbose_name = _("Power")

    def ready(self) -> None:
        from gangmu.business.power import content
        from gangmu.foundation.parties import kinds

        kinds.register(kinds=content.kinds(), attributes=content.attributes())
