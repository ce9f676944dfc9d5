from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GradingContentConfig(AppConfig):
    name = "gangmu.business.grading"
    label = "grading_content"
    verbose_name = _("Service grades")

    def ready(self) -> None:
        from gangmu.business import standards
        from gangmu.business.grading import schemes

        schemes.register()
        standards.register()
