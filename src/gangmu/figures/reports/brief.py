"""The morning brief 早报: a handful of sentences made by rules from a report's content, in the active language."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.figures.reports.content import Cell, Content, Line
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.figures.reports.showing import late_words, made_at, period_label
from gangmu.foundation.ui.templatetags.ui import number

Rule = Mapping[str, Any]


def title(content: Content) -> str:
    return _("%(organisation)s: morning brief of %(period)s") % {
        "organisation": content.organisation_name,
        "period": period_label(content),
    }


def sentences(report: ReportDefinition, content: Content) -> list[str]:
    """What the rules of the report have to say, in their order; a rule without figures says nothing."""
    return [said for rule in report.brief if (said := RULES[rule["rule"]](content, rule))]


def words(report: ReportDefinition, content: Content) -> str:
    """All of it as text to paste into a message."""
    lines = [title(content), *(f"{place}. {said}" for place, said in enumerate(sentences(report, content), 1))]
    return "\n".join(lines)


def amount(content: Content, cell: Cell) -> str:
    unit = content.unit(cell.unit).name
    return f"{content.shown(cell)}{unit}" if unit == "%" else f"{content.shown(cell)} {unit}"


def moved(cell: Cell) -> str:
    """How it changed on the year, in words."""
    rate = cell.rate_number
    if rate is None:
        return ""
    size = number(abs(rate))
    unit = f" {cell.rate_unit}" if cell.unit == "%" else cell.rate_unit
    if rate == 0:
        return _("as a year ago")
    told = {"size": f"{size}{unit}"}
    return _("up %(size)s on the year") % told if rate > 0 else _("down %(size)s on the year") % told


def _told(content: Content, cell: Cell) -> str:
    return _both(amount(content, cell), moved(cell))


def _both(first: str, second: str) -> str:
    return _("%(first)s, %(second)s") % {"first": first, "second": second} if second else first


def _figure(content: Content, rule: Rule) -> str:
    """An indicator with its change; with `to_date` also what it has come to."""
    cell, label = content.cell(rule["indicator"]), content.line_label(rule["indicator"])
    if cell is None or not cell.known or label is None:
        return ""
    said = [_("%(name)s: %(told)s") % {"name": label, "told": _told(content, cell)}]
    if rule.get("to_date"):
        period = content.of_period
        for span, words in ((period.month_to_date(), _("month to date %(told)s")),
                            (period.to_date(), _("year to date %(told)s"))):  # fmt: skip
            to_date = content.cell(rule["indicator"], span.code)
            if to_date is not None and to_date.known:
                said.append(words % {"told": _told(content, to_date)})
    return _("%(sentence)s.") % {"sentence": _("; ").join(said)}


def _mover(content: Content, rule: Rule) -> str:
    """Who below has gained and who has lost most against the year before."""
    block = content.block("groups", indicator=rule["indicator"])
    if block is None:
        return ""
    moved_lines = [
        (Decimal(line.first.change), line)
        for line in block.lines
        if line.first and line.first.change is not None and not line.is_total and line.first.by == "children"
    ]
    if not moved_lines:
        return ""
    most, least = max(moved_lines, key=lambda one: one[0]), min(moved_lines, key=lambda one: one[0])
    parts = []
    if most[0] > 0:
        parts.append(_("%(name)s gained most (%(told)s)") % _move(content, most[1]))
    if least[0] < 0:
        parts.append(_("%(name)s lost most (%(told)s)") % _move(content, least[1]))
    return _("%(sentence)s.") % {"sentence": _("; ").join(parts)} if parts else ""


def _move(content: Content, line: Line) -> dict[str, Any]:
    cell = line.first
    assert cell is not None
    changed = Cell(cell.change, cell.unit)
    sign = "+" if Decimal(cell.change or 0) > 0 else ""
    return {"name": line.label, "told": _both(f"{sign}{amount(content, changed)}", cell.rate_text)}


def _several(content: Content, rule: Rule) -> str:
    """Some indicators in a row, each with its change."""
    parts = []
    for code in rule["indicators"]:
        cell, label = content.cell(code), content.line_label(code)
        if cell is not None and cell.known and label is not None:
            change = moved(cell)
            told = f"{amount(content, cell)} ({change})" if change else amount(content, cell)
            parts.append(_("%(name)s %(told)s") % {"name": label, "told": told})
    return _("%(sentence)s.") % {"sentence": _("; ").join(parts)} if parts else ""


def _states(content: Content, rule: Rule) -> str:
    """Counts without a comparison: how many units run, stand by, are being repaired."""
    parts = []
    for code in rule["indicators"]:
        cell, label = content.cell(code), content.line_label(code)
        if cell is not None and cell.known and label is not None:
            parts.append(_("%(name)s %(told)s") % {"name": label, "told": content.shown(cell)})
    return _("%(sentence)s.") % {"sentence": _(", ").join(parts)} if parts else ""


def _low(content: Content, rule: Rule) -> str:
    """Who is below a bound, and who is lowest."""
    block = content.block("members", indicator=rule["indicator"])
    if block is None or not block.bound or block.name is None or not block.lines[0].first:
        return ""
    cell = block.lines[0].first
    bound = f"{block.bound} {content.unit(cell.unit).name}"
    if not block.low:
        return _("%(name)s: nobody below %(bound)s.") % {"name": block.name, "bound": bound}
    return ngettext(
        "%(name)s: %(count)d plant below %(bound)s; %(lowest)s has the least (%(told)s).",
        "%(name)s: %(count)d plants below %(bound)s; %(lowest)s has the least (%(told)s).",
        block.low,
    ) % {
        "name": block.name,
        "count": block.low,
        "bound": bound,
        "lowest": block.lines[0].label,
        "told": amount(content, cell),
    }


def _standing(content: Content, rule: Rule) -> str:
    """How complete and how certain all of this is."""
    one = content.standing
    if not one.expected:
        return ""
    if one.is_final:
        return _("All %(count)d have reported and the group has approved.") % {"count": one.expected}
    told = {"at": made_at(content), "expected": one.expected, "reported": one.expected - one.missing}
    said = [_("At %(at)s %(reported)d of %(expected)d have reported") % told]
    if one.provisional:
        said.append(
            _("%(count)d of them are not approved yet, so figures may still change") % {"count": one.provisional}
        )
    sentence = _("%(sentence)s.") % {"sentence": _("; ").join(said)}
    late = late_words(content)
    if not late:
        return sentence
    return _("%(first)s %(second)s") % {"first": sentence, "second": _("%(sentence)s.") % {"sentence": late}}


RULES: dict[str, Callable[[Content, Rule], str]] = {
    "figure": _figure,
    "mover": _mover,
    "several": _several,
    "states": _states,
    "low": _low,
    "standing": _standing,
}
