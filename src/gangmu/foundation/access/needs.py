"""What a view needs, said at its head."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from gangmu.foundation.access import permits

View = Callable[..., HttpResponseBase]


def require(request: HttpRequest, *permissions: str) -> None:
    """Refuse who holds none of the permissions, and name the first of them.

    Raises:
        PermissionDenied: none of them is held.
    """
    if not any(permits.of_request(request).may(one) for one in permissions):
        raise PermissionDenied(
            _("Your roles do not include “%(permission)s”.") % {"permission": permits.in_words(permissions[0])}
        )


def needs(*permissions: str) -> Callable[[View], View]:
    """Let a view be reached by who holds one of the permissions."""

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(request, *permissions)
            return view(request, *args, **kwargs)

        return wrapped

    return decorated
