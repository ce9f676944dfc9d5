"""Schemes are read with precise refusals; the matrices of a scheme stay monotone and keep what is printed."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.business.grading.schemes import FOLDER, register
from gangmu.duties.grading.errors import SchemeFault, UnknownScheme
from gangmu.duties.grading.reading import parse_scheme
from gangmu.duties.grading.scheme import bounds, cells
from gangmu.duties.grading.shipped import schemes, shipped

register()
SMALL = """\
scheme: X/1
number: X 1
title: {zh: 甲, en: A}
result: {name: grade, title: {zh: 级, en: Grade}, values: {"1": {zh: 一, en: one}, "2": {zh: 二, en: two}}}
confirmers: {a: {zh: 甲方, en: Party A}}
factors:
  f: {title: {zh: 子, en: F}, levels: {high: {zh: 高, en: high}, low: {zh: 低, en: low}}}
  g: {title: {zh: 丑, en: G}, levels: {high: {zh: 高, en: high}, low: {zh: 低, en: low}}}
steps:
  - gives: grade
    of: [f, g]
    printed:
      high: {high: "1"}
    house:
      high: {low: "2"}
      low: {high: "2", low: "2"}
"""
ANCHORS = {
    ("high", "major"): ("1", "4.1.5"),
    ("high", "large"): ("2", "4.1.4"),
    ("medium", "obvious"): ("3", "4.1.3"),
    ("low", "slight"): ("4", "4.1.2"),
    ("low", "none"): ("5", "4.1.1"),
}
# What standards.md deduces from the anchors: the best and the worst grade that each other cell may have.
BOUNDS = {
    ("high", "obvious"): "23", ("high", "slight"): "234", ("high", "none"): "2345",
    ("medium", "major"): "123", ("medium", "large"): "23", ("medium", "slight"): "34", ("medium", "none"): "345",
    ("low", "major"): "1234", ("low", "large"): "234", ("low", "obvious"): "34",
}  # fmt: skip


def test_a_scheme_is_read_whole():
    scheme = parse_scheme(SMALL, "x.yaml")
    (step,) = scheme.steps
    assert (scheme.code, scheme.propagates, list(scheme.confirmers)) == ("X/1", False, ["a"])
    assert {cell: (value.level, value.source) for cell, value in step.cells.items()} == {
        ("high", "high"): ("1", "printed"), ("high", "low"): ("2", "house"),
        ("low", "high"): ("2", "house"), ("low", "low"): ("2", "house"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        (
            '      high: {low: "2"}\n      low: {high: "2", low: "2"}',
            '      high: {low: "2"}\n      low: {high: "2", low: "1"}',
            10,
            "not monotone",
        ),
        ('low: {high: "2", low: "2"}', 'low: {high: "3", low: "2"}', 16, "“grade” has no level “3”; it has: 1, 2"),
        (
            'low: {high: "2", low: "2"}',
            'medium: {high: "2", low: "2"}',
            16,
            "“f” has no level “medium”; it has: high, low",
        ),
        (
            'low: {high: "2", low: "2"}',
            'low: {low: "2"}',
            10,
            "lacks F low × G high; the printed cells leave open: 1, 2",
        ),
        ('high: {low: "2"}', 'high: {low: "2", high: "1"}', 15, "F high × G high stands twice, first at x.yaml:13"),
        ("of: [f, g]", "of: [f, h]", 11, "there is no “h”; there are: f, g"),
        ("of: [f, g]", "of: [f, f]", 11, "two different factors"),
        ("gives: grade", "gives: mark", 10, "there is no “mark”; there are: f, g, grade"),
        ("gives: grade", "gives: f", 11, "neither what the step gives"),
        ("number: X 1", "nummer: X 1", 2, "“nummer” is not known; known:"),
        ("confirmers: {a: {zh: 甲方, en: Party A}}\n", "", 1, "lacks “confirmers”"),
        ("{zh: 甲, en: A}", "{zh: 甲}", 3, "title needs zh and en"),
        ("number: X 1", "scheme: X 1", 2, "“scheme” stands twice"),
        ("  f: {title", "  grade: {title", 7, "cannot be a factor too"),
        ("    of: [f, g]", "    of: [f, g]\n    highest: true", 12, "either “highest: true” or a matrix"),
        ("number: X 1", "number: [X", 3, "no YAML"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(before, after, line, said):
    assert SMALL.count(before) == 1
    with pytest.raises(SchemeFault) as refused:
        parse_scheme(SMALL.replace(before, after), "x.yaml")
    assert refused.value.where == f"x.yaml:{line}"
    assert said in str(refused.value)


def test_an_empty_file_is_refused():
    with pytest.raises(SchemeFault, match="empty"):
        parse_scheme("", "x.yaml")


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_exactly_the_monotone_matrices_are_taken(values):
    """Three rows by four columns, levels 0 (highest) to 3: taken when no neighbour to the right or below is higher."""
    grid = dict(zip(product(range(3), range(4)), values, strict=True))
    rows = "\n".join(f"      r{r}: {{{', '.join(f'c{c}: l{grid[r, c]}' for c in range(4))}}}" for r in range(3))

    def scale(letter: str, count: int) -> str:
        return "{" + ", ".join(f"{letter}{n}: {{zh: {letter}{n}, en: {letter}{n}}}" for n in range(count)) + "}"

    text = f"""\
