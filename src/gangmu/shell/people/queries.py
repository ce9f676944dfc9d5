"""What is asked of people, within the asker's scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.models import Policy, User
from gangmu.foundation.parties import queries as parties
from gangmu.foundation.parties.models import Appointment, Organisation
from gangmu.foundation.records import kinds
from gangmu.foundation.settings import clock


def accounts() -> QuerySet[User]:
    """Every account that the asker may see."""
    return User.objects.select_related("organisation")


def today_active(rows: QuerySet[User]) -> QuerySet[User]:
    """Those that are switched on and have not ended."""
    return rows.filter(is_active=True).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=clock.today()))


def dormant(rows: QuerySet[User]) -> QuerySet[User]:
    """Those that nobody has used for as many days as the policy says, and that are still switched on."""
    before = clock.now() - timedelta(days=Policy.of().dormant_days)
    return rows.filter(is_active=True).alias(used=Coalesce("last_login", "created_at")).filter(used__lt=before)


def never_used(rows: QuerySet[User]) -> QuerySet[User]:
    """Those to which nobody has ever signed in."""
    return rows.filter(last_login__isnull=True)


def without_role(rows: QuerySet[User]) -> QuerySet[User]:
    """Those that hold no role, today or later."""
    return rows.filter(pk__in=RawSQL("SELECT * FROM people_without_role()", []))


def locked(rows: QuerySet[User]) -> QuerySet[User]:
    """Those that failed too often and must wait."""
    return rows.filter(pk__in=list(managing.locked(rows)))


def must_change(rows: QuerySet[User]) -> QuerySet[User]:
    """Those whose password somebody else has chosen."""
    return managing.having(rows, "must_change")


def expired(rows: QuerySet[User]) -> QuerySet[User]:
    """Those whose password is older than the policy allows."""
    before = clock.now() - timedelta(days=Policy.of().max_age_days)
    found = [pk for pk, state in managing.states().items() if moment(state["changed_at"]) <= before]
    return rows.filter(pk__in=found)


def without_second_factor(rows: QuerySet[User]) -> QuerySet[User]:
    """Those that come in with a password alone."""
    return managing.having(rows, "NOT totp AND passkeys = 0")


def moment(text: str | None) -> datetime:
    """An instant from the database's JSON; the beginning of time where there is none."""
    return datetime.fromisoformat(text) if text else datetime(2000, 1, 1, tzinfo=clock.BUSINESS_ZONE)


def powers() -> dict[int, list[str]]:
    """Who holds a role of the back office, with their parts of the three powers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, powers FROM people_administrators()")
        return {pk: list(held or ()) for pk, held in cursor.fetchall()}


@dataclass(frozen=True)
class Held:
    """A role that somebody holds, to read."""

    user_id: int
    code: str
    name: str
    site: str
    place: str
    reach: str
    valid_from: date
    valid_to: date | None


def roles(ids: Iterable[int]) -> dict[int, list[Held]]:
    """The roles of some accounts, by account."""
    chinese = (get_language() or "zh").startswith("zh")
    found: dict[int, list[Held]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_roles(%s)", [list(ids)])
        for user_id, code, zh, en, site, place_zh, place_en, reach, first, last in cursor.fetchall():
            place = (place_zh if chinese else place_en) or _("outside your scope")
            held = Held(user_id, code, zh if chinese else en, site, place, reach, first, last)
            found.setdefault(user_id, []).append(held)
    return found


@dataclass(frozen=True)
class Refusal:
    """Something that was refused to somebody."""

    at: datetime
    what: str
    ip: str


def refusals(user: User, most: int = 20) -> list[Refusal]:
    """What was refused to somebody lately, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at, kind, ip FROM people_refusals(%s, %s)", [user.pk, most])
        return [Refusal(at, kinds.title_of(kind), str(ip or "")) for at, kind, ip in cursor.fetchall()]


def posts(user: User) -> list[Appointment]:
    """The posts that the person of an account holds, those that have ended last."""
    if user.contact_id is None:
        return []
    rows = Appointment.objects.filter(contact=user.contact_id).select_related("post", "organisation")
    return list(rows.order_by(F("valid").desc())[:50])


def branches(scope: Scope) -> list[tuple[str, str]]:
    """Organisations of today's tree that have others below them: code and name, for a filter."""
    found: list[tuple[str, str]] = []
    stack = [(0, node) for node in reversed(parties.tree(clock.today(), scope))]
    while stack:
        depth, node = stack.pop()
        if node.children or depth == 0:
            found.append((str(node.organisation.code), "　" * depth + node.organisation.name))
        stack += [(depth + 1, child) for child in reversed(node.children)]
    return found


def branch(code: str, scope: Scope) -> list[int]:
    """The organisation of this code and all below it today."""
    for top in parties.tree(clock.today(), scope):
        for node in top.walk():
            if node.organisation.code == code:
                return [one.organisation.pk for one in node.walk()]
    return []


def changeable_organisations(scope: Scope) -> QuerySet[Organisation]:
    """Where the asker may look after accounts."""
    if scope.everything:
        return Organisation.objects.all()
    return Organisation.objects.filter(parties.among("pk", scope.changeable("accounts")))


def factors(state: dict[str, Any]) -> str:
    """Which factors an account has besides its password, in words."""
    parts = [_("authenticator")] if state["totp"] else []
    if state["passkeys"]:
        parts.append(_("%(n)d passkey(s)") % {"n": state["passkeys"]})
    if state["certificates"]:
        parts.append(_("%(n)d certificate(s)") % {"n": state["certificates"]})
    return _(", ").join(parts)
