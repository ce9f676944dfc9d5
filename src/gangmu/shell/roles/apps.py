from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class RolesConfig(AppConfig):
    name = "gangmu.shell.roles"
    label = "roles"
    verbose_name = _("Roles")

    def ready(self) -> None:
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.settings.sites import OFFICE
        from gangmu.foundation.ui import menu
        from gangmu.shell.roles import permits

        for kind, title in KINDS.items():
            register_kind(f"access.{kind}", title)
        permits.declare()
        menu.section("rights", _("Rights"), order=40)
        for key, label, page, icon, order in (
            ("list", _("Roles"), "roles:list", "shield-check", 10),
            ("assignments", _("Assignments"), "roles:assignments", "user-check", 20),
            ("seen", _("What somebody sees"), "roles:seen", "eye", 30),
            ("why", _("Why can it not be seen?"), "roles:why", "help-circle", 40),
            ("reviews", _("Entitlement review"), "roles:reviews", "clipboard-check", 50),
        ):
            menu.register(
                f"roles.{key}",
                label,
                page,
                icon=icon,
                section="rights",
                order=order,
                visible=lambda request: request.scope.may("access:view"),
                site=OFFICE,
            )


KINDS = {
    "given": gettext_noop("Role given"),
    "ended": gettext_noop("Role ended"),
    "role-made": gettext_noop("Role made"),
    "role-changed": gettext_noop("Role changed"),
    "role-removed": gettext_noop("Role removed"),
    "menu-changed": gettext_noop("Menu of a role changed"),
    "review-opened": gettext_noop("Entitlement review opened"),
    "review-signed": gettext_noop("Entitlement review signed"),
    "refused": gettext_noop("Change of rights refused"),
}
