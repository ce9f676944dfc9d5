"""For whom somebody acts today: themselves, and those who are away and whose stand-in they are."""

from django.db import connection

from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


def hats(user: User) -> tuple[set[int], set[int]]:
    """The ids of those for whom `user` acts, themselves included, and of the organisations where these hold roles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, at_id FROM public.approvals_hats(%s, %s)", [user.pk, clock.today()])
        rows = cursor.fetchall()
    return {holder for holder, _at in rows}, {at for _holder, at in rows if at is not None}
