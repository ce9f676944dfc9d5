"""Signing in to the demonstration: one click for each account. Outside demonstration mode none of this exists."""

from django.conf import settings
from django.utils.translation import get_language


def demonstration_accounts() -> list[dict[str, str]]:
    """The accounts that anybody may use, in demonstration mode; nowhere else are there any."""
    if not settings.DEMONSTRATION:
        return []
    from gangmu.shell.demonstration import ACCOUNTS, PASSWORD

    chinese = (get_language() or "zh-hans").startswith("zh")
    return [
        {"username": username, "name": name if chinese else english, "password": PASSWORD}
        for username, name, english, _role, _place in ACCOUNTS
    ]
