"""Sorting names the way a reader expects: Chinese by pinyin, numbers by size."""

import re

_DIGITS = re.compile(r"\d+")
_ORDINAL = re.compile(r"(?<![一二三四五六七八九十])([二三四五六七八九]?十)?([一二三四五六七八九])?(?=[期号厂站级台])")
_NUMERALS = "零一二三四五六七八九"


def sort_key(name: str) -> str:
    """A key whose code-point order is the order of the names: 2号 before 10号, 一期 before 二期, 安徽 before 北京."""
    from pypinyin import lazy_pinyin  # its dictionary takes long to load, and most commands sort no names

    counted = _DIGITS.sub(lambda digits: digits.group().zfill(6), _ORDINAL.sub(_arabic, name))
    return " ".join(lazy_pinyin(counted)).casefold()[:600]


def _arabic(numeral: re.Match[str]) -> str:
    """二十一 as 21, up to 99."""
    tens, ones = numeral.groups()
    if not tens and not ones:
        return ""
    number = _NUMERALS.index(ones) if ones else 0
    if tens:
        number += 10 * (_NUMERALS.index(tens[0]) if len(tens) > 1 else 1)
    return str(number)
