"""Signing in with a password.

Before anybody has signed in, row security shows no account; `accounts_credentials` is the one hole made on
purpose: a security-definer function that gives the password hash of one user name.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.http import HttpRequest

from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


def speak_for(user_id: int) -> None:
    """Let row security show what is this person's own, for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gangmu.user_id', %s, true)", [str(user_id)])


class PasswordBackend(BaseBackend):
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        username, password = credentials.get("username"), credentials.get("password")
        if not username or not password:
            return None
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, password FROM accounts_credentials(%s)", [username])
            row = cursor.fetchone()
        if row is None:
            make_password(password)  # the answer takes as long as for an account that exists
            return None
        user_id, encoded = row

        def rehash(raw: str) -> None:
            with connection.cursor() as cursor:
                values = [user_id, make_password(raw), clock.now()]
                cursor.execute("SELECT accounts_set_password(%s, %s, %s, true, false)", values)

        if not check_password(password, encoded):
            return None
        speak_for(user_id)
        check_password(password, encoded, setter=rehash)  # an older way of hashing is replaced by the present one
        return self.get_user(user_id)

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.filter(pk=user_id).first()
        return user if user is not None and user.may_sign_in() else None
