"""What an organisations file says enters completely, or not at all."""

import zipfile
from datetime import date

import pytest

from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import AttributeValue, Membership, Organisation, Placement
from gangmu.foundation.parties.services import load_organisations, move
from gangmu.foundation.parties.tests.conftest import HEADER, D
from gangmu.foundation.settings.textfiles import Unreadable

GROUP = "G,集团,Group,group,,,,,"
REGIONS = ("R1,一区,North,region,G,,,,", "R2,二区,South,region,G,,,,")
PLANT = "P,甲厂,Plant,plant,R1,2020-01-01,,600,coal"


def placements(code: str) -> list[tuple[str | None, str]]:
    rows = Placement.objects.filter(child__code=code).order_by("valid")
    return [(row.parent.code if row.parent else None, str(Days.of(row.valid))) for row in rows]


def attribute(code: str, name: str) -> list[tuple[str, str]]:
    rows = AttributeValue.objects.filter(organisation__code=code, name=name).order_by("valid")
    return [(row.value, str(Days.of(row.valid))) for row in rows]


def everything() -> list:
    return [
        sorted(Organisation.objects.values_list("id", "code", "name_zh", "name_en", "kind", "changed_at")),
        sorted(map(str, Placement.objects.values_list("id", "child", "parent", "valid"))),
        sorted(map(str, AttributeValue.objects.values_list("id", "organisation", "name", "value", "valid"))),
        sorted(map(str, Membership.objects.values_list("id", "ancestor", "organisation", "depth", "valid"))),
    ]


def told(result) -> list[str]:
    return [str(problem) for problem in result.problems]


def test_a_small_world_enters(load):
    result = load(GROUP, *REGIONS, PLANT)
    assert not result.problems
    assert (result.created, result.changed, result.unchanged) == (4, 0, 0)
    assert placements("P") == [("R1", "from 2020-01-01")]
    assert attribute("P", "capacity_mw") == [("600", "from 2020-01-01")]
    assert AttributeValue.objects.get(name="capacity_mw").number == 600
    assert attribute("P", "fuel") == [("coal", "from 2020-01-01")]
    assert Membership.objects.filter(ancestor__code="G", organisation__code="P", depth=2).count() == 1


def test_the_order_of_lines_carries_no_meaning(load):
    assert not load(PLANT, REGIONS[1], REGIONS[0], GROUP).problems
    assert placements("P") == [("R1", "from 2020-01-01")]


def test_columns_come_in_any_order_and_optional_ones_may_be_missing(load):
    result = load("plant,P,R1,甲厂", "region,R1,,一区", header="Kind,code,parent,name_zh")
    assert not result.problems
    assert Organisation.objects.get(code="P").name_zh == "甲厂"


def test_valid_to_is_the_last_day_that_counts_and_a_later_line_a_later_placement(load):
    load(
        GROUP, *REGIONS, "P,旧名,Old,plant,R1,2020-01-01,2023-12-31,600,coal", "P,新名,New,plant,R2,2024-01-01,,660,gas"
    )
    assert placements("P") == [("R1", "2020-01-01 to 2023-12-31"), ("R2", "from 2024-01-01")]
    assert attribute("P", "capacity_mw") == [("600", "2020-01-01 to 2023-12-31"), ("660", "from 2024-01-01")]
    assert Organisation.objects.get(code="P").name_en == "New"


def test_the_same_file_again_changes_nothing(load):
    lines = (GROUP, *REGIONS, PLANT.replace("600", "600.50"))
    load(*lines)
    before = everything()
    result = load(*lines)
    assert (result.created, result.changed, result.unchanged) == (0, 0, 4)
    assert everything() == before


def test_a_line_given_again_with_other_content_is_a_correction(load):
    load(GROUP, *REGIONS, PLANT)
    result = load("P,甲厂,Plant,plant,R2,2020-01-01,,610,coal")
    assert (result.changed, result.unchanged) == (1, 0)
    assert placements("P") == [("R2", "from 2020-01-01")]
    assert attribute("P", "capacity_mw") == [("610", "from 2020-01-01")]


def test_a_move_ends_the_earlier_line_and_begins_another(load):
    load(GROUP, *REGIONS, PLANT)
    lines = ("P,甲厂,Plant,plant,R1,2020-01-01,2023-12-31,600,coal", "P,甲厂,Plant,plant,R2,2024-01-01,,600,coal")
    assert "give that line again with valid_to 2023-12-31" in told(load(lines[1]))[0]
    assert placements("P") == [("R1", "from 2020-01-01")]
    assert not load(*lines).problems
    assert placements("P") == [("R1", "2020-01-01 to 2023-12-31"), ("R2", "from 2024-01-01")]


