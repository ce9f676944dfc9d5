"""Files of resources: what they would change, cells that are pointed at, and what is taken over."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.utils import translation

from gangmu.duties.resources.errors import ResourceRefused
from gangmu.duties.resources.loading import files
from gangmu.duties.resources.loading.checking import judge
from gangmu.duties.resources.loading.judged import Outcome
from gangmu.duties.resources.loading.reading import COLUMNS, read
from gangmu.duties.resources.loading.recording import take_over
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.duties.resources.queries import dependencies, resources
from gangmu.duties.resources.tests.small import needs, registered
from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.shell.testing.worlds import make_user

TODAY = date(2026, 11, 20)
HEAD = "code,kind,name_zh,organisation,supporting,needs,group,needed,valid_from,valid_to,needs_to,attributes\n"


@pytest.fixture
def given(tmp_path):
    def judged(text: str, scope=SYSTEM):
        path = tmp_path / "resources.csv"
        path.write_text(HEAD + text, "utf-8")
        with translation.override("en"):
            return judge(read(path), scope)

    return judged


def faults(judged) -> list[tuple[int, str, str]]:
    return [(one.line.number, column, text) for one in judged for column, text in one.faults]


def told(text: str) -> str:
    """A file's lines, short of the fields at the end that are blank."""
    return "\n".join(line + "," * (HEAD.count(",") - line.count(",")) for line in text.splitlines()) + "\n"


def test_systems_come_in_with_what_they_need(given, world):
    judged = given(
        told(
            "A,system,甲系统,G,,DB,,,2026-01-01,,,等级=三级; 地址=北京\n"
            "A,,,,,F1,power,1\n"
            "A,,,,,F2,power\n"
            "DB,数据集,数据库,G,是,,,,2026-01-01\n"
            "F1,feed,一路,G,yes,,,,2026-01-01\n"
            "F2,feed,二路,G,yes,,,,2026-01-01\n"
        )
    )
    assert faults(judged) == []
    assert [one.outcome for one in judged] == ["new", "changed", "changed", "new", "new", "new"]
    taken = take_over(judged, SYSTEM, by=None)
    assert taken.told() == {"created": 4, "changed": 0, "unchanged": 0, "needs": 3, "left_out": 0}
    assert Resource.objects.get(code="A").attributes == {"等级": "三级", "地址": "北京"}
    assert Resource.objects.get(code="DB").kind == "data_set"
    rows = Dependency.objects.filter(resource__code="A").order_by("on__code")
    assert [(row.on.code, row.group, row.needed, row.valid.lower) for row in rows] == [
        ("DB", "", None, date(2026, 1, 1)),
        ("F1", "power", 1, date(2026, 1, 1)),
        ("F2", "power", 1, date(2026, 1, 1)),
    ]


def test_the_export_given_back_changes_nothing(register, tmp_path):
    path = tmp_path / "out.xlsx"
    path.write_bytes(files.register(resources(TODAY).select_related("post"), dependencies(TODAY)))
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book.worksheets[0][1]] == list(COLUMNS)
    judged = judge(read(path), SYSTEM)
    assert faults(judged) == []
    assert {one.outcome for one in judged} == {Outcome.UNCHANGED}
    assert sum(one.need is not None for one in judged) == Dependency.objects.count()


def test_a_mended_export_changes_what_was_mended(register, tmp_path):
    path = tmp_path / "out.xlsx"
    content = files.register(resources(TODAY).select_related("post"), dependencies(TODAY))
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    at = {name: number for number, name in enumerate(COLUMNS, start=1)}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, at["code"]).value == "APP" and sheet.cell(row, at["name_en"]).value:
            sheet.cell(row, at["name_en"]).value = "The application"
        if sheet.cell(row, at["code"]).value == "DB" and sheet.cell(row, at["group"]).value == "power":
            sheet.cell(row, at["needed"]).value = 2
    book.save(path)
    judged = judge(read(path), SYSTEM)
    assert faults(judged) == []
    taken = take_over(judged, SYSTEM, by=None)
    assert Resource.objects.get(code="APP").name_en == "The application"
    now = Dependency.objects.filter(resource__code="DB", group="power", valid__contains=TODAY)
    assert [row.needed for row in now] == [2, 2]
    before = Dependency.objects.filter(resource__code="DB", group="power", valid__contains=date(2026, 6, 1))
    assert [row.needed for row in before] == [1, 1]
    assert taken.created == 0


