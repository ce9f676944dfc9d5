"""Two people at the same moment, on two connections of their own, each as the web role in their scope."""

import threading
from collections.abc import Callable

from django.db import connections
from django.utils import translation

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.errors import AlreadyDecided, ApprovalError, CaseOpen
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.tests.conftest import NOW, Office
from gangmu.foundation.approvals.tests.papers import KIND
from gangmu.foundation.settings import clock

Work = tuple[User, Callable[[], object]]


def at_once(*works: Work) -> list[object]:
    """What each of several people got, or the error that they met; all begin at the same barrier."""
    barrier = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def run(place: int, user: User, work: Callable[[], object]) -> None:
        try:
            with clock.frozen(NOW), translation.override("en"), acting_as(user):
                barrier.wait(20)
                found[place] = work()
        except ApprovalError as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, *work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def approving(office: Office, name: str, case: Case, key: str) -> Work:
    by, seen = office.users[name], office.seen(case)
    return by, lambda: services.approve(case.pk, by=by, seen=seen, key=key, place=1)


def withdrawing(office: Office, name: str, case: Case) -> Work:
    by = office.users[name]
    return by, lambda: services.withdraw(case.pk, by=by, key="withdraw")


def submitting(office: Office, name: str, number: int) -> Work:
    by, organisation = office.users[name], office.organisation("P1")
    return by, lambda: services.submit(KIND, number, route="tiers", organisation=organisation, by=by, key=name)


def kinds(found: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in found)


def test_two_approvals_at_once_count_once(committed_office):
    office = committed_office
    office.person("plant2", "P1")
    for number in range(1, 6):
        case = office.submit(number=number)
        found = at_once(*(approving(office, name, case, name) for name in ("plant", "plant2")))
        assert kinds(found) == ["AlreadyDecided", "Decision"], found
        assert Decision.objects.filter(case=case, action="approve").count() == 1
        assert office.fresh(case).step == 1
        assert [str(one) for one in found if "was faster: “approve”" in str(one)]


def test_one_click_sent_thrice_at_once_counts_once(committed_office):
    office = committed_office
    case = office.submit()
    found = at_once(*[approving(office, "plant", case, "same")] * 3)
    assert kinds(found) == ["Decision"] * 3
    assert len({one.pk for one in found if isinstance(one, Decision)}) == 1
    assert Decision.objects.filter(case=case, action="approve").count() == 1


def test_an_approval_and_a_withdrawal_at_once(committed_office):
    office = committed_office
    for number in range(1, 6):
        case = office.submit(number=number)
        at_once(approving(office, "plant", case, "a"), withdrawing(office, "clerk", case))
        words = list(Decision.objects.filter(case=case).order_by("number").values_list("action", flat=True))
        assert office.fresh(case).state == "withdrawn"
        assert words in (["submit", "withdraw"], ["submit", "approve", "withdraw"])


def test_two_submissions_at_once_make_one_case(committed_office):
    office = committed_office
    office.person("clerk2", "P1", "clerk")
    for number in range(1, 6):
        office.paper(number)
        found = at_once(*(submitting(office, name, number) for name in ("clerk", "clerk2")))
        assert kinds(found) == ["Case", "CaseOpen"], found
        assert Case.objects.filter(subject_id=number).count() == 1
        assert any(isinstance(one, CaseOpen) for one in found)


def test_two_who_approve_many_in_other_orders_do_not_lock_each_other_out(committed_office):
    office = committed_office
    office.person("plant2", "P1")
    cases = [office.submit(number=number) for number in range(1, 21)]
    pairs = [(case.pk, office.seen(case)) for case in cases]

    def approving_all(name: str, order: list[tuple[int, str]]) -> Work:
        by = office.users[name]
        return by, lambda: services.approve_many(order, by=by, key=name)

    found = at_once(approving_all("plant", pairs), approving_all("plant2", pairs[::-1]))
    errors = [outcome.error for outcomes in found for outcome in outcomes]  # pyright: ignore
    assert sum(one is None for one in errors) == 20
    assert all(one is None or isinstance(one, AlreadyDecided) for one in errors)
