"""What a change does to people and to what they have under way: who sees what, cases in progress, posts."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from gangmu.foundation.approvals.actions import UNENDED
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.days import OPEN, Days
from gangmu.foundation.parties.dependents import Section, Told
from gangmu.foundation.parties.models import Appointment
from gangmu.foundation.parties.queries import among
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.here import here

MOST = 12


def above(plan: Plan) -> tuple[set[int], set[int], set[int]]:
    """Who stands above those that are placed elsewhere: no longer, newly, and still."""
    day = plan.from_date or clock.today()
    lost: set[int] = set()
    gained: set[int] = set()
    kept: set[int] = set()
    for one in plan.moving:
        before = set(plan.world.above(one, day)) if one > 0 else set()
        after = {each for each in plan.after.above(one, day) if each > 0}
        if one in plan.leaving and not after:
            continue  # what has closed stays with the branch in which it stood
        lost |= before - after
        gained |= after - before if one > 0 else set()
        kept |= before & after
    return lost - kept, gained - kept, kept


def sight(plan: Plan, _scope: object) -> Section | None:
    """Who loses sight of what moves, and who gains it."""
    lost, gained, kept = above(plan)
    if not lost and not gained:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organisation_id, gains, user_id, name, role_zh, role_en FROM organisations_sight(%s, %s, %s, %s)",
            [sorted(lost), sorted(gained), sorted(kept), plan.from_date or clock.today()],
        )
        rows = cursor.fetchall()
    people: dict[tuple[bool, int, str], list[str]] = defaultdict(list)
    chinese = (get_language() or "zh").startswith("zh")
    for organisation, gains, user, name, role_zh, role_en in rows:
        role = f"{role_zh if chinese else role_en} · {plan.world.name(organisation)}"
        people[gains, user, name].append(role)
    lines = [
        Told(name, ", ".join(roles) + " · " + (_("gains sight") if gains else _("loses sight")),
             tone="success" if gains else "warning")
        for (gains, _user, name), roles in people.items()
    ]  # fmt: skip
    losing = sum(not gains for gains, *_rest in people)
    summary = _(
        "%(losing)d people lose sight of what moves, and keep its days until then; %(gaining)d gain sight of all of it."
    ) % {"losing": losing, "gaining": len(people) - losing}
    return Section(_("Who sees it"), len(people), summary, _first(lines))


def cases(plan: Plan, _scope: object) -> Section | None:
    """Cases in progress of those that move; marked where somebody decides who would lose sight of them."""
    ones = {one for one in plan.moved if one > 0}
    if not plan.moving or not ones:
        return None
    lost, _gained, _kept = above(plan)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases, stranded FROM organisations_cases(%s, %s)", [sorted(ones), sorted(lost)])
        count, stranded = cursor.fetchone()
    if not count:
        return None
    rows = Case.objects.filter(among("organisation_id", ones), state__in=UNENDED).order_by("-since")
    lines = sorted((_told(case, plan, lost) for case in rows[:500]), key=lambda line: not line.tone)
    summary = ""
    if stranded:
        text = ngettext(
            "%(n)d case waits for people who would lose sight of it: have it decided or withdrawn before the day.",
            "%(n)d cases wait for people who would lose sight of them: have them decided or withdrawn before the day.",
            stranded,
        )
        summary = text % {"n": stranded}
    return Section(_("Cases in progress"), count, summary, _first(lines, count))


def _told(case: Case, plan: Plan, lost: set[int]) -> Told:
    """A case, and at whom it is still to be decided that would lose sight of it."""
    ahead = case.path[case.step or 0 :]
    at = [node["at"] for node in ahead if node.get("at") in lost and not node.get("skipped")]
    words = _("is still to be decided at %(name)s") % {"name": plan.world.name(at[0])} if at else ""
    when = f"{case.requested_at.astimezone(clock.BUSINESS_ZONE):%Y-%m-%d %H:%M}"
    return Told(
        f"{case.requested_by_name} · {plan.world.name(case.organisation_id)} · {when}",
        words or str(case.get_state_display()),
        here("approvals:case", case.pk),
        "warning" if at else "",
    )


def posts(plan: Plan, _scope: object) -> Section | None:
    """Who holds a post at an organisation that closes."""
    leaving = list(plan.leaving)
    if not leaving:
        return None
    during = Days(plan.from_date or date.min, OPEN).valid
    rows: Any = Appointment.objects.filter(among("organisation_id", leaving), valid__overlap=during)
    lines = [
        Told(one.contact.name, f"{one.post.name} · {plan.world.name(one.organisation_id)}")
        for one in rows.select_related("contact", "post")[:500]
    ]
    if not lines:
        return None
    summary = _("Posts at an organisation that closes stay as they are; end them, or appoint people elsewhere.")
    return Section(_("Posts"), len(lines), summary, _first(lines))


def _first(lines: list[Told], count: int | None = None) -> list[Told]:
    """The first of them, and how many more there are, seen or not."""
    if not lines:
        return [Told(_("Your roles do not list them."))]
    more = (len(lines) if count is None else count) - min(len(lines), MOST)
    if more <= 0:
        return lines
    return [*lines[:MOST], Told(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})]
