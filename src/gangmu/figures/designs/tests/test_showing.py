"""The neutral model: what a page and a PDF show of a filled workbook, formulas computed."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from gangmu.figures.designs.calculating import Calculator, Failed, Unknown, formula
from gangmu.figures.designs.filling import fill
from gangmu.figures.designs.showing import show
from gangmu.figures.designs.template import read_template
from gangmu.figures.designs.tests.samples import ISSUE, design, month_report
from gangmu.figures.designs.tests.world import VOCABULARY, World, value_of


def shown(path, world=None):
    return show(fill(read_template(path, VOCABULARY), ISSUE, world or World(), VOCABULARY))


def test_the_month_report_as_a_page(tmp_path):
    month, other = shown(month_report(tmp_path / "m.xlsx"))
    boxes = {(box.row, box.column): box for box in month.boxes}
    title = boxes[1, 1]
    assert (title.text, title.columns, title.align, title.bold, title.size) == (
        "集团2026年10月经营月报", 5, "center", True, 18,
    )  # fmt: skip
    figures = [value_of("generation", "G", code, "2026-10") for code in ("JS", "AH", "HN")]
    assert [boxes[row, 2].text for row in (4, 5, 6)] == [f"{figure:,.2f}" for figure in figures]
    assert boxes[7, 2].text == f"{sum(figures):,.2f}"
    share = (figures[0] / sum(figures) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert boxes[4, 5].text == f"{share}%"
    assert boxes[7, 5].text == "100.0%"
    assert boxes[2, 5].text == "2026-10-31"
    assert boxes[4, 2].align == "right"
    assert boxes[4, 2].borders == {"left", "right", "top", "bottom"}
    assert boxes[7, 1].fill == "ddebf7"
    [origin] = boxes[4, 2].origins
    assert (origin.indicator, origin.organisation, origin.by, origin.group, origin.period) == (
        "generation", "G", "children", "JS", "2026-10",
    )  # fmt: skip
    negative = next(box for box in month.boxes if box.column == 3 and box.text.startswith("-"))
    assert negative.colour == "red"
    assert (month.widths[1], month.heights[4], month.heights[7], month.title_rows) == (24, 21, 30, (1, 3))
    assert {box.row: box.text for box in other.boxes if box.column == 2}[1].replace(",", "") == str(sum(figures))


def test_what_is_not_computed_here_says_so(tmp_path):
    path = design(tmp_path / "d.xlsx", {"A1": "{{发电量}}", "B1": "=VLOOKUP(1,A1:A1,1)", "C1": "=1/0", "D1": "=B1+1"})
    [sheet] = shown(path)
    assert [(box.text, box.not_computed) for box in sheet.boxes[1:]] == [("…", True), ("#DIV/0!", False), ("…", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+2*3-4/8", Fraction(13, 2)),
        ("=-A1%", Fraction(-1, 20)),
        ("=SUM(A1:A3,10)", 23),
        ("=AVERAGE(A1:A3)", Fraction(13, 2)),
        ("=IF(A1>=5,B1,1/0)", "x"),
        ("=IFERROR(1/0,0)", 0),
        ("=ROUND(2.5,0)+ROUND(-2.45,1)", Fraction(1, 2)),
        ("=COUNT(A1:B3)+COUNTA(A1:B3)", 5),
        ("=MAX(A1:A3)-MIN(A1:A3)", 3),
        ('=IF(B1="X",1,2)', 1),
        ("=SUBTOTAL(9,A1:A3)", 13),
        ("=A9", 0),
    ],
)
def test_formulas(text, expected):
    cells = {("s", 1, 1): Fraction(5), ("s", 3, 1): Fraction(8), ("s", 1, 2): "x", ("s", 9, 9): formula(text)}
    assert Calculator(cells).value(("s", 9, 9)) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [("=I9", Unknown), ("=1/0", Failed), ("=B1+1", Failed), ("=2^9999", Unknown), ("=" + "(" * 99, Unknown),
     ("=SUM(A1:XFD1048576)", Unknown), ("=", Unknown), ("=FOO(1)", Unknown), ("=" + "9" * 3000 + "*2", Unknown)],
)  # fmt: skip
def test_formulas_that_are_not_computed(text, error):
    cells = {("s", 1, 2): "x", ("s", 9, 9): formula(text)}
    with pytest.raises(error):
        Calculator(cells).value(("s", 9, 9))
