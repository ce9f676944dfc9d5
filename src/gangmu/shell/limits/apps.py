from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class LimitsConfig(AppConfig):
    name = "gangmu.shell.limits"
    label = "limits"
    verbose_name = _("Rate limits")

    def ready(self) -> None:
        from gangmu.foundation.records import kinds

        kinds.register_kind("access.rate-limited", gettext_noop("Asked too often, and refused"))
