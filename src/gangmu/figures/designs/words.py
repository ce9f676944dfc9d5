"""The words of the language, Chinese and English. The first of a list is the one that is printed."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from gangmu.figures.designs.tree import Against, Head, PartKind, Shows, ToDate

T = TypeVar("T")
Words = tuple[tuple[str, ...], tuple[str, ...]]  # Chinese, English

SHOWS: Mapping[tuple[Shows, Against | None], Words] = {
    (Shows.RATE, Against.YEAR_AGO): (("同比", "同比增长率"), ("yoy",)),
    (Shows.CHANGE, Against.YEAR_AGO): (("同比增减",), ("yoy change",)),
    (Shows.RATE, Against.PREVIOUS): (("环比", "环比增长率"), ("pop", "mom")),
    (Shows.CHANGE, Against.PREVIOUS): (("环比增减",), ("pop change", "mom change")),
    (Shows.PLAN, None): (("计划", "计划值"), ("plan",)),
    (Shows.PROGRESS, None): (("计划完成率", "完成率"), ("plan progress",)),
    (Shows.PLAN_CHANGE, None): (("比计划", "较计划增减"), ("plan change",)),
    (Shows.STATE, None): (("状态",), ("state",)),
    (Shows.COVERAGE, None): (("覆盖", "覆盖情况"), ("coverage",)),
    (Shows.COVERAGE_RATE, None): (("覆盖率",), ("coverage rate",)),
    (Shows.REPORTED, None): (("已报",), ("reported",)),
    (Shows.EXPECTED, None): (("应报",), ("expected",)),
    (Shows.UNIT, None): (("单位", "计量单位"), ("unit",)),
    (Shows.NAME, None): (("名称", "指标名称"), ("name",)),
}
HEADS: Mapping[Head, Words] = {
    Head.TITLE: (("标题", "报表名称"), ("title",)),
    Head.ORGANISATION: (("机构", "编制单位"), ("organisation", "organization")),
    Head.ORGANISATION_CODE: (("机构编码",), ("organisation code",)),
    Head.PERIOD: (("期间", "报告期"), ("period",)),
    Head.PERIOD_CODE: (("期间编码",), ("period code",)),
    Head.START: (("期初", "起始日期"), ("start",)),
    Head.END: (("期末", "截止日期"), ("end",)),
    Head.EDITION: (("版次", "期次"), ("edition",)),
    Head.PRINTED_AT: (("打印时间", "制表时间"), ("printed at",)),
    Head.NUMBER: (("序号",), ("number",)),
    Head.MEMBER: (("成员",), ("member",)),
    Head.MEMBER_CODE: (("成员编码",), ("member code",)),
}
REPEATS: Mapping[str, Words] = {
    "children": (("每个下级", "逐个下级"), ("each child",)),
    "fuel": (("每种燃料", "每个燃料"), ("each fuel",)),
    "province": (("每个省份", "每个省"), ("each province",)),
    "kind": (("每种类型", "每个类型"), ("each kind",)),
}
PREVIOUS: Words = (("上期",), ("previous",))
YEAR_AGO: Words = (("去年同期", "上年同期", "同期"), ("year ago",))
OWN: Words = (("本机构", "本单位"), ("own",))
THIS_PERIOD: Words = (("本期",), ("this period",))
TO_DATE: Mapping[ToDate, Words] = {
    ToDate.YEAR: (("年累计", "本年累计", "累计"), ("to date", "year to date")),
    ToDate.MONTH: (("月累计", "本月累计"), ("month to date",)),
}
PARTS: Mapping[PartKind, Words] = {
    PartKind.DAY: (("日", "天"), ("day",)),
    PartKind.TEN_DAY: (("旬",), ("ten-day",)),
    PartKind.WEEK: (("周",), ("week",)),
    PartKind.MONTH: (("月", "个月"), ("month",)),
    PartKind.QUARTER: (("季度", "季"), ("quarter",)),
}
TEN_DAYS: Mapping[str, int] = {"上旬": 1, "中旬": 2, "下旬": 3}
# left of an equals sign
GIVEN: Mapping[str, Words] = {
    "organisation": (("机构", "单位"), ("organisation", "organization", "org")),
    "period": (("期间",), ("period",)),
    "fuel": (("燃料",), ("fuel",)),
    "province": (("省份", "省"), ("province",)),
    "kind": (("类型",), ("kind",)),
    "scenario": (("情景", "版本"), ("scenario",)),
    "at_least": (("至少",), ("at least",)),
    "rows": (("行数",), ("rows",)),
    "unit": (("计量单位", "折算单位"), ("unit",)),
}
STATES: Mapping[str, Words] = {
    "filed": (("已填报",), ("filed",)),
    "plant": (("电厂审定",), ("plant",)),
    "region": (("区域审定",), ("region",)),
    "group": (("集团审定",), ("group",)),
    "locked": (("已锁定",), ("locked",)),
}


def plain(text: str) -> str:
    """A word as it is looked up: half-width, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _by_word(table: Mapping[T, Words]) -> Mapping[str, T]:
    return MappingProxyType({plain(word): key for key, both in table.items() for words in both for word in words})


SHOWS_BY_WORD = _by_word(SHOWS)
HEADS_BY_WORD = _by_word(HEADS)
REPEATS_BY_WORD = _by_word(REPEATS)
TO_DATE_BY_WORD = _by_word(TO_DATE)
PARTS_BY_WORD = _by_word(PARTS)
GIVEN_BY_WORD = _by_word(GIVEN)
STATES_BY_WORD = _by_word(STATES)
SINGLE_BY_WORD = _by_word({"previous": PREVIOUS, "year_ago": YEAR_AGO, "own": OWN, "this_period": THIS_PERIOD})
FIRST_WORDS = frozenset({*HEADS_BY_WORD, *REPEATS_BY_WORD})
OPTION_WORDS = frozenset({*SHOWS_BY_WORD, *TO_DATE_BY_WORD, *SINGLE_BY_WORD, *TEN_DAYS})


def written(words: Words, language: str) -> str:
    """The word that is printed in a language."""
    return words[0 if language.startswith("zh") else 1][0]
