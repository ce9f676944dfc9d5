"""How a unit is written for readers: as it is in Chinese, and with what an English reader knows in English."""

import re
from functools import lru_cache

from django.utils.translation import get_language

_TENS = {"万亿": "10¹²", "千万": "10⁷", "百万": "million", "亿": "10⁸", "万": "10⁴", "千": "10³"}
_WORDS = {
    "元": "CNY", "角": "CNY 0.1", "分钟": "min", "分": "CNY 0.01", "厘": "CNY 0.001",
    "千瓦时": "kWh", "兆瓦时": "MWh", "吉瓦时": "GWh", "瓦时": "Wh", "度": "kWh",
    "千瓦": "kW", "兆瓦": "MW", "吉焦": "GJ", "大卡": "kcal", "立方米": "m³",
    "吨标准煤": "tce", "吨": "t", "千克": "kg", "公斤": "kg", "克": "g", "米": "m",
    "小时": "h", "天": "d", "日": "d", "月": "month", "年": "year",
    "台": "units", "次": "times", "户": "households", "人": "persons", "个": "items", "件": "items", "份": "items",
}  # fmt: skip
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def unit_words(unit: str, language: str = "") -> str:
    """The unit for a reader of `language`, or of the active one; a plain number has none.

    万元 is 10⁴ CNY in English, 元/(kW·月) is CNY/(kW·month). Only the name changes, never the figure beside it.
    """
    if unit == "1":
        return ""
    if (language or get_language() or "").startswith("zh"):
        return unit
    return _CHINESE.sub(lambda found: _english(found[0]), unit)


@lru_cache(maxsize=256)
def _english(chinese: str) -> str:
    if chinese in _WORDS:
        return _WORDS[chinese]
    for tens, written in _TENS.items():
        if chinese == tens:  # 万kWh: what follows is no Chinese
            return f"{written} "
        if chinese.startswith(tens) and chinese.removeprefix(tens) in _WORDS:
            return f"{written} {_WORDS[chinese.removeprefix(tens)]}"
    return chinese
