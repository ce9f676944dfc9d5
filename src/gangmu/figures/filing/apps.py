from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingConfig(AppConfig):
    name = "gangmu.figures.filing"
    label = "filing"
    verbose_name = _("Filing")

    def ready(self) -> None:
        from gangmu.figures.filing import subjects, waiting
        from gangmu.figures.filing.excel.starting import IMPORT
        from gangmu.figures.filing.queries.extents import days_filed
        from gangmu.figures.indicators.categories.services import register_days_filed
        from gangmu.foundation.ui import jobs

        jobs.leads_to(IMPORT, "filing:imported")
        register_days_filed(days_filed)
        subjects.register_kinds()
        waiting.register_waiting()
