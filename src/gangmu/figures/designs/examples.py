"""Expressions by example, for the page of the language: what is written, and what it gives."""

from django.utils.translation import gettext as _


def examples() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Groups of examples: what is written in Chinese, in English, and what stands there then."""
    return [
        (_("Figures"), [
            ("{{发电量}}", "{{generation}}", _("the figure of the report's organisation and period")),
            ("{{发电量，同比}}", "{{generation, yoy}}", _("its change on the year as a rate; format the cell as 0.0%")),
            ("{{发电量，环比增减}}", "{{generation, pop change}}", _("its change against the period before")),
            ("{{发电量，年累计}}", "{{generation, to date}}", _("since 1 January")),
            ("{{发电量，年累计，同比}}", "{{generation, to date, yoy}}", _("the same, against last year's to date")),
            ("{{发电量，计划完成率}}", "{{generation, plan progress}}", _("what was done of the plan")),
            ("{{发电量，计量单位=亿kWh}}", "{{generation, unit=GWh}}", _("in another unit, tens of its own")),
        ]),
        (_("Whose, and when"), [
            ("{{发电量，燃料=风电}}", "{{generation, fuel=wind}}", _("of one fuel; also province and kind")),
            ("{{发电量，机构=江苏公司}}", "{{generation, organisation=JS}}", _("of another organisation")),
            ("{{发电量，第3日}}", "{{generation, day 3}}", _("of a part of the period; blank where there is none")),
            ("{{发电量，上旬，去年同期}}", "{{generation, ten-day 1, year ago}}", _("a part, a year ago")),
        ]),
        (_("Rows that repeat"), [
            ("{{每个下级}}", "{{each child}}", _("repeats its row for each organisation below, and shows its name")),
            ("{{每种燃料}}", "{{each fuel}}", _("for each fuel; also each province, each kind")),
            ("{{序号}}", "{{number}}", _("the number of the row")),
            ("=B4/B$5", "=B4/B$5", _("formulas move as if filled down; rows after $ stand still")),
            ("=SUM(B4:B4)", "=SUM(B4:B4)", _("a range that ends in the row grows with it")),
        ]),
        (_("What the report says of itself"), [
            ("{{机构}}{{期间}}{{标题}}", "{{title}}, {{organisation}}, {{period}}", _("head lines")),
            ("第{{版次}}期", "Edition {{edition}}", _("the number of the edition")),
            ("{{发电量，覆盖}}", "{{generation, coverage}}", _("how many have filed of how many")),
            ("{{发电量，状态}}", "{{generation, state}}", _("how far it is approved")),
            ("{{发电量，至少=集团审定}}", "{{generation, at least=group}}", _("only what the group has approved")),
        ]),
    ]  # fmt: skip
