"""The front page of the back office: to each administrator their own work, in numbers of their own scope."""

import html
import re
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.shell.office.state import state
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]

QUERIES = 37  # signing in included
TITLES = {
    "business_administrator": ["Organisations", "Accounts", "Forms", "Approval routes"],
    "system_administrator": ["Organisations", "Accounts", "Long work", "System"],
    "security_administrator": ["Organisations", "Accounts", "Roles"],
    "audit_administrator": ["Organisations", "Accounts", "Roles", "Records"],
}


@pytest.fixture
def world(tmp_path):
    with clock.frozen("2026-11-20T07:30+08:00"):
        yield make_world(tmp_path)


def home(user, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get("/")
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def figures(text: str) -> dict[str, str]:
    """Title → the large figure of each card."""
    cards = r'office-title">([^<]+)</h2>\s*<p class="office-figure"><strong>([^<]+)</strong>'
    return dict(re.findall(cards, text))


def line(text: str, label: str) -> str:
    """What stands beside a label."""
    found = re.search(rf"<dt>{re.escape(label)}</dt><dd>(.*?)</dd>", text)
    assert found, label
    return re.sub("<[^>]+>", "", found[1])


def number_of(text: str) -> int:
    """How many records are not sealed yet."""
    return int(line(text, "not sealed yet").replace(",", ""))


@pytest.mark.req("M-7.1")
@pytest.mark.parametrize("role", TITLES)
def test_each_administrator_sees_the_cards_of_their_work(world, role):
    text = home(make_user("someone", "G", role))
    assert list(figures(text)) == TITLES[role]
    assert figures(text)["Organisations"] == "10"


def test_the_numbers_are_those_of_ones_branch(world):
    branch = home(make_user("branch", "R2", "business_administrator"))
    assert figures(branch)["Organisations"] == "6"
    assert line(branch, "Plant") == "2"
    everything = home(make_user("everything", "G", "business_administrator"))
    assert line(everything, "Plant") == "3"
    assert int(figures(everything)["Accounts"]) > int(figures(branch)["Accounts"])


def test_work_that_failed_and_records_that_wait_are_seen(world):
    for number, (days, state_) in enumerate([(1, "failed"), (8, "failed"), (0, "waiting")]):
        ended = None if state_ == "waiting" else clock.now() - timedelta(days=days)
        Job.objects.create(kind="tests", owner=world.clerk, key=str(number), state=state_, finished_at=ended)
    text = home(make_user("system", "G", "system_administrator"))
    assert line(text, "failed in 7 days") == "1"
    assert (line(text, "waiting"), figures(text)["Long work"]) == ("1", "1")
    auditor = make_user("auditor", "G", "audit_administrator")
    before = number_of(home(auditor))
    note("tests.happened", by=world.clerk)
    assert number_of(home(auditor)) == before + 1


def test_what_happened_last_is_ones_own_unless_one_reads_records(world):
    auditor, builder = make_user("auditor", "G", "audit_administrator"), make_user("b", "G", "business_administrator")
    place = Organisation.objects.get(code="P1")
    note("tests.elsewhere", by=world.clerk, organisation=place)
    note_own = "tests.by-oneself"
    with acting_as(builder):
        note(note_own, by=builder)
    assert "tests.elsewhere" in home(auditor)
    text = home(builder)
    assert note_own in text and "tests.elsewhere" not in text


def test_the_page_asks_few_questions(world, django_assert_max_num_queries):
    person = make_user("someone", "G", "audit_administrator")
    home(person)
    with django_assert_max_num_queries(QUERIES):
        home(person)


def test_the_page_speaks_chinese(world):
    text = home(make_user("system", "G", "system_administrator"), "zh-hans")
    assert "您好，system" in text
    assert "系统管理员" in text and "后台管理" in text
    assert figures(text).keys() == {"组织机构", "账号", "后台任务", "系统"}


def test_the_state_of_the_installation_is_for_the_back_office(world):
    with acting_as(make_user("system", "G", "system_administrator")):
        assert state().database_bytes > 1_000_000
    with acting_as(world.group), pytest.raises(ProgrammingError, match="for the back office"), transaction.atomic():
        state()


def test_the_business_site_begins_elsewhere(world):
    with at_site("business"):
        client = Client()
        client.force_login(world.clerk)
        assert client.get("/").status_code == 302
