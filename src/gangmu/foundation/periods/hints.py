"""What somebody may have meant by a text that is not a period code: only used to word the error."""

import re
import unicodedata

_SEP = r"[-/.年 ]"
_SPAN = re.compile(r"\s*(?:\.{2,}|~|至|到|\bto\b)\s*")
_TEN_DAYS = {"上": "1", "中": "2", "下": "3"}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (rf"(\d{{4}}){_SEP}(\d{{1,2}})[-/.月 ](\d{{1,2}})日?(?:[T ]\d\d:\d\d.*)?", "{0}-{1:0>2}-{2:0>2}"),
        (r"(\d{4})(\d\d)(\d\d)", "{0}-{1}-{2}"),
        (rf"(\d{{4}}){_SEP}?(\d{{1,2}})[-/.月 ]?D([1-3])", "{0}-{1:0>2}-D{2}"),
        (rf"(\d{{4}}){_SEP}(\d{{1,2}})[月 ]?([上中下])旬", "{0}-{1:0>2}-D{2}"),
        (rf"(\d{{4}}){_SEP}?(\d{{1,2}})[-/.月 ]?S", "{0}-{1:0>2}-S"),
        (rf"(\d{{4}}){_SEP}?(?:W|第)(\d{{1,2}})周?", "{0}-W{1:0>2}"),
        (rf"(\d{{4}}){_SEP}?(?:Q|第)([1-4])(?:季度)?", "{0}-Q{1}"),
        (rf"(\d{{4}}){_SEP}?H([12])", "{0}-H{1}"),
        (rf"(\d{{4}}){_SEP}(\d{{1,2}})月?", "{0}-{1:0>2}"),
        (r"(\d{4})(\d\d)", "{0}-{1}"),
        (rf"(\d{{4}}){_SEP}?([a-z]+)", "{0}-{1}"),
        (r"(\d{4})年?", "{0}"),
    )
)


def guess(text: str) -> str | None:
    """The code that `text` seems to mean, not checked for being one; None when nothing fits."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    ends = [part for part in _SPAN.split(plain) if part]
    if len(ends) == 2:
        first, last = _single(ends[0]), _single(ends[1])
        return f"{first}..{last}" if first and last else None
    return _single(plain)


def _single(text: str) -> str | None:
    for pattern, form in _SHAPES:
        if found := pattern.fullmatch(text):
            parts = [_TEN_DAYS.get(part, part) for part in found.groups()]
            return form.format(*(part.lower() if part.isalpha() else part for part in parts))
    return None


def foreign_character(text: str) -> tuple[int, str] | None:
    """Position (from 1) and character of the first one that is not printable ASCII."""
    for position, character in enumerate(text, 1):
        if not ("!" <= character <= "~"):
            return position, character
    return None
