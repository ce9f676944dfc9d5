"""Which rows a template has: the organisations that stand in each section on the last day of each period."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.filing.errors import CannotOpen
from gangmu.figures.filing.excel.template import Line, Plan
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.queries import Layout, Wanted, defined, lay_out
from gangmu.foundation.documents.workbooks.scanning import MOST_CELLS, MOST_ROWS
from gangmu.foundation.periods.period import Period


def plan_template(
    form: Form,
    organisations: Iterable[int],
    periods: Iterable[Period],
    *,
    language: str = "",
    filled: Mapping[tuple[str, str, str], str] | None = None,
) -> Plan:
    """The template of a form for the sheets of some organisations and periods.

    Args:
        organisations: ids of those that file; the order of their rows.
        language: of the lists to choose from; the reader's when left out. Heads are in both.
        filled: what to put into the cells, by codes: organisation, period, indicator.

    Raises:
        CannotOpen: none of them had anything to fill in then, or it would be more than can be read back at once.
    """
    days = sorted(periods)
    wanted = [Wanted(form, organisation, period) for organisation in organisations for period in days]
    layouts = [layout for layout in lay_out(wanted) if layout is not None]
    lines = _lines(layouts)
    if not any(lines.values()):
        raise CannotOpen(
            _("None of these organisations had anything to file with this form then. Choose others, or another period.")
        )
    plan = Plan(
        form=defined(form),
        version=form.version,
        digest=form.digest,
        lines=lines,
        indicators={code: column.indicator for layout in layouts for code, column in layout.columns.items()},
        language=language or get_language() or "zh-hans",
        filled=filled,
    )
    cells = sum(len(lines.get(section.code, ())) * len(section.items) for section in plan.form.sections)
    if cells > MOST_CELLS or any(len(rows) > MOST_ROWS for rows in lines.values()):
        raise CannotOpen(
            _("The template would have %(cells)d cells; at most %(most)d can be read back. Ask for fewer periods.")
            % {"cells": cells, "most": MOST_CELLS}
        )
    return plan


def _lines(layouts: Sequence[Layout]) -> dict[str, list[Line]]:
    """The rows of each section: by who files, then organisation, then period. Those not yet in service have none."""
    found: dict[str, dict[tuple[int, int], list[Line]]] = {}
    for layout in layouts:
        for part in layout.sections:
            rows = found.setdefault(part.section.code, {})
            for row in part.rows:
                if row.in_service:
                    key = (layout.organisation.organisation_id, row.organisation_id)
                    rows.setdefault(key, []).append(Line(row.code, row.name, layout.period.code))
    return {section: [line for lines in rows.values() for line in lines] for section, rows in found.items()}