def test_faulty_cells_are_pointed_at(given, world):
    judged = given(
        told(
            "A,robot,甲,G\n"
            "B,system,,NOWHERE,perhaps,GONE\n"
            ",system,丙,G\n"
            "D,system,丁,G,,D\n"
            "E,system,戊,G,,A,,2\n"
            "F,system,己,G,,A,pair,0\n"
            "G1,system,庚,G,,A,pair,3\n"
            "H,system,辛,G,,,,,2026/1/5\n"
            "H,room\n"
            "I,system,壬,G,,,,,,2026-01-01,,no sign\n"
        )
    )
    found = {(number, column) for number, column, _text in faults(judged)}
    assert found >= {
        (2, "kind"),
        (3, "name_zh"),
        (3, "organisation"),
        (3, "supporting"),
        (3, "needs"),
        (4, "code"),
        (5, "needs"),
        (6, "group"),
        (7, "needed"),
        (8, "needed"),
        (9, "valid_from"),
        (10, "kind"),
        (11, "valid_to"),
        (11, "attributes"),
    }
    assert "system (information system)" in {c: t for n, c, t in faults(judged) if n == 2}["kind"]


def test_the_lines_that_close_a_circle_are_pointed_at_with_the_path(given, register):
    judged = given(told("ROOM,,,,,NEW\nNEW,device,新,G,,APP\nSAN,,,,,ROOM\n"))
    found = {(number, column): text for number, column, text in faults(judged)}
    assert set(found) == {(2, "needs"), (3, "needs")}
    assert "APP → DB → FEED-" in found[2, "needs"] or "DB → FEED-" in found[2, "needs"]
    assert "NEW" in found[2, "needs"]
    good = [one for one in judged if not one.faults]
    assert [one.wanted.code for one in good] == ["SAN"]


def test_good_lines_can_be_taken_without_the_others(given, register):
    judged = given(told("N1,device,新一,G,,N2\nN2,robot,新二,G\nN3,device,新三,G\n"))
    taken = take_over(judged, SYSTEM, by=None)
    assert (taken.created, taken.left_out) == (1, 2)
    assert not Resource.objects.filter(code__in=["N1", "N2"]).exists()


def test_who_needs_an_ending_resource_is_named(given, register):
    judged = given(told("DB,,,,,,,,,2026-12-31\n"))
    assert faults(judged) == [(2, "valid_to", "is still needed after that day by: APP")]
    both = given(told("GATE,,,,,,,,,2026-12-31\nAPP,,,,,,,,,2026-12-31\n"))
    assert faults(both) == []
    take_over(both, SYSTEM, by=None)
    assert Resource.objects.get(code="APP").valid.upper == date(2027, 1, 1)
    assert not Dependency.objects.filter(resource__code="APP", valid__contains=date(2027, 1, 1)).exists()


def test_a_file_ends_a_dependency(given, register):
    judged = given(told("GATE,,,,,APP,,,,,2026-12-31\n"))
    assert faults(judged) == []
    take_over(judged, SYSTEM, by=None)
    assert Dependency.objects.get(resource__code="GATE").valid.upper == date(2027, 1, 1)
    assert {one.outcome for one in given(told("GATE,,,,,APP,,,,,2026-12-31\n"))} == {"unchanged"}


@pytest.fixture
def plant_keeper(world):
    """Who keeps the register of plant P1 alone."""
    keeps = ["parties:view", "resources:view,change"]
    Role.objects.create(code="keeper1", name_zh="维护", name_en="Keeper", site="business", permissions=keeps)
    return make_user("keeper1", "P1", "keeper1")


def test_a_file_reaches_no_farther_than_whoever_gives_it(given, register, plant_keeper):
    with acting_as(plant_keeper) as scope:
        judged = given(told("APP,,新名\nX,device,某,G\nMINE,device,我的,P1,,GATE\nMINE,,,,,APP\n"), scope)
        columns = {(number, column) for number, column, _text in faults(judged)}
        assert columns >= {(2, "code"), (3, "organisation"), (5, "needs")}
        assert not any(number == 4 for number, _column in columns)


def test_the_database_has_the_last_word_on_what_the_asker_does_not_see(given, register, plant_keeper):
    """That APP needs the plant's MINE, and GATE needs APP, is more than the plant's keeper sees."""
    mine = registered("MINE", "P1")
    needs(register["APP"], mine)
    with acting_as(plant_keeper) as scope:
        judged = given(told("MINE,,,,,GATE\n"), scope)
        assert faults(judged) == []
        with pytest.raises(ResourceRefused, match="outside your branch"), translation.override("en"):
            take_over(judged, scope, by=plant_keeper)


def test_a_file_that_names_nothing_is_refused(given, world):
    with pytest.raises(Unreadable):
        given("")
