"""Who comes in at which site. Every way of signing in asks here before it opens a session."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.scope import ANONYMOUS, enter, scope_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.services import note_refusal
from gangmu.foundation.settings.sites import served

# One message, whatever was wrong: it does not tell whether the account exists, nor where it would be let in.
REFUSED = _(
    "User name or password is wrong. Check capital letters and the input method, and try again. "
    "Administrators sign in at the back office, everybody else at the business site."
)


def admit(request: HttpRequest, user: User) -> bool:
    """Whether somebody who has proved who they are holds a role of this site. A refusal is recorded.

    Call it in the transaction in which they were authenticated; afterwards nobody is signed in there until
    `auth.login`, if they were refused.
    """
    if scope_of(user, site=served()).admitted:
        return True
    note_refusal("accounts.site-refused", by=user, data={"username": user.username, "site": served()}, request=request)
    enter(ANONYMOUS)
    return False
