"""A small world that tests share: a plant moves from one region to another, and people stand at every tier.

G ── R1 ── P1 (until 2026-05-31) ── P1U1, P1U2
  │     └─ P2 ── P2U1
  └─ R2 ── P3 ── P3U1
        └─ P1 (from 2026-06-01)
"""

from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import load_organisations

ORGANISATIONS = """\
code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province
G,示例集团,Example Group,group,,2020-01-01,,,,
R1,东部公司,East Company,region,G,2020-01-01,,,,
R2,西部公司,West Company,region,G,2020-01-01,,,,
P1,甲电厂,Plant Alpha,plant,R1,2020-01-01,2026-05-31,,coal,江苏
P1,甲电厂,Plant Alpha,plant,R2,2026-06-01,,,coal,江苏
P2,乙电厂,Plant Beta,plant,R1,2020-01-01,,,wind,浙江
P3,丙电厂,Plant Gamma,plant,R2,2020-01-01,,,hydro,四川
P1U1,甲厂1号机,Alpha 1,unit,P1,2020-01-01,,600,,
P1U2,甲厂2号机,Alpha 2,unit,P1,2020-01-01,,300,,
P2U1,乙厂1号机,Beta 1,unit,P2,2020-01-01,,50,,
P3U1,丙厂1号机,Gamma 1,unit,P3,2020-01-01,,700,,
"""
PASSWORD = "a long enough pass phrase 42"  # noqa: S105 (of accounts that exist in tests only)


@dataclass(frozen=True)
class World:
    """People of the world by where they stand."""

    group: User
    former: User  # region R1, whose plant P1 has left
    present: User  # region R2, which has it now
    clerk: User  # plant P1
    other: User  # plant P2
    nobody: User  # may sign in, and has no right at all


def make_user(username: str, organisation: str | None = None, role: str = "viewer") -> User:
    """An account whose password is `PASSWORD`, with a role at an organisation."""
    place = Organisation.objects.get(code=organisation) if organisation else None
    user = User(username=username, name=username, organisation=place)
    user.set_password(PASSWORD)
    user.save()
    if place:
        Assignment.objects.create(
            user=user, role=Role.objects.get(code=role), organisation=place, valid_from="2020-01-01"
        )
    return user


def let_in(user: User) -> User:
    """Give an account a role that permits nothing: it may sign in at either site, and that is all."""
    guest = {"name_zh": "来宾", "name_en": "Guest", "site": "both"}
    role, _made = Role.objects.get_or_create(code="guest", defaults=guest)
    hall = Organisation.objects.order_by("pk").first() or Organisation.objects.create(
        code="HALL", name_zh="大厅", name_en="Hall", kind="group"
    )
    reach = Assignment.Reach.OWN_RECORDS
    Assignment.objects.create(user=user, role=role, organisation=hall, reach=reach, valid_from="2020-01-01")
    return user


def make_world(folder: Path) -> World:
    """Load the organisations and make the people."""
    path = folder / "world.csv"
    path.write_text(ORGANISATIONS, "utf-8")
    result = load_organisations(path)
    assert not result.problems, [str(problem) for problem in result.problems]
    settle()
    return World(
        group=make_user("group", "G", "manager"),
        former=make_user("former", "R1"),
        present=make_user("present", "R2"),
        clerk=make_user("clerk", "P1", "clerk"),
        other=make_user("other", "P2"),
        nobody=let_in(make_user("nobody")),
    )


def settle() -> None:
    """Let deferred triggers do their work now instead of at a commit that a test never reaches."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