scheme: X
number: X
title: {{zh: x, en: x}}
result: {{name: grade, title: {{zh: x, en: x}}, values: {scale("l", 4)}}}
confirmers: {{a: {{zh: a, en: a}}}}
factors:
  r: {{title: {{zh: r, en: r}}, levels: {scale("r", 3)}}}
  c: {{title: {{zh: c, en: c}}, levels: {scale("c", 4)}}}
steps:
  - gives: grade
    of: [r, c]
    house:
{rows}
"""
    monotone = all(
        grid[a] <= grid[b]
        for a, b in product(grid, grid)
        if a[0] <= b[0] and a[1] <= b[1]  # a's factors are no lower: its level must be no lower either
    )
    if monotone:
        assert len(parse_scheme(text, "x.yaml").steps[0].cells) == 12
    else:
        with pytest.raises(SchemeFault, match="not monotone"):
            parse_scheme(text, "x.yaml")


# What is shipped ------------------------------------------------------------------------------------------------------


def test_all_shipped_schemes_can_be_read():
    assert set(schemes()) == {"HS/T-42", "JR/T-0133", "GB/T-22240"}
    assert len(list(FOLDER.glob("*.yaml"))) == 3
    with pytest.raises(UnknownScheme, match=r"did you mean HS/T-42\?"):
        shipped("HST-42")


@pytest.mark.req("G-6", "G-7")
def test_the_five_anchors_stand_as_printed_and_the_rest_is_the_houses_within_bounds():
    scheme = shipped("HS/T-42")
    step = scheme.step("grade")
    assert step is not None
    assert {cell: (value.level, value.clause) for cell, value in step.printed.items()} == ANCHORS
    assert set(step.house) == set(BOUNDS)
    for cell, allowed in BOUNDS.items():
        assert "".join(bounds(scheme, step, cell)) == allowed, cell
        assert step.house[cell] in allowed, cell
    made = scheme.step("impact")
    assert made is not None
    assert made.printed == {}
    assert set(made.house.values()) == set(scheme.factors["impact"].levels)  # every impact can come out


@pytest.mark.req("G-7")
@pytest.mark.parametrize("cell", list(ANCHORS))
def test_an_anchor_cannot_be_changed(cell):
    scheme = shipped("HS/T-42")
    other = "2" if ANCHORS[cell][0] != "2" else "1"
    with pytest.raises(SchemeFault, match=f"clause {ANCHORS[cell][1]}"):
        scheme.with_house({"grade": {cell: other}})
    assert scheme.with_house({"grade": {cell: ANCHORS[cell][0]}}) == scheme  # said as it is printed: nothing changes


@pytest.mark.req("G-7")
def test_the_houses_cells_can_be_changed_while_the_matrix_stays_monotone():
    scheme = shipped("HS/T-42")
    changed = scheme.with_house({"grade": {("high", "obvious"): "2"}})
    step = changed.step("grade")
    assert step is not None
    assert step.cells["high", "obvious"].level == "2"
    assert len(cells(changed, step)) == 15
    with pytest.raises(SchemeFault, match="not monotone"):
        scheme.with_house({"grade": {("low", "major"): "2"}})  # medium × major gives 3 only
    with pytest.raises(SchemeFault, match="accepted: 1, 2, 3, 4, 5"):
        scheme.with_house({"grade": {("high", "obvious"): "0"}})
    with pytest.raises(SchemeFault, match="no cell high × huge"):
        scheme.with_house({"grade": {("high", "huge"): "2"}})
    with pytest.raises(SchemeFault, match="it has: impact, grade"):
        scheme.with_house({"realtime": {("high", "huge"): "2"}})


@pytest.mark.req("H-4.2")
def test_the_hosting_level_is_that_of_the_standard():
    scheme = shipped("JR/T-0133")
    step = scheme.step("level")
    assert step is not None
    assert step.house == {}
    assert {cell: value.level for cell, value in step.cells.items()} == {
        ("core", "3"): "3+", ("core", "2"): "3", ("core", "none"): "2",
        ("operating", "3"): "3", ("operating", "2"): "2", ("operating", "none"): "2",
        ("service", "3"): "3", ("service", "2"): "2", ("service", "none"): "2",
    }  # fmt: skip


def test_classified_protection_rises_with_whom_it_harms_and_how_badly():
    step = shipped("GB/T-22240").step("information")
    assert step is not None
    for row in ("state", "society", "citizens"):
        levels = [int(step.cells[row, degree].level) for degree in ("general", "serious", "severe")]
        assert all(low <= high for low, high in pairwise(levels))
