"""Formula bombs of every kind: an error at its place, or steps within bounds; never a crash, never for long."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.consistency import faults
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.formula.program import MOST_STEPS
from gangmu.figures.indicators.formula.tokens import LONGEST_FORMULA
from gangmu.figures.indicators.tests.test_reading import RANKS
from gangmu.foundation.parties.kinds import Words

LONGEST_CPU = 5.0  # seconds of one case; what hangs takes minutes
SIGNS = ["+", "-", "*", "/", "<", "<=", "<>", "=", ",", "(", ")", "[", "]", "「", "」"]
WORDS = [
    "gen",
    "aux",
    "rate",
    "「发电量」",
    "capacity_mw",
    "nothing",
    "if",
    "round",
    "min",
    "ytd",
    "yoy",
    "last",
    "0",
    "1e30",
    "%",
]
STRANGE = ["（", "×", "\0", "\u202e", "𠮷", "\n", "\t", "'", "0x1", "1e999", "9" * 40, "[kJ/kg]", "[m/s]", "…", "é"]
FUNCTIONS = ["ytd", "mtd", "prior", "year_ago", "yoy", "last", "abs"]


def definition(code: str, formula: str = "", unit: str = "MWh", name: str = "") -> IndicatorDefinition:
    made = IndicatorDefinition(code, Words(name or code, name or code), unit, 2, Grain.DAY, formula=formula)
    return replace(made, over_time=None, over_organisations=None) if formula else made


STANDING = [
    definition("gen", name="发电量"),
    definition("aux"),
    definition("rate", "aux / gen", "%"),
    definition("deep", "yoy(ytd(rate))", "%"),
]


def column(value: int) -> Exact:
    return Exact.scaled(np.array([value]), 2, np.array([True]))


def noise(chance: random.Random) -> str:
    parts = chance.choices([*SIGNS, *WORDS, *STRANGE], k=chance.randrange(1, 120))
    return chance.choice(["", " "]).join(parts)


def nested(chance: random.Random) -> str:
    depth = chance.choice([3, 24, 25, 63, 64, 65, 500, 1900])
    opening = chance.choice(["(", "-(", "abs(", "ytd(", "yoy(", "round(", "if(1 < 2, "])
    closing = {"round(": ", 2)", "if(1 < 2, ": ", 0)"}.get(opening, ")")
    return opening * depth + "gen" + closing * (depth - chance.choice([0, 0, 0, 1]))


def long_chain(chance: random.Random) -> str:
    part = chance.choice(["gen", "ytd(gen)", "yoy(rate)", "deep", "1e30", "0.000000001", "gen * gen", "prior(deep)"])
    return chance.choice([" + ", " * ", " / ", "-", "<"]).join([part] * chance.choice([50, 400, 1000, 5000]))


def huge_numbers(chance: random.Random) -> str:
    digits = "".join(chance.choices("0123456789.eE+-", k=chance.choice([5, 29, 31, 4100])))
    return f"gen * {digits}{chance.choice(['', ' * 1e30' * 300, '[%]', '[万kWh]'])}"


def time_functions(chance: random.Random) -> str:
    many = "".join(f"{chance.choice(FUNCTIONS)}(" for _ in range(chance.choice([2, 24, 25, 300])))
    return f"{many}{chance.choice(['gen', 'deep', 'rate'])}{')' * many.count('(')}"


def mutilated(chance: random.Random) -> str:
    text = list(
        chance.choice(["if(gen > 0, round(aux / gen, 4), 0)", "「发电量」 / capacity_mw + 3[MWh/MW]", "yoy(ytd(gen))"])
    )
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(text))
        text[at : at + chance.randrange(2)] = [chance.choice([*SIGNS, *STRANGE, ""])]
        text = text or ["("]
    return "".join(text)


KINDS: list[Callable[[random.Random], str]] = [noise, nested, long_chain, huge_numbers, time_functions, mutilated]


def texts(first: int, count: int) -> Counter[str]:
    """Read, link and evaluate formulas; what became of them."""
    told: Counter[str] = Counter()
    for seed in range(first, first + count):
        chance = random.Random(seed)
        text = KINDS[seed % len(KINDS)](chance)
        catalogue = Catalogue([*STANDING, definition("x", text, chance.choice(["MWh", "%", "1", "元"]))])
        started = time.process_time()
        try:
            program = catalogue.program("x")
            assert len(program.steps) <= MOST_STEPS
            given = {leaf: column(chance.randrange(-5, 10**15)) for leaf in program.leaves}
            evaluate(program, given).exact()
            told["computed"] += 1
        except FormulaError as error:
            lines = text.split("\n")
            assert 1 <= error.place.line <= len(lines) and error.message, seed
            assert 1 <= error.place.column <= len(lines[error.place.line - 1]) + 1, seed
            told["refused"] += 1
        assert time.process_time() - started < LONGEST_CPU, (seed, text[:200])
    return told


def catalogues(first: int, count: int) -> Counter[str]:
    """Whole catalogues of formulas on formulas: chains that double at every step, deep ones, rings."""
    told: Counter[str] = Counter()
    for seed in range(first, first + count):
        chance = random.Random(seed)
        size = chance.choice([3, 30, 64, 66, 200])
        joined = chance.choice(["{0} + {0}", "{0} * {0}", "yoy({0}) + ytd({0})", "prior({0})", "if({0} > 0, {0}, {0})"])
        unit = "1" if chance.random() < 0.7 else "MWh"
        rows = [definition("f0", chance.choice(["gen", "1", f"f{size - 1}"]), unit)]
        rows += [definition(f"f{n}", joined.format(f"f{n - 1}"), unit) for n in range(1, size)]
        catalogue = Catalogue([*STANDING, *rows])
        started = time.process_time()
        found = faults(catalogue, [row.code for row in rows], RANKS)
        told["refused" if found else "held"] += 1
        if not found:
            assert len(catalogue.program(rows[-1].code).steps) <= MOST_STEPS
        assert all(fault.message for fault in found)
        assert time.process_time() - started < 4 * LONGEST_CPU, seed
    return told


def test_hostile_formulas():
    told = texts(0, 600)
    assert min(told["computed"], told["refused"]) > 30, told


def test_hostile_catalogues():
    told = catalogues(0, 24)
    assert told["held"] and told["refused"]


def test_a_text_beyond_the_limit_is_refused_before_it_is_read():
    with pytest.raises(FormulaError, match="characters"):
        Catalogue([definition("x", "1" * (LONGEST_FORMULA + 1))]).program("x")


@pytest.mark.prove
def test_very_many_hostile_formulas():
    told = texts(1_000_000, 200_000)
    print(f"PROOF 200,000 hostile formulas: {dict(told)}, none crashed or ran on")
    told = catalogues(1_000_000, 1_000)
    print(f"PROOF 1,000 hostile catalogues of formulas: {dict(told)}, none crashed or ran on")
