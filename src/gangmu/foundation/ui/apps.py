from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "gangmu.foundation.ui"
    label = "ui"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers the checks)
