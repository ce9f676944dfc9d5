"""Reminders: one by one, for all who are late, and not too often."""

import pytest

from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import queries, services
from gangmu.foundation.approvals.errors import CaseClosed, NobodyHolds, NotFound, TooSoon
from gangmu.foundation.approvals.models import Reminder
from gangmu.foundation.approvals.services.reminding import Reminded
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.settings import clock


def told(office, name: str) -> list[str]:
    rows = Notice.objects.filter(user=office.users[name], kind="approvals.reminded").order_by("id")
    return [str(one) for one in rows]


def remind_late(office, by: str, **more) -> Reminded:
    with acting_as(office.users[by]):
        return services.remind_late(by=office.users[by], key=office.key(), **more)


def test_whoever_holds_it_is_reminded_at_most_hourly(office):
    case = office.submit()
    assert office.do("remind", "clerk", case, words="meeting at nine", key="slow") == ["plant"]
    assert office.do("remind", "clerk", case, words="meeting at nine", key="slow") == ["plant"]
    assert told(office, "plant") == ["clerk reminds you: Paper 1 waits for you. meeting at nine"]
    with clock.frozen("2026-11-20T08:29"), pytest.raises(TooSoon):
        office.do("remind", "region", case)
    with clock.frozen("2026-11-20T08:30"):
        assert office.do("remind", "region", case) == ["plant"]
    assert [one.text for one in queries.history(office.fresh(case))] == [
        "submitted",
        "reminded plant",
        "reminded plant",
    ]


def test_the_requester_is_reminded_of_what_was_returned(office):
    case = office.submit()
    office.do("return_", "plant", case, reason="x")
    assert office.do("remind", "plant", case) == ["clerk"]


def test_nobody_to_remind(office):
    case = office.submit()
    with pytest.raises(NotFound):
        office.do("remind", "stranger", case)
    Assignment.objects.filter(user=office.users["plant"]).delete()
    with pytest.raises(NobodyHolds):
        office.do("remind", "clerk", case)
    office.do("withdraw", "clerk", case)
    with pytest.raises(CaseClosed):
        office.do("remind", "clerk", case)


def test_everybody_who_is_late_is_reminded_once(office):
    for number in (1, 2, 3):
        office.submit(number=number)
    office.approve("plant", office.submit(number=4))  # at the region, due at 15:30
    with clock.frozen("2026-11-20T14:31"):
        assert remind_late(office, "group_reviewer") == Reminded(people=1, cases=3, too_soon=0)
        assert told(office, "plant") == ["group_reviewer reminds you: 3 cases wait for you. "]
        assert remind_late(office, "group_reviewer") == Reminded(people=0, cases=0, too_soon=3)
    with clock.frozen("2026-11-20T15:31"):
        assert remind_late(office, "group_reviewer") == Reminded(people=2, cases=4, too_soon=0)
        assert told(office, "region") == ["group_reviewer reminds you: Paper 4 waits for you. "]


def test_the_same_key_reminds_once_of_all(office):
    office.submit()
    with clock.frozen("2026-11-20T14:31"), acting_as(office.users["region"]):
        services.remind_late(by=office.users["region"], key="slow")
        assert services.remind_late(by=office.users["region"], key="slow") == Reminded(0, 0, 0)
    assert Reminder.objects.count() == 1


def test_only_ones_own_scope_is_reminded(office):
    office.submit()
    with clock.frozen("2026-11-20T14:31"):
        assert remind_late(office, "stranger").cases == 0
        assert remind_late(office, "region", organisations=[office.organisation("P3")]).cases == 0
        assert remind_late(office, "region", organisations=[office.organisation("P1")]).cases == 1
