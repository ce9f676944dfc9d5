from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CubeConfig(AppConfig):
    name = "gangmu.figures.cube"
    label = "cube"
    verbose_name = _("Cube")

    def ready(self) -> None:
        from gangmu.figures.cube.scopes import judge
        from gangmu.figures.scopes.services import register_judge

        register_judge(judge)
