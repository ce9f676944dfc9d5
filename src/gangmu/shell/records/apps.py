from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordPagesConfig(AppConfig):
    name = "gangmu.shell.records"
    label = "record_pages"
    verbose_name = _("Records")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu
        from gangmu.shell.records import jobkinds  # noqa: F401 (registers itself)

        def offer(key: str, label: menu.Text, page: str, icon: str, order: int, *permissions: str) -> None:
            menu.register(
                f"records.{key}",
                label,
                f"records:{page}",
                icon=icon,
                section="records",
                order=order,
                visible=lambda request: not permissions or any(request.scope.may(one) for one in permissions),
            )

        menu.section("records", _("Records"), order=80)
        offer("overview", _("Record at a glance"), "overview", "layout-grid", 10, "records:view")
        offer("events", _("Events"), "events", "list-details", 20)
        offer("history", _("Changes"), "history", "history", 30)
        offer("alarms", _("Alarms"), "alarms", "alarm", 40, "alarms:view")
        offer("seals", _("Seals and verification"), "seals", "lock", 50, "records:view")
        offer("retention", _("Retention"), "retention", "folder", 60, "records:view", "retention:ask")
        offer("receivers", _("Receivers of the record"), "receivers", "send", 70, "records:view")
