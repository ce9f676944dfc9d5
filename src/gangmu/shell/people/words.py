"""Accounts in the words of a reader."""

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

POWERS = {"system": _("the system"), "security": _("security"), "audit": _("the record")}


def standing(account: User, state: dict[str, Any], locked: dict[int, Any]) -> list[tuple[str, str]]:
    """How things stand with an account: words and tones, the most important first."""
    marks = []
    if not account.is_active:
        marks.append((__("disabled"), "danger"))
    elif account.valid_to is not None and account.valid_to <= clock.today():
        marks.append((__("ended"), "danger"))
    if account.pk in locked:
        marks.append((__("locked"), "warning"))
    if account.last_login is None:
        marks.append((__("never signed in"), "secondary"))
    elif state["must_change"]:
        marks.append((__("must change the password"), "warning"))
    if state["sessions"]:
        marks.append((__("signed in"), "success"))
    return marks or [(__("active"), "success")]
