"""What is done with accounts."""

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation


@transaction.atomic
def create_user(username: str, password: str, *, name: str = "", organisation: Organisation | None = None) -> User:
    """Make an account.

    Raises:
        ValidationError: the user name is malformed or taken, or the password breaks the rules.
    """
    user = User(username=username, name=name or username, organisation=organisation)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user
