"""Numbers and dates as a spreadsheet shows them, computed on exact decimals.

Covered: sections and conditions, colours, grouping, scaling by commas, percent, literals between digits (`0!.0,` shows
in 万), fixed and optional digits, exponents, dates and times in Chinese or English, text. Not covered: fractions and
Chinese numerals; such a format shows the plain number and says so (`Shown.plain`).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

LONGEST = 255
EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
GENERAL_DIGITS = 11
LARGEST = Decimal(10) ** 60
COLOURS = {
    "red": "red", "红色": "red", "black": "black", "黑色": "black", "blue": "blue", "蓝色": "blue", "green": "green",
    "绿色": "green", "yellow": "yellow", "黄色": "yellow", "white": "white", "白色": "white", "magenta": "magenta",
    "洋红": "magenta", "cyan": "cyan", "蓝绿色": "cyan",
}  # fmt: skip
TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?) | [\\!](?P<literal>.) | (?P<skip>[_*].) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式) | (?P<exponent>E[+-]) | (?P<ampm>AM/PM|A/P|上午/下午)
    | (?P<date>y+|m+|d+|h+|s+(?:\.0+)?|a{3,4}) | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<text>@) | (?P<fraction>/) | (?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
EPOCH = datetime.fromisoformat("1899-12-30")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows. `plain`: its format is not covered, and the number is shown without it."""

    text: str
    colour: str = ""
    plain: bool = False


@dataclass(frozen=True)
class _Section:
    tokens: tuple[tuple[str, str], ...]
    colour: str = ""
    condition: tuple[str, Decimal] | None = None
    covered: bool = True

    def has(self, kind: str) -> bool:
        return any(one == kind for one, _text in self.tokens)


