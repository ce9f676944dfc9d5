"""Who somebody is."""

from django.http import HttpRequest

from gangmu.foundation.accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """The account behind a request that needs one; the middleware has turned strangers away before."""
    if not isinstance(request.user, User):
        raise TypeError("the view is open to strangers; ask request.user.is_authenticated first")
    return request.user
