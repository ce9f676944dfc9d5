"""Sending editions to whom they are for, and what comes back: received, opened, confirmed."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from gangmu.figures.reports import makers, queries
from gangmu.figures.reports.members import names_of
from gangmu.figures.reports.models import Distribution, Edition, Receipt, Subscription
from gangmu.foundation.access.scope import scope_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.notices.services import tell
from gangmu.foundation.settings import clock

# Names stand in each language under a name of their own: a translation takes the one of its language.
ISSUED = gettext_noop("%(report_en)s of %(organisation_en)s for %(period)s is issued, edition %(number)s")
LATE = timedelta(days=7)  # editions older than this are not sent any more


@transaction.atomic
def distribute(edition: Edition) -> int:
    """Send an edition to its readers: those who have subscribed and those its maker names, if they may see figures
    there; how many. Once for each edition. The workers' own, since it looks at everybody's wishes and roles."""
    if Distribution.objects.filter(edition=edition).exists():
        return 0
    asked = Subscription.objects.filter(report=edition.report, organisation=edition.organisation)
    people = {one.user_id: one.user for one in asked.select_related("user")}
    maker = makers.maker_of(edition.report)
    if maker is not None:
        people |= {user.pk: user for user in maker.readers(edition)}
    told = [user for user in people.values() if _may_see(user, edition)]
    now = clock.now()
    Receipt.objects.bulk_create([Receipt(edition=edition, user=user, name=user.name, sent_at=now) for user in told])
    if told:
        title, whose = queries.title(edition.report), names_of(edition.organisation)
        tell(
            told,
            "reports.issued",
            ISSUED,
            url=queries.address(edition),
            key=f"reports-{edition.pk}",
            report_zh=title.zh,
            report_en=title.en,
            organisation_zh=whose.zh,
            organisation_en=whose.en,
            period=edition.period,
            number=edition.number,
        )
    Distribution.objects.create(edition=edition, at=now, count=len(told))
    return len(told)


def _may_see(user: User, edition: Edition) -> bool:
    return user.is_active and scope_of(user).may_at("figures:view", edition.organisation_id)


def distribute_now(edition: Edition) -> None:
    """Send at once where the system issues; what a page issues is sent by a worker within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_is_web()")
        is_web = cursor.fetchone()[0]
    if not is_web:
        distribute(edition)


def distribute_due() -> int:
    """Send what has been issued and not been sent; how many editions."""
    due = Edition.objects.filter(issued_at__gte=clock.now() - LATE).exclude(
        pk__in=Distribution.objects.values("edition_id")
    )
    editions = list(due.select_related("organisation").defer("content"))
    for edition in editions:
        distribute(edition)
    return len(editions)


def opened(edition: Edition, by: User) -> Receipt | None:
    """Note that a receiver has opened an edition; their receipt, if it was sent to them."""
    receipt = Receipt.objects.filter(edition=edition, user=by).first()
    if receipt is not None and receipt.opened_at is None:
        receipt.opened_at = clock.now()
        receipt.save(update_fields=["opened_at"])
    return receipt


def confirm(edition: Edition, by: User) -> bool:
    """Note that a receiver confirms an edition; whether it was sent to them."""
    receipt = opened(edition, by)
    if receipt is not None and receipt.confirmed_at is None:
        receipt.confirmed_at = clock.now()
        receipt.save(update_fields=["confirmed_at"])
    return receipt is not None


def receipts(edition: Edition) -> QuerySet[Receipt]:
    return Receipt.objects.filter(edition=edition).order_by("name", "pk")


def counts(rows: Iterable[Receipt]) -> tuple[int, int, int]:
    """Sent, opened, confirmed."""
    found = list(rows)
    return (
        len(found),
        sum(one.opened_at is not None for one in found),
        sum(one.confirmed_at is not None for one in found),
    )
