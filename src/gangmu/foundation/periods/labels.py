"""Periods in words, Chinese and English. Pure, so that exports and jobs can name a period in any language."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gangmu.foundation.periods.period import Period

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TEN_DAYS_ZH = ("上旬", "中旬", "下旬")
_NUMBERS_ZH = ("一", "二", "三", "四")


def label(period: "Period", language: str) -> str:
    """The period's name in `language` ("zh…" is Chinese, everything else English)."""
    return _zh(period) if language.lower().startswith("zh") else _en(period)


def _zh(period: "Period") -> str:
    start, end, kind = period.start, period.end, str(period.kind)
    month = f"{start.year}年{start.month}月"
    match kind:
        case "day":
            return f"{month}{start.day}日"
        case "ten_day":
            return f"{month}{_TEN_DAYS_ZH[period.number - 1]}"
        case "week":
            return f"{period.year}年第{period.number}周"
        case "month":
            return month
        case "quarter":
            return f"{start.year}年{_NUMBERS_ZH[period.number - 1]}季度"
        case "half":
            return f"{start.year}年{'上' if period.number == 1 else '下'}半年"
        case "year":
            return f"{start.year}年"
        case "season":
            return f"{_years(period, '至')}年{period.season.zh}"
        case "settlement":
            return f"{period.year}年{period.number}月结算月"
    return f"{month}{start.day}日至{end.year}年{end.month}月{end.day}日"


def _en(period: "Period") -> str:
    start, end, kind = period.start, period.end, str(period.kind)
    month = f"{_MONTHS[start.month - 1]} {start.year}"
    match kind:
        case "day":
            return f"{start.day} {month}"
        case "ten_day":
            return f"{start.day}–{end.day} {month}"
        case "week":
            return f"Week {period.number}, {period.year}"
        case "month":
            return month
        case "quarter":
            return f"Q{period.number} {start.year}"
        case "half":
            return f"{'First' if period.number == 1 else 'Second'} half of {start.year}"
        case "year":
            return f"{start.year}"
        case "season":
            return f"{period.season.en} {_years(period, '–')}"
        case "settlement":
            return f"Settlement month {_MONTHS[period.number - 1]} {period.year}"
    return f"{start.day} {month} – {end.day} {_MONTHS[end.month - 1]} {end.year}"


def _years(period: "Period", dash: str) -> str:
    first, last = period.start.year, period.end.year
    return f"{first}" if first == last else f"{first}{dash}{last}"
