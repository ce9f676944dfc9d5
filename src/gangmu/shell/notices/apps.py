from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticePagesConfig(AppConfig):
    name = "gangmu.shell.notices"
    label = "notice_pages"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu

        menu.register("notices.list", _("Notices"), "notices:list", icon="bell", section="system", order=10)