def shown(value: Decimal | int | str | date | datetime | None, pattern: str = "General", language: str = "zh") -> Shown:
    """A cell's value as it is read."""
    if value is None:
        return Shown("")
    sections = _sections((pattern or "General")[:LONGEST])
    if isinstance(value, str):
        section = sections[3] if len(sections) > 3 else next((one for one in sections if one.has("text")), None)
        return Shown(_text(value, section) if section else value, section.colour if section else "")
    if isinstance(value, date):
        stamp = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
        if sections[0].has("date"):
            return Shown(_date(stamp, sections[0], language), sections[0].colour)
        value = Decimal((stamp - EPOCH) // timedelta(seconds=1)) / 86400
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= LARGEST:
        return Shown(str(number), plain=True)
    section, signed = _chosen(sections, number)
    if not section.covered or (section.has("fraction") and not section.has("date")):
        return Shown(_general(number), section.colour, plain=True)
    if section.has("date"):
        if not 0 <= number < 2_958_466:
            return Shown("#" * 8, section.colour)
        stamp = EPOCH + timedelta(seconds=int((number * 86400).to_integral_value(ROUND_HALF_UP)))
        return Shown(_date(stamp, section, language), section.colour)
    return Shown(_number(number if signed else abs(number), section), section.colour)


@lru_cache(maxsize=1_024)
def _sections(pattern: str) -> tuple[_Section, ...]:
    sections, tokens, colour, condition, covered = [], [], "", None, True

    def close() -> None:
        sections.append(_Section(tuple(tokens), colour, condition, covered))

    for found in TOKEN.finditer(pattern):
        kind, text = str(found.lastgroup), found.group(str(found.lastgroup))
        if kind == "other" and text == ";":
            close()
            tokens, colour, condition, covered = [], "", None, True
        elif kind == "bracket":
            plain = text.casefold()
            if plain in COLOURS:
                colour = COLOURS[plain]
            elif (said := CONDITION.fullmatch(text)) is not None:
                condition = (said[1], Decimal(said[2]))
            elif text.startswith("$"):
                tokens.append(("literal", text[1:].partition("-")[0]))
            elif plain.startswith("dbnum") or re.fullmatch(r"h+|m+|s+", plain):
                covered = False
        elif kind == "skip":
            tokens += [("literal", " ")] if text[0] == "_" else []
        else:
            tokens.append(("literal", text.strip('"')) if kind in {"quoted", "other"} else (kind, text))
    close()
    return tuple(sections[:4])


def _chosen(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section, bool]:
    """The section for a number, and whether the number's sign is written."""
    numeric: list[_Section] = list(sections[:3])
    if any(one.condition for one in numeric):
        for one in numeric:
            if one.condition is None or _holds(number, *one.condition):
                negative_only = one.condition is not None and one.condition[0] in {"<", "<="} and one.condition[1] <= 0
                return one, not negative_only
        return _Section((("general", ""),)), True
    if number > 0 or len(numeric) == 1:
        return numeric[0], True
    if number < 0:
        return numeric[1], False
    return (numeric[2] if len(numeric) > 2 else numeric[0]), True


def _holds(number: Decimal, sign: str, bound: Decimal) -> bool:
    return {
        "<": number < bound, "<=": number <= bound, ">": number > bound,
        ">=": number >= bound, "=": number == bound, "<>": number != bound,
    }[sign]  # fmt: skip


def _general(number: Decimal) -> str:
    if number == 0:
        return "0"
    if not Decimal("1e-9") <= abs(number) < Decimal(10) ** GENERAL_DIGITS:
        return f"{Context(prec=6, rounding=ROUND_HALF_UP).create_decimal(number).normalize():E}"
    whole = max(len(str(int(abs(number)))), 1)
    rounded = number.quantize(Decimal(1).scaleb(-max(GENERAL_DIGITS - 1 - whole, 0)), context=EXACT)
    return format(rounded.normalize(EXACT), "f")


def _text(value: str, section: _Section) -> str:
    return "".join(value if kind == "text" else text for kind, text in section.tokens if kind in {"text", "literal"})


def _number(number: Decimal, section: _Section) -> str:
    tokens = section.tokens
    digits = [place for place, (kind, _text) in enumerate(tokens) if kind == "digit"]
    minus = "-" if number < 0 else ""
    if section.has("general"):
        return minus + "".join(
            _general(abs(number)) if kind == "general" else text
            for kind, text in tokens
            if kind in {"general", "literal", "percent"}
        )
    if not digits:
        literals = "".join(text for kind, text in tokens if kind in {"literal", "percent", "text"})
        return literals if literals or not tokens else minus + literals
    if section.has("exponent"):
        return _exponent(number, section)
    point = next((place for place, (kind, _t) in enumerate(tokens) if kind == "point"), len(tokens))
    before = [place for place in digits if place < point]
    after = [place for place in digits if place > point]
    last = before[-1] if before else -1
    commas = [place for place, (kind, _t) in enumerate(tokens) if kind == "comma"]
    grouped = any(before and before[0] < place < last for place in commas)
    end = digits[-1]
    scaled_by = sum(place > max(end, last) or (last < place < point) for place in commas)
    percents = sum(kind == "percent" for kind, _t in tokens)
    number = EXACT.scaleb(number, 2 * percents - 3 * scaled_by)
    rounded = number.quantize(Decimal(1).scaleb(-len(after)), context=EXACT)
    whole, _point, part = format(abs(rounded), "f").partition(".")
    made = _whole(tokens, before, "" if whole == "0" else whole, grouped=grouped)
    optional = len(after)
    while optional and tokens[after[optional - 1]][1] in "#?" and part[optional - 1] == "0":
        optional -= 1
    fraction = dict(zip(after, part[:optional], strict=False))
    for place, (kind, text) in enumerate(tokens):
        if place in made or kind == "comma":
            continue
        if kind == "digit":
            made[place] = fraction.get(place, " " if text == "?" else "")
        else:
            made[place] = text
    minus = "-" if rounded < 0 else ""
    return minus + "".join(made[place] for place in sorted(made))


def _whole(tokens: tuple[tuple[str, str], ...], before: list[int], whole: str, *, grouped: bool) -> dict[int, str]:
    """The digits of the whole part at their places, the last first; what is left over goes to the first place."""
    made: dict[int, str] = {}
    count = 0
    for number, place in enumerate(reversed(before)):
        first = number == len(before) - 1
        wanted = whole if first else whole[-1:]
        whole = "" if first else whole[:-1]
        if not wanted:
            wanted = {"0": "0", "?": " ", "#": ""}[tokens[place][1]]
        text = ""
        for digit in reversed(wanted):
            text = ("," if grouped and digit.isdigit() and count and count % 3 == 0 else "") + text
            text = digit + text
            count += 1
        made[place] = text
    return made


def _exponent(number: Decimal, section: _Section) -> str:
    tokens = section.tokens
    at = next(place for place, (kind, _t) in enumerate(tokens) if kind == "exponent")
    point = next((place for place, (kind, _t) in enumerate(tokens[:at]) if kind == "point"), at)
    decimals = sum(kind == "digit" for kind, _t in tokens[point:at])
    exponent = number.adjusted() if number else 0
    mantissa = EXACT.scaleb(number, -exponent).quantize(Decimal(1).scaleb(-decimals), context=EXACT)
    if abs(mantissa) >= 10:
        exponent += 1
        mantissa = EXACT.scaleb(mantissa, -1).quantize(Decimal(1).scaleb(-decimals), context=EXACT)
    width = sum(kind == "digit" for kind, _t in tokens[at:])
    sign = "-" if exponent < 0 else "+" if tokens[at][1].endswith("+") else ""
    return f"{mantissa:f}E{sign}{abs(exponent):0{width}d}"


def _date(stamp: datetime, section: _Section, language: str) -> str:
    made: list[str] = []
    zh = language.startswith("zh")
    tokens = section.tokens
    half = section.has("ampm")
    for place, (kind, text) in enumerate(tokens):
        if kind == "ampm":
            made.append(("上午" if stamp.hour < 12 else "下午") if zh else ("AM" if stamp.hour < 12 else "PM"))
        elif kind != "date":
            made.append(text)
        else:
            made.append(_date_part(stamp, text.lower(), tokens, place, half=half, zh=zh))
    return "".join(made)


def _date_part(
    stamp: datetime, text: str, tokens: tuple[tuple[str, str], ...], place: int, *, half: bool, zh: bool
) -> str:
    wide = len(text) > 1
    hour = (stamp.hour % 12 or 12) if half else stamp.hour
    match text[0]:
        case "y":
            return f"{stamp.year:04}" if len(text) > 2 else f"{stamp.year % 100:02}"
        case "d" | "a" if len(text) > 2:
            if text[0] == "a" or zh:
                name = "一二三四五六日"[stamp.weekday()]
                return f"星期{name}" if len(text) == 4 else ("周" + name if text[0] == "d" else name)
            return DAYS[stamp.weekday()][: None if len(text) == 4 else 3]
        case "d":
            return f"{stamp.day:02}" if wide else str(stamp.day)
        case "h":
            return f"{hour:02}" if wide else str(hour)
        case "s":
            return f"{stamp.second:02}" if wide else str(stamp.second)
    if _is_minute(tokens, place):
        return f"{stamp.minute:02}" if wide else str(stamp.minute)
    if len(text) > 2:
        name = MONTHS[stamp.month - 1]
        return f"{stamp.month}月" if zh else {3: name[:3], 5: name[:1]}.get(len(text), name)
    return f"{stamp.month:02}" if wide else str(stamp.month)


def _is_minute(tokens: tuple[tuple[str, str], ...], place: int) -> bool:
    """An m after hours or before seconds is minutes."""
    dates = [(number, text[0].lower()) for number, (kind, text) in enumerate(tokens) if kind == "date"]
    at = [number for number, _t in dates].index(place)
    return (at > 0 and dates[at - 1][1] == "h") or (at + 1 < len(dates) and dates[at + 1][1] == "s")