def test_a_file_that_ignores_a_later_move_is_refused(load):
    load(GROUP, *REGIONS, PLANT)
    move(Organisation.objects.get(code="P"), Organisation.objects.get(code="R2"), D("2024-01-01"))
    assert "end this line with valid_to 2023-12-31" in told(load(PLANT))[0]


def test_a_missing_column_leaves_attributes_alone_and_a_blank_one_ends_them(load):
    load(GROUP, *REGIONS, PLANT)
    load("P,plant,R1,2020-01-01,gas", header="code,kind,parent,valid_from,fuel")
    assert attribute("P", "capacity_mw") == [("600", "from 2020-01-01")]
    assert attribute("P", "fuel") == [("gas", "from 2020-01-01")]
    load("P,plant,R1,2020-01-01,", header="code,kind,parent,valid_from,fuel")
    assert attribute("P", "fuel") == []
    assert Organisation.objects.get(code="P").name_zh == "甲厂"


def test_no_attribute_outlives_its_organisation(load):
    load(GROUP, *REGIONS, PLANT)
    load("P,plant,R1,2020-01-01,2021-12-31", header="code,kind,parent,valid_from,valid_to")
    assert attribute("P", "capacity_mw") == [("600", "2020-01-01 to 2021-12-31")]


def test_one_fault_and_nothing_is_recorded(load):
    load(GROUP)
    before = everything()
    result = load(*REGIONS, "P,甲厂,Plant,plant,R1,2020-01-01,,600MW,coal")
    assert told(result) == ["line 4, capacity_mw: “600MW” carries “MW”; write the number alone"]
    assert str(result) == "Nothing was recorded. Problems: 1."
    assert everything() == before


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (",甲,A,plant,G,,,,", "code", "is blank"),
        ("P １,甲,A,plant,G,,,,", "code", "half-width"),
        ("P/1,甲,A,plant,G,,,,", "code", "is not a code"),
        (f"{'P' * 65},甲,A,plant,G,,,,", "code", "longer than 64"),
        ("P,甲,A,plnt,G,,,,", "kind", "Did you mean “plant”?"),
        ("P,甲,A,电厂,G,,,,", "kind", "Did you mean “plant”?"),
        ("P,甲,A,,G,,,,", "kind", "is blank"),
        ("P,,,plant,G,,,,", "name_zh", "needs a Chinese or an English name"),
        (f"P,{'甲' * 201},A,plant,G,,,,", "name_zh", "longer than 200"),
        ('P,"甲\n乙",A,plant,G,,,,', "name_zh", "line break"),
        ("P,甲,A,plant,GG,,,,", "parent", "“GG” is neither in this file nor recorded. Did you mean “G”?"),
        ("P,甲,A,plant,P,,,,", "parent", "its own parent"),
        ("P,甲,A,plant,G,2024/1/5,,,", "valid_from", "write 2024-01-05"),
        ("P,甲,A,plant,G,2024年1月5日,,,", "valid_from", "write 2024-01-05"),
        ("P,甲,A,plant,G,20240105,,,", "valid_from", "write 2024-01-05"),
        ("P,甲,A,plant,G,2024-1-5,,,", "valid_from", "write 2024-01-05"),
        ("P,甲,A,plant,G,05/01/2024,,,", "valid_from", "not a date of the form YYYY-MM-DD"),
        ("P,甲,A,plant,G,２０２４-01-05,,,", "valid_from", "not a date of the form YYYY-MM-DD"),
        ("P,甲,A,plant,G,2023-02-29,,,", "valid_from", "no day of the calendar"),
        ("P,甲,A,plant,G,2024-01-05,2024-01-04,,", "valid_to", "before the first day"),
        ("P,甲,A,plant,G,,,６００,", "capacity_mw", "full-width"),
        ('P,甲,A,plant,G,,,"1,200",', "capacity_mw", "thousand separators"),
        ("P,甲,A,plant,G,,,600 MW,", "capacity_mw", "carries “MW”"),
        ("P,甲,A,plant,G,,,6e2,", "capacity_mw", "exponent"),
        ("P,甲,A,plant,G,,,NaN,", "capacity_mw", "not a number"),
        ("P,甲,A,plant,G,,,-1,", "capacity_mw", "less than 0"),
        ("P,甲,A,plant,G,,,1234567890123456,", "capacity_mw", "larger than anything"),
        ("P,甲,A,plant,G,,,0.1234567891,", "capacity_mw", "more than 9 decimals"),
        ("P,甲,A,plant,G,,,600", "fuel", "has 8 fields where the first line names 9"),
        ("P,甲,A,plant,G,,,600,coal,extra", "fuel", "has 10 fields where the first line names 9"),
    ],
)
def test_each_fault_is_told_with_line_and_column(load, line, column, says):
    result = load(GROUP, line)
    assert [(problem.line, problem.column) for problem in result.problems] == [(3, column)]
    assert says in result.problems[0].message
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "column", "says"),
    [
        ("180.1,0,", "longitude", "not between -180 and 180"),
        ("0,-91,", "latitude", "not between -90 and 90"),
        ("0,0,2015", "commissioned", "YYYY-MM-DD"),
        ("117.25E,0,", "longitude", "carries “E”"),
    ],
)
def test_places_and_commissioning_are_checked(load, fields, column, says):
    result = load(f"P,厂,plant,{fields}", header="code,name_zh,kind,longitude,latitude,commissioned")
    assert [problem.column for problem in result.problems] == [column]
    assert says in result.problems[0].message


