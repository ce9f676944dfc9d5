from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "gangmu.foundation.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """When somebody was here last is written where a session opens, by the database, and not by Django's signal."""
        user_logged_in.disconnect(dispatch_uid="update_last_login")
