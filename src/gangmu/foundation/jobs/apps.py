from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "gangmu.foundation.jobs"
    label = "jobs"
    verbose_name = _("Jobs")
