"""What an administrator does with accounts of others, and sees of them. The database judges whose they are.

Events are for whoever calls: the record is a room above this one.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts import passwords, services
from gangmu.foundation.accounts.factors import sent
from gangmu.foundation.accounts.models import FLOORS, Policy, SignIn, User
from gangmu.foundation.accounts.throttle import keys_of
from gangmu.foundation.accounts.words import means
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

ONE_TIME_GOOD_FOR = timedelta(days=3)  # to be sent by mail; a server that is away longer sends it no more
SHARED_SINCE, SHARED_ADDRESSES = timedelta(days=30), 3


@dataclass(frozen=True)
class Signed:
    """One session of somebody, as their administrator sees it."""

    id: int
    site: str
    method: str
    address: str
    agent: str
    opened_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    end_reason: str
    ended_from: str

    @property
    def means(self) -> str:
        """By what it was opened, in words."""
        return means(self.method)

    def get_end_reason_display(self) -> str:
        return str(dict(SignIn.End.choices).get(self.end_reason, self.end_reason))


@dataclass(frozen=True)
class Entry:
    """An entry in a directory that stands for somebody's account."""

    directory: str
    login: str
    seen_at: datetime | None


@dataclass(frozen=True)
class Bound:
    """A certificate that stands for somebody's account."""

    id: int
    fingerprint: str
    issuer: str
    serial: str
    subject: str
    valid_to: datetime
    bound_at: datetime


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _one(statement: str, *values: Any) -> Any:
    [row] = _rows(statement, *values)
    return row[0]


# Seeing


def with_states(accounts: QuerySet[User]) -> QuerySet[User]:
    """Accounts with `state`: since when their password, which factors, how many sessions. No secret is in it."""
    state = "(SELECT to_jsonb(s) FROM accounts_states(ARRAY[accounts_user.id]) AS s)"
    return accounts.annotate(state=RawSQL(state, [], output_field=JSONField()))  # noqa: S611 (no text of a user is in it)


def having(accounts: QuerySet[User], condition: str) -> QuerySet[User]:
    """Accounts whose state fulfils a condition in SQL, which is ours and never a user's."""
    return accounts.filter(pk__in=RawSQL(f"SELECT user_id FROM accounts_states(NULL) WHERE {condition}", []))  # noqa: S611


def states() -> dict[int, dict[str, Any]]:
    """The states of every account in scope, by its number."""
    return _states(None)


def states_of(ids: list[int]) -> dict[int, dict[str, Any]]:
    """The states of some accounts in scope."""
    return _states(ids) if ids else {}


def _states(ids: list[int] | None) -> dict[int, dict[str, Any]]:
    rows = _rows("SELECT to_jsonb(s) FROM accounts_states(%s) AS s", ids)
    found = (json.loads(one) if isinstance(one, str) else one for (one,) in rows)
    return {one["user_id"]: one for one in found}


def managed(ids: list[int]) -> set[int]:
    """Which of some accounts are the asker's to look after."""
    return {pk for (pk,) in _rows("SELECT * FROM accounts_managed(%s)", ids)} if ids else set()


def taken(names: list[str]) -> set[str]:
    """Which of some user names there are, whoever may see them."""
    return {name for (name,) in _rows("SELECT * FROM accounts_taken(%s)", names)} if names else set()


def entries(ids: list[int]) -> dict[int, list[Entry]]:
    """The entries in directories that stand for some accounts in scope, by account."""
    found: dict[int, list[Entry]] = {}
    for pk, *entry in _rows("SELECT * FROM accounts_entries(%s)", ids):
        found.setdefault(pk, []).append(Entry(*entry))
    return found


def locked(accounts: QuerySet[User]) -> dict[int, datetime]:
    """Which of some accounts are locked, and until when."""
    until = dict(_rows("SELECT key, until FROM accounts_blocked(%s)", clock.now()))
    if not until:
        return {}
    found = {}
    names = dict(accounts.order_by().values_list("pk", "username"))
    known = entries(list(names))
    for pk, username in names.items():
        mine = [(one.directory, one.login) for one in known.get(pk, ())]
        ends = [until[key] for key in keys_of(pk, username, mine) if key in until]
        if ends:
            found[pk] = max(ends)
    return found


def sign_ins(user: User, most: int = 50) -> list[Signed]:
    """The sign-ins of somebody in scope: open ones first, then the latest."""
    rows = _rows("SELECT * FROM accounts_sign_ins(%s, %s)", user.pk, most)
    return [
        Signed(pk, site, method, str(address or ""), agent, opened, seen, ended, reason, str(ended_from or ""))
        for pk, site, method, address, agent, opened, seen, ended, reason, ended_from in rows
    ]


