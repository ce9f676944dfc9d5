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
    assert shown(former, "P1", structure="now") == ["100.00"]
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
    assert row["sources"]["batches"] == [{"id": row["sources"]["batches"][0]["id"], "facts": 1}]
