"""One reader for what is typed, pasted and imported into cells.

What has one meaning is read: full-width digits, thousands separators, signs of any kind, the indicator's own unit
behind the number, choices by value, code or name, “out of service”. What has none, or two, is a fault that says what
to write. Numbers are exact: nothing is ever rounded unless the reader is told that the rounding was accepted.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.definitions import Item
from gangmu.figures.filing.models import LARGEST_SCALED_VALUE, Mark
from gangmu.figures.indicators.decimals import EarlierPrecision, span
from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.units import Unit, parse_unit

LONGEST_TEXT = 200  # of models.Cell.text
LARGEST_EXPONENT = 40
SHOWN_TEXT = 40


@dataclass(frozen=True)
class Column:
    """One item of a form with its indicator: what the cells of a column have in common."""

    item: Item
    indicator: IndicatorDefinition
    day: date | None = field(default=None, kw_only=True)  # the last one of the period, whose decimals hold; the newest

    @property
    def decimals(self) -> int:
        """With how many decimals its figures are filed."""
        return self.indicator.precision if self.day is None else self.indicator.decimals(self.day)

    @property
    def code(self) -> str:
        return self.indicator.code


class Wrong(StrEnum):
    """What can be wrong with an entry."""

    DASH = "dash"
    TEXT = "text"
    DATE = "date"
    FORMULA = "formula"
    ERROR = "error"
    DECIMALS = "decimals"
    DATED_DECIMALS = "dated decimals"
    LARGE = "large"
    AMBIGUOUS = "ambiguous"
    SPACES = "spaces"
    BRACKETS = "brackets"
    SIGN = "sign"
    UNIT = "unit"
    OTHER_UNIT = "other_unit"
    CHOICE = "choice"
    NO_MARK = "no_mark"
    LONG = "long"


MESSAGES = {
    Wrong.DASH: _(
        "“%(text)s” is no figure. Leave the cell blank where there is none, or mark it out of service where the "
        "organisation stood still."
    ),
    Wrong.TEXT: _("“%(text)s” is not a number. Write digits such as 1234.5; words belong into a comment on the cell."),
    Wrong.DATE: _("“%(text)s” is a date or a time. Write the figure; format the cell as a number in the spreadsheet."),
    Wrong.FORMULA: _("“%(text)s” is a formula. Enter its result: paste values only."),
    Wrong.ERROR: _("“%(text)s” is an error of the spreadsheet. Mend the formula there and enter its result."),
    Wrong.DECIMALS: _(
        "“%(text)s” has more decimals than the %(precision)s of this indicator. Write %(rounded)s, or accept the "
        "rounding."
    ),
    Wrong.DATED_DECIMALS: _(
        "“%(text)s” has more decimals than the %(precision)s of this indicator %(span)s. Write %(rounded)s, or accept "
        "the rounding."
    ),
    Wrong.LARGE: _("“%(text)s” is larger than any figure can be. Check the unit: figures here are in %(unit)s."),
    Wrong.AMBIGUOUS: _(
        "“%(text)s” can be read in more than one way. Write the digits without separators and a point before the "
        "decimals, such as 1234.5."
    ),
    Wrong.SPACES: _("“%(text)s” has spaces between its digits. Write one number, such as 1234.5."),
    Wrong.BRACKETS: _("“%(text)s” stands in brackets. Write -%(number)s if it is negative, %(number)s if not."),
    Wrong.SIGN: _("“%(text)s” has its sign behind. Write %(number)s."),
    Wrong.UNIT: _("“%(text)s” carries “%(given)s”. Write the number alone, counted in %(unit)s."),
    Wrong.OTHER_UNIT: _("“%(text)s” is in %(given)s, figures here are in %(unit)s. Write %(converted)s."),
    Wrong.CHOICE: _("“%(text)s” is none of the choices. Write one of %(choices)s."),
    Wrong.NO_MARK: _("This figure is filed also while the organisation stands still: write the number."),
    Wrong.LONG: _("This entry has more than %(most)s characters. Write a number such as 1234.5."),
}


@dataclass(frozen=True)
class Fault:
    """Why an entry is no figure. `rounded` is the rounding that can be accepted, where that is all that is wrong."""

    wrong: Wrong
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What happened and what to do, in the active language."""
        return str(MESSAGES[self.wrong]) % self.values

    @property
    def rounded(self) -> str:
        return str(self.values["rounded"]) if self.is_of_decimals else ""

    @property
    def is_of_decimals(self) -> bool:
        """Whether nothing but too many decimals is wrong."""
        return self.wrong in (Wrong.DECIMALS, Wrong.DATED_DECIMALS)

    def __str__(self) -> str:
        return self.text


