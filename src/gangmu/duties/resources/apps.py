from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

KINDS = {
    "resources.registered": gettext_noop("Resource registered"),
    "resources.changed": gettext_noop("Resource changed"),
    "resources.ended": gettext_noop("Resource taken out of the register"),
    "resources.needed": gettext_noop("Dependency recorded"),
    "resources.needed-no-more": gettext_noop("Dependency ended"),
    "resources.imported": gettext_noop("Resources taken over from a file"),
    "resources.exported": gettext_noop("Register of resources exported"),
}


class ResourcesConfig(AppConfig):
    name = "gangmu.duties.resources"
    label = "resources"
    verbose_name = _("Resources")

    def ready(self) -> None:
        from gangmu.duties.resources import rights
        from gangmu.foundation.access import permits
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        permits.room("resources", _("Register of resources"), order=25)
        permits.action(rights.VIEW, _("See systems, rooms, lines and what needs what"))
        permits.action(rights.EXPORT, _("Export the register of resources"))
        permits.action(rights.CHANGE, _("Register, change and end resources and dependencies; import them"))
        for address, label in rights.PAGES:
            permits.page(address, label, rights.CHANGE)
        for kind, title in KINDS.items():
            register_kind(kind, title)
        menu.register(
            "resources.register",
            _("Register of resources"),
            "resources:list",
            icon="server-cog",
            section="duties",
            order=10,
            visible=lambda request: request.scope.may(rights.VIEW),
        )
        menu.register(
            "resources.picture",
            _("What needs what"),
            "resources:picture",
            icon="hierarchy-2",
            section="duties",
            order=12,
            visible=lambda request: request.scope.may(rights.VIEW),
        )
