"""Who sees which figures: the present branch all history, a former one its own days, others nothing."""

from pathlib import Path

import pytest

from gangmu.figures.cube.gateway import NotVisible, Question, ask, explain
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.shell.testing.worlds import make_user


def shown(user, organisation: str, period: str = "2026", by: str | None = None, structure: str = "then") -> list:
    with acting_as(user) as scope:
        answer = ask(Question(("gen",), (organisation,), (period,), by=by, structure=structure), scope)
    return [(row.group, row.value) if by else row.value for row in answer.rows]


@pytest.fixture
def people(world):
    """P1 leaves R1 for R2 on 1 June 2026."""
    world(
        "P1U1,gen,2026-05-31,actual,100",
        "P1U1,gen,2026-06-01,actual,7",
        "P2U1,gen,2026-05-31,actual,2",
        "P3U1,gen,2026-06-01,actual,30",
    )
    return {
        "former": make_user("former", "R1"),
        "present": make_user("present", "R2"),
        "clerk": make_user("clerk", "P2"),
    }


def test_a_former_branch_sees_its_own_days_and_nothing_after(people):
    former = people["former"]
    assert shown(former, "R1") == ["102.00"]
    assert shown(former, "P1") == ["100.00"]
    assert shown(former, "P1U1") == ["100.00"]
    assert shown(former, "P1", "2026-06") == [None]
    assert shown(former, "P1", by="children") == [("P1U1", "100.00"), ("P1U2", None)]
    for code in ("R2", "P3", "P3U1", "G"):
        with pytest.raises(NotVisible):
            shown(former, code)


def test_coverage_of_a_former_branch_counts_its_own_days(people):
    with acting_as(people["former"]) as scope:
        [row] = ask(Question(("gen",), ("P1",), ("2026",)), scope).rows
    assert (row.reported, row.expected) == (1, 2 * 151)


def test_the_present_branch_sees_the_whole_history(people):
    present = people["present"]
    assert shown(present, "P1") == ["107.00"]
    assert shown(present, "R2") == ["37.00"]
    assert shown(present, "R2", structure="now") == ["137.00"]
    assert shown(present, "R2", by="children") == [("P1", "7.00"), ("P3", "30.00")]


def test_what_does_not_exist_and_what_may_not_be_seen_read_the_same(people):
    messages = set()
    for code in ("P1", "NOWHERE"):
        with pytest.raises(NotVisible) as refusal:
            shown(people["clerk"], code)
        messages.add(str(refusal.value).replace(code, "…"))
    assert len(messages) == 1
    with pytest.raises(NotVisible, match="P2U1"):
        shown(people["clerk"], "P2U11")
    with pytest.raises(NotVisible) as refusal:
        shown(people["clerk"], "P3U11")
    assert "P3U1”" not in str(refusal.value)


def test_a_child_that_is_not_the_askers_has_no_row(world, tmp_path: Path):
    """A unit that left a plant before the plant came to the region is in the plant's old totals, not in its rows."""
    from gangmu.foundation.parties.services import load_organisations

    world("P1U1,gen,2026-05-31,actual,100", "P1U2,gen,2026-05-31,actual,5")
    lines = tmp_path / "moves.csv"
    lines.write_text(
        "code,name_zh,name_en,kind,parent,valid_from,valid_to\n"
        "P1U2,甲厂2号机,Alpha 2,unit,P1,2020-01-01,2026-05-31\nP1U2,甲厂2号机,Alpha 2,unit,P2,2026-06-01,\n",
        "utf-8",
    )
    assert not load_organisations(lines).problems
    present = make_user("present", "R2")
    assert shown(present, "P1") == ["105.00"]
    assert shown(present, "P1", by="children") == [("P1U1", "100.00")]
    assert [row.group for row in ask(Question(("gen",), ("P1",), ("2026",), by="children"), SYSTEM).rows] == [
        "P1U1",
        "P1U2",
    ]
    assert shown(make_user("former", "R1"), "P1") == ["105.00"]


def test_an_explanation_names_only_batches_of_visible_facts(people):
    with acting_as(people["former"]) as scope:
        [row] = explain(Question(("gen",), ("P1",), ("2026",)), scope)["rows"]
    assert row["value"] == "100.00"
    [batch] = row["sources"]["batches"]
    assert batch["facts"] == 1
    assert batch["source"] == "facts-1.csv"  # told, because it brought a fact of P2, which is R1's still