class Entry(NamedTuple):
    """What an entry says.

    Args:
        value: in units of 10^-scale of the indicator; None for a blank cell and with a fault.
        shown: the figure as it is written back, which reads as the same entry again.
        rounded_from: what was entered, where its rounding was accepted.
    """

    value: int | None
    mark: Mark
    fault: Fault | None
    shown: str
    rounded_from: str = ""


BLANK = Entry(None, Mark.NONE, None, "")


def read_entry(given: object, column: Column, *, accept_rounding: bool = False) -> Entry:
    """Read what stands in a cell.

    Args:
        given: text as typed or pasted; or what a workbook's reader gives (numbers, dates, None). Of a float the 15
            digits count that a spreadsheet itself keeps and shows: 12.299999999999999 is 12.3.
        accept_rounding: take a number with too many decimals for what it is rounded to, halves away from zero; the
            entry then has the mark ROUNDED and keeps what was entered.
    """
    if given is None:
        return BLANK
    if type(given) is str:
        text = given
    elif isinstance(given, bool):
        return _fault(Wrong.TEXT, str(given).upper())
    elif isinstance(given, float):
        if not math.isfinite(given):
            return _fault(Wrong.ERROR, str(given))
        text = format(given, ".15g")
    elif isinstance(given, int | Decimal):
        text = str(given)
    elif isinstance(given, date | time | timedelta):
        return _fault(Wrong.DATE, str(given))
    else:
        text = str(given)
    if not column.item.choices:
        plain = _PLAIN.fullmatch(text)
        if plain:
            return _number(text, plain[1], plain[2], plain[3] or "", 0, column, accept_rounding)
    return _read_text(text, column, accept_rounding)


def show(value: int, column: Column) -> str:
    """A figure as it stands in a cell: plain digits, or the name of the choice in the active language."""
    for option in column.item.choices:
        if option.value * 10**column.indicator.scale == value:
            return str(option.name)
    return plain_text(*_trimmed(value, column))


def figure(value: int, column: Column) -> Decimal:
    """A stored figure as a number, with the decimals that it is filed with; with more where it has them."""
    scaled, decimals = _trimmed(value, column)
    return Decimal(scaled).scaleb(-decimals)


def fits(scaled: Decimal, column: Column) -> bool:
    """Whether a number in the units of stored figures has no more decimals than figures are filed with."""
    return scaled % 10 ** (column.indicator.scale - column.decimals) == 0


def _trimmed(value: int, column: Column) -> tuple[int, int]:
    """A stored figure as an integer and its decimals: those that it is filed with, or what it has beyond them."""
    decimals = column.indicator.scale
    while decimals > column.decimals and not value % 10:
        value, decimals = value // 10, decimals - 1
    return value, decimals


def plain_text(value: int, precision: int) -> str:
    """A scaled integer as plain digits: -5, 2 → -0.05."""
    if not precision:
        return str(value)
    digits = f"{abs(value):0{precision + 1}d}"
    return f"{'-' if value < 0 else ''}{digits[:-precision]}.{digits[-precision:]}"


# Text -----------------------------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,30}))?")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # ！ to ～; digits in circles are no digits
_SPACES = dict.fromkeys(map(ord, "\t\n\r\v\f\x85\u00a0\u1680\u180e\u202f\u205f\u3000"), " ") | dict.fromkeys(
    range(0x2000, 0x200B), " "
)
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)]
)
_TRANSLATION = {**_FULL_WIDTH, **_SPACES, **_UNSEEN, ord("￥"): "¥", ord("｡"): "。"}
_SIGNS = str.maketrans(dict.fromkeys("−﹣‐‑‒–—―➖", "-") | {"﹢": "+", "➕": "+"})
_OUT_OF_SERVICE = frozenset({"停运", "停机", "停用", "out of service", "out-of-service", "outofservice", "oos"})
_NOTHING_WORDS = """
    无 無 空 缺 没有 暂无 未报 未填 未知 待定 待补 不适用 n/a na n.a. n.a none null nil nan tbd missing blank
    / // \\ | * . , 、 ? … …… #
"""
_NOTHING = frozenset(_NOTHING_WORDS.split())
_DASHES = re.compile(r"[-_~\s]+")
_ERRORS = re.compile(r"#+|#[A-Z/0]+[!?]?(?:/[A-Z])?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<sign>[+-])? ?(?P<currency>¥|rmb|cny)? ?(?P<body>[0-9][0-9., 。]*|[.。][0-9]+)"
    r"(?P<exponent>e[+-]?[0-9]+)? ?(?P<suffix>[^0-9\s.,+-].*)?",
    re.IGNORECASE,
)
_CLOCK = r"[0-9]{1,2}[:：时点][0-9]{0,2}(?:[:：分][0-9]{0,2}(?:\.[0-9]+)?)?秒?(?: ?[ap]m)?"
_DAY = (
    "[0-9]{1,4}[-/][0-9]{1,2}(?:[-/][0-9]{1,4})?|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}"
    "|[0-9]{2,4}年(?:[0-9]{1,2}月?(?:[0-9]{1,2}[日号]?)?)?|[0-9]{1,2}月(?:[0-9]{1,2}[日号]?)?"
)
_DATE = re.compile(f"(?:{_DAY})(?:[T ]{_CLOCK})?|{_CLOCK}", re.IGNORECASE)
_BRACKETS = re.compile(r"\( ?([0-9][0-9,]*(?:\.[0-9]+)?) ?\)")
_SIGN_BEHIND = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?) ?([+-])")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?|[1-9][0-9]{0,2}(?: [0-9]{3})+(?:\.[0-9]*)?")
_DECIMAL = re.compile(r"[0-9]*(?:\.[0-9]*)?")


