"""Notices as their reader sees them: the bell, the list, following, marking read."""

from uuid import uuid4

import pytest
from django.test import Client

from gangmu.foundation.notices import queries
from gangmu.foundation.notices.services import tell
from gangmu.shell.testing.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path)


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_the_bell_counts_what_is_unread_on_every_page(world):
    tell([world.clerk], "tests.due", "Something is due")
    tell([world.clerk], "tests.due", "Something else is due")
    assert "Notices: 2 unread" in client_of(world.clerk).get("/organisations/").content.decode()
    assert "unread" not in client_of(world.other).get("/organisations/").content.decode()


def test_the_list_holds_ones_own_notices_alone(world):
    tell([world.clerk], "tests.due", "Something is due")
    assert "Something is due" in client_of(world.clerk).get("/notices/").content.decode()
    page = client_of(world.other).get("/notices/").content.decode()
    assert "Something is due" not in page
    assert "You have not been told anything yet" in page


def test_following_a_notice_marks_it_read_and_leads_on(world):
    tell([world.clerk], "tests.due", "Something is due", url="/organisations/")
    notice = queries.notices_of(world.clerk).get()
    assert client_of(world.other).get(f"/notices/{notice.pk}/").status_code == 404
    client = client_of(world.clerk)
    assert client.get(f"/notices/{notice.pk}/")["Location"] == "/organisations/"
    assert queries.unread_count(world.clerk) == 0
    assert "Something is due" not in client.get("/notices/?unread=yes").content.decode()
    assert "Something is due" in client.get("/notices/?unread=no").content.decode()


def test_chosen_notices_and_all_of_them_can_be_marked_read(world):
    for _ in range(3):
        tell([world.clerk], "tests.due", "Something is due")
    client = client_of(world.clerk)
    first = queries.notices_of(world.clerk)[0]
    client.post("/notices/", {"action": "read", "selected": [first.pk], "_key": uuid4().hex})
    assert queries.unread_count(world.clerk) == 2
    answer = client.post("/notices/read/", {"_key": uuid4().hex}, follow=True).content.decode()
    assert "2 notices marked read." in answer
    assert queries.unread_count(world.clerk) == 0
