"""What people are told, in their own language and by nobody else's name."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import translation

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.notices import queries
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.notices.services import mark_read, tell
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_world


@pytest.fixture
def world(db, tmp_path):
    return make_world(tmp_path)


def test_people_of_other_branches_can_be_told_and_read_it_themselves(world):
    with clock.frozen("2026-11-20T07:30+08:00") as now, acting_as(world.clerk):
        assert tell([world.other, world.group], "tests.asked", "%(who)s asks you", url="/x/1/", who="甲") == 2
        assert not queries.notices_of(world.other).exists()
    with acting_as(world.other):
        notice = queries.notices_of(world.other).get()
        assert (notice.kind, notice.url, notice.created_at, notice.read_at) == ("tests.asked", "/x/1/", now, None)
        with translation.override("en"):
            assert str(notice) == "甲 asks you"


def test_a_notice_is_rendered_in_the_readers_language(world):
    tell([world.clerk], "tests.asked", "notice")
    notice = queries.notices_of(world.clerk).get()
    with translation.override("zh-hans"):
        assert str(notice) == "通知"
    with translation.override("en"):
        assert str(notice) == "notice"


def test_nobody_writes_into_the_notices_of_others_by_hand(world):
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(world.clerk):
        Notice.objects.create(user=world.other, kind="x", text="x", created_at=clock.now())


def test_the_same_occasion_is_told_once(world):
    assert tell([world.clerk], "tests.due", "Due", key="due-1") == 1
    assert tell([world.clerk, world.other], "tests.due", "Due", key="due-1") == 1
    assert tell([world.clerk], "tests.due", "Due") == 1
    assert tell([world.clerk], "tests.due", "Due") == 1
    assert queries.notices_of(world.clerk).count() == 3


def test_closed_accounts_are_left_out(world):
    world.other.is_active = False
    world.other.save()
    assert tell([world.other, world.clerk], "tests.due", "Due") == 1


def test_reading_counts_down(world):
    for _ in range(3):
        tell([world.clerk], "tests.due", "Due")
    tell([world.other], "tests.due", "Due")
    with acting_as(world.clerk):
        assert queries.unread_count(world.clerk) == 3
        first = queries.notices_of(world.clerk)[0]
        assert mark_read(world.clerk, [first.pk]) == 1
        assert mark_read(world.clerk, [first.pk]) == 0
        assert mark_read(world.clerk) == 2
        assert queries.unread_count(world.clerk) == 0
    assert queries.unread_count(world.other) == 1


def test_nobody_marks_the_notices_of_others(world):
    tell([world.other], "tests.due", "Due")
    with acting_as(world.clerk):
        assert mark_read(world.other) == 0
    assert queries.unread_count(world.other) == 1


def test_the_bell_stops_counting_at_a_hundred(world):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notices_notice (user_id, kind, text, params, url, key, created_at) "
            "SELECT %s, 'x', 'x', '{}', '', '', now() FROM generate_series(1, 150)",
            [world.clerk.pk],
        )
    assert queries.unread_count(world.clerk) == queries.MOST_COUNTED + 1


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "javascript:alert(1)", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_a_notice_leads_nowhere_else(world, url):
    with pytest.raises(ValueError, match="path of this site"):
        tell([world.clerk], "tests.due", "Due", url=url)
    with pytest.raises(IntegrityError, match="a_notice_leads_to_a_path"), transaction.atomic():
        Notice.objects.create(user=world.clerk, kind="x", text="x", url=url, created_at=clock.now())
