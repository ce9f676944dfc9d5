"""Sorting names the way a reader expects: Chinese by pinyin, numbers by size."""

import re

from pypinyin import lazy_pinyin

_DIGITS = re.compile(r"\d+")


def sort_key(name: str) -> str:
    """A key whose code-point order is the order of the names: 2号机组 before 10号机组, 安徽 before 北京."""
    syllables = lazy_pinyin(_DIGITS.sub(lambda digits: digits.group().zfill(6), name))
    return " ".join(syllables).casefold()[:600]
