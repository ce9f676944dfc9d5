"""Random formulas that make sense: every expression is built for a dimension, so units always fit."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from oracle.units import MONEY, PLAIN
from oracle.world import Indicator

UNITS = {
    "energy": ("kWh", "MWh", "GWh"),
    "power": ("kW", "MW"),
    "money": (MONEY,),
    "price": (f"{MONEY}/MWh", f"{MONEY}/kWh"),
    "mass": ("kg", "t"),
    "specific": ("g/kWh", "kg/MWh"),
    "ratio": ("%", PLAIN),
    "hours": ("h",),
    "length": ("m",),
}
DIMENSION = {unit: dimension for dimension, units in UNITS.items() for unit in units}

# What a dimension can be made of: (sign, left, right). Capacities are written in capital letters.
MADE_OF = {
    "energy": (("/", "money", "price"), ("/", "mass", "specific"), ("-", "CAPACITY_MWH", "energy")),
    "power": (("-", "CAPACITY_MW", "power"),),
    "money": (("*", "energy", "price"),),
    "price": (("/", "money", "energy"),),
    "mass": (("*", "energy", "specific"),),
    "specific": (("/", "mass", "energy"),),
    "ratio": (
        ("/", "energy", "energy"),
        ("/", "energy", "CAPACITY_MWH"),
        ("/", "power", "CAPACITY_MW"),
        ("/", "money", "money"),
        ("/", "mass", "mass"),
        ("-", "ratio", "ratio"),
    ),
    "hours": (("/", "energy", "CAPACITY_MW"), ("/", "energy", "power")),
    "length": (),
}
NUMBERS = ("2", "0.5", "1.25", "3", "7", "0.001", "1000", "24")


class NothingToWriteOf(Exception):
    """No indicator of a dimension is at hand."""


@dataclass
class Writer:
    """Writes formulas over the indicators at hand."""

    rng: Random
    features: Counter[str]
    at_hand: list[Indicator]
    in_time: bool  # functions of time may be used
    used: dict[str, Indicator] = field(default_factory=dict)
    capacity: bool = False

    def write(self, dimension: str, depth: int) -> str:
        rng = self.rng
        possible = self.possible(dimension)
        if depth <= 0 or rng.random() < 0.12:
            return self.name(dimension)
        if MADE_OF[dimension] and (not possible or rng.random() < 0.45):
            sign, left, right = rng.choice(MADE_OF[dimension])
            return f"{self.factor(left, depth - 1)}{self.space()}{sign}{self.space()}{self.factor(right, depth - 1)}"
        wordings = [
            self.sum,
            self.sum,
            self.scaled,
            self.scaled,
            self.negated,
            self.absolute,
            self.extreme,
            self.total,
            self.chosen,
        ]
        wordings += [self.rounded] * 2 + [self.in_another_time] * (9 if self.in_time else 0)
        return rng.choice(wordings)(dimension, depth - 1)

    def possible(self, dimension: str) -> list[Indicator]:
        return [one for one in self.at_hand if DIMENSION[one.unit] == dimension]

    def name(self, dimension: str) -> str:
        possible = self.possible(dimension)
        if not possible:
            raise NothingToWriteOf(dimension)
        latest = possible[-1]  # often the latest, so that formulas rest on formulas
        one = latest if self.rng.random() < 0.6 else self.rng.choice(possible)
        self.used[one.code] = one
        style = self.rng.random()
        if style < 0.7:
            return one.code
        self.features["formula: 「name」"] += 1
        return f"「{one.name_zh if style < 0.85 else one.name_en}」"

    def space(self) -> str:
        return " " if self.rng.random() < 0.7 else ""

    def factor(self, what: str, depth: int) -> str:
        """Something that may stand beside any sign."""
        if what.isupper():
            self.capacity = True
            self.features[f"formula: {what.lower()}"] += 1
            return what.lower()
        return f"({self.write(what, depth)})" if depth > 0 else self.name(what)

    def sum(self, dimension: str, depth: int) -> str:
        sign = self.rng.choice("+-")
        return f"{self.write(dimension, depth)} {sign} {self.factor(dimension, depth)}"

    def scaled(self, dimension: str, depth: int) -> str:
        number = self.rng.choice(NUMBERS)
        text = self.factor(dimension, depth)
        return self.rng.choice((f"{number} * {text}", f"{text} / {number}", f"{text}*{number}"))

    def negated(self, dimension: str, depth: int) -> str:
        return f"-{self.factor(dimension, depth)}"

    def absolute(self, dimension: str, depth: int) -> str:
        self.features["formula: abs"] += 1
        return f"abs({self.write(dimension, depth)})"

    def extreme(self, dimension: str, depth: int) -> str:
        function = self.rng.choice(("min", "max"))
        self.features[f"formula: {function}"] += 1
        parts = [self.write(dimension, depth - 1) for _ in range(self.rng.choice((2, 2, 3)))]
        return f"{function}({', '.join(parts)})"

    def total(self, dimension: str, depth: int) -> str:
        parts = [self.write(dimension, depth - 1) for _ in range(self.rng.choice((1, 2, 3, 4)))]
        return f"total({', '.join(parts)})"

    def chosen(self, dimension: str, depth: int) -> str:
        self.features["formula: if"] += 1
        other = self.rng.choice([one for one in UNITS if self.possible(one)])
        left = self.write(other, depth - 2)
        right = self.write(other, depth - 2) if self.rng.random() < 0.5 else "0"
        condition = f"{left} {self.rng.choice(('>', '<', '>=', '<=', '=', '<>'))} {right}"
        last = "0" if self.rng.random() < 0.3 else self.write(dimension, depth - 1)
        return f"if({condition}, {self.write(dimension, depth - 1)}, {last})"

    def rounded(self, dimension: str, depth: int) -> str:
        """Only where it is plain in which unit: of an indicator, or of a sum, which is in the unit of its first."""
        self.features["formula: round"] += 1
        part = f" {self.rng.choice('+-')} {self.name(dimension)}" if self.rng.random() < 0.4 else ""
        return f"round({self.name(dimension)}{part}, {self.rng.choice(('0', '1', '2', '3', '-1'))})"

    def in_another_time(self, dimension: str, depth: int) -> str:
        function = self.rng.choice(("prior", "year_ago", "ytd", "mtd", "last"))
        if dimension == "ratio" and self.rng.random() < 0.6:
            self.features["formula: yoy"] += 1
            return f"yoy({self.write(self.rng.choice([one for one in UNITS if self.possible(one)]), depth - 1)})"
        if function == "last":
            can = [one for one in self.possible(dimension) if one.over_organisations not in ("", "weighted")]
            if not can:
                raise NothingToWriteOf(dimension)
            one = self.rng.choice(can)
            self.used[one.code] = one
            self.features["formula: last"] += 1
            return f"last({one.code})"
        self.features[f"formula: {function}"] += 1
        return f"{function}({self.write(dimension, depth - 1)})"
