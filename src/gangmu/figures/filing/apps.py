from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingConfig(AppConfig):
    name = "gangmu.figures.filing"
    label = "filing"
    verbose_name = _("Filing")

    def ready(self) -> None:
        from gangmu.figures.filing import subjects, waiting
        from gangmu.figures.filing.excel.starting import IMPORT
        from gangmu.foundation.ui import jobs

        jobs.leads_to(IMPORT, "filing:imported")
        subjects.register_kinds()
        waiting.register_waiting()
