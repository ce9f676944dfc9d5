"""How somebody came in, in the words of a reader."""

from django.utils.translation import gettext, gettext_noop

MEANS = {
    "password": gettext_noop("password"),
    "totp": gettext_noop("authenticator"),
    "recovery": gettext_noop("recovery code"),
    "sent": gettext_noop("code sent"),
    "passkey": gettext_noop("passkey"),
    "certificate": gettext_noop("certificate"),
    "demonstration": gettext_noop("one click (demonstration)"),
    "ldap": gettext_noop("directory"),
    "oidc": gettext_noop("single sign-on"),
}


def means(method: str) -> str:
    """By what a session was opened: "password+totp" as "password + authenticator"."""
    return " + ".join(gettext(MEANS[one]) if one in MEANS else one for one in method.split("+") if one)