def test_trailing_blank_fields_of_spreadsheets_do_no_harm(load):
    assert not load(GROUP + ",,,", header=HEADER + ",,").problems


def test_numbers_are_kept_in_one_form(load):
    load("A,甲,,plant,,,,+0600.500,", "B,乙,,plant,,,,-0,", "C,丙,,plant,,,,1000000,")
    assert [attribute(code, "capacity_mw")[0][0] for code in "ABC"] == ["600.5", "0", "1000000"]


def test_an_unknown_fuel_is_kept_with_a_warning(load):
    result = load("A,甲,,plant,,,,,Coall", "B,乙,,plant,,,,,煤", "C,丙,,plant,,,,,COAL")
    assert not result.problems
    assert [str(warning) for warning in result.warnings] == [
        "line 2, fuel: “Coall” is not a known value; it is kept as it is. Did you mean “coal”?"
    ]
    assert [attribute(code, "fuel")[0][0] for code in "ABC"] == ["Coall", "煤", "COAL"]
    assert "Warning: line 2, fuel" in str(result)


def test_a_later_line_stands_for_itself_and_its_blanks_are_told(load):
    result = load(GROUP, REGIONS[0], "P,甲,A,plant,R1,2020-01-01,2023-12-31,600,coal", "P,甲,A,plant,,2024-01-01,,,")
    assert not result.problems
    assert placements("P") == [("R1", "2020-01-01 to 2023-12-31"), (None, "from 2024-01-01")]
    assert [str(warning) for warning in result.warnings] == [
        "line 5, capacity_mw: blank: P has no value from 2024-01-01 on, unlike in line 4",
        "line 5, fuel: blank: P has no value from 2024-01-01 on, unlike in line 4",
        "line 5, parent: blank: P stands at the top from 2024-01-01 on, unlike in line 4",
    ]


def test_overlapping_lines_of_one_code_name_both_lines(load):
    result = load(GROUP, "P,甲,A,plant,G,2020-01-01,2022-06-30,,", "P,甲,A,plant,G,2022-06-30,,,")
    assert told(result) == [
        "line 4, valid_from: P has two lines for the same days (2022-06-30 to 2022-06-30): this one and line 3; "
        "end line 3 with valid_to 2022-06-29 if the other follows it"
    ]


def test_an_equal_line_twice_counts_once_and_another_one_is_refused(load):
    assert not load(GROUP, PLANT.replace("R1", "G"), PLANT.replace("R1", "G")).problems
    assert (
        "this one and line 2" in told(load(PLANT.replace("R1", "G"), PLANT.replace("R1,", "G,").replace("600", "1")))[0]
    )


def test_a_kind_does_not_change(load):
    result = load(GROUP, "P,甲,A,plant,G,,2022-06-30,,", "P,甲,A,unit,G,2022-07-01,,,")
    assert [(problem.line, problem.column) for problem in result.problems] == [(4, "kind")]
    load(GROUP)
    assert "G is a group already" in told(load("G,集团,Group,region,,,,,"))[0]


def test_a_parent_must_stand_on_every_day_of_its_child(load):
    result = load("G,集,Group,group,,2020-01-01,2022-12-31,,", "P,甲,A,plant,G,2020-01-01,2023-12-31,,")
    assert told(result) == [
        "line 3, valid_to: P stands under G on 2023-01-01, when G does not exist (2020-01-01 to 2022-12-31)"
    ]
    result = load("G,集,Group,group,,2020-01-01,,,", "P,甲,A,plant,G,2019-12-31,,,")
    assert told(result) == [
        "line 3, valid_from: P stands under G on 2019-12-31, when G does not exist (from 2020-01-01)"
    ]


def test_blank_days_are_those_of_the_parent(load):
    lines = ["U,机,Unit,unit,P,,,300,", "P,甲,A,plant,G,,,,", "G,集,Group,group,,2020-01-01,2022-12-31,,"]
    assert told(load(*lines)) == []
    days = dict(Placement.objects.values_list("child__code", "valid"))
    assert days["U"] == days["P"] == days["G"]
    assert (days["G"].lower, days["G"].upper) == (date(2020, 1, 1), date(2023, 1, 1))
    again = load(*lines)
    assert (again.created, again.changed) == (0, 0)


