"""The inbox: what waits, for whom, in which order, and the number on every page."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.subjects import ExceptionLine
from gangmu.foundation.approvals.tests.leaflets import leaflets_known
from gangmu.foundation.inbox import sources
from gangmu.foundation.inbox.sources import Entry, Source
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_other_rooms(monkeypatch):
    """What other rooms put into the inbox is theirs to try."""
    ours = {code: sources._sources[code] for code in ("returned", "approve", "answer", "acknowledge")}
    monkeypatch.setattr(sources, "_sources", ours)


@pytest.fixture
def world(tmp_path):
    with clock.frozen("2026-11-20T07:30+08:00"):
        yield make_world(tmp_path)


@pytest.fixture
def plant(world):
    return make_user("plantreviewer", "P1", "reviewer")


@pytest.fixture
def region(world):
    return make_user("regionreviewer", "R2", "reviewer")


@pytest.fixture
def leaflets(plant, region):
    with leaflets_known() as known:
        yield known


@pytest.fixture
def source():
    """A source of another room, with what a test puts into it."""
    held: list[Entry] = []
    sources.register(
        Source("tests.due", "To do for tests", "calendar", 5, lambda request: held, lambda request: len(held))
    )
    yield held
    sources.unregister("tests.due")


def entry(title: str, due: timedelta | None = None, **more) -> Entry:
    now = clock.now()
    at = now + due if due is not None else None
    return Entry(title, "/organisations/", "Plant Alpha", now, at, bool(at and at < now), **more)


def page(user, address="/inbox/", language="en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def submitted(leaflets, clerk, title="Daily figures", *exceptions):
    with acting_as(clerk):
        return leaflets.submit(leaflets.write(title, "P1", "1,234.5 MWh", *exceptions), clerk)


def titles(text: str) -> list[str]:
    return re.findall(r'class="inbox-title">([^<]+)<', text)


def test_a_case_waits_for_whoever_holds_it_and_for_nobody_else(leaflets, world, plant, region):
    case = submitted(leaflets, world.clerk)
    text = page(plant)
    assert titles(text) == ["Daily figures"]
    assert f'href="/approvals/{case.pk}/"' in text and "To approve" in text and "clerk" in text
    for user in (world.clerk, region, world.other, world.nobody, world.group):
        assert "Nothing waits for you" in page(user)
    services.approve(case.pk, by=plant, seen=case.content_hash, key="key-one")
    assert "Nothing waits for you" in page(plant)
    assert titles(page(region)) == ["Daily figures"]


def test_what_is_late_comes_first_and_says_how_late(leaflets, world, plant):
    with clock.frozen("2026-11-20T15:00+08:00"):
        submitted(leaflets, world.clerk, "In good time")
    submitted(leaflets, world.clerk, "Forgotten")
    with clock.frozen("2026-11-20T16:30+08:00"):
        text = page(plant)
        assert titles(text) == ["Forgotten", "In good time"]
        assert "2 h late" in text and "2 things wait for you, 1 late" in text
        assert titles(page(plant, "/inbox/?late=1")) == ["Forgotten"]


def test_an_entry_says_that_there_is_something_to_look_at(leaflets, world, plant):
    submitted(leaflets, world.clerk, "Strange", ExceptionLine("warning", "Above capacity"))
    assert "1 thing to look at" in page(plant)


def test_a_question_waits_for_whoever_was_asked(leaflets, world, plant, region):
    case = submitted(leaflets, world.clerk)
    with acting_as(plant):
        services.consult(case.pk, by=plant, who=region.pk, question="Is the meter right?", key="key-ask")
    text = page(region)
    assert "Questions to me" in text and "Is the meter right?" in text
    assert "Questions to me" not in page(plant)


def test_what_was_issued_waits_to_be_acknowledged_and_not_to_be_approved(leaflets, world, plant):
    Role.objects.filter(code="manager").update(permissions=["parties:*", "figures:*", "approvals:*"])
    with acting_as(world.group):
        case = leaflets.issue(leaflets.write("Plan for the winter"), world.group)
    text = page(plant)
    assert titles(text) == ["Plan for the winter"]
    assert "To acknowledge" in text and "To approve" not in text
    assert "Nothing waits for your approval" in page(plant, "/approvals/many/")
    shown = page(plant, f"/approvals/{case.pk}/")
    assert "approval-acknowledge-" in shown and "approval-approve-" not in shown
    form = {"_key": "key-received", "seen": case.content_hash, "words": "received"}
    client = Client()
    client.force_login(plant)
    assert client.post(f"/approvals/{case.pk}/acknowledge/", form).status_code == 302
    case.refresh_from_db()
    assert case.state == "acknowledged"
    assert "Nothing waits for you" in page(plant)


def test_what_came_back_waits_for_its_clerk_with_the_reason(leaflets, world, plant):
    case = submitted(leaflets, world.clerk)
    with acting_as(plant):
        services.return_(case.pk, by=plant, seen=case.content_hash, key="key-back", reason="unit 2 is missing")
    text = page(world.clerk)
    assert "Returned to me" in text and "Reason: unit 2 is missing" in text and "plantreviewer" in text


def test_other_rooms_add_groups_of_their_own(world, source):
    source += [entry("Sheet of the 19th", timedelta(hours=2)), entry("Sheet of the 18th", timedelta(hours=-30))]
    text = page(world.clerk)
    assert titles(text) == ["Sheet of the 18th", "Sheet of the 19th"]
    assert "in 2 h" in text and "30 h late" in text


def test_tabs_words_and_lateness_narrow_what_is_shown(leaflets, world, plant, source):
    submitted(leaflets, world.clerk)
    source += [entry("Sheet of the 19th", by="Li"), entry("Sheet of the 18th", timedelta(hours=-1), by="Wang")]
    assert titles(page(plant, "/inbox/?tab=tests.due")) == ["Sheet of the 18th", "Sheet of the 19th"]
    assert titles(page(plant, "/inbox/?tab=approve")) == ["Daily figures"]
    assert titles(page(plant, "/inbox/?q=wang+sheet")) == ["Sheet of the 18th"]
    nothing = page(plant, "/inbox/?q=nowhere")
    assert titles(nothing) == [] and "Nothing matches these filters" in nothing
    assert len(titles(page(plant, "/inbox/?tab=unknown"))) == 3


def test_a_long_group_shows_its_first_and_leads_to_the_rest(world, source):
    source += [entry(f"Sheet {number}") for number in range(130)]
    text = page(world.clerk)
    assert len(titles(text)) == 20 and "110 more" in text
    assert len(titles(page(world.clerk, "/inbox/?tab=tests.due"))) == 100
    assert len(titles(page(world.clerk, "/inbox/?tab=tests.due&page=2"))) == 30
    assert len(titles(page(world.clerk, "/inbox/?tab=tests.due&page=x"))) == 100


def test_the_number_is_fetched_after_the_page(leaflets, world, plant, source):
    submitted(leaflets, world.clerk)
    source.append(entry("Sheet"))
    assert 'hx-get="/inbox/count/"' in page(plant, "/organisations/")
    assert ">2</span>" in page(plant, "/inbox/count/")
    source += [entry("Sheet")] * 200
    assert ">99+</span>" in page(plant, "/inbox/count/")
    source.clear()
    assert page(world.other, "/inbox/count/").strip() == ""


@pytest.mark.parametrize(("who", "place"), [("clerk", "/inbox/"), ("plant", "/inbox/"), ("other", "/home/")])
def test_who_files_or_decides_begins_at_the_inbox(world, plant, who, place):
    client = Client()
    client.force_login(plant if who == "plant" else getattr(world, who))
    assert client.get("/")["Location"] == place


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_inbox_speaks_the_readers_language_and_holds_nothing_inline(leaflets, world, plant, language):
    submitted(leaflets, world.clerk)
    text = page(plant, language=language)
    assert ("待审批" in text, "To approve" in text) == (language == "zh-CN", language == "en")
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", text)


def test_the_inbox_needs_few_queries_however_much_waits(leaflets, world, plant, django_assert_max_num_queries):
    for number in range(30):
        submitted(leaflets, world.clerk, f"Figures {number}")
    client = Client()
    client.force_login(plant)
    for address, most in (("/inbox/", 30), ("/inbox/count/", 25)):
        with django_assert_max_num_queries(most):
            client.get(address)
