"""Random formulas on random columns, against an evaluation in fractions that is written here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.figures.indicators.exact import floating
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import MissingInput, evaluate, growth, rounded
from gangmu.figures.indicators.formula.compiling import compile_tree
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step, link
from gangmu.figures.indicators.units import NUMBER

NAMES = "abcd"
Values = Mapping[str, Fraction | None]


def program(formula: str) -> Program:
    compiled = compile_tree(parse(formula), NUMBER, lambda reference: reference.text, lambda _code: NUMBER)
    return link(Leaf("result"), lambda leaf: compiled.program if leaf.code == "result" else None)


# A formula and its meaning, drawn together ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A formula's text, and what it is: a name, a number, or an operator with its parts."""

    text: str
    kind: str
    parts: tuple["Drawn", ...] = ()
    number: Fraction = Fraction(0)

    def value(self, values: Values) -> Fraction | None:
        if self.kind == "name":
            return values[self.text]
        if self.kind == "number":
            return self.number
        if self.kind == "if":
            left, right = self.parts[0].value(values), self.parts[1].value(values)
            if left is None or right is None:
                return None
            holds = {
                "<": left < right,
                "<=": left <= right,
                ">": left > right,
                ">=": left >= right,
                "=": left == right,
                "<>": left != right,
            }[self.text[self.text.index("?") + 1 :]]
            return self.parts[2 if holds else 3].value(values)
        parts = [part.value(values) for part in self.parts]
        if self.kind == "total":
            there = [part for part in parts if part is not None]
            return sum(there, Fraction(0)) if there else None
        if any(part is None for part in parts):
            return None
        first, *others = [part for part in parts if part is not None]
        match self.kind:
            case "-x":
                return -first
            case "abs":
                return first if first > 0 else -first
            case "round":
                return half_up(first, int(self.number))
            case "+":
                return first + others[0]
            case "-":
                return first - others[0]
            case "*":
                return first * others[0]
            case "/":
                return None if others[0] == 0 else first / others[0]
            case "min":
                return sorted([first, *others])[0]
        assert self.kind == "max"
        return sorted([first, *others])[-1]

    @property
    def formula(self) -> str:
        """The text that is given to the program."""
        parts = [part.formula for part in self.parts]
        match self.kind:
            case "name" | "number":
                return self.text
            case "if":
                sign = self.text[self.text.index("?") + 1 :]
                return f"if({parts[0]} {sign} {parts[1]}, {parts[2]}, {parts[3]})"
            case "-x":
                return f"-({parts[0]})"
            case "round":
                return f"round({parts[0]}, {int(self.number)})"
            case "abs" | "min" | "max" | "total":
                return f"{self.kind}({', '.join(parts)})"
        return f"({parts[0]} {self.kind} {parts[1]})"


def half_up(value: Fraction, digits: int) -> Fraction:
    scaled = abs(value) * Fraction(10) ** digits
    whole = scaled.numerator // scaled.denominator
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return (whole if value >= 0 else -whole) / Fraction(10) ** digits


names = st.sampled_from(NAMES).map(lambda name: Drawn(name, "name"))
numbers = st.sampled_from(["0", "1", "2", "3", "0.5", "0.1", "7", "100", "1e-3", "12345.678", "1e15", "0.25"]).map(
    lambda text: Drawn(text, "number", number=Fraction(text))
)


def larger_formulas(part: st.SearchStrategy[Drawn]) -> st.SearchStrategy[Drawn]:
    signs = st.sampled_from(["<", "<=", ">", ">=", "=", "<>"])
    return st.one_of(
        st.builds(lambda kind, a, b: Drawn("", kind, (a, b)), st.sampled_from("+-*/"), part, part),
        st.builds(
            lambda kind, parts: Drawn("", kind, tuple(parts)),
            st.sampled_from(["min", "max", "total", "total"]),
            st.lists(part, min_size=2, max_size=3),
        ),
        st.builds(lambda kind, a: Drawn("", kind, (a,)), st.sampled_from(["-x", "abs"]), part),
        st.builds(lambda a, digits: Drawn("", "round", (a,), Fraction(digits)), part, st.integers(-2, 4)),
        st.builds(lambda sign, a, b, c, d: Drawn(f"?{sign}", "if", (a, b, c, d)), signs, part, part, part, part),
    )


formulas = st.recursive(st.one_of(names, names, numbers), larger_formulas, max_leaves=24)

