from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "gangmu.shell.organisations"
    label = "organisations"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu

        menu.register(
            "organisations.tree",
            _("Organisation tree"),
            "organisations:tree",
            icon="sitemap",
            section="organisation",
            order=10,
        )
        menu.register(
            "organisations.list",
            _("Organisations"),
            "organisations:list",
            icon="list-details",
            section="organisation",
            order=20,
        )
