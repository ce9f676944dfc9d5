"""Fills `people.People` from the database: two questions, however many organisations, a third where posts are asked."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db import connection

from gangmu.foundation.access.models import Role
from gangmu.foundation.approvals.people import Grant, People, Person, Tier
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.settings import clock


def words(zh: str | None, en: str | None) -> Words:
    """Names in both languages, of which one may be missing."""
    return Words(zh or en or "", en or zh or "")


def gather(organisations: Collection[int], *, posts: bool = False, on: date | None = None) -> People:
    """Everybody who has a part in the approvals of some organisations today.

    Args:
        posts: whether holders of posts are asked for too.
        on: another business date than today.
    """
    on = on or clock.today()
    wanted = sorted(set(organisations))
    lines: dict[int, list[Tier]] = defaultdict(list)
    tiers: dict[int, Tier] = {}
    persons: dict[int, Person] = {}
    grants: list[Grant] = []
    away: dict[int, int] = {}
    held: dict[tuple[int, str], list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organisation_id, above_id, kind, name_zh, name_en FROM public.approvals_lines(%s::bigint[], %s)",
            [wanted, on],
        )
        for organisation, above, kind, zh, en in cursor.fetchall():
            if above not in tiers:
                tiers[above] = Tier(above, kind, words(zh, en))
            lines[organisation].append(tiers[above])
        cursor.execute("SELECT * FROM public.approvals_people(%s::bigint[], %s)", [wanted, on])
        for user, name, username, phone, contact, zh, en, at, branch, role, permissions, stand_in in cursor.fetchall():
            if user not in persons:
                persons[user] = Person(user, name, username, phone, words(zh, en), contact)
            if role:
                grants.append(Grant(user, at, branch, role, tuple(permissions)))
            if stand_in is not None:
                away[user] = stand_in
        if posts:
            cursor.execute("SELECT at_id, post, user_id FROM public.approvals_posts(%s::bigint[], %s)", [wanted, on])
            for at, post, user in cursor.fetchall():
                held[at, post].append(user)
    roles = {role.code: words(role.name_zh, role.name_en) for role in Role.objects.all()}
    return People(
        persons=persons,
        grants=tuple(grants),
        lines={organisation: tuple(line) for organisation, line in lines.items()},
        posts={place: tuple(users) for place, users in held.items()},
        away=away,
        roles=roles,
    )