# Small numbers meet each other and their halves all the time; large ones leave int64 and the exact floats.
scaled = st.one_of(
    st.integers(-20, 20),
    st.sampled_from([0, 5, -5, 25, 50, 125, -125, 500, 10**15, -(10**15), 2**53 + 1, 2**62]),
    st.integers(-(10**15), 10**15),
    st.none(),
)
columns = st.integers(1, 6).flatmap(
    lambda rows: st.fixed_dictionaries(
        {name: st.tuples(st.lists(scaled, min_size=rows, max_size=rows), st.integers(0, 6)) for name in NAMES}
    )
)
denominators = st.one_of(st.none(), st.lists(st.integers(1, 31), min_size=6, max_size=6))


def exact_column(values: list[int | None], precision: int, below: list[int] | None) -> Exact:
    tops = [0 if value is None else value for value in values]
    present = [value is not None for value in values]
    if below is None:
        return Exact.scaled(tops, precision, present)
    return Exact.of(tops, [10**precision * bottom for bottom in below[: len(values)]], present)


random_questions = given(drawn=formulas, columns=columns, below=denominators, precision=st.integers(0, 6))


def compare_with_fractions(drawn, columns, below, precision):
    inputs: dict[Leaf, Cells] = {
        Leaf(name): exact_column(values, digits, below) for name, (values, digits) in columns.items()
    }
    fractions = {name: inputs[Leaf(name)].exact().fractions() for name in NAMES}
    rows = len(columns["a"][0])
    result = evaluate(program(drawn.formula), inputs, rows=rows)

    expected = [drawn.value({name: fractions[name][row] for name in NAMES}) for row in range(rows)]
    assert result.exact().fractions() == expected
    floats = result.bounded()
    for row, truth in enumerate(expected):
        if np.isfinite(floats.bound[row]):
            assert bool(floats.present[row]) == (truth is not None)
            assert truth is None or abs(Fraction(floats.value[row]) - truth) <= Fraction(floats.bound[row])
    answer = rounded(result, precision)
    for row, truth in enumerate(expected):
        assert bool(answer.present[row]) == (truth is not None)
        if truth is not None:
            assert int(answer.scaled[row]) == half_up(truth, precision) * 10**precision


@settings(max_examples=400, deadline=None)
@random_questions
def test_every_rounded_result_is_that_of_fractions(drawn, columns, below, precision):
    compare_with_fractions(drawn, columns, below, precision)


@pytest.mark.prove
@settings(max_examples=20_000, deadline=None)
@random_questions
def test_every_rounded_result_is_that_of_fractions_at_length(drawn, columns, below, precision):
    compare_with_fractions(drawn, columns, below, precision)


def column(*values: int | None, precision: int = 0) -> Exact:
    return exact_column(list(values), precision, None)


_SIZES = st.sampled_from([1, 10**3, 10**7, 10**12, 10**15, 2**62])  # the larger ones do not stay in int64
_WHOLE = _SIZES.flatmap(lambda size: st.lists(st.none() | st.integers(-size, size), min_size=3, max_size=3))


@settings(max_examples=300, deadline=None)
@given(
    formula=st.sampled_from(["a / b", "(a - c) / b", "a / (b + c)", "min(a, 3) / (0 - b)", "a * 0.5 / (b * 4)"]),
    columns=st.tuples(_WHOLE, _WHOLE, _WHOLE),
    below=st.tuples(*[st.sampled_from([1, 10, 3, 10**18])] * 3),
    factors=st.lists(st.sampled_from([Fraction(100), Fraction(-1, 7), Fraction(1, 10_000)]), max_size=2),
    precision=st.integers(0, 4),
)
def test_ratios_are_rounded_as_fractions_are(formula, columns, below, factors, precision):
    bare = program(formula)
    last = len(bare.steps) - 1
    scales = [Step(Op.SCALE, (last + number,), factor) for number, factor in enumerate(factors)]
    ratio = Program((*bare.steps, *scales), bare.leaves)
    given = {
        leaf: Exact.of([one or 0 for one in column], down, [one is not None for one in column])
        for leaf, column, down in zip(map(Leaf, "abc"), columns, below, strict=True)
    }
    given = {leaf: given[leaf] for leaf in ratio.leaves}
    found = rounded(evaluate(ratio, given), precision)
    right = evaluate(ratio, given).exact().fractions()
    assert found.present.tolist() == [one is not None for one in right]
    assert found.scaled.tolist() == [
        0 if one is None else int(half_up(one, precision) * 10**precision) for one in right
    ]


