"""What is done with notices: tell people, mark read."""

import json
import re
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from gangmu.foundation.accounts.models import User
from gangmu.foundation.notices.models import PATH, Notice
from gangmu.foundation.settings import clock


def tell(users: Iterable[User], kind: str, msgid: str, /, *, url: str = "", key: str = "", **params: Any) -> int:
    """Tell people something, if and when the present transaction commits; how many were told.

    Args:
        users: whom; closed accounts are left out.
        kind: what it is about, `room.word`, for filters and settings.
        msgid: the English text, marked with `gettext_noop`; each reader sees it in their own language.
        url: where the reader goes from there, a path of this site.
        key: the occasion: the same occasion told to a user twice is told once.
        params: what is put into the text.
    """
    if url and not re.match(PATH, url):
        raise ValueError(f"a notice leads to a path of this site, not to {url}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.notices_tell(%s::bigint[], %s, %s, %s::jsonb, %s, %s, %s)",
            [
                [user.pk for user in users],
                kind,
                msgid,
                json.dumps(params, cls=DjangoJSONEncoder),
                url,
                key,
                clock.now(),
            ],
        )
        return cursor.fetchone()[0]


def mark_read(user: User, notices: Iterable[int] | None = None) -> int:
    """Mark some notices of a user read, or all of them; how many were unread."""
    unread = Notice.objects.filter(user=user, read_at__isnull=True)
    if notices is not None:
        unread = unread.filter(pk__in=list(notices))
    return unread.update(read_at=clock.now())
