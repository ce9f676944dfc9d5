from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordPagesConfig(AppConfig):
    name = "gangmu.shell.records"
    label = "record_pages"
    verbose_name = _("Records")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu

        menu.register("records.events", _("Events"), "records:events", icon="list-details", section="system", order=70)
        menu.register("records.history", _("Changes"), "records:history", icon="history", section="system", order=71)
