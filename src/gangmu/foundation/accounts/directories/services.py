"""What is done with directories: set them, bind entries to accounts, follow what becomes of people there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.foundation.accounts import services as accounts
from gangmu.foundation.accounts.directories.models import Directory, Identity
from gangmu.foundation.accounts.directories.options import Ldap, Oidc, read, seal_secret, secret_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.throttle import account_key
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.aside import Aside

FEW = 3  # so many people may be gone from a directory at once; of more, one in ten

_aside = Aside()


@transaction.atomic
def configure(
    code: str, *, day: date, options: Mapping[str, str], secret: str | None = None, **changes: str
) -> Directory:
    """Say how a directory is reached from a day on; what is not said stays as it was. The row.

    Raises:
        ValidationError: something does not fit, or would let somebody listen.
    """
    before = Directory.objects.filter(code=code, valid_from__lte=day).order_by("-valid_from").first()
    row, was = before or Directory(code=code), _whose_ids(before)
    if row.valid_from != day:
        row.pk, row.valid_from = None, day
        row._state.adding = True
    row.valid_to = None
    for name, value in changes.items():
        setattr(row, name, value)
    row.options = {name: value for name, value in {**row.options, **options}.items() if value != ""}
    if secret is not None:
        row.secret = seal_secret(secret)
    row.full_clean()
    if was not in ("", _whose_ids(row)) and Identity.objects.filter(directory=code).exists():
        raise ValidationError(
            _("Entries are bound by ids of the directory as it was. Give what has other ids a code of its own.")
        )
    row.save()
    return row


def _whose_ids(row: Directory | None) -> str:
    """What entries are known by: of a provider its own ids, of an LDAP directory those of one attribute."""
    if row is None:
        return ""
    options = read(row.kind, row.options)
    return f"oidc:{options.issuer}" if isinstance(options, Oidc) else f"ldap:{options.id.lower()}"


def end(directory: Directory, day: date) -> None:
    """Let nobody come in by a directory from a day on."""
    Directory.objects.filter(pk=directory.pk).update(valid_to=day)


@dataclass(frozen=True)
class Arrival:
    """What an entry that has been proved opens: an account, or why none."""

    user_id: int | None
    outcome: str  # known, bound, created; unbound, name-taken, closed


def arrive(directory: Directory, subject: str, *, login: str, name: str, mail: str) -> Arrival:
    """Whose an entry is, of whom the directory has just said that they ask."""
    values = [directory.code, subject, login, name, mail, clock.now()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_arrive(%s, %s, %s, %s, %s, %s)", values)
        return Arrival(*cursor.fetchone())


def typed_key(directory: Directory, login: str) -> str:
    """By what attempts with a name at a directory are counted, whether it has an entry of that name or not."""
    return account_key(f"{directory.code}:{login}", "directory")


def entry_key(directory: Directory, subject: str) -> str:
    """By what attempts with an entry are counted, by whatever name: those of the account for which it stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_entry_account(%s, %s)", [directory.code, subject])
        (username,) = cursor.fetchone()
    return account_key(username) if username else account_key(f"{directory.code}:{subject}", "entry")


def spend(directory: Directory, text: str, until: object) -> bool:
    """Use up what counts once, whatever becomes of the request; False when it was used before."""
    digest = sha256(f"{directory.code}:{text}".encode()).hexdigest()
    return _aside.ask("SELECT accounts_spend(%s, %s, %s)", [digest, until, clock.now()])[0][0]


@transaction.atomic
def bind(user: User, directory: Directory, subject: str, login: str = "") -> Identity:
    """Let an entry stand for an account. Needs the system's connection.

    Raises:
        ValidationError: the entry stands for an account already, or the account has one.
    """
    identity = Identity(user=user, directory=directory.code, subject=subject, login=login, bound_at=clock.now())
    identity.full_clean(exclude=["seen_at"])
    identity.save()
    return identity


@transaction.atomic
def unbind(user: User, directory: str) -> Identity:
    """Let an account's entry stand for it no more; its sessions end.

    Raises:
        ValidationError: it has none there.
    """
    found = Identity.objects.filter(user=user, directory=directory).first()
    if found is None:
        raise ValidationError(_("The account has no entry there."))
    found.delete()
    accounts.end_sessions(user)
    return found


@dataclass
class Followed:
    """What a look at a directory found."""

    directory: Directory
    asked: int = 0
    disabled: list[tuple[User, str]] = field(default_factory=list)  # with why: disabled, gone
    away: str = ""  # why it could not be asked
    refused: int = 0  # so many would be gone at once: more likely a fault than people who left


def follow(directory: Directory) -> Followed:
    """Switch accounts off whose entries are switched off or gone; their sessions end. Needs the system's connection.

    Whoever comes back is switched on again by a person. When many are gone at once nothing is done.
    """
    from gangmu.foundation.accounts.directories import ldap

    found = Followed(directory)
    options = read(directory.kind, directory.options)
    if not isinstance(options, Ldap):
        return found
    held = list(Identity.objects.filter(directory=directory.code, user__is_active=True).select_related("user"))
    off: list[tuple[User, str]] = []
    try:
        with ldap.reached(options, secret_of(directory)) as session:
            for identity in held:
                entry = session.of(identity.subject)
                if entry is None or entry.disabled:
                    off.append((identity.user, "disabled" if entry else "gone"))
                elif entry.login and entry.login != identity.login:
                    Identity.objects.filter(pk=identity.pk).update(login=entry.login)
    except ldap.Away as problem:
        found.away = problem.why
        return found
    except ldap.Ambiguous:
        found.away = f"{options.id} is not unique"
        return found
    found.asked = len(held)
    gone = sum(why == "gone" for _user, why in off)
    if gone > max(FEW, len(held) // 10):
        found.refused = gone
        return found
    for user, why in off:
        accounts.disable(user)
        found.disabled.append((user, why))
    return found
