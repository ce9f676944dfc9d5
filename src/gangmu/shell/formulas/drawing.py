"""A formula as a textbook sets it, without figures, and the arithmetic of its units."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from gangmu.figures.cube.explain.formulas import tree_of
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import CAPACITIES, IndicatorDefinition
from gangmu.figures.indicators.formula import tree as trees
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.foundation.ui.here import here
from gangmu.shell.figures.mathematics import textbook
from gangmu.shell.formulas.forms import language
from gangmu.shell.formulas.naming import CAPACITY_NAMES

LONGEST_ARITHMETIC = 160
SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+"}


@dataclass(frozen=True)
class Input:
    """An indicator or capacity that a formula mentions."""

    code: str
    name: str
    unit: str
    url: str


def drawn(catalogue: Catalogue, definition: IndicatorDefinition, *, of: str = "") -> SafeString | str:
    """Nothing where the formula cannot be read."""

    def mention(reference: trees.Reference, shifts: Any) -> dict[str, Any]:
        code = catalogue.resolve(reference)
        zh, en = _names(catalogue, code)
        return {
            "kind": "indicator",
            "indicator": code,
            "name": {"zh": zh, "en": en},
            "functions": [str(one) for one in shifts],
            "period": "",
            "value": None,
            "unit": "",
        }

    try:
        part = tree_of(catalogue.tree(definition.code), mention)
    except FormulaError:
        return ""
    name = definition.name.zh if language() == "zh" else definition.name.en
    return textbook({"tree": part}, name, "", of=of, link=_link, with_numbers=False)


def _link(part: dict[str, Any]) -> str:
    return "" if part["indicator"] in CAPACITIES else here("formulas:one", part["indicator"])


def units(catalogue: Catalogue, code: str) -> str:
    """万kWh ÷ MW = 10 h; nothing where they do not fit."""
    try:
        explanation = catalogue.compiled(code).explanation
        text = _arithmetic(catalogue.tree(code), catalogue)
    except FormulaError:
        return ""
    result = explanation.partition(" = ")[2] or explanation
    return f"{text} = {result}" if len(text) <= LONGEST_ARITHMETIC else explanation


def _arithmetic(node: trees.Node, catalogue: Catalogue) -> str:
    """The formula with units in the place of what has them."""
    match node:
        case trees.Number(value=value, unit=unit):
            return unit or (str(value.numerator) if value.denominator == 1 else f"{float(value):g}")
        case trees.Reference():
            return catalogue.unit(catalogue.resolve(node)).text
        case trees.Negative(operand=operand):
            return f"−{_arithmetic(operand, catalogue)}"
        case trees.Chain(first=first, rest=rest):
            product = rest[0].operator in "*/"
            parts = [_in_product(first, catalogue) if product else _arithmetic(first, catalogue)]
            for term in rest:
                parts += [SIGNS[term.operator], _in_product(term.operand, catalogue)]
            return " ".join(parts)
        case trees.Comparison(operator=operator, left=left, right=right):
            return f"{_arithmetic(left, catalogue)} {operator} {_arithmetic(right, catalogue)}"
        case trees.Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_arithmetic(one, catalogue) for one in arguments)})"


def _in_product(node: trees.Node, catalogue: Catalogue) -> str:
    text = _arithmetic(node, catalogue)
    return f"({text})" if isinstance(node, trees.Chain | trees.Negative) else text


def inputs(catalogue: Catalogue, code: str) -> list[Input]:
    """What a formula mentions, in its order."""
    try:
        codes = catalogue.inputs(code)
    except FormulaError:
        return []
    found = []
    for one in codes:
        zh, en = _names(catalogue, one)
        unit = CAPACITIES.get(one) or catalogue[one].unit
        found.append(
            Input(one, zh if language() == "zh" else en, unit, "" if one in CAPACITIES else here("formulas:one", one))
        )
    return found


def _names(catalogue: Catalogue, code: str) -> tuple[str, str]:
    if code in CAPACITIES:
        return CAPACITY_NAMES[code]
    return catalogue[code].name.zh, catalogue[code].name.en