def _read_text(given: str, column: Column, accept_rounding: bool) -> Entry:
    if (
        len(given) > 4 * LONGEST_TEXT
        or len(text := " ".join(given.translate(_TRANSLATION).split(" ")).strip()) > LONGEST_TEXT
    ):
        return Entry(None, Mark.NONE, Fault(Wrong.LONG, {"most": LONGEST_TEXT}), "")
    text = text.removeprefix("'")
    if not text:
        return BLANK
    folded = text.casefold()
    if column.item.choices:
        return _choice(given, folded, column)
    if folded in _OUT_OF_SERVICE:
        return _out_of_service(column)
    signed = text.translate(_SIGNS)
    if folded in _NOTHING or _DASHES.fullmatch(signed):
        return _fault(Wrong.DASH, given)
    if text.startswith(("=", "@")):
        return _fault(Wrong.FORMULA, given)
    if _ERRORS.fullmatch(text):
        return _fault(Wrong.ERROR, given)
    if _DATE.fullmatch(text):
        return _fault(Wrong.DATE, given)
    found = _NUMBER.fullmatch(signed)
    if found:
        return _read_number(given, found, column, accept_rounding)
    return _strange(given, signed, text)


def _strange(given: str, signed: str, text: str) -> Entry:
    bracketed = _BRACKETS.fullmatch(text)
    if bracketed:
        return _fault(Wrong.BRACKETS, given, number=bracketed[1].replace(",", ""))
    behind = _SIGN_BEHIND.fullmatch(signed)
    if behind:
        return _fault(Wrong.SIGN, given, number=behind[2].replace("+", "") + behind[1].replace(",", ""))
    return _fault(Wrong.FORMULA if signed.startswith("+") and len(signed) > 1 else Wrong.TEXT, given)


def _read_number(given: str, found: re.Match[str], column: Column, accept_rounding: bool) -> Entry:
    body = found["body"].replace("。", ".").strip()
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "").replace(" ", "")
    elif not _DECIMAL.fullmatch(body) or body == ".":
        only_spaces = "," not in body and body.count(".") < 2
        return _fault(Wrong.SPACES if only_spaces and " " in body else Wrong.AMBIGUOUS, given)
    sign = "-" if found["sign"] == "-" else ""
    whole, _point, decimals = body.partition(".")
    exponent = found["exponent"][1:] if found["exponent"] else "0"
    suffix = (found["suffix"] or ("元" if found["currency"] else "")).strip()
    if found["currency"] and found["suffix"]:
        return _fault(Wrong.UNIT, given, given=found["currency"], unit=column.indicator.unit)
    if suffix and suffix != column.indicator.unit:
        unit, own = _known_units().get(suffix.replace(" ", "").casefold()), _own_unit(column.indicator.unit)
        if unit is None or not unit.converts_to(own):
            return _fault(Wrong.UNIT, given, given=suffix[:SHOWN_TEXT], unit=column.indicator.unit)
        if unit.factor != own.factor:
            converted = _converted(f"{sign}{whole or 0}.{decimals or 0}", int(exponent[:4]), unit.in_terms_of(own))
            return _fault(
                Wrong.OTHER_UNIT, given, given=suffix[:SHOWN_TEXT], unit=column.indicator.unit, converted=converted
            )
    digits = (whole + decimals).lstrip("0")
    power = int(exponent) if len(exponent) < 6 else LARGEST_EXPONENT * (-100 if exponent[0] == "-" else 100)
    if digits and power + len(whole) > LARGEST_EXPONENT:
        return _large(given, column)
    return _number(given, sign, whole, decimals, power if digits else 0, column, accept_rounding)


