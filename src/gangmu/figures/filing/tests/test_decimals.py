"""Decimals that change with time, on the way of a figure: typed, from interfaces, decided on, corrected, in Excel."""

from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.utils import translation

from gangmu.figures.filing.models import Cell, CorrectionCell, Fact, Received
from gangmu.figures.filing.queries import beside, cells
from gangmu.figures.filing.services import Edit, receive, save_correction, start_correction, submit_correction
from gangmu.figures.filing.services.receiving import Value
from gangmu.figures.filing.tests.books import UNITS, make_template
from gangmu.figures.filing.tests.small import (
    DAY,
    NOW,
    Small,
    approve,
    approved,
    filled,
    make_small,
    opened,
    organisation,
    put,
    stands,
    submit,
)
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals.subjects import kind_of
from gangmu.foundation.settings import clock


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW), translation.override("en"):
        yield make_small(tmp_path)


def become(precision: int, *earlier: tuple[str, int], code: str = "gen") -> None:
    """Other decimals, in what would be a transaction of its own: nothing waits for the end of the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    row = Indicator.objects.get(code=code)
    row.precision = precision
    row.precisions = str([list(one) for one in earlier]).replace("'", '"') if earlier else ""
    row.save()


@pytest.mark.req("M-5.4.3")
def test_a_sheet_takes_the_decimals_of_its_day_and_says_since_when(small: Small):
    become(0, ("2026-11-18", 1))
    unit = organisation("P1U1").pk
    old, sheet = opened(small, DAY.previous()), opened(small)
    put(small, old, {("P1U1", "gen"): "12.5"})
    assert cells(old)[unit, "gen"].value == Decimal("12.5")
    put(small, sheet, {("P1U1", "gen"): "12.5"})
    view = cells(sheet)[unit, "gen"]
    assert view.value is None and "more decimals than the 0 of this indicator since 2026-11-19. Write 13" in view.fault
    put(small, sheet, {("P1U1", "gen"): "13"})
    assert Cell.objects.get(sheet=sheet, organisation_id=unit, indicator__code="gen").value == 130


def test_interfaces_are_told_the_same(small: Small):
    become(2, ("2026-11-18", 1))
    told = [Value("P1U1", "gen", day, "1.25") for day in ("2026-11-18", "2026-11-19")]
    answer = receive(told, source="DCS", by=None)
    assert answer.received == 1 and "the 1 of this indicator until 2026-11-18" in answer.faults[0]
    near = beside(opened(small))[organisation("P1U1").pk, "gen"]
    assert near.proposed is not None and (near.proposed.value, near.proposed.text) == (Decimal("1.25"), "1.25")


def test_what_is_under_decision_stays_what_was_seen_when_decimals_are_added(small: Small):
    case = submit(small, filled(small))
    seen = kind_of(case.kind).content_hash(case.subject_id)
    receive([Value("P1U1", "gen", "2026-11-20", "7.5")], source="DCS", by=None)
    become(4, ("2026-11-18", 1))
    assert kind_of(case.kind).content_hash(case.subject_id) == seen
    fact = stands("P1U1", "gen")
    assert fact is not None and fact.value == 120000000
    assert Received.objects.get().value == 75000
    view = cells(opened(small))[organisation("P1U1").pk, "gen"]
    assert (view.value, view.text) == (Decimal(12000), "12000")
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        approve(case, user, key=f"a{user.pk}")
    case.refresh_from_db()
    assert case.state == "approved"


def test_a_correction_under_decision_comes_into_force_with_the_new_decimals(small: Small):
    sheet = approved(small)
    with acting_as(small.clerk) as scope:
        correction = start_correction(sheet, reason="meter", by=small.clerk, key="c", scope=scope)
        edits = [Edit(organisation("P1U1").pk, "gen", "12100.5")]
        save_correction(correction, edits, by=small.clerk, key="", scope=scope)
        case = submit_correction(correction, by=small.clerk, key="cs", scope=scope)
    become(3)
    cell = CorrectionCell.objects.get()
    assert (cell.old, cell.new) == (12000000, 12100500)
    for user in (small.region_reviewer, small.group_manager):
        approve(case, user, key=f"k{user.pk}")
    fact = stands("P1U1", "gen")
    assert fact is not None and fact.value == 12100500
    values = set(Fact.objects.filter(indicator__code="gen").values_list("value", flat=True))
    assert values == {12000000, 12100500, 6000500}  # the replaced revision, too


def test_fewer_decimals_keep_what_is_there_and_show_it(small: Small):
    sheet = approved(small)
    become(0, ("2026-11-01", 1))
    view = cells(sheet)[organisation("P1U2").pk, "gen"]
    assert (view.value, view.text) == (Decimal("6000.5"), "6000.5")
    fact = stands("P1U2", "gen")
    assert fact is not None and fact.value == 60005


def test_the_rows_of_a_template_show_the_decimals_of_their_days(small: Small, tmp_path):
    become(3, ("2026-11-18", 1))
    path = make_template(tmp_path / "two days.xlsx", small.form, periods=[DAY.previous(), DAY])
    sheet = openpyxl.load_workbook(path)[UNITS]
    shown = {str(sheet.cell(row, 2).value): str(sheet.cell(row, 5).number_format) for row in range(5, 9)}
    assert shown == {"2026-11-18": "#,##0.0########", "2026-11-19": "#,##0.000######"}
