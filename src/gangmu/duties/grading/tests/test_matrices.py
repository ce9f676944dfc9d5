"""The matrices by date: the database itself keeps what is printed, and every matrix monotone on every day."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from gangmu.duties.grading.errors import NotPossible, NotReady, SchemeFault
from gangmu.duties.grading.models import MatrixCell
from gangmu.duties.grading.services import change_cells, install_matrices, scheme_on
from gangmu.duties.grading.shipped import shipped
from gangmu.foundation.access.scope import acting_as

ANCHORS = {
    ("high", "major"): "1", ("high", "large"): "2", ("medium", "obvious"): "3", ("low", "slight"): "4",
    ("low", "none"): "5",
}  # fmt: skip
DAY, LATER = date(2026, 11, 20), date(2026, 12, 1)


def change(register_, levels, *, by="technical", from_day=DAY, reason="trading", step="grade"):
    user = register_.users[by]
    with acting_as(user) as scope:
        return change_cells("HS/T-42", step, levels, from_day=from_day, reason=reason, by=user, scope=scope)


def level(cell, day=DAY):
    step = scheme_on("HS/T-42", day).step("grade")
    assert step is not None
    return step.cells[cell].level


def test_what_is_shipped_is_installed_once(register_):
    assert install_matrices() == 0
    assert MatrixCell.objects.filter(scheme="HS/T-42", source="printed").count() == 5
    assert MatrixCell.objects.filter(scheme="HS/T-42", source="house").count() == 10 + 9
    assert not MatrixCell.objects.filter(scheme="JR/T-0133", source="house").exists()
    assert scheme_on("HS/T-42") == shipped("HS/T-42")


@pytest.mark.req("G-7")
@pytest.mark.parametrize("cell", list(ANCHORS))
def test_the_database_refuses_every_change_of_an_anchor(register_, cell):
    rows = MatrixCell.objects.filter(scheme="HS/T-42", step="grade", row=cell[0], column=cell[1])
    assert rows.get().level == ANCHORS[cell]
    for act in (
        lambda: rows.update(level="3"),
        lambda: rows.update(valid=(None, "2026-11-20")),
        lambda: rows.update(source="house"),
        rows.delete,
    ):
        with pytest.raises(DatabaseError, match="a cell that the standard prints is not changed"), transaction.atomic():
            act()
    with pytest.raises(DatabaseError, match="a_cell_has_one_level_at_a_time"), transaction.atomic():
        MatrixCell.objects.create(
            scheme="HS/T-42", step="grade", row=cell[0], column=cell[1], level="3", row_rank=0, column_rank=0,
            level_rank=2, source="house", valid=("2026-11-20", None), set_at="2026-11-20T00:00Z",
        )  # fmt: skip
    with pytest.raises(SchemeFault, match="cannot be changed"):
        change(register_, {cell: "2" if ANCHORS[cell] != "2" else "3"})


@pytest.mark.req("G-7")
def test_a_change_holds_from_its_day_on(register_):
    change(register_, {("high", "obvious"): "2"}, from_day=LATER)
    assert (level(("high", "obvious")), level(("high", "obvious"), LATER)) == ("3", "2")
    with pytest.raises(NotReady, match="known already"):
        change(register_, {("high", "obvious"): "2"}, from_day=DAY)
    change(register_, {("high", "obvious"): "3"}, from_day=LATER, reason="taken back")
    assert level(("high", "obvious"), LATER) == "3"


@pytest.mark.req("G-7")
def test_no_day_has_a_matrix_that_is_not_monotone(register_):
    with pytest.raises(SchemeFault, match="not monotone"):
        change(register_, {("high", "slight"): "2"})
    change(register_, {("high", "obvious"): "2", ("high", "slight"): "2"}, from_day=LATER)
    with pytest.raises(SchemeFault, match="not monotone"):
        change(register_, {("high", "obvious"): "3"}, from_day=LATER)


def test_a_change_that_a_later_one_would_break_is_refused(register_):
    change(register_, {("medium", "major"): "2"})
    change(register_, {("medium", "major"): "3"}, from_day=LATER)
    with pytest.raises(NotReady, match="On a later day"):
        change(register_, {("low", "major"): "2"})


@pytest.mark.req("G-7")
def test_the_database_keeps_matrices_monotone_itself(register_):
    row = MatrixCell.objects.get(scheme="HS/T-42", step="grade", row="low", column="major")
    with pytest.raises(DatabaseError, match="a higher factor gives a lower level"), transaction.atomic():
        row.pk, row.level, row.level_rank, row.valid = None, "1", 0, ("2027-01-01", None)
        MatrixCell.objects.filter(step="grade", row="low", column="major").update(valid=(None, "2027-01-01"))
        row.save()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_change_says_why_and_changes_something_from_today_on(register_):
    with pytest.raises(NotReady, match="Say why"):
        change(register_, {("high", "obvious"): "2"}, reason=" ")
    with pytest.raises(NotReady, match="Nothing would change"):
        change(register_, {("high", "obvious"): "3"})
    with pytest.raises(NotReady, match="from today on or later"):
        change(register_, {("high", "obvious"): "2"}, from_day=date(2026, 11, 19))


def test_matrices_are_changed_at_the_top_by_who_configures_grading(register_):
    register_.person("below", "system_technical", "R1")
    for name in ("asker", "below"):
        with pytest.raises(NotPossible, match="at the top of the organisation"):
            change(register_, {("high", "obvious"): "2"}, by=name)
    refused = pytest.raises(DatabaseError, match="who may change grading everywhere")
    with acting_as(register_.users["below"]), refused, transaction.atomic():
        MatrixCell.objects.filter(source="house").delete()
