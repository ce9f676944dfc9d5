"""What is kept of home pages: shown again while nothing changes, never to who may see less, and never stale."""

from pathlib import Path

import pytest

from gangmu.figures.cube import services
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.tiles import asking
from gangmu.figures.tiles.tests.conftest import STANDS_AT
from gangmu.figures.tiles.tests.test_home_pages import number, opened, tile
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.boards import places, sharing, showing
from gangmu.foundation.boards.keeping import Kept
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user


@pytest.fixture(params=["one process", "many processes"])
def frozen(request, world, monkeypatch, tmp_path):
    """With many processes, each page is made by another one: nothing in memory, all on the shelf."""
    showing._kept.clear()
    places._kept.clear()
    if request.param == "many processes":
        monkeypatch.setattr(showing, "_kept", Kept(most=0))
        monkeypatch.setattr(sharing, "_shelves", [sharing.Shelf(tmp_path / "shelf")])
    with clock.frozen(STANDS_AT):
        yield world


def load(folder: Path, *lines: str) -> None:
    path = folder / "more.csv"
    path.write_text("\n".join(["organisation,indicator,period,scenario,value", *lines]) + "\n", "utf-8")
    result = load_facts(path)
    assert not result.problems, [str(problem) for problem in result.problems]
    services.fold(sync=False)


def test_a_page_is_worked_out_once_for_all_who_may_see_the_same(frozen, monkeypatch):
    colleague = make_user("colleague", "G", "manager")
    first = opened(frozen.group)
    monkeypatch.setattr(asking, "ask_all", None)  # whoever asks the cube now fails
    for user in (frozen.group, colleague):
        assert number(tile(opened(user), "generation")) == number(tile(first, "generation"))


@pytest.mark.req("M-5.4")
def test_what_was_kept_of_a_page_is_shown_to_nobody_who_sees_less(frozen):
    alone = make_user("alone", "R2")  # may open the same page, and sees nobody below it
    Assignment.objects.filter(user=alone).update(reach=Assignment.Reach.OWN_ORGANISATION)
    whole = opened(frozen.group, "/home/R2/")
    own = opened(alone, "/home/R2/")
    assert "Plant Alpha" in tile(whole, "warnings") and "/home/P1/" in whole
    for secret in ("Plant Alpha", "/home/P1/", "Plant Gamma"):
        assert secret not in own, secret
    again = opened(frozen.group, "/home/R2/")
    assert "Plant Alpha" in tile(again, "warnings")  # nor is more hidden from who may see it


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_new_figure_shows_at_once(frozen, tmp_path, language):
    before, after = {"en": ("10.40", "10.50"), "zh-hans": ("0.1040", "0.1050")}[language]
    assert number(tile(opened(frozen.group, language=language), "generation")) == before
    load(tmp_path, "P3U1,generation,2026-11-19,actual,100.0")
    assert number(tile(opened(frozen.group, language=language), "generation")) == after


def test_a_new_name_shows_at_once(frozen):
    assert "East Company" in tile(opened(frozen.group), "regions")
    Organisation.objects.filter(code="R1").update(name_en="Eastern Company")
    assert "Eastern Company" in tile(opened(frozen.group), "regions")
    assert "发电量" in tile(opened(frozen.group, language="zh-hans"), "table")
    Indicator.objects.filter(code="generation").update(name_zh="总发电量")
    assert "总发电量" in tile(opened(frozen.group, language="zh-hans"), "table")


def test_links_take_period_and_state_along_and_nothing_that_was_only_typed(frozen):
    page = opened(frozen.group, "/home/?period=2026-11&at_least=plant&compare=nonsense&evil=1")
    assert (
        "/home/R2/?period=2026-11\\u0026at_least=plant" in page or "/home/R2/?period=2026-11&amp;at_least=plant" in page
    )
    assert "nonsense" not in tile(page, "regions") and "evil" not in tile(page, "regions")
