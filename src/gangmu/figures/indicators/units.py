"""Units as the trade writes them, in Chinese and English: 万kWh, 元/MWh, g/kWh, 亿立方米.

A unit's text is one spelling each (`万kWh`, not `10^4 kWh`); what it means is defined with pint, and every factor is
an exact `Fraction`, so that a conversion never costs a digit. pint is loaded with the first unit that is asked for.

Decisions: 1 kcal = 4.1868 kJ (so that 7000 kcal/kg is the 29 307.6 kJ/kg of standard coal); 分 is money, 分钟 is time;
月 and 年 are units of their own (年 = 12 月) that are no number of hours; °C is compared, never calculated with.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from django.utils.translation import gettext as _

LONGEST_TEXT = 40

_PINT_DEFINITIONS = """
    meter = [length]
    second = [time]
    gram = [mass]
    ampere = [current]
    yuan = [money]
    celsius = [celsius]
    calendar_month = [calendar]
    set = [set]
    time = [event]
    household = [household]
    person = [person]
    item = [item]
    turn = [turn]
    newton = 1000 * gram * meter / second ** 2
    joule = newton * meter
    watt = joule / second
    pascal = newton / meter ** 2
    volt = watt / ampere
"""

# (pint expression, spellings; the first is the one suggested)
_ATOMS: tuple[tuple[str, str], ...] = (
    ("3600 joule", "Wh 瓦时"),
    ("3.6e6 joule", "kWh 千瓦时 度"),
    ("3.6e9 joule", "MWh 兆瓦时"),
    ("3.6e12 joule", "GWh 吉瓦时"),
    ("3.6e15 joule", "TWh 太瓦时"),
    ("joule", "J 焦 焦耳"),
    ("1e3 joule", "kJ 千焦"),
    ("1e6 joule", "MJ 兆焦"),
    ("1e9 joule", "GJ 吉焦"),
    ("1e12 joule", "TJ 太焦"),
    ("4.1868 joule", "cal 卡"),
    ("4186.8 joule", "kcal 千卡 大卡"),
    ("4186.8e3 joule", "Mcal 兆卡"),
    ("4186.8e6 joule", "Gcal 吉卡"),
    ("watt", "W 瓦"),
    ("1e3 watt", "kW 千瓦"),
    ("1e6 watt", "MW 兆瓦"),
    ("1e9 watt", "GW 吉瓦"),
    ("1e12 watt", "TW 太瓦"),
    ("watt", "VA var"),
    ("1e3 watt", "kVA kvar 千伏安 千乏"),
    ("1e6 watt", "MVA Mvar 兆伏安 兆乏"),
    ("1e-3 gram", "mg 毫克"),
    ("gram", "g 克 gce 克标准煤 克标煤"),
    ("1e3 gram", "kg 千克 公斤 kgce 千克标准煤 千克标煤"),
    ("1e6 gram", "t 吨 tce 吨标准煤 吨标煤"),
    ("1e9 gram", "kt 千吨"),
    ("1e12 gram", "Mt 百万吨"),
    ("1e-3 meter", "mm 毫米"),
    ("1e-2 meter", "cm 厘米"),
    ("meter", "m 米"),
    ("1e3 meter", "km 千米 公里"),
    ("meter ** 2", "m² m2 m^2 ㎡ 平方米"),
    ("1e6 * meter ** 2", "km² km2 km^2 平方千米 平方公里"),
    ("1e-3 * meter ** 3", "L 升"),
    ("meter ** 3", "m³ m3 m^3 立方米 立方 方 Nm³ Nm3 Nm^3 标准立方米 标方"),
    ("second", "s 秒"),
    ("60 second", "min 分钟"),
    ("3600 second", "h 小时"),
    ("86400 second", "d 天 日"),
    ("calendar_month", "月"),
    ("12 calendar_month", "年 a"),
    ("1e-3 yuan", "厘"),
    ("1e-2 yuan", "分"),
    ("1e-1 yuan", "角"),
    ("yuan", "元 CNY yuan RMB"),
    ("pascal", "Pa 帕"),
    ("1e3 pascal", "kPa 千帕"),
    ("1e6 pascal", "MPa 兆帕"),
    ("1e5 pascal", "bar"),
    ("volt", "V 伏"),
    ("1e3 volt", "kV 千伏"),
    ("ampere", "A 安"),
    ("1e3 ampere", "kA 千安"),
    ("1 / second", "Hz 赫兹 赫"),
    ("turn", "r 转"),
    ("celsius", "°C ℃ 摄氏度"),
    ("set", "台 套 座 set sets unit units"),
    ("time", "次 time times"),
    ("household", "户 household households"),
    ("person", "人 person persons"),
    ("item", "个 件 张 份 项 条 笔 家 item items piece pieces"),
    ("1", "1"),
    ("1e-2", "% 百分比"),
    ("1e-3", "‰"),
    ("1e-6", "ppm"),
)
_MULTIPLES = {"万亿": 10**12, "千万": 10**7, "百万": 10**6, "千": 10**3, "万": 10**4, "亿": 10**8}
_NEVER_MULTIPLIED = {"1", "%", "百分比", "‰", "ppm", "°C", "℃", "摄氏度", "月", "年", "a"}
_EXPRESSIONS = {name: expression for expression, names in _ATOMS for name in names.split()}
_USUAL = """
    万kWh 亿kWh 万千瓦时 亿千瓦时 万kW 万千瓦 万t 万吨 万GJ 万m³ 亿m³ 千元 万元 亿元 百万元
    元/kWh 元/MWh 分/kWh 元/t 元/GJ 元/kg 元/kW 元/m² g/kWh kg/kWh kg/GJ kJ/kg kJ/kWh GJ/MWh GJ/t MJ/kg
    kcal/kg m/s m³/s m³/h t/h GJ/h GJ/m² r/min