def test_zeros_over_what_is_very_small_are_zeros():
    given = {Leaf("a"): column(0, 0), Leaf("b"): Exact.of([5, 7], 10**18)}
    assert rounded(evaluate(program("a / b"), given), 4).scaled.tolist() == [0, 0]


def test_ratios_of_what_was_added_up_are_not_asked_in_floats(monkeypatch):
    monkeypatch.setattr(floating, "divide", lambda *_: pytest.fail("asked in floats"))
    given = {Leaf("a"): column(1, 2, None, -2, precision=1), Leaf("b"): column(3, 0, 3, -3)}
    found = rounded(evaluate(program("a / b"), given), 3)
    assert (found.scaled.tolist(), found.present.tolist()) == ([33, 0, 0, 67], [True, False, False, True])


def test_halves_go_away_from_zero_even_where_floats_are_just_below():
    # 0.285 / 1 is 0.28499999999999998 as a float.
    inputs = {Leaf("a"): column(285, -285, 5), Leaf("b"): column(1000, 1000, 1000)}
    answer = rounded(evaluate(program("a / b"), inputs), 2)
    assert answer.scaled.tolist() == [29, -29, 1]


def test_division_by_zero_and_missing_numbers_are_missing():
    answer = rounded(evaluate(program("a / b"), {Leaf("a"): column(1, None, 3), Leaf("b"): column(0, 1, 2)}), 0)
    assert answer.present.tolist() == [False, False, True]
    assert answer.scaled.tolist() == [0, 0, 2]


def test_a_difference_that_is_zero_only_exactly_divides_nothing():
    inputs = {Leaf("a"): column(3, precision=1), Leaf("b"): column(1, precision=1), Leaf("c"): column(2, precision=1)}
    assert rounded(evaluate(program("a / (a - b - c)"), inputs), 3).present.tolist() == [False]


def test_if_needs_only_the_side_that_it_takes():
    inputs = {Leaf("a"): column(0, 4), Leaf("b"): column(1, None)}
    answer = rounded(evaluate(program("if(a = 0, b, a / 2)"), inputs), 0)
    assert answer.scaled.tolist() == [1, 2]
    assert answer.present.all()


def test_results_may_be_larger_than_the_machine():
    answer = rounded(evaluate(program("a * a * a"), {Leaf("a"): column(10**15, 2)}), 9)
    assert [int(number) for number in answer.scaled] == [10**54, 8 * 10**9]


def test_growth_has_no_base_that_is_zero_or_negative():
    answer = rounded(growth(column(3, 3, 3, 3, None), column(2, 0, -2, None, 2)), 6)
    assert answer.scaled.tolist() == [500_000, 0, 0, 0, 0]
    assert answer.present.tolist() == [True, False, False, False, False]


def test_a_million_numbers_ask_hardly_any_exactly(monkeypatch):
    rng = np.random.default_rng(7)
    inputs = {
        Leaf("a"): Exact.scaled(rng.integers(1, 10**9, 300_000), 3),
        Leaf("b"): Exact.scaled(rng.integers(1, 10**9, 300_000), 3),
    }
    result = evaluate(program("a / b * 100"), inputs)
    asked = []
    exactly = type(result).exact
    monkeypatch.setattr(type(result), "exact", lambda self, index: asked.append(len(index)) or exactly(self, index))
    answer = rounded(result, 2)
    assert sum(asked) < 300
    sample = [0, 1, 299_999]
    tops, bottoms = inputs[Leaf("a")].numerator, inputs[Leaf("b")].numerator
    for row in sample:
        assert int(answer.scaled[row]) == half_up(Fraction(int(tops[row]), int(bottoms[row])) * 100, 2) * 100


def test_a_program_without_inputs_needs_to_know_its_rows():
    assert rounded(evaluate(program("1 / 3"), {}, rows=2), 2).scaled.tolist() == [33, 33]


def test_missing_inputs_and_uneven_columns_are_refused():
    with pytest.raises(MissingInput):
        evaluate(program("a + b"), {Leaf("a"): column(1)})
    with pytest.raises(ValueError, match="different lengths"):
        evaluate(program("a + b"), {Leaf("a"): column(1), Leaf("b"): column(1, 2)})


def test_no_rows_give_no_results():
    empty = Exact.of([], 1, [])
    assert rounded(evaluate(program("a / a"), {Leaf("a"): empty}), 2).scaled.tolist() == []
