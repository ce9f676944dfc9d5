"""The language of cells: what is read, what is refused and where, and that printing gives the same tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gangmu.figures.designs import tree
from gangmu.figures.designs.errors import ExpressionError
from gangmu.figures.designs.parser import parse, parse_cell
from gangmu.figures.designs.printing import print_cell, print_expression
from gangmu.figures.designs.tests.world import VOCABULARY
from gangmu.figures.designs.tree import Against, Figure, Head, Heading, PartKind, Place, Repeat, Shows, ToDate, When


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发电量", Figure("generation")),
        ("generation", Figure("generation")),
        ("「发电量」，同比", Figure("generation", Shows.RATE, Against.YEAR_AGO)),
        ("Generation; yoy change", Figure("generation", Shows.CHANGE, Against.YEAR_AGO)),
        ("发电量, 年累计, 同比", Figure("generation", Shows.RATE, Against.YEAR_AGO, when=When(to_date=ToDate.YEAR))),
        ("发电量，机构＝江苏公司，上旬", Figure("generation", where=tree.Where(Place.NAMED, "JS"),
                                       when=When(part=PartKind.TEN_DAY, number=1))),
        ("generation, fuel=wind, last day", Figure("generation", where=tree.Where(by="fuel", group="wind"),
                                                  when=When(part=PartKind.DAY))),
        ("发电量, 期间=2026-09, 至少=集团审定", Figure("generation", when=When("2026-09"), at_least="group")),
        ("每个下级，行数=2", Repeat(rows=2)),
        ("each fuel, org=JS", Repeat("fuel", "JS")),
        ("期间，上期", Heading(Head.PERIOD, When(previous=True))),
        ("「期间」", Figure("odd")),  # an indicator that is called like a heading
    ],
)  # fmt: skip
def test_reads(text, expected):
    assert parse(text, VOCABULARY) == expected


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("{{发电亮}}", 3, "发电量"),
        ("全月 {{generatoin}}", 6, "generation"),
        ("{{发电量，同笔}}", 7, "同比"),
        ("{{发电量, 机构=江苏公}}", 11, "江苏公司"),
        ("{{发电量, 同比, 环比}}", 12, "said before"),
        ("{{发电量", 1, "not closed"),
        ("{{「发电量}}", 3, "not closed"),
        ("{{发电量,,同比}}", 7, "missing"),
        ("{{发电量, 期间=2026/09}}", 11, "2026-09"),
        ("{{发电量, 至少=老板}}", 11, "已锁定"),
        ("{{发电量, 第0日}}", 8, "from 1"),
        ("{{每个下级, 行数=99}}", 12, "1 to 20"),
        ("{{利润}}", 3, "profit_a, profit_b"),
        ("{{标题, 上期}}", 7, "nothing more"),
        ("{{" + "发" * 500 + "}}", 3, "400"),
    ],
)
def test_refuses_and_says_where(text, column, said):
    with pytest.raises(ExpressionError) as error:
        parse_cell(text, VOCABULARY)
    assert error.value.column == column
    assert said in error.value.message


def test_a_text_without_braces_is_none_and_texts_keep_their_rest():
    assert parse_cell("合计 {x}", VOCABULARY) is None
    cell = parse_cell("｛｛机构｝｝ {{期间}} 月报", VOCABULARY)
    assert cell is not None
    assert cell.parts == (Heading(Head.ORGANISATION), " ", Heading(Head.PERIOD), " 月报")
    assert cell.columns == (1, 8)
    alone = parse_cell(" {{发电量}} ", VOCABULARY)
    assert alone is not None
    assert alone.lone == Figure("generation")


WHENS = some.builds(
    lambda base, previous, year_ago, to_date: When(
        base if isinstance(base, str) else "", base[0] if isinstance(base, tuple) else None,
        base[1] if isinstance(base, tuple) else 0, previous=previous, year_ago=year_ago, to_date=to_date,
    ),
    some.one_of(
        some.none(), some.sampled_from(["2026-09", "2025", "2026-W07", "2026-01-01..2026-03-05"]),
        some.tuples(some.sampled_from(PartKind), some.integers(0, 366)),
    ),
    some.booleans(), some.booleans(), some.none() | some.sampled_from(ToDate),
)  # fmt: skip
WHERES = some.builds(
    lambda place, by: tree.Where(place, "JS" if place == Place.NAMED else "", *by),
    some.sampled_from(Place),
    some.sampled_from([("", ""), ("fuel", "wind"), ("province", "32")]),
)
SHOWN = some.sampled_from(
    [(show, None) for show in Shows if show not in {Shows.RATE, Shows.CHANGE}]
    + [(show, against) for show in (Shows.RATE, Shows.CHANGE) for against in Against]
)
FIGURES = some.builds(
    lambda code, shown, where, when, at_least, scenario: Figure(
        code, shown[0], shown[1], where, when, at_least, scenario
    ),
    some.sampled_from(["generation", "price", "odd"]), SHOWN, WHERES, WHENS,
    some.sampled_from(["filed", "group", "locked"]), some.sampled_from(["", "plan"]),
)  # fmt: skip
EXPRESSIONS = some.one_of(
    FIGURES,
    some.builds(Heading, some.sampled_from(sorted(tree.OF_PERIODS)), WHENS),
    some.builds(Heading, some.sampled_from(Head)),
    some.builds(Repeat, some.sampled_from(["children", "fuel", "province", "kind"]), some.sampled_from(["", "JS"]),
                some.integers(1, 20)),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, some.sampled_from(["zh", "en"]))
def test_what_is_printed_is_read_as_the_same_tree(expression, language):
    text = print_expression(expression, language)
    assert parse(text, VOCABULARY) == expression
    cell = parse_cell("a{{" + text + "}}", VOCABULARY)
    assert cell is not None
    again = parse_cell(print_cell(cell), VOCABULARY)
    assert again is not None
    assert again.parts == cell.parts
