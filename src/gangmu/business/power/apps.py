from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PowerConfig(AppConfig):
    name = "gangmu.business.power"
    label = "power"
    verbose_name = _("Power")
