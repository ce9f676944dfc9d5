"""The page of curves in its readers' scopes, and the workbook whose download is noted."""

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.utils.translation import override
from openpyxl import load_workbook

from gangmu.figures.curves.tests.conftest import Load, wide
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.models import Event
from gangmu.shell.testing.worlds import World

PAGE = "/curves/"
RAMP = list(range(1, 97))


@pytest.fixture
def loaded(load: Load) -> Load:
    load(
        wide("P1", "2026-11-19", RAMP), wide("P2", "2026-11-19", [None, *[4] * 95]), wide("P1", "2026-11-18", [1] * 96)
    )
    load("P1,output,2026-11-19,24:00,97", header="organisation,indicator,date,time,value", correct="meter read again")
    return load


def browser(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def page(user: User, **asked: str) -> str:
    answer = browser(user).get(PAGE, asked)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def test_the_page_shows_the_newest_day_of_the_highest_organisation(loaded: Load, world: World):
    text = page(world.group)
    assert 'value="2026-11-19"' in text
    assert "Energy by curve" in text
    assert "1,259.25" in text  # (4656 + 1 + 95 · 4) ÷ 4
    assert "Not all organisations have given every point: 1/3." in text
    assert "01:00" in text


def test_a_day_stands_beside_another_with_its_history(loaded: Load, world: World):
    text = page(world.group, organisation="P1", compare="previous", unit="MWh")
    assert "In brackets:" in text
    assert "meter read again" in text
    assert "24:00: 96.00 → 97.00" in text
    assert "(24.00)" in text  # energy of the day before


def test_parts_say_what_each_day_comes_to(loaded: Load, world: World):
    text = page(world.group, by="children")
    assert "East Company" in text
    assert "95 of 96 points" in text
    assert "?indicator=output&amp;organisation=R2&amp;day=2026-11-19" in text


def test_what_cannot_be_answered_is_told_on_the_page(loaded: Load, world: World):
    answer = browser(world.group).get(PAGE, {"day": "2026-02-30"})
    assert answer.status_code == 422
    assert "2026-02-30" in answer.content.decode()
    assert browser(world.other).get(PAGE, {"organisation": "P1"}).status_code == 422
    assert browser(world.nobody).get(PAGE).status_code == 403


def test_the_page_speaks_chinese(loaded: Load, world: World):
    with override("zh-hans"):
        text = browser(world.group, "zh-hans").get(PAGE, {"organisation": "P1"}).content.decode()
    assert "96 点" in text
    assert "最高负荷" in text


def test_the_workbook_recalculates_and_its_download_is_noted(loaded: Load, world: World):
    answer = browser(world.group).get(PAGE, {"organisation": "P1", "compare": "previous", "export": "xlsx"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    formulas, values = (load_workbook(BytesIO(content), data_only=only).active for only in (False, True))
    assert formulas is not None
    assert values is not None
    assert [values.cell(4, column).value for column in (3, 4)] == ["Plant Alpha 2026-11-19", "Plant Alpha 2026-11-18"]
    assert [values.cell(row, 3).value for row in (5, 100)] == [1, 97]
    assert formulas.cell(101, 3).value == "=SUM(C5:C100)/4"
    assert values.cell(101, 3).value == 1164.25
    told = Event.objects.filter(kind="ui.exported").latest("pk")
    assert told.data["list"] == "figures.curves"
    assert (told.data["rows"], date.fromisoformat("2026-11-19").isoformat() in told.data["query"]) == (2, True)
