"""Attempts are counted before they are judged, by every process, and although a request rolls back."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from gangmu.foundation.accounts import throttle
from gangmu.foundation.accounts.models import Throttle
from gangmu.foundation.settings import clock

pytestmark = pytest.mark.django_db
HERE = "192.0.2.7"


@pytest.fixture
def name():
    return throttle.account_key("wang")


def fail(name: str, times: int, start, every: timedelta = timedelta(minutes=1), address: str = HERE) -> list[int]:
    waits = []
    for number in range(times):
        with clock.frozen(start + number * every):
            waits.append(throttle.attempt(name, address))
    return waits


@pytest.mark.req("M-5.8.1.1")
def test_the_fifth_failure_locks_and_the_next_lock_is_longer(name):
    with clock.frozen("2026-11-20T08:00") as start:
        pass
    assert fail(name, 6, start) == [0, 0, 0, 0, 0, 29 * 60]
    after = start + timedelta(minutes=34)
    assert fail(name, 6, after) == [0, 0, 0, 0, 0, 59 * 60]


def test_pauses_grow_from_the_third_failure_on(name):
    with clock.frozen("2026-11-20T08:00") as start:
        pass
    assert fail(name, 3, start, timedelta(0)) == [0, 0, 0]
    with clock.frozen(start):
        assert throttle.attempt(name, HERE) == 5
    with clock.frozen(start + timedelta(seconds=5)):
        assert throttle.attempt(name, HERE) == 0
        assert throttle.attempt(name, HERE) == 10


def test_who_is_right_begins_anew(name):
    with clock.frozen("2026-11-20T08:00") as start:
        pass
    fail(name, 3, start)
    with clock.frozen(start + timedelta(minutes=5)):
        throttle.forgive(name, HERE)
        assert throttle.standing(name, HERE) == throttle.Standing(0, 0, 2)


def test_an_address_that_tries_many_names_must_wait():
    with clock.frozen("2026-11-20T08:00"):
        waits = [throttle.attempt(throttle.account_key(f"name{n}"), HERE) for n in range(31)]
        assert waits == [0] * 30 + [15]
        assert throttle.attempt(throttle.account_key("name0"), "192.0.2.8") == 0


@pytest.mark.parametrize(("one", "other"), [("2001:db8::1", "2001:db8::2:0:9"), ("garbage", "x' OR 1=1")])
def test_addresses_of_one_network_count_as_one(one, other):
    assert throttle.address_key(one) == throttle.address_key(other)


def test_attempts_are_forgotten_after_a_day(name):
    with clock.frozen("2026-11-20T08:00") as start:
        pass
    fail(name, 3, start)
    with clock.frozen(start + timedelta(days=1, minutes=3)):
        assert throttle.standing(name, HERE).failures == 0
        assert throttle.attempt(name, HERE) == 0
        assert throttle.standing(name, HERE).failures == 1


def test_an_attempt_stands_although_the_request_rolls_back(name):
    with transaction.atomic():
        throttle.attempt(name, HERE)
        transaction.set_rollback(True)
    assert throttle.standing(name, HERE).failures == 1


def test_many_at_the_same_time_are_counted_one_by_one(committed_once, name):
    """Twenty threads guess at once: no more than the policy's few are let through."""
    let_through = []

    def guess() -> None:
        try:
            let_through.append(throttle.attempt(name, HERE) == 0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert let_through.count(True) == 3  # the fourth would have had to wait five seconds


def test_a_name_is_kept_as_nobody_can_read_it():
    throttle.attempt(throttle.account_key("my secret pass word"), HERE)
    held = [one.key for one in Throttle.objects.all()]
    assert not [key for key in held if "secret" in key]
    assert throttle.account_key("Wang ") == throttle.account_key("wang")
