"""The words of a formula. Only half-width characters are signs; a look-alike is refused with the sign to write."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from gangmu.figures.indicators.formula.errors import FormulaError, Place, TooLarge

LONGEST_FORMULA = 4_000
LONGEST_NAME = 200
LONGEST_CODE = 64
MOST_DIGITS = 30
LARGEST_EXPONENT = 30


class Word(StrEnum):
    NUMBER = "number"
    UNIT = "unit"
    CODE = "code"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    word: Word
    text: str
    place: Place


_PATTERNS = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<unit>\[[^\[\]\n]*\])
    | (?P<code>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<name>「[^「」\n]*」)
    | (?P<sign><=|>=|<>|!=|==|[-+*/(),<>=])""",
    re.VERBOSE,
)
_LOOK_ALIKES = {
    **dict.fromkeys("（［【〔｛{", "("),
    **dict.fromkeys("）］】〕｝}", ")"),
    **dict.fromkeys("，、；;", ","),
    **dict.fromkeys("＋﹢", "+"),
    **dict.fromkeys("－−–—‐‑﹣", "-"),
    **dict.fromkeys("×＊∗·⋅•✕", "*"),
    **dict.fromkeys("÷／∕", "/"),
    **dict.fromkeys("＜〈", "<"),
    **dict.fromkeys("＞〉", ">"),
    "＝": "=",
    "≤": "<=",
    "≦": "<=",
    "≥": ">=",
    "≧": ">=",
    "≠": "<>",
    "。": ".",
    "．": ".",
}
_QUOTES = frozenset("“”‘’\"'`『』《》﹁﹂｢｣")
_WORDS_OF_A_NAME = re.compile(r"[^\W0-9A-Za-z_][\w（）()%％·-]*")


def tokens(text: str) -> list[Token]:
    """The words of `text`, with an END at the end.

    Raises:
        TooLarge: the text is longer than 4,000 characters, or a number beyond 30 digits.
        FormulaError: a character that no formula has.
    """
    if len(text) > LONGEST_FORMULA:
        raise TooLarge(
            _("the formula has %(length)d characters; at most %(most)d can be read. Split it into several indicators.")
            % {"length": len(text), "most": LONGEST_FORMULA}
        )
    found: list[Token] = []
    position, line, line_start = 0, 1, 0
    while position < len(text):
        place = Place(line, position - line_start + 1)
        match = _PATTERNS.match(text, position)
        if match is None:
            raise FormulaError(_strange(text, position), place)
        kind, word = str(match.lastgroup), match.group()
        if kind == "space":
            newlines = word.count("\n")
            if newlines:
                line, line_start = line + newlines, position + word.rindex("\n") + 1
        else:
            found.append(_token(kind, word, place))
        position = match.end()
        if kind == "number" and position < len(text):
            _check_after_number(text, position, word, Place(line, position - line_start + 1))
    found.append(Token(Word.END, "", Place(line, position - line_start + 1)))
    return found


def _token(kind: str, word: str, place: Place) -> Token:
    if kind == "number":
        _check_number(word, place)
    elif kind == "code" and len(word) > LONGEST_CODE:
        raise TooLarge(_("a code has at most %(most)d characters.") % {"most": LONGEST_CODE}, place)
    elif kind == "unit":
        word = word[1:-1].strip()
    elif kind == "name":
        word = word[1:-1].strip()
        if not word or len(word) > LONGEST_NAME:
            raise FormulaError(_("between 「 and 」 stands the name of an indicator."), place)
    return Token(Word(kind), word, place)


def _check_number(word: str, place: Place) -> None:
    mantissa, _e, exponent = word.lower().partition("e")
    if len(mantissa.replace(".", "")) > MOST_DIGITS or abs(int(exponent[:8] or "0")) > LARGEST_EXPONENT:
        raise TooLarge(
            _("the number %(number)s is too long: at most %(digits)d digits, exponents from -%(most)d to %(most)d.")
            % {"number": word[:20] + ("…" if len(word) > 20 else ""), "digits": MOST_DIGITS, "most": LARGEST_EXPONENT},
            place,
        )
    if len(mantissa) > 1 and mantissa[0] == "0" and mantissa[1] != ".":
        raise FormulaError(
            _("a number does not begin with 0: %(number)s. Numbers are written without thousand separators.")
            % {"number": word},
            place,
        )


def _check_after_number(text: str, position: int, number: str, place: Place) -> None:
    following = text[position]
    if following in "%％‰":
        raise FormulaError(
            _("write %(number)s[%(sign)s] or the plain number; a formula has no percent sign.")
            % {"number": number, "sign": unicodedata.normalize("NFKC", following)},
            place,
        )
    if following == ".":
        raise FormulaError(_("a digit is missing after the decimal point of %(number)s.") % {"number": number}, place)
    if following.isalpha() or following == "_":
        rest = re.match(r"[^\W_][\w/%·³²]*|_", text[position:])
        raise FormulaError(
            _("after the number %(number)s a sign is missing; a unit is written in brackets: %(number)s[%(unit)s].")
            % {"number": number, "unit": rest.group()[:20] if rest else following},
            place,
        )


def _strange(text: str, position: int) -> str:
    """What to say about a character with which no word begins."""
    character = text[position]
    plain = _LOOK_ALIKES.get(character) or unicodedata.normalize("NFKC", character)
    if character == "「":
        return _("「 is not closed by 」 on the same line.")
    if character == "[":
        return _("[ is not closed by ]. Brackets hold the unit of a number: 29307[kJ/kg].")
    if character == ".":
        return _("a number begins with a digit: write 0.5, not .5.")
    if character in _QUOTES:
        return _("names stand between 「 and 」, not between %(sign)s.") % {"sign": character}
    if character in "%^&|!":
        return {
            "%": _("a formula has no percent sign: write 0.05 or 5[%]."),
            "^": _("a formula has no powers: write x * x."),
            "!": _("“not equal” is written <>."),
        }.get(character, _("a formula has no %(sign)s: put one if(…) into the other.") % {"sign": character})
    if plain != character and len(plain) <= 2 and plain.isascii() and plain.isprintable():
        return _("%(wrong)s is a full-width or look-alike character; write %(right)s.") % {
            "wrong": character,
            "right": plain if plain != " " else _("a plain space"),
        }
    name = _WORDS_OF_A_NAME.match(text, position)
    if name:
        return _("names stand between 「 and 」: 「%(name)s」.") % {"name": name.group()[:40]}
    code_point = f"U+{ord(character):04X}"
    shown = f"{character} ({code_point})" if character.isprintable() else code_point
    return _("%(character)s has no meaning in a formula.") % {"character": shown}