"""
_SUGGESTIBLE = (*_EXPRESSIONS, *_USUAL.split())
_OPERATOR = re.compile(r"\s*([/·*()])\s*")
_TEN_POWER = re.compile(r"^10(?:\^|\*\*)?([1-9]|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*(?=\D)")
_WAYS_TO_WRITE_TEN_POWERS = {"3": "千", "4": "万", "6": "百万", "8": "亿", "³": "千", "⁴": "万", "⁶": "百万", "⁸": "亿"}


class UnknownUnit(ValueError):
    """A text that is no unit. `suggestion` is the unit that was probably meant, or None."""

    def __init__(self, text: str, reason: str, suggestion: str | None = None) -> None:
        super().__init__(text, reason, suggestion)
        self.text, self.reason, self.suggestion = text, reason, suggestion

    def __str__(self) -> str:
        message = _("“%(unit)s” is not a unit: %(why)s") % {"unit": self.text[:60], "why": self.reason}
        if self.suggestion:
            message += " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": self.suggestion}
        return message


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, or the product of several as formulas make them.

    `factor` is how many base units (pint's root units) make one of this; `dimensions` are the base dimensions and
    their exponents, sorted; `parts` the atoms and exponents that it is written with; `text` how it was written, or
    composed from the parts. `is_composed` tells what a formula made from what somebody wrote.
    """

    text: str
    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]
    parts: tuple[tuple[str, int], ...]
    is_composed: bool = False

    @property
    def is_offset(self) -> bool:
        """Whether the scale's zero is not nothing (°C): such values are compared, never calculated with."""
        return any(name == "celsius" for name, _exponent in self.dimensions)

    def converts_to(self, other: "Unit") -> bool:
        return self.dimensions == other.dimensions

    def in_terms_of(self, other: "Unit") -> Fraction:
        """How many of `other` make one of this.

        Raises:
            ValueError: the one cannot be converted to the other.
        """
        if not self.converts_to(other):
            raise ValueError(f"{self.text} cannot be converted to {other.text}")
        return self.factor / other.factor

    def times(self, other: "Unit") -> "Unit":
        return other if not self.parts else self._combined(other, 1)

    def per(self, other: "Unit") -> "Unit":
        return self._combined(other, -1)

    def _combined(self, other: "Unit", sign: int) -> "Unit":
        if not other.parts:
            return self
        parts = _merged(self.parts, other.parts, sign)
        return Unit(
            text=_composed(parts),
            factor=self.factor * other.factor if sign > 0 else self.factor / other.factor,
            dimensions=tuple(sorted(_merged(self.dimensions, other.dimensions, sign))),
            parts=parts,
            is_composed=True,
        )


NUMBER = Unit("1", Fraction(1), (), ())


@lru_cache(maxsize=2048)
def parse_unit(text: str) -> Unit:
    """The unit that `text` names; the empty text is the plain number 1.

    Raises:
        UnknownUnit: with the nearest unit, when there is one.
    """
    written = text.strip()
    if written in {"", "1"}:
        return NUMBER
    if len(written) > LONGEST_TEXT:
        raise UnknownUnit(written, _("it is longer than %(most)d characters.") % {"most": LONGEST_TEXT})
    numerator, denominator = _split(written)
    parts = _merged(
        _merged((), tuple((atom, 1) for atom in numerator), 1), tuple((atom, 1) for atom in denominator), -1
    )
    factor, dimensions = Fraction(1), ()
    for atom, exponent in parts:
        atom_factor, atom_dimensions = _atom(atom, written)
        factor *= atom_factor**exponent
        dimensions = _merged(dimensions, tuple((name, count * exponent) for name, count in atom_dimensions), 1)
    unit = Unit(written, factor, tuple(sorted(dimensions)), tuple(part for part in parts if part[0] != "1"))
    if unit.is_offset and written not in {"°C", "℃", "摄氏度"}:
        raise UnknownUnit(written, _("°C is not combined with other units."))
    return unit


