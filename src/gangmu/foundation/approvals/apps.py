from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "gangmu.foundation.approvals"
    label = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from gangmu.foundation.approvals import noted
        from gangmu.foundation.ui import menu

        noted.register()
        menu.register(
            "approvals.list",
            _("Approvals"),
            "approvals:list",
            icon="route",
            section="work",
            order=40,
            visible=lambda request: request.scope.may("approvals:view"),
        )
