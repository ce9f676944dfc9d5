"""Who asks for a page."""

from typing import cast

from django.http import HttpRequest

from gangmu.foundation.accounts.models import User


def asker(request: HttpRequest) -> User:
    """The user who asks. Only for views behind the sign-in, where there always is one."""
    return cast(User, request.user)