def _split(text: str) -> tuple[list[str], list[str]]:
    """The atoms above and below the line. `元/(kW·月)` and `元/kW/月` are clear, `元/kW·月` is not."""
    pieces = [piece for piece in _OPERATOR.split(text) if piece]
    above: list[str] = []
    below: list[str] = []
    into, in_brackets, expects_atom, after_line = above, False, True, False
    for position, piece in enumerate(pieces):
        is_operator = piece in {"/", "·", "*", "(", ")"}
        if piece == "(" and expects_atom and position and pieces[position - 1] == "/":
            in_brackets = True
        elif piece == ")" and in_brackets and not expects_atom:
            in_brackets = False
        elif piece == "/" and not expects_atom and not in_brackets:
            into, expects_atom, after_line = below, True, True
        elif piece in {"·", "*"} and not expects_atom and (in_brackets or not after_line):
            expects_atom = True
        elif piece in {"·", "*"} and not expects_atom:
            raise UnknownUnit(
                text,
                _("it is unclear what stands below the line; write brackets, as in 元/(kW·月)."),
                text.replace("/", "/(", 1) + ")" if text.count("/") == 1 else None,
            )
        elif not is_operator and expects_atom:
            into.append(piece)
            expects_atom = False
        else:
            raise _unknown(text, text)
    if expects_atom or in_brackets:
        raise _unknown(text, text)
    return above, below


def _atom(atom: str, text: str) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    if atom in _EXPRESSIONS:
        return _measured(_EXPRESSIONS[atom])
    for multiple, factor in _MULTIPLES.items():
        rest = atom.removeprefix(multiple)
        if rest != atom and rest in _EXPRESSIONS and rest not in _NEVER_MULTIPLIED:
            atom_factor, dimensions = _measured(_EXPRESSIONS[rest])
            return factor * atom_factor, dimensions
    raise _unknown(text, atom)


def _unknown(text: str, atom: str) -> UnknownUnit:
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    ten_power = _TEN_POWER.match(text)
    candidates = [
        plain,
        plain.replace("×", "·").replace("每", "/"),
        _WAYS_TO_WRITE_TEN_POWERS.get(ten_power.group(1), "") + text[ten_power.end() :] if ten_power else "",
    ]
    suggestion = next((one for one in candidates if one and one != text and _is_unit(one)), None)
    if suggestion is None:
        by_case = {name.casefold(): name for name in reversed(_SUGGESTIBLE)}
        nearest = get_close_matches(plain.casefold(), by_case, n=1, cutoff=0.5)
        suggestion = by_case[nearest[0]] if nearest else None
    if plain != text and suggestion and unicodedata.normalize("NFKC", suggestion) == plain:
        reason = _("it has full-width characters or spaces inside.")
    elif atom == text:
        reason = _("nobody measures in it here.")
    else:
        reason = _("“%(part)s” is unknown.") % {"part": atom[:LONGEST_TEXT]}
    return UnknownUnit(text, reason, suggestion)


def _is_unit(text: str) -> bool:
    if len(text) > LONGEST_TEXT or unicodedata.normalize("NFKC", text) != text:
        return False
    pieces = [piece for piece in _OPERATOR.split(text) if piece and piece not in "/·*()"]
    known = {*_EXPRESSIONS, *(multiple + name for multiple in _MULTIPLES for name in _EXPRESSIONS)}
    return bool(pieces) and all(piece in known for piece in pieces)


def _merged(ones: tuple[tuple[str, int], ...], others: tuple[tuple[str, int], ...], sign: int) -> Any:
    exponents = dict(ones)
    for name, exponent in others:
        exponents[name] = exponents.get(name, 0) + sign * exponent
    return tuple((name, exponent) for name, exponent in exponents.items() if exponent)


def _composed(parts: tuple[tuple[str, int], ...]) -> str:
    def written(name: str, exponent: int) -> str:
        return name if exponent == 1 else f"({name})^{exponent}"

    above = " × ".join(written(name, exponent) for name, exponent in parts if exponent > 0)
    below = "".join(f" ÷ {written(name, -exponent)}" for name, exponent in parts if exponent < 0)
    return (above or "1") + below


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint  # 0.2 s that a command without units does not pay

    registry: Any = pint.UnitRegistry(None, non_int_type=Fraction)  # pyright: ignore[reportArgumentType]
    registry.load_definitions([line.strip() for line in _PINT_DEFINITIONS.splitlines() if line.strip()])
    return registry


@cache
def _measured(expression: str) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    quantity = _registry().parse_expression(expression)
    if not hasattr(quantity, "to_root_units"):
        return Fraction(quantity), ()
    root = quantity.to_root_units()
    return Fraction(root.magnitude), tuple(sorted((name, int(power)) for name, power in root.unit_items()))
