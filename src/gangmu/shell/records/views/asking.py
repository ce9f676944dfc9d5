"""Who may open a page of the record."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def needs(*permissions: str) -> Callable[[View], View]:
    """Refuse a page to whoever holds none of these permissions."""

    def around(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.scope.may(one) for one in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapped

    return around
