"""From a formula's text to its tree: recursive descent, one method for each level of precedence."""

from difflib import get_close_matches
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.indicators.formula.errors import FormulaError, Place, TooLarge
from gangmu.figures.indicators.formula.tokens import Token, Word, tokens
from gangmu.figures.indicators.formula.tree import (
    FUNCTIONS,
    Call,
    Chain,
    Comparison,
    Negative,
    Node,
    Number,
    Reference,
    Term,
)

MOST_NODES = 2_000
DEEPEST_NESTING = 64
MOST_ROUNDING_DIGITS = 15

_COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "==": "=", "<>": "<>", "!=": "<>"}


def parse(text: str) -> Node:
    """The tree of a formula.

    Raises:
        FormulaError: what is wrong, where, and what to write; `TooLarge` beyond 4,000 characters, 2,000 parts,
            64 levels of brackets, or numbers of more than 30 digits.
    """
    parser = _Parser(tokens(text))
    tree = parser.quantity(0)
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self.words, self.position, self.nodes = words, 0, 0

    @property
    def next(self) -> Token:
        return self.words[self.position]

    def take(self) -> Token:
        word = self.next
        self.position += word.word is not Word.END
        return word

    def next_is(self, *signs: str) -> bool:
        return self.next.word is Word.SIGN and self.next.text in signs

    def expect(self, sign: str, after: str) -> None:
        if not self.next_is(sign):
            raise FormulaError(
                _("expected %(sign)s %(after)s, found %(found)s.")
                % {"sign": sign, "after": after, "found": _shown(self.next)},
                self.next.place,
            )
        self.take()

    def expect_end(self) -> None:
        word = self.next
        if word.word is Word.END:
            return
        if self.next_is(","):
            raise FormulaError(
                _("a comma separates the arguments of a function; numbers have no thousand separators."), word.place
            )
        if self.next_is(")"):
            raise FormulaError(_("this ) closes nothing."), word.place)
        if word.word is Word.UNIT:
            raise FormulaError(_("only a number has a unit in brackets."), word.place)
        raise FormulaError(_("a sign is missing before %(found)s.") % {"found": _shown(word)}, word.place)

    def counted(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise TooLarge(
                _("the formula has more than %(most)d parts. Split it into several indicators.") % {"most": MOST_NODES},
                node.place,
            )
        return node

    def quantity(self, depth: int) -> Node:
        """An expression that is a number, not a comparison."""
        node = self.expression(depth)
        if isinstance(node, Comparison):
            raise FormulaError(_("a comparison stands only in the first place of if(…, …, …)."), node.place)
        return node

    def condition(self, depth: int, place: Place) -> Node:
        node = self.expression(depth)
        if not isinstance(node, Comparison):
            raise FormulaError(_("the first argument of if is a comparison, such as a > 0."), node.place)
        return node

    def expression(self, depth: int) -> Node:
        if depth > DEEPEST_NESTING:
            raise TooLarge(
                _("brackets and functions are nested more than %(most)d deep.") % {"most": DEEPEST_NESTING},
                self.next.place,
            )
        left = self.sum(depth)
        if not self.next_is(*_COMPARISONS):
            return left
        sign = self.take()
        right = self.sum(depth)
        for side in (left, right):
            if isinstance(side, Comparison):
                raise FormulaError(_("the result of a comparison cannot be compared."), side.place)
        if self.next_is(*_COMPARISONS):
            raise FormulaError(_("compare two values at a time: write if(a < b, if(b < c, …), …)."), self.next.place)
        return self.counted(Comparison(_COMPARISONS[sign.text], left, right, sign.place))

    def sum(self, depth: int) -> Node:
        return self.chain(("+", "-"), self.product, depth)

    def product(self, depth: int) -> Node:
        return self.chain(("*", "/"), self.factor, depth)

    def chain(self, signs: tuple[str, str], part, depth: int) -> Node:
        first = part(depth)
        rest: list[Term] = []
        while self.next_is(*signs):
            sign = self.take()
            rest.append(Term(sign.text, self.counted(part(depth)), sign.place))
        if not rest:
            return first
        for operand in (first, *(term.operand for term in rest)):
            if isinstance(operand, Comparison):
                raise FormulaError(_("the result of a comparison is no number: write if(…, 1, 0)."), operand.place)
        return self.counted(Chain(first, tuple(rest), rest[0].place))

    def factor(self, depth: int) -> Node:
        if not self.next_is("-"):
            return self.value(depth)
        sign = self.take()
        if depth >= DEEPEST_NESTING:
            raise TooLarge(_("signs are nested more than %(most)d deep.") % {"most": DEEPEST_NESTING}, sign.place)
        operand = self.factor(depth + 1)
        if isinstance(operand, Comparison):
            raise FormulaError(_("the result of a comparison is no number: write if(…, 1, 0)."), operand.place)
        return self.counted(Negative(operand, sign.place))

    def value(self, depth: int) -> Node:
        word = self.take()
        if word.word is Word.NUMBER:
            unit = self.take().text if self.next.word is Word.UNIT else ""
            return self.counted(Number(Fraction(word.text), unit, word.place))
        if word.word is Word.NAME:
            return self.counted(Reference(word.text, True, word.place))
        if word.word is Word.CODE:
            if self.next_is("("):
                return self.call(word, depth)
            if word.text.lower() in FUNCTIONS:
                raise FormulaError(
                    _("%(name)s is a function: brackets with its arguments are missing.") % {"name": word.text},
                    word.place,
                )
            return self.counted(Reference(word.text, False, word.place))
        if word.word is Word.SIGN and word.text == "(":
            node = self.expression(depth + 1)
            self.expect(")", _("to close the bracket"))
            return node
        raise FormulaError(
            _("expected a number, a code, a 「name」 or a bracket, found %(found)s.") % {"found": _shown(word)},
            word.place,
        )

    def call(self, name: Token, depth: int) -> Node:
        function = name.text.lower()
        if function not in FUNCTIONS:
            nearest = get_close_matches(function, FUNCTIONS, n=1, cutoff=0.5)
            hint = " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": nearest[0]} if nearest else ""
            raise FormulaError(
                _("there is no function %(name)s. Functions: %(known)s.")
                % {"name": name.text, "known": ", ".join(FUNCTIONS)}
                + hint,
                name.place,
            )
        self.expect("(", "")
        arguments: list[Node] = []
        if not self.next_is(")"):
            while True:
                is_condition = function == "if" and not arguments
                arguments.append(self.condition(depth + 1, name.place) if is_condition else self.quantity(depth + 1))
                if not self.next_is(","):
                    break
                self.take()
        self.expect(")", _("to close %(name)s(") % {"name": function})
        fewest, most = FUNCTIONS[function]
        if not fewest <= len(arguments) <= most:
            raise FormulaError(
                _("%(name)s takes %(count)s arguments, not %(given)d.")
                % {
                    "name": function,
                    "count": fewest if fewest == most else f"{fewest}…{most}",
                    "given": len(arguments),
                },
                name.place,
            )
        if function == "round":
            rounding_digits(arguments[1])
        return self.counted(Call(function, tuple(arguments), name.place))


def rounding_digits(node: Node) -> int:
    """The second argument of `round`: a whole number that is written out.

    Raises:
        FormulaError: it is something else, or beyond ±15.
    """
    number = node.operand if isinstance(node, Negative) else node
    if isinstance(number, Number) and not number.unit and number.value.denominator == 1:
        digits = -int(number.value) if isinstance(node, Negative) else int(number.value)
        if abs(digits) <= MOST_ROUNDING_DIGITS:
            return digits
    raise FormulaError(
        _("the second argument of round is a whole number from -%(most)d to %(most)d.")
        % {"most": MOST_ROUNDING_DIGITS},
        node.place,
    )


def _shown(word: Token) -> str:
    match word.word:
        case Word.END:
            return _("the end of the formula")
        case Word.UNIT:
            return f"[{word.text}]"
        case Word.NAME:
            return f"「{word.text}」"
    return word.text
