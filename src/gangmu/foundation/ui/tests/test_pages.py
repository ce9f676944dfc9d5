"""What holds for every page: nothing inline, both languages, the frame."""

import re

import pytest
from django.test import Client

from gangmu.foundation.ui import menu

PAGES = ["/ui/", "/ui/list/", "/ui/charts/", "/ui/form/", "/ui/jobs/", "/ui/errors/404/", "/ui/errors/csrf/"]
INLINE = re.compile(
    r"""<style|<script(?![^>]*\ssrc=)|\sstyle\s*=|\son[a-z]+\s*=|hx-on|javascript:|hx-vals=.js:|hx-vars""", re.I
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_has_anything_inline(client, path, language):
    client.cookies["gangmu_language"] = language
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy and "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert INLINE.findall(response.content.decode()) == []


def test_what_counts_as_inline_is_found():
    for bad in ('<p style="x">', "<script>", '<a onclick="x">', "<p hx-on:click=x>", "<style>"):
        assert INLINE.search(bad), bad
    assert not INLINE.search('<script type="module" src="/x.js"></script><a data-on="x">')


@pytest.mark.parametrize("path", PAGES)
def test_chinese_pages_speak_chinese_and_english_ones_english(client, path):
    client.cookies["gangmu_language"] = "zh-hans"
    chinese = client.get(path).content.decode()
    client.cookies["gangmu_language"] = "en"
    english = client.get(path).content.decode()
    assert '<html lang="zh-Hans"' in chinese and "纲目" in chinese
    assert '<html lang="en"' in english
    without_language_switch = english.replace("简体中文", "")
    assert re.findall(r"[\u4e00-\u9fff]+", without_language_switch) == []


@pytest.mark.parametrize(("cookie", "shown"), [("dark", "dark"), ("light", "light"), ("", "auto"), ('"><b', "auto")])
def test_the_server_writes_the_theme_into_the_page(client, cookie, shown):
    client.cookies["gangmu_theme"] = cookie
    assert f'data-bs-theme="{shown}"' in client.get("/ui/form/").content.decode()


def test_language_and_theme_are_remembered_and_lead_back_only_to_us(client):
    answer = client.post("/ui/language/", {"language": "zh-hans", "next": "/ui/form/"})
    assert answer["Location"] == "/ui/form/"
    assert answer.cookies["gangmu_language"].value == "zh-hans"
    answer = client.post("/ui/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert answer.cookies["gangmu_theme"].value == "dark"


def test_unknown_languages_and_themes_are_not_remembered(client):
    assert "gangmu_language" not in client.post("/ui/language/", {"language": "xx"}).cookies
    assert "gangmu_theme" not in client.post("/ui/theme/", {"theme": "pink"}).cookies


def test_a_stranger_may_choose_a_language(db):
    assert Client().post("/ui/language/", {"language": "en"})["Location"] == "/"


def test_the_style_guide_is_hidden_from_a_real_installation(client, settings):
    settings.DEMONSTRATION = settings.DEBUG = False
    for path in ("/ui/", "/ui/list/", "/ui/form/", "/ui/progress/20/", "/ui/errors/404/"):
        assert client.get(path).status_code == 404


@pytest.fixture
def entries():
    menu.register("test.shown", "Shown entry", "ui:jobs", icon="clock", section="system", order=2)
    menu.register("test.first", "First entry", "ui:guide", icon="home", section="system", order=1)
    menu.register("test.hidden", "Hidden entry", "ui:guide", icon="x", visible=lambda request: False)
    yield
    for key in ("test.shown", "test.first", "test.hidden"):
        menu.unregister(key)


def test_the_menu_shows_what_the_user_may_see_in_order(client, entries):
    page = client.get("/ui/jobs/").content.decode()
    assert page.index("First entry") < page.index("Shown entry")
    assert "Hidden entry" not in page


def test_only_the_closest_entry_is_marked_as_the_present_one(client, entries):
    page = client.get("/ui/jobs/").content.decode()
    marked = re.findall(r'<a class="side-link"[^>]*aria-current="page"[^>]*>.*?<span>(.*?)</span>', page)
    assert marked == ["Shown entry"]


def test_the_date_slider_carries_its_range_and_marks(client):
    page = client.get("/ui/?day=2024-02-29").content.decode()
    assert 'value="2024-02-29"' in page
    assert 'data-first="2021-01-01"' in page
    assert 'data-marks="2023-07-01 2025-01-01 2026-04-01"' in page


def test_a_running_piece_asks_again_and_a_finished_one_does_not(client):
    assert 'hx-trigger="every 2s"' in client.get("/ui/progress/40/").content.decode()
    assert "hx-get" not in client.get("/ui/progress/100/").content.decode()