def bound(user: User) -> list[Bound]:
    """The certificates of somebody in scope."""
    return [Bound(*row) for row in _rows("SELECT * FROM accounts_certificates(%s)", user.pk)]


def shared() -> dict[int, dict[str, Any]]:
    """Accounts used from many addresses in the last month: how many, how many browsers, how often one session ousted
    another."""
    rows = _rows("SELECT * FROM accounts_shared(%s, %s)", clock.now() - SHARED_SINCE, SHARED_ADDRESSES)
    return {
        pk: {"addresses": addresses, "browsers": browsers, "ousted": ousted, "last_at": last_at}
        for pk, addresses, browsers, ousted, last_at in rows
    }


# Doing


@transaction.atomic
def create(user: User) -> str:
    """Make an account as given. Its one-time password, for its owner to change.

    Raises:
        ValidationError: something of it cannot be.
    """
    user.full_clean()
    user.save()
    return _give_one_time(user)


def _give_one_time(user: User) -> str:
    password = passwords.one_time(user)
    with connection.cursor() as cursor:
        values = [user.pk, make_password(password), clock.now()]
        cursor.execute("SELECT accounts_set_password(%s, %s, %s, false, true)", values)
    return password


@transaction.atomic
def reset_password(user: User) -> str:
    """Give an account a one-time password; every session of it ends, and it is no longer locked. The password."""
    password = _give_one_time(user)
    services.end_sessions(user)
    services.unlock(user)
    return password


def send_one_time(user: User, password: str) -> None:
    """Have the one-time password sent to its owner by mail."""
    text = __(
        "Your user name for Gangmu is %(username)s, your one-time password %(password)s. "
        "It is good for one sign-in, at which you choose your own. Nobody of us will ask you for it."
    ) % {"username": user.username, "password": password}
    until = clock.now() + ONE_TIME_GOOD_FOR
    sent.post(user, "mail", __("Your account"), text, until=until)


@transaction.atomic
def change(user: User, values: dict[str, Any]) -> dict[str, list[str]]:
    """Change fields of an account. What changed: field → [before, after], as texts.

    Raises:
        ValidationError: something of it cannot be, or nobody else would administer the system or its security.
    """
    changed = {}
    for name, value in values.items():
        before = getattr(user, name)
        if before != value:
            changed[name] = ["" if one is None else str(getattr(one, "code", one)) for one in (before, value)]
            setattr(user, name, value)
    if changed:
        user.full_clean(exclude=["username"])
        services.save(user, *changed)
        if user.valid_to is not None and user.valid_to <= clock.today():
            services.end_sessions(user)
    return changed


def place(user: User, organisation: Organisation) -> bool:
    """Say where somebody works whose account belongs nowhere yet. Whether it did not."""
    return _one("SELECT accounts_place(%s, %s)", user.pk, organisation.pk)


def set_contact(user: User) -> None:
    """Say which person is behind an account."""
    services.save(user, "contact")


@transaction.atomic
def forget_factors(user: User) -> dict[str, int]:
    """Remove authenticator, passkeys and recovery codes of somebody who has lost them; their sessions end."""
    [(totp, passkeys, recovery)] = _rows("SELECT * FROM accounts_forget_factors(%s)", user.pk)
    services.end_sessions(user)
    return {"totp": totp, "passkeys": passkeys, "recovery": recovery}


def end_session(user: User, sign_in: int) -> bool:
    """End one session of somebody. Whether it was open."""
    return _one("SELECT accounts_end_session(%s, %s, %s)", user.pk, sign_in, clock.now())


def unbind(user: User, number: int) -> str | None:
    """Take a certificate from an account. Its serial number."""
    return _one("SELECT accounts_unbind_certificate(%s, %s)", user.pk, number)


# Rules


def put_policy(policy: Policy) -> None:
    """Set rules from their day on.

    Raises:
        ValidationError: they undercut a floor, or would begin in the past.
    """
    policy.full_clean(validate_unique=False, validate_constraints=True, exclude=["valid_from"])
    if policy.valid_from < clock.today():
        raise ValidationError(_("Rules change from today on, not in the past."))
    rules = {name: getattr(policy, name) for name in FLOORS}
    rules |= {
        "valid_from": policy.valid_from,
        "second_factor": policy.second_factor,
        "second_factor_roles": policy.second_factor_roles,
        "weak_words": policy.weak_words,
    }
    _one("SELECT accounts_put_policy(%s::jsonb)", json.dumps(rules, default=str))


def drop_policy(day: date) -> bool:
    """Withdraw rules that have not begun. Whether there were any."""
    return _one("SELECT accounts_drop_policy(%s)", day)
