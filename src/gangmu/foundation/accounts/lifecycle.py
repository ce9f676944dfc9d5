"""What becomes of accounts and secrets that nobody uses. Run by a worker; whoever calls writes the record."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models import Count, Window
from django.db.models.functions import Coalesce, RowNumber

from gangmu.foundation.accounts import services
from gangmu.foundation.accounts.models import (
    Challenge,
    FormerPassword,
    Outgoing,
    Policy,
    SignIn,
    Throttle,
    Totp,
    User,
)
from gangmu.foundation.settings import clock

SIGN_INS_KEPT = timedelta(days=400)
ENROLMENT_GOOD_FOR = timedelta(days=1)
SHARED_ADDRESSES = 5  # from so many places in a week an account is perhaps used by several people


def dormant(policy: Policy | None = None) -> list[User]:
    """Accounts that nobody has used for as many days as the policy says, counted from when they were made."""
    before = clock.now() - timedelta(days=(policy or Policy.of()).dormant_days)
    used = User.objects.filter(is_active=True).annotate(used=Coalesce("last_login", "created_at"))
    return list(used.filter(used__lt=before).order_by("pk"))


def disable_dormant() -> list[User]:
    """Switch dormant accounts off. Those that were; the last administrator of a kind stays."""
    return [user for user in dormant() if _disabled(user)]


def _disabled(user: User) -> bool:
    try:
        services.disable(user)
    except ValidationError:
        return False
    return True


def perhaps_shared() -> list[tuple[User, int]]:
    """Accounts that signed in from many addresses in the last week, with how many: a hint, no proof."""
    since = clock.now() - timedelta(days=7)
    seen = SignIn.objects.filter(opened_at__gt=since).values("user").annotate(places=Count("address", distinct=True))
    many = {row["user"]: row["places"] for row in seen.filter(places__gte=SHARED_ADDRESSES)}
    return [(user, many[user.pk]) for user in User.objects.filter(pk__in=many).order_by("pk")]


@dataclass(frozen=True)
class Wiped:
    """How much of each kind was removed."""

    sessions: int
    codes: int
    enrolments: int
    passwords: int
    attempts: int
    sign_ins: int
    unsent: int


def wipe() -> Wiped:
    """Remove secrets that are of no use to anybody any more: what a crash or a forgotten page left behind."""
    now, policy = clock.now(), Policy.of()
    idle, longest = timedelta(minutes=policy.idle_minutes), timedelta(hours=policy.absolute_hours)
    stale = SignIn.objects.filter(ended_at__isnull=True)
    late = stale.filter(opened_at__lte=now - longest) | stale.filter(seen_at__lte=now - idle)
    keys = list(late.values_list("session_key", flat=True))
    SignIn.objects.filter(session_key__in=keys).update(ended_at=now, end_reason=SignIn.End.IDLE)
    sessions = Session.objects.filter(session_key__in=keys).delete()[0]
    sessions += Session.objects.filter(expire_date__lte=now).delete()[0]
    latest = Window(RowNumber(), partition_by="user", order_by=("-replaced_at", "-id"))
    too_old = FormerPassword.objects.annotate(place=latest).filter(place__gt=policy.history)
    begun = Totp.objects.filter(confirmed_at__isnull=True, begun_at__lte=now - ENROLMENT_GOOD_FOR)
    return Wiped(
        sessions=sessions,
        codes=Challenge.objects.filter(expires_at__lte=now).delete()[0],
        enrolments=begun.delete()[0],
        passwords=FormerPassword.objects.filter(pk__in=list(too_old.values_list("pk", flat=True))).delete()[0],
        attempts=Throttle.objects.filter(last_at__lte=now - timedelta(days=1)).delete()[0],
        sign_ins=SignIn.objects.filter(ended_at__lte=now - SIGN_INS_KEPT).delete()[0],
        unsent=Outgoing.objects.filter(expires_at__lte=now).delete()[0],
    )