def test_blank_days_follow_a_parent_that_begins_earlier_or_ends(load):
    assert told(load("G,集,Group,group,,2020-01-01,,,", "P,甲,A,plant,G,,,,")) == []
    assert told(load("G,集,Group,group,,2020-01-01,2022-12-31,,", "P,甲,A,plant,G,,,,")) == []
    (placed,) = Placement.objects.filter(child__code="P")
    assert placed.valid.upper == date(2023, 1, 1)


def test_a_circle_or_a_chain_without_end_of_blank_days_is_refused(load):
    assert "circle" in told(load("A,甲,A,plant,B,,,,", "B,乙,B,plant,A,,,,"))[0]
    chain = [f"X{n},节,X{n},plant,{f'X{n - 1}' if n else ''},,,," for n in range(1500)]
    assert "tiers" in " ".join(told(load(*chain)))


def test_a_gap_between_two_lines_of_the_parent_is_found(load):
    result = load(
        "G,集,Group,group,,2020-01-01,2021-12-31,,",
        "G,集,Group,group,,2022-01-02,,,",
        "P,甲,A,plant,G,2020-01-01,,,",
    )
    assert "P stands under G on 2022-01-01" in told(result)[0]


def test_ending_a_parent_names_the_child_that_is_not_in_the_file(load):
    load(GROUP, *REGIONS, PLANT)
    result = load("R1,一区,North,region,G,,2025-12-31,,")
    assert told(result) == [
        "line 2, valid_to: P, which is recorded under R1 and not in this file, would lose its parent on 2026-01-01; "
        "give its line too"
    ]


def test_a_circle_is_told_once_with_its_codes_and_day(load):
    result = load(
        "A,甲,,plant,B,2020-01-01,,,",
        "B,乙,,plant,,2020-01-01,2021-12-31,,",
        "B,乙,,plant,C,2022-01-01,,,",
        "C,丙,,plant,A,2020-01-01,,,",
    )
    assert told(result) == ["line 2, parent: the parents go round in a circle on 2022-01-01: A < B < C < A"]


def test_a_circle_through_what_is_recorded_is_found(load):
    load(GROUP, *REGIONS, PLANT)
    result = load("R1,一区,North,region,P,,,,")
    assert any("circle" in problem.message for problem in result.problems)


def test_a_line_with_a_fault_does_not_make_its_children_orphans(load):
    result = load("G,集,Group,grupp,,,,,", "P,甲,A,plant,G,,,,")
    assert [(problem.line, problem.column) for problem in result.problems] == [(2, "kind")]


def test_a_chain_deeper_than_32_tiers_is_told(load):
    lines = [f"T{n},层,,unit,{f'T{n - 1}' if n else ''},,,," for n in range(2000)]
    result = load(*lines)
    assert len(result.problems) == 1
    assert "more than 32 tiers deep" in result.problems[0].message
    assert not load(*lines[:32]).problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_files_are_read_in_the_encodings_of_spreadsheets(db, tmp_path, encoding):
    path = tmp_path / "组织.csv"
    path.write_bytes(f"{HEADER}\r\n{GROUP}\r\n".encode(encoding))
    assert load_organisations(path).created == 1
    assert Organisation.objects.get().name_zh == "集团"


def test_files_that_are_not_what_their_name_says_are_told_apart(db, tmp_path):
    path = tmp_path / "organisations.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"0" * 50_000_000)
    with pytest.raises(Unreadable, match="its content is ZIP / XLSX"):
        load_organisations(path)
    path.write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(Unreadable, match="UTF-16"):
        load_organisations(path)
    path.write_bytes(b"code,kind\n\x00\x01\x02")
    with pytest.raises(Unreadable, match="binary"):
        load_organisations(path)
    path.write_bytes(b"")
    with pytest.raises(Unreadable, match="is empty"):
        load_organisations(path)
    path.write_text("code,kind,captcity_mw\n")
    with pytest.raises(Unreadable, match="Did you mean “capacity_mw”"):
        load_organisations(path)
    path.write_text("code,name_zh\n")
    with pytest.raises(Unreadable, match="missing columns: kind"):
        load_organisations(path)
    path.write_text('code,kind\n"G,group\n')
    with pytest.raises(Unreadable, match="quote"):
        load_organisations(path)
    with pytest.raises(Unreadable, match="cannot be read"):
        load_organisations(tmp_path / "missing.csv")


def test_a_header_alone_records_nothing(load):
    result = load()
    assert (result.created, result.changed, result.unchanged, result.problems) == (0, 0, 0, [])
