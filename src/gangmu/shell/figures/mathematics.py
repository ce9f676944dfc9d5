"""A formula as a textbook sets it: names over names, below them the numbers, below them the result. In MathML."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.ui.templatetags.ui import number

Link = Callable[[dict[str, Any]], str]
Part = dict[str, Any]

SHIFTS: dict[str, str | Promise] = {
    "prior": _("the period before"),
    "year_ago": _("a year ago"),
    "ytd": _("year to date"),
    "mtd": _("month to date"),
    "last": _("last value"),
}
SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+", "<=": "≤", ">=": "≥", "<>": "≠"}
MOST_IN_A_LINE = 2  # longer sums stand below each other


def textbook(formula: Part, name: str, value: str, *, of: str, link: Link, with_numbers: bool) -> SafeString:
    """The whole calculation. `of` stands before the formula's parts where cells are added up (`Σ` over what)."""
    tree = formula["tree"]
    sum_of = format_html("<munder><mo>∑</mo><mtext>{}</mtext></munder>", of) if of else ""
    names = _Drawing(link, numbers=False)
    lines = _lines(tree, names)
    lines[0] = format_html("{}{}", sum_of, lines[0])
    equal = _equal()
    rows = [(_text(name), equal, lines[0]), *(("", "", line) for line in lines[1:])]
    if with_numbers:
        first, *rest = _lines(tree, _Drawing(link, numbers=True))
        rows += [("", equal, first), *(("", "", line) for line in rest)]
    if value:
        rows.append(("", equal, format_html('<mtext class="formula-result">{}</mtext>', value)))
    body = format_html_join("", "<mtr><mtd>{}</mtd><mtd>{}</mtd><mtd><mrow>{}</mrow></mtd></mtr>", rows)
    return format_html('<math class="textbook"><mtable>{}</mtable></math>', body)


def _lines(tree: Part, drawing: "_Drawing") -> list[SafeString]:
    """A long sum in lines of its terms, anything else in one."""
    if tree["kind"] != "sum" or len(tree["parts"]) <= MOST_IN_A_LINE:
        return [drawing.draw(tree)]
    return [
        format_html("{}{}", "" if not place and sign == "+" else _operator(sign), drawing.in_product(part))
        for place, (sign, part) in enumerate(tree["parts"])
    ]


class _Drawing:
    """Draws with the names of indicators, or with their numbers."""

    def __init__(self, link: Link, *, numbers: bool) -> None:
        self.link, self.numbers = link, numbers

    def draw(self, part: Part) -> SafeString:
        match part["kind"]:
            case "number":
                return format_html("<mn>{}</mn>{}", number(part["text"]), _unit(part["unit"]))
            case "indicator":
                return self._number(part) if self.numbers else self._name(part)
            case "negative":
                return format_html("<mrow>{}{}</mrow>", _operator("-"), self.in_product(part["of"]))
            case "sum":
                return format_html("<mrow>{}</mrow>", self._chain(part["parts"], self.draw))
            case "product":
                return self._product(part["parts"])
            case "comparison":
                left, right = self.draw(part["left"]), self.draw(part["right"])
                return format_html("<mrow>{}{}{}</mrow>", left, _operator(part["operator"]), right)
        return self._call(part)

    def in_product(self, part: Part) -> SafeString:
        """With brackets around a sum."""
        drawn = self.draw(part)
        if part["kind"] in ("sum", "negative"):
            return format_html("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", drawn)
        return drawn

    def _chain(self, parts: Iterable[tuple[str, Part]], draw: Callable[[Part], SafeString]) -> SafeString:
        return format_html_join(
            "",
            "{}{}",
            (
                ("" if not place and sign in "+*" else _operator(sign), draw(one))
                for place, (sign, one) in enumerate(parts)
            ),
        )

    def _product(self, parts: list[tuple[str, Part]]) -> SafeString:
        """Everything that is divided by stands below one line."""
        above, below = [one for one in parts if one[0] != "/"], [("*", one) for sign, one in parts if sign == "/"]
        if not below:
            return format_html("<mrow>{}</mrow>", self._chain(above, self.in_product))
        alone = [self.draw(group[0][1]) if len(group) == 1 else None for group in (above, below)]
        numerator = alone[0] or self._chain(above, self.in_product)
        denominator = alone[1] or self._chain(below, self.in_product)
        return format_html("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", numerator, denominator)

    def _call(self, part: Part) -> SafeString:
        arguments = [self.draw(one) for one in part["arguments"]]
        if part["function"] == "abs":
            return format_html("<mrow><mo>|</mo>{}<mo>|</mo></mrow>", arguments[0])
        if part["function"] == "if":
            rows = format_html(
                "<mtr><mtd>{}</mtd><mtd><mtext>{}</mtext></mtd><mtd>{}</mtd></mtr>"
                "<mtr><mtd>{}</mtd><mtd><mtext>{}</mtext></mtd><mtd></mtd></mtr>",
                arguments[1],
                _("where"),
                arguments[0],
                arguments[2],
                _("otherwise"),
            )
            return format_html('<mrow><mo stretchy="true">{{</mo><mtable class="cases">{}</mtable></mrow>', rows)
        inside = format_html_join(mark_safe("<mo>,</mo>"), "{}", ((one,) for one in arguments))
        return format_html("<mrow><mi>{}</mi><mo>(</mo>{}<mo>)</mo></mrow>", part["function"], inside)

    def _name(self, part: Part) -> SafeString:
        drawn = self._linked(part, in_language(part["name"]))
        if not part["functions"]:
            return drawn
        return format_html("<msub><mrow>{}</mrow><mtext>{}</mtext></msub>", drawn, in_words(part["functions"]))

    def _number(self, part: Part) -> SafeString:
        return format_html("{}{}", self._linked(part, number(part["value"])), _unit(part["unit"]))

    def _linked(self, part: Part, text: str) -> SafeString:
        address = self.link(part)
        if not address:
            return _text(text)
        return format_html(
            '<mtext><a class="figure-link" href="{}" data-window="#explanation">{}</a></mtext>', address, text
        )


def in_words(functions: Iterable[str]) -> str:
    """The time functions around an indicator."""
    return str(_(", ")).join(str(SHIFTS[one]) for one in functions)


def in_language(names: dict[str, str]) -> str:
    """A name in the reader's language."""
    return names["zh"] if (get_language() or "zh-hans").startswith("zh") else names["en"]


def _text(text: str) -> SafeString:
    return format_html("<mtext>{}</mtext>", text)


def _unit(unit: str) -> SafeString | str:
    return "" if unit in ("", "1") else format_html('<mtext class="formula-unit">{}</mtext>', unit)


def _operator(sign: str) -> SafeString:
    return format_html('<mo lspace="0.3em" rspace="0.3em">{}</mo>', SIGNS.get(sign, sign))


def _equal() -> SafeString:
    return mark_safe("<mo>=</mo>")


def has_number(part: Mapping[str, Any]) -> bool:
    """Whether the formula was evaluated on figures that it names (else it was, cell by cell, on others)."""
    if part["kind"] == "indicator":
        return part["value"] is not None
    parts = [one for _sign, one in part.get("parts", [])]
    parts += [part[name] for name in ("of", "left", "right") if name in part] + list(part.get("arguments", []))
    return any(map(has_number, parts))
