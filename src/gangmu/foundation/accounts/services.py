"""What is done with accounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts import passwords
from gangmu.foundation.accounts.models import Policy, SignIn, User
from gangmu.foundation.accounts.throttle import keys_of
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import served


@transaction.atomic
def create_user(
    username: str, password: str, *, name: str = "", organisation: Organisation | None = None, email: str = ""
) -> User:
    """Make an account. Its password is somebody else's choice, and must be changed at the first sign-in.

    Raises:
        ValidationError: the user name is malformed or taken, or the password breaks the rules.
    """
    user = User(username=username, name=name or username, organisation=organisation, email=email)
    validate_password(password, user)
    user.full_clean()
    user.save()
    _put_password(user, password, by_other=True)
    return user


@transaction.atomic
def give_password(user: User, password: str) -> None:
    """Give somebody else's account a password, which opens nothing but its own change. Every session of it ends.

    Raises:
        ValidationError: the password breaks the rules.
    """
    validate_password(password, user)
    _put_password(user, password, by_other=True)
    end_sessions(user)


@transaction.atomic
def change_password(user: User, password: str, *, this: str = "") -> None:
    """Change one's own password. Every other session of the account ends; `this` names the stored key of the present.

    Raises:
        ValidationError: the password breaks the rules, was had before, or was changed too short a time ago.
    """
    policy = Policy.of()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_password_state(%s)", [user.pk])
        held, changed_at, must_change, former = cursor.fetchone() or ("", None, True, [])
    if changed_at and not must_change and clock.now() - changed_at < timedelta(days=policy.min_age_days):
        raise ValidationError(
            _("It was changed less than %(n)d day(s) ago. If you fear that it is known, ask your administrator.")
            % {"n": policy.min_age_days},
            code="young",
        )
    found = passwords.faults_of_change(password, user, held, former or [], policy)
    if found:
        raise ValidationError(found)
    _put_password(user, password, by_other=False)
    end_sessions(user, this=this, which="others" if this else "all", why=SignIn.End.PASSWORD)


def _put_password(user: User, password: str, *, by_other: bool) -> None:
    with connection.cursor() as cursor:
        values = [user.pk, make_password(password), clock.now(), by_other]
        cursor.execute("SELECT accounts_set_password(%s, %s, %s, false, %s)", values)


@dataclass(frozen=True)
class Before:
    """The sign-in before this one, and how many other sessions ended by this one."""

    at: datetime | None
    address: str
    ousted: int


def open_session(user: User, *, key: str, method: str, address: str | None, agent: str, alone: bool = True) -> Before:
    """Begin a session, by its stored key; every other of the account ends with `alone`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM accounts_open(%s, %s, %s, %s, %s, %s, %s, %s)",
            [user.pk, key, served(), method, address, agent, clock.now(), alone],
        )
        row = cursor.fetchone()
    return Before(row[0], str(row[1] or ""), row[2]) if row else Before(None, "", 0)


def end_sessions(user: User, *, this: str = "", which: str = "all", why: str = SignIn.End.CLOSED) -> int:
    """End sessions of an account: `all`, `this` (by its stored key) or the `others`. How many ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_close(%s, %s, %s, %s, %s)", [user.pk, this, which, why, clock.now()])
        return cursor.fetchone()[0]


def password_is_due(user: User, policy: Policy | None = None) -> str:
    """Why the password must be changed before anything else: "given", "expired", or nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT changed_at, must_change FROM accounts_password_state(%s)", [user.pk])
        row = cursor.fetchone()
    if row is None:
        return ""
    changed_at, must_change = row
    if must_change:
        return "given"
    return "expired" if passwords.expired(changed_at, policy) else ""


@transaction.atomic
def disable(user: User) -> None:
    """Switch an account off; its sessions end.

    Raises:
        ValidationError: nobody else would administer the system, or its security.
    """
    user.is_active = False
    save(user, "is_active")
    end_sessions(user)


LAST = {
    "accounts_last_system": _("This is the last account that administers the system. Give another one its role first."),
    "accounts_last_security": _("This is the last account that administers security. Give another one its role first."),
}


def save(user: User, *fields: str) -> None:
    """Write some fields of an account.

    Raises:
        ValidationError: nobody else would administer the system, or its security.
    """
    try:
        with transaction.atomic():
            user.save(update_fields=fields)
    except IntegrityError as problem:
        constraint = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "")
        if constraint not in LAST:
            raise
        raise ValidationError(LAST[constraint], code="last") from problem


def enable(user: User) -> None:
    """Switch an account on again; it counts as used today, so that it is not dormant at once."""
    user.is_active, user.last_login = True, clock.now()
    user.save(update_fields=["is_active", "last_login"])
    unlock(user)


def unlock(user: User) -> int:
    """Forget an account's failures. How many counters were forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory, login FROM accounts_entries(%s)", [[user.pk]])
        keys = keys_of(user.pk, user.username, cursor.fetchall())
        cursor.execute("SELECT accounts_unlock(%s, %s)", [user.pk, keys])
        return cursor.fetchone()[0]
