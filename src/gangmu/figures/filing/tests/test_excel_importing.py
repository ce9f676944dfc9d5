"""Workbooks become drafts of sheets, or located faults; nothing else."""

from datetime import date

import pytest

from gangmu.figures.filing.excel.importing import ImportResult, import_workbook
from gangmu.figures.filing.excel.placing import OtherForm, OtherPeriod
from gangmu.figures.filing.models import Cell, Explanation, Fact, Mark, Sheet, SheetEvent, State
from gangmu.figures.filing.services import load_forms
from gangmu.figures.filing.tests.books import GOOD, GOOD_PLANT, PLANT, UNITS, filled
from gangmu.figures.filing.tests.small import DAY, FORM, NOW, make_small
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

BEFORE = Period.day(date(2026, 11, 18))


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(f"{NOW}+08:00"):
        yield make_small(tmp_path)


def run(small, path, by=None, **options) -> ImportResult:
    by = by or small.clerk
    with acting_as(by) as scope:
        return import_workbook(path, small.form.code, by=by, scope=scope, **options)


def cells() -> dict[str, tuple[str, int | None, int]]:
    rows = Cell.objects.select_related("organisation", "indicator")
    return {f"{one.organisation.code} {one.indicator.code}": (one.text, one.value, one.mark) for one in rows}


def said(result: ImportResult) -> list[str]:
    return [str(one) for one in result.found]


ALL_GOOD = {
    "P1U1 gen": ("1200.5", 12005, 0),
    "P1U1 state": ("Running", 1, 0),
    "P1U1 hours": ("24", 2400, 0),
    "P1U2 gen": ("600", 6000, 0),
    "P1U2 state": ("运行", 1, 0),
    "P1U2 hours": ("23.5", 2350, 0),
    "P1 stock_open": ("1000", 1000, 0),
    "P1 received": ("500", 500, 0),
    "P1 burnt": ("400", 400, 0),
    "P1 stock": ("1100", 1100, 0),
}


def test_a_filled_template_becomes_cells_of_a_draft(small, tmp_path):
    result = run(small, filled(tmp_path / "book.xlsx", small.form))
    assert (said(result), cells()) == ([], ALL_GOOD)
    assert (result.read, result.stored, result.unchanged) == (10, 10, 0)
    sheet = Sheet.objects.get()
    assert (sheet.organisation.code, sheet.period, sheet.status, sheet.version) == ("P1", DAY.start, "open", 1)
    assert sheet.due_at is not None
    assert [one.what for one in SheetEvent.objects.order_by("pk")] == ["opened", "imported"]


def test_the_same_workbook_again_changes_nothing(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form)
    run(small, path)
    again = run(small, path)
    assert (again.stored, again.unchanged, again.found) == (0, 10, [])
    assert Sheet.objects.get().version == 1
    assert SheetEvent.objects.filter(what="imported").count() == 1


def test_a_blank_cell_says_nothing_of_what_was_filed_before(small, tmp_path):
    run(small, filled(tmp_path / "book.xlsx", small.form))
    run(small, filled(tmp_path / "other.xlsx", small.form, {"E5": 1300}, {}))
    assert cells() == ALL_GOOD | {"P1U1 gen": ("1300", 13000, 0)}


