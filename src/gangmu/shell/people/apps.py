from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

KINDS = {
    "accounts.changed": gettext_noop("Account changed"),
    "accounts.change-refused": gettext_noop("Change of an account refused"),
    "accounts.imported": gettext_noop("People taken over from a file"),
    "accounts.sheet-fetched": gettext_noop("Sheet of one-time passwords fetched"),
    "accounts.policy-withdrawn": gettext_noop("Sign-in policy withdrawn"),
    "accounts.delivery-failed": gettext_noop("Mail or message could not be sent"),
}


class PeopleConfig(AppConfig):
    name = "gangmu.shell.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from gangmu.foundation.records import kinds
        from gangmu.foundation.settings.sites import OFFICE
        from gangmu.foundation.ui import menu

        for kind, title in KINDS.items():
            kinds.register_kind(kind, title)
        menu.section("people", _("People"), order=25)
        menu.register(
            "people.list",
            _("Accounts"),
            "people:list",
            icon="users",
            section="people",
            order=10,
            visible=lambda request: request.scope.may("accounts:view"),
            site=OFFICE,
        )
        menu.register(
            "people.policy",
            _("Sign-in policy"),
            "people:policy",
            icon="shield-lock",
            section="people",
            order=30,
            visible=lambda request: request.scope.may("accounts:view"),
            site=OFFICE,
        )