def test_of_a_batch_without_facts_of_the_present_scope_the_number_alone_is_told(people, world):
    world("P1U1,gen,2026-05-30,actual,5")
    question = Question(("gen",), ("P1",), ("2026-05-30",))
    with acting_as(people["former"]) as scope:
        [row] = explain(question, scope)["rows"]
    [batch] = row["sources"]["batches"]
    assert (row["value"], set(batch)) == ("5.00", {"id", "facts"})
    with acting_as(people["present"]) as scope:
        [row] = explain(question, scope)["rows"]
    assert row["sources"]["batches"][0]["source"].startswith("facts-")


def move(folder: Path, *lines: str) -> None:
    """Load other placements and attributes."""
    from gangmu.foundation.parties.services import load_organisations

    path = folder / "more.csv"
    columns = "code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel"
    path.write_text("\n".join([columns, *lines]) + "\n", "utf-8")
    result = load_organisations(path)
    assert not result.problems, [str(problem) for problem in result.problems]


def test_todays_structure_of_what_has_left_is_not_shown(people, tmp_path: Path):
    """Its fuel, capacity and units of today are the present branch's to know."""
    move(
        tmp_path,
        "P1,甲电厂,Plant Alpha,plant,R2,2026-06-01,,,gas",
        "P1U1,甲厂1号机,Alpha 1,unit,P1,2020-01-01,2026-07-31,600,",
        "P1U1,甲厂1号机,Alpha 1,unit,P1,2026-08-01,,650,",
    )
    former, present = people["former"], people["present"]
    assert shown(former, "P1", structure="now") == [None]
    assert shown(former, "P1", by="fuel", structure="now") == []
    assert shown(former, "P1", by="children", structure="now") == []
    assert shown(former, "R1", structure="now") == ["2.00"]
    assert shown(present, "P1", by="fuel", structure="now") == [("gas", "107.00")]
    assert shown(former, "P1", by="fuel") == [("coal", "100.00")]
    for organisation, structure, capacity in (("P1U1", "then", "600.000000"), ("P1U1", "now", None)):
        with acting_as(former) as scope:
            question = Question(("hours",), (organisation,), ("2026-05-31",), structure=structure)
            [row] = explain(question, scope)["rows"]
        assert [one["value"] for one in row["formula"]["inputs"] if one["indicator"] == "capacity_mw"] == [capacity]


def test_a_child_has_a_row_for_days_on_which_both_may_be_seen(people, tmp_path: Path):
    """P2U1 joins P1, which has left R1, on 1 August: R1 knows both from before, not that one stands below the other."""
    move(
        tmp_path,
        "P2U1,乙厂1号机,Beta 1,unit,P2,2020-01-01,2026-07-31,50,",
        "P2U1,乙厂1号机,Beta 1,unit,P1,2026-08-01,,50,",
    )
    rows = shown(people["former"], "P1", by="children")
    assert [group for group, _value in rows] == ["P1U1", "P1U2"]
    assert [group for group, _value in shown(people["present"], "P1", by="children")] == ["P1U1", "P1U2", "P2U1"]


def test_an_explanation_names_nobody_whom_the_asker_does_not_know(people, tmp_path: Path):
    """P1U2 left P1 before P1 came to R2: it is in P1's old totals, and R2 has never heard of it."""
    move(
        tmp_path,
        "P1U2,甲厂2号机,Alpha 2,unit,P1,2020-01-01,2026-03-31,300,",
        "P1U2,甲厂2号机,Alpha 2,unit,P2,2026-04-01,,300,",
    )
    told = {}
    for name in ("present", "former"):
        with acting_as(people[name]) as scope:
            [told[name]] = explain(Question(("gen",), ("P1",), ("2026-Q1",)), scope)["rows"]
    assert told["present"]["organisations_covered"] == {"level": "unit", "count": 2, "codes": ["P1U1"]}
    assert told["former"]["organisations_covered"]["codes"] == ["P1U1", "P1U2"]
    assert told["present"]["missing"]["count"] == 2
    assert [one["code"] for one in told["present"]["missing"]["organisations"]] == ["P1U1"]
    assert "Alpha 2" in str(told["former"])
    assert "P1U2" not in str(told["present"])
    assert "Alpha 2" not in str(told["present"])
