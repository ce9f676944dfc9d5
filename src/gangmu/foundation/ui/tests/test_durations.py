"""Deadlines as people say them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from gangmu.foundation.settings import clock
from gangmu.foundation.ui.durations import ago_words, due_words
from gangmu.foundation.ui.templatetags import ui

NOW = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "said", "in_chinese"),
    [
        (timedelta(seconds=30), "due now", "即将到期"),
        (timedelta(minutes=25, seconds=59), "in 25 min", "还剩 25 分钟"),
        (timedelta(hours=2, minutes=59), "in 2 h", "还剩 2 小时"),
        (timedelta(hours=47), "in 47 h", "还剩 47 小时"),
        (timedelta(days=2), "in 2 days", "还剩 2 天"),
        (timedelta(minutes=-1), "1 min late", "逾期 1 分钟"),
        (timedelta(hours=-3, minutes=-59), "3 h late", "逾期 3 小时"),
        (timedelta(days=-4), "4 days late", "逾期 4 天"),
    ],
)
def test_a_deadline_is_said_from_now(left, said, in_chinese):
    assert due_words(NOW + left, NOW) == said
    with translation.override("zh-hans"):
        assert due_words(NOW + left, NOW) == in_chinese


def test_the_past_is_said_from_now():
    assert ago_words(NOW - timedelta(seconds=59), NOW) == "just now"
    assert ago_words(NOW - timedelta(minutes=61), NOW) == "1 h ago"


def test_pages_say_the_instant_too_and_colour_what_presses():
    with clock.frozen(NOW):
        assert ui.due(NOW - timedelta(hours=1)) == (
            '<time class="due due-late" datetime="2026-11-19T23:00:00+00:00" title="2026-11-20 07:00">1 h late</time>'
        )
        assert 'class="due due-soon"' in ui.due(NOW + timedelta(hours=1))
        assert 'class="due"' in ui.due(NOW + timedelta(hours=3))
        assert ui.due(None) == "–"
