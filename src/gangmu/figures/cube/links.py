"""The one address of where a figure comes from. Home pages, look-ups, reports and the explanation itself link by it."""

from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import resolve_url

from gangmu.figures.cube.question import CATEGORY, Question, Row

NO_GROUP = "-"  # stands for the group of those without a value; no code begins with it
DEFAULTS = {"structure": "then", "at_least": "filed", "scenario": "actual"}


def explanation(row: Row, question: Question) -> str:
    """Where the figure of a row comes from, as it was asked for: indicator, organisation, period, group, comparison,
    structure, lowest state and scenario."""
    asked = {
        "indicator": row.part or row.indicator,
        "organisation": row.organisation,
        "period": row.period,
        "by": "" if question.by == CATEGORY else question.by or "",
        "compare": question.compare or "",
        "structure": question.structure,
        "at_least": question.at_least,
        "scenario": question.scenario,
        "scope": question.scope or "",
    }
    if question.by and question.by != CATEGORY:
        asked["group"] = row.group or NO_GROUP
    query = {name: value for name, value in asked.items() if value and value != DEFAULTS.get(name)}
    return f"{resolve_url(settings.EXPLAIN_URL)}?{urlencode(query)}"


def entry(indicator: str, organisation: str, period: str) -> str:
    """Where a single entry, or a figure asked for plainly, comes from."""
    query = {"indicator": indicator, "organisation": organisation, "period": period}
    return f"{resolve_url(settings.EXPLAIN_URL)}?{urlencode(query)}"
