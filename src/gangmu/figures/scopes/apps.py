from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class ScopesConfig(AppConfig):
    name = "gangmu.figures.scopes"
    label = "scopes"
    verbose_name = _("Statistical scopes")

    def ready(self) -> None:
        from gangmu.foundation.records.kinds import register_kind

        register_kind("scopes.defined", gettext_noop("Statistical scopes defined"))
        register_kind("scopes.removed", gettext_noop("Statistical scope removed"))