def _number(
    given: str, sign: str, whole: str, decimals: str, power: int, column: Column, accept_rounding: bool
) -> Entry:
    """The figure sign whole.decimals × 10^power."""
    precision = column.decimals
    below = 10 ** (column.indicator.scale - precision)  # stored with the decimals of other days
    shift = precision - len(decimals) + power
    value, rest = int(whole + decimals or "0"), 0
    if shift >= 0:
        value *= 10**shift
    else:
        divisor = 10 ** min(-shift, 2 * LONGEST_TEXT + LARGEST_EXPONENT)
        value, rest = divmod(value, divisor)
        value += 2 * rest >= divisor
    if value * below > LARGEST_SCALED_VALUE:
        return _large(given, column)
    shown = plain_text(-value if sign else value, precision)
    if rest and not accept_rounding:
        if column.day is None or not column.indicator.precisions:
            return _fault(Wrong.DECIMALS, given, precision=precision, rounded=shown)
        since = _Span(column.day, column.indicator.precisions)
        return _fault(Wrong.DATED_DECIMALS, given, precision=precision, rounded=shown, span=since)
    value *= below
    return Entry(-value if sign else value, Mark.ROUNDED if rest else Mark.NONE, None, shown, given if rest else "")


def _choice(given: str, folded: str, column: Column) -> Entry:
    key = folded[:-2] if folded.endswith(".0") else folded
    for option in column.item.choices:
        if key in (str(option.value), option.code.casefold(), option.name.zh.casefold(), option.name.en.casefold()):
            return Entry(option.value * 10**column.indicator.scale, Mark.NONE, None, str(option.name))
    if folded in _OUT_OF_SERVICE:
        return _out_of_service(column)
    if folded in _NOTHING or _DASHES.fullmatch(folded.translate(_SIGNS)):
        return _fault(Wrong.DASH, given)
    return _fault(Wrong.CHOICE, given, choices=_Choices(tuple(option.name for option in column.item.choices)))


def _out_of_service(column: Column) -> Entry:
    match column.item.out_of_service:
        case "zero":
            return Entry(0, Mark.OUT_OF_SERVICE, None, plain_text(0, column.decimals))
        case "blank":
            return Entry(None, Mark.OUT_OF_SERVICE, None, "")
    return Entry(None, Mark.NONE, Fault(Wrong.NO_MARK), "")


@dataclass(frozen=True)
class _Choices:
    """Names of choices, in the language in which the message is read."""

    names: tuple[Any, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.names))


@dataclass(frozen=True)
class _Span:
    """Since when or until when the decimals of a day hold, in the language in which the message is read."""

    day: date
    earlier: tuple[EarlierPrecision, ...]

    def __str__(self) -> str:
        return span(self.day, self.earlier)


def _fault(wrong: Wrong, entry: str, /, **values: object) -> Entry:
    text = entry.strip()
    shown = text if len(text) <= SHOWN_TEXT else text[: SHOWN_TEXT - 1] + "…"
    return Entry(None, Mark.NONE, Fault(wrong, {"text": shown, **values}), "")


def _large(given: str, column: Column) -> Entry:
    return _fault(Wrong.LARGE, given, unit=column.indicator.unit)


# Units ----------------------------------------------------------------------------------------------------------------

# What people write behind numbers. Other units than an indicator's own are known here only to say what to write.
_WRITTEN_UNITS = """
    Wh kWh MWh GWh TWh 万kWh 亿kWh 千瓦时 兆瓦时 万千瓦时 亿千瓦时 千千瓦时 度 万度 亿度 W kW MW GW 万kW 千瓦 兆瓦
    万千瓦 g kg t kt Mt 万t 克 千克 公斤 吨 万吨 tce kgce gce 吨标准煤 吨标煤 万吨标准煤 J kJ MJ GJ TJ 万GJ 吉焦 万吉焦
    kcal 大卡 m³ m3 立方米 方 万m³ 万立方米 亿m³ 亿立方米 Nm³ L 升 元 千元 万元 百万元 亿元 分 角 CNY RMB % ‰ ppm
    h 小时 min 分钟 s 秒 d 天 日 元/MWh 元/kWh 分/kWh 元/t 元/吨 元/GJ g/kWh 克/千瓦时 kg/kWh kJ/kg MJ/kg kcal/kg
    大卡/千克 kJ/kWh m/s m³/s m³/h t/h mm cm m km 米 千米 公里 ℃ °C 台 次 户 人 个 Pa kPa MPa kV V A Hz
"""


@cache
def _known_units() -> Mapping[str, Unit]:
    return {name.casefold(): parse_unit(name) for name in _WRITTEN_UNITS.split()}


@lru_cache(maxsize=512)
def _own_unit(text: str) -> Unit:
    return parse_unit(text)


def _converted(number: str, power: int, factor: Fraction) -> str:
    """A number in another unit, as digits: exactly where they end within nine decimals, else rounded there."""
    if abs(power) > LARGEST_EXPONENT:
        return "…"
    value = Fraction(number) * Fraction(10) ** power * factor * 10**9
    whole = math.floor(abs(value) + Fraction(1, 2))
    text = plain_text(-whole if value < 0 else whole, 9)
    return text.rstrip("0").rstrip(".")
