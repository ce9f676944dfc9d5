from django.apps import AppConfig
from django.utils.translation import gettext_noop as _

from gangmu.foundation.records import kinds

KINDS = {
    "accounts.sign-in-throttled": _("Sign-in refused: too many attempts"),
    "accounts.second-factor-refused": _("Second factor refused"),
    "accounts.passkey-refused": _("Passkey refused"),
    "accounts.certificate-refused": _("Certificate refused"),
    "accounts.directory-refused": _("Sign-in by a directory refused"),
    "accounts.directory-away": _("Directory does not answer"),
    "accounts.directory-set": _("Directory set"),
    "accounts.directory-ended": _("Directory ended"),
    "accounts.directory-disabled": _("Account disabled because its directory did"),
    "accounts.directory-doubted": _("Many people gone from a directory at once: nothing done"),
    "accounts.identity-bound": _("Entry of a directory bound to an account"),
    "accounts.identity-unbound": _("Entry of a directory no longer bound"),
    "accounts.proof-refused": _("Proof of identity refused"),
    "accounts.proved": _("Identity proved again"),
    "accounts.code-sent": _("Code sent"),
    "accounts.password-changed": _("Password changed"),
    "accounts.password-given": _("Password given by an administrator"),
    "accounts.factor-added": _("Factor added"),
    "accounts.factor-removed": _("Factor removed"),
    "accounts.recovery-codes-made": _("Recovery codes made"),
    "accounts.sessions-ended": _("Other sessions ended"),
    "accounts.dormant-disabled": _("Dormant account disabled"),
    "accounts.perhaps-shared": _("Account perhaps used by several people"),
    "accounts.wiped": _("Secrets wiped that were over"),
    "accounts.created": _("Account made"),
    "accounts.disabled": _("Account disabled"),
    "accounts.enabled": _("Account enabled"),
    "accounts.unlocked": _("Account unlocked"),
    "accounts.policy-set": _("Sign-in policy set"),
}


class SigninConfig(AppConfig):
    name = "gangmu.shell.signin"
    label = "signin"

    def ready(self) -> None:
        for kind, title in KINDS.items():
            kinds.register_kind(kind, title)
