from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    name = "gangmu.shell.office"
    label = "office"
    verbose_name = _("Back office")

    def ready(self) -> None:
        from gangmu.foundation.settings.sites import OFFICE
        from gangmu.foundation.ui import menu

        def offer(
            key: str, label: menu.Text, page: str, icon: str, section: str, order: int, permission: str = ""
        ) -> None:
            menu.register(
                f"office.{key}",
                label,
                page,
                icon=icon,
                section=section,
                order=order,
                visible=lambda request: not permission or request.scope.may(permission),
                site=OFFICE,
            )

        menu.section("rules", _("Rules"), order=30)
        offer("home", _("Overview"), "home", "layout-grid", "work", 5)
        offer("forms", _("Forms"), "filing:forms", "clipboard-list", "rules", 10, "figures:view")
        offer("duties", _("Who files for whom"), "filing:duties", "users", "rules", 20, "figures:view")
        offer("routes", _("Approval routes"), "approvals:routes", "route", "rules", 30, "approvals:view")
        offer("leave", _("Leave"), "approvals:leave", "beach", "rules", 40, "approvals:view")
        offer("jobs", _("My long work"), "ui:jobs", "clock", "system", 50)