def test_one_fault_keeps_everything_out_and_names_its_cell(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E6": "--"})
    result = run(small, path)
    assert (result.nothing_kept, cells(), Sheet.objects.count()) == (True, {}, 0)
    (found,) = result.found
    assert (str(found.place), found.organisation, found.indicator) == ("机组 Units!E6", "P1U2", "gen")
    assert "“--” is no figure" in found.message


def test_good_rows_are_kept_on_request(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E6": "abc"})
    result = run(small, path, keep_good=True)
    assert {key for key in ALL_GOOD if not key.startswith("P1U2")} == set(cells())
    assert (result.stored, result.faults, result.nothing_kept) == (7, 1, False)


def test_too_many_decimals_are_shown_their_rounding_and_taken_once_it_is_accepted(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E5": 1200.25, "G6": "23.456"})
    result = run(small, path)
    assert result.only_rounding
    assert [found.place.cell for found in result.found] == ["E5", "G6"]
    assert "1200.3" in result.found[0].message
    assert cells() == {}
    result = run(small, path, accept_rounding=True)
    assert (result.faults, [found.kind for found in result.found]) == (0, ["note", "note"])
    assert cells()["P1U1 gen"] == ("1200.25", 12003, Mark.ROUNDED)
    assert cells()["P1U2 hours"] == ("23.456", 2346, Mark.ROUNDED)


def test_zero_blank_and_out_of_service_differ(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, {"E5": 0, "G5": "out of service", "H6": "out of service"}, {})
    result = run(small, path)
    assert [found.place.cell for found in result.found] == ["G5"]
    path = filled(tmp_path / "book.xlsx", small.form, {"E5": 0, "F5": "停运", "H6": "out of service", "G6": 1}, {})
    assert run(small, path).found == []
    assert cells() == {
        "P1U1 gen": ("0", 0, Mark.NONE),
        "P1U1 state": ("停运", None, Mark.OUT_OF_SERVICE),
        "P1U2 gen": ("", 0, Mark.OUT_OF_SERVICE),
        "P1U2 state": ("", None, Mark.OUT_OF_SERVICE),
        "P1U2 hours": ("1", 100, Mark.NONE),
    }


def test_many_days_and_plants_in_one_workbook_become_a_sheet_each(small, tmp_path):
    path = filled(
        tmp_path / "book.xlsx", small.form, {"E5": 1, "E6": 2, "E7": 3, "E8": 4}, {"E5": 5}, periods=[BEFORE, DAY]
    )
    assert run(small, path).stored == 5
    found = {(one.sheet.period.day, one.organisation.code, one.value) for one in Cell.objects.select_related("sheet")}
    assert found == {(18, "P1U1", 10), (19, "P1U1", 20), (18, "P1U2", 30), (19, "P1U2", 40), (18, "P1", 5)}
    assert Sheet.objects.count() == 2


def test_another_forms_template_is_refused_with_both_names(small, tmp_path):
    other = load_forms([FORM | {"code": "other_daily", "name": {"zh": "别的日报", "en": "Other form"}}])["other_daily"]
    path = filled(tmp_path / "book.xlsx", other)
    with pytest.raises(OtherForm, match=r"Other form .other_daily., not of Small daily form") as refused:
        run(small, path)
    assert refused.value.code == "other_daily"


def test_another_days_template_is_refused_where_it_was_given_for_one_day(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, periods=[BEFORE])
    with pytest.raises(OtherPeriod, match="is of 2026-11-18; you are filing 2026-11-19") as refused:
        run(small, path, period=DAY.code)
    assert refused.value.period == BEFORE.code
    assert run(small, path, period=BEFORE.code).stored == 10


def test_a_period_that_has_not_begun_is_a_fault(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, {"E5": 1}, {}, periods=[Period.day(date(2026, 11, 21))])
    assert "2026-11-21 has not begun yet." in said(run(small, path))[0]


def test_an_older_version_is_taken_and_said_and_what_it_no_longer_asks_is_a_fault(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form)
    units, plant = FORM["sections"]
    items = [item for item in units["items"] if item["indicator"] != "hours"]
    load_forms([FORM | {"sections": [units | {"items": items}, plant]}])
    result = run(small, path, keep_good=True)
    told = said(result)
    assert any("made for version 1 of the form; version 2 is in force" in one for one in told)
    assert any(one.startswith("机组 Units!G5 (P1U1, hours, 2026-11-19): hours is not part of the form") for one in told)
    assert set(cells()) == {key for key in ALL_GOOD if key.startswith("P1 ")}


def test_rows_outside_the_scope_are_faults(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form)
    result = run(small, path, by=small.world.other, keep_good=True)
    assert (result.stored, Sheet.objects.count()) == (0, 0)
    assert all("is no organisation known to you" in one for one in said(result))
    result = run(small, path, by=small.world.present, keep_good=True)  # sees the plant, files nothing
    assert (result.stored, Sheet.objects.count()) == (0, 0)
    assert all("You may not file for" in one for one in said(result))


def test_a_sheet_under_approval_takes_nothing(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form)
    run(small, path)
    Sheet.objects.update(status=Sheet.Status.SUBMITTED)
    path = filled(tmp_path / "book.xlsx", small.form, {"E5": 7}, {})
    result = run(small, path)
    assert "P1, 2026-11-19: The sheet is under approval" in said(result)[0]
    assert cells() == ALL_GOOD


def test_what_a_colleague_typed_is_replaced_but_said(small, tmp_path):
    run(small, filled(tmp_path / "book.xlsx", small.form), by=small.colleague)
    result = run(small, filled(tmp_path / "other.xlsx", small.form, {"E5": 7}, {}))
    assert said(result) == ["机组 Units!E5 (P1U1, gen, 2026-11-19): replaced “1200.5”, entered by colleague."]
    assert cells()["P1U1 gen"] == ("7", 70, 0)


def test_a_broken_balance_marks_all_its_cells_and_keeps_its_row_out(small, tmp_path):
    result = run(small, filled(tmp_path / "book.xlsx", small.form, plant=GOOD_PLANT | {"H5": 1}), keep_good=True)
    (found,) = result.found
    assert (found.kind, found.place.sheet, found.organisation) == ("error", PLANT, "P1")
    assert {found.place.cell, *(place.cell for place in found.also)} == {"E5", "F5", "G5", "H5"}
    assert set(cells()) == {key for key in ALL_GOOD if key.startswith("P1U")}


def test_a_warning_needs_words_and_the_rows_words_are_them(small, tmp_path):
    too_much = GOOD | {"E5": 600 * 24 + 1}
    result = run(small, filled(tmp_path / "book.xlsx", small.form, too_much))
    (found,) = result.found
    assert (found.kind, str(found.place)) == ("warning", f"{UNITS}!E5")
    assert result.stored == 10
    result = run(small, filled(tmp_path / "book.xlsx", small.form, too_much | {"I5": "New meter since noon"}))
    (found,) = result.found
    assert found.kind == "note"
    assert found.message.endswith("Explained: New meter since noon")
    words = Explanation.objects.get()
    assert (words.words, words.said_by_name) == ("New meter since noon", "clerk")
    run(small, filled(tmp_path / "book.xlsx", small.form, too_much | {"I5": "New meter since noon"}))
    assert Explanation.objects.count() == 1


def test_sound_sheets_are_submitted_and_what_was_entered_stays_in_the_record(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E5": 1200.25})
    result = run(small, path, accept_rounding=True, submit=True, key="act")
    assert (result.submitted, result.kept_back, Sheet.objects.get().status) == (1, 0, "submitted")
    fact = Fact.objects.get(organisation__code="P1U1", indicator__code="gen")
    assert (fact.value, fact.entered, fact.mark, fact.state) == (12003, "1200.25", Mark.ROUNDED, State.FILED)
    again = run(small, path, accept_rounding=True, submit=True, key="act")  # a slow line, the same act once more
    assert (again.stored, again.unchanged, again.submitted, said(again)[1:]) == (0, 10, 1, [])
    assert (Fact.objects.count(), Case.objects.count()) == (10, 1)


def test_what_keeps_a_sheet_from_being_submitted_is_said_of_it_and_keeps_no_other(small, tmp_path):
    path = filled(
        tmp_path / "book.xlsx",
        small.form,
        {"E5": 1, "E6": 2, "E7": 3, "E8": 4},
        {"G5": 5},  # of the first day; coal burnt must be there
        periods=[BEFORE, DAY],
    )
    result = run(small, path, submit=True, key="act")
    assert (result.stored, result.submitted, result.kept_back) == (5, 1, 1)
    (said_of_it,) = [one for one in result.found if "was not submitted" in one.message]
    assert (said_of_it.kind, said_of_it.organisation, said_of_it.period) == ("warning", "P1", DAY.code)
    assert set(Sheet.objects.values_list("period__day", "status")) == {(18, "submitted"), (19, "open")}
