from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    name = "gangmu.foundation.inbox"
    label = "inbox"
    verbose_name = _("Inbox")

    def ready(self) -> None:
        from gangmu.foundation.inbox.cases import register_cases
        from gangmu.foundation.ui import menu

        register_cases()
        menu.register("inbox.list", _("Inbox"), "inbox:list", icon="inbox", section="work", order=10)
