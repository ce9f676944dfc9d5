"""What is expensive is limited for all processes together, says when to come again, and is recorded once a minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client

from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.limits import rules
from gangmu.shell.limits.middleware import take
from gangmu.shell.testing.plugin import url
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, make_world

NOW = "2026-11-20T07:30:00"
PATH = "/organisations/list/?export=csv"


@pytest.fixture
def people(committed, tmp_path, settings):
    settings.RATE_LIMITS = True
    with clock.frozen(NOW):
        make_world(tmp_path)
        yield [make_user(f"limited-{number}", "G", "manager") for number in range(3)]


def browser(user=None, address="192.0.2.1", language="en") -> Client:
    client = Client(raise_request_exception=False, REMOTE_ADDR=address, headers={"accept-language": language})
    if user is not None:
        client.force_login(user)
    return client


def statuses(client: Client, times: int) -> list[int]:
    found = []
    for _ in range(times):
        answer = client.get(PATH)
        found.append(answer.status_code)
        answer.close()
    return found


def test_an_account_that_takes_too_many_files_is_told_when_to_come_again(people):
    client = browser(people[0])
    assert statuses(client, 22) == [200] * 20 + [429] * 2
    answer = client.get(PATH)
    assert answer["Retry-After"] == "3"
    assert "Come again in 3 seconds" in answer.content.decode()
    assert "秒后再试" in browser(people[0], language="zh-hans").get(PATH).content.decode()
    htmx = client.get(PATH, headers={"hx-request": "true"})
    assert (htmx.status_code, htmx["HX-Retarget"]) == (429, "#toasts")
    assert client.get("/organisations/list/").status_code == 200  # what is cheap is not limited
    assert statuses(browser(people[1]), 1) == [200]  # nor is anybody else
    with clock.frozen("2026-11-20T07:30:03"):
        assert statuses(client, 2) == [200, 429]


def test_a_refusal_is_recorded_once_a_minute_by_whom_and_for_what(people):
    client = browser(people[0])
    statuses(client, 25)
    noted = Event.objects.filter(kind="access.rate-limited")
    (event,) = noted
    assert (event.by, event.ip, event.refused) == (people[0], "192.0.2.1", True)
    assert event.data == {"kind": "export", "path": "/organisations/list/"}
    with clock.frozen("2026-11-20T07:31:00"):
        statuses(client, 25)
    assert noted.all().count() == 2


def test_an_address_is_limited_whoever_asks_from_it(people, monkeypatch):
    monkeypatch.setattr("gangmu.shell.limits.middleware.OF_AN_ADDRESS", 2)
    assert statuses(browser(people[0]), 20) == statuses(browser(people[1]), 20) == [200] * 20
    assert statuses(browser(people[2]), 1) == [429]
    assert statuses(browser(people[2], "192.0.2.2"), 1) == [200]
    assert statuses(browser(people[2], "2001:db8::1"), 1) == [200]


def test_programs_are_told_in_their_words(people, monkeypatch):
    monkeypatch.setattr(rules, "API", rules.Rule("api", 2))
    client = browser(people[0])
    answers = [client.get("/api/v1/organisations") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"] == "too_many_requests"
    assert answers[-1]["Retry-After"] == "30"
    strangers = [browser().get("/api/v1/organisations").status_code for _ in range(3)]
    assert strangers == [401] * 3  # refused before anything is done


def test_two_processes_take_from_one_bucket(people):
    """Each thread has a connection of its own, as a process has."""

    def ask(_number: int) -> int:
        with psycopg.connect(url("web", connection.settings_dict["NAME"]), autocommit=True) as line:
            values = ["export:together", clock.now(), timedelta(minutes=1), 5]
            row = line.execute("SELECT wait FROM limits_take(%s, %s, %s, %s)", values).fetchone()
            assert row is not None
            return row[0]

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(ask, range(16)))
    assert waits.count(0) == 5


def test_a_clock_that_was_put_back_locks_nobody_out(people):
    with clock.frozen("2027-11-20T07:30"):
        assert take("export:later", rules.EXPORT, 1) == (0, False)
    assert take("export:later", rules.EXPORT, 1)[0] <= rules.EXPORT.every.total_seconds() * rules.EXPORT.burst


def test_nobody_reads_or_empties_the_buckets_by_sql(people):
    with psycopg.connect(url("web", connection.settings_dict["NAME"]), autocommit=True) as line:
        for statement in (
            "SELECT FROM limits_bucket",
            "DELETE FROM limits_bucket",
            "UPDATE limits_bucket SET due = now()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(statement)


@pytest.mark.parametrize(
    ("site", "method", "path", "rule"),
    [
        ("business", "get", "/reports/power_daily/file/", rules.EXPORT),
        ("business", "post", "/reports/power_daily/issue/", rules.WORK),
        ("business", "post", "/filing/import/", rules.UPLOAD),
        ("business", "get", "/filing/", None),
        ("office", "get", "/records/events/?export=xlsx", rules.EXPORT),
        ("office", "post", "/records/export/", rules.WORK),
    ],
)
def test_expensive_addresses_fall_under_a_rule(db, site, method, path, rule, rf):
    from django.urls import resolve

    more = {"data": {"x": "y"}} if "import" in path else {}
    if method == "post" and not more:
        more = {"content_type": "application/x-www-form-urlencoded", "data": "x=y"}
    request = getattr(rf, method)(path, **more)
    with at_site(site):
        request.resolver_match = resolve(request.path)
    assert rules.rule_of(request) == rule
