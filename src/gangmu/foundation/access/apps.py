from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "gangmu.foundation.access"
    label = "access"
    verbose_name = _("Access")

    def ready(self) -> None:
        from gangmu.foundation.access import checks  # noqa: F401  (registers itself)
