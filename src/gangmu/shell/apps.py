from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShellConfig(AppConfig):
    name = "gangmu.shell"
    label = "shell"
    verbose_name = _("Shell")

    def ready(self) -> None:
        from gangmu.business import standards

        standards.register()
