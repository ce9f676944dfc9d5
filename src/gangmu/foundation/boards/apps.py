from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardsConfig(AppConfig):
    name = "gangmu.foundation.boards"
    label = "boards"
    verbose_name = _("Home pages")

    def ready(self) -> None:
        from gangmu.foundation.boards import places
        from gangmu.foundation.ui import menu

        menu.register(
            "boards.home",
            _("Home page"),
            "boards:home",
            icon="home",
            section="work",
            order=5,
            visible=places.may_look,
        )
