"""The reads. Row security shows every user their own notices alone."""

from django.db.models import QuerySet

from gangmu.foundation.accounts.models import User
from gangmu.foundation.notices.models import Notice

MOST_COUNTED = 99


def notices_of(user: User) -> QuerySet[Notice]:
    """What a user was told, the latest first."""
    return Notice.objects.filter(user=user).order_by("-id")


def unread_count(user: User) -> int:
    """How many notices a user has not read, up to a hundred: the bell shows 99+ from there."""
    return Notice.objects.filter(user=user, read_at__isnull=True)[: MOST_COUNTED + 1].count()
