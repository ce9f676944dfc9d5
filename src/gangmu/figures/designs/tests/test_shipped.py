"""The shipped reports: each is read, filled, shown and printed in both languages, with the figures of the cube."""

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.designs import printing_pdf
from gangmu.figures.designs.making import Made, make, version_for
from gangmu.figures.designs.models import Design
from gangmu.figures.designs.template import At
from gangmu.figures.designs.tree import Shows
from gangmu.figures.indicators.tiers import tens_between
from gangmu.figures.reports.tests.conftest import LAST
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period

GRAINS = ["day", "week", "ten_day", "month", "quarter", "year"]


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("grain", GRAINS)
def test_a_shipped_report_tells_the_figures_of_the_cube(world, group, grain, language):
    design = Design.objects.get(code=f"power_{grain}")
    period = Period.of(Kind(grain), LAST.end)
    version = version_for(design, period.end, language)
    assert version is not None and version.language == language and version.warnings == []
    made = make(version, group, period, SYSTEM, edition=1)
    assert told(made) >= 10
    pdf = PdfReader(io.BytesIO(printing_pdf.write(made.sheets, printing_pdf.head(design, group, period.code, 1))))
    assert 1 <= len(pdf.pages) <= 4


def told(made: Made) -> int:
    """How many values stand in the workbook; each is what the cube says, with the point moved for the row's unit."""
    count = 0
    for at, origins in made.filled.origins.items():
        if len(origins) != 1 or origins[0].shows != Shows.VALUE or at not in made.filled.exact:
            continue
        one = origins[0]
        rows = ask(Question((one.indicator,), (one.organisation,), (one.period,), one.by or None), SYSTEM).rows
        (row,) = [row for row in rows if (row.group or "") == (one.group or "")]
        assert row.value is not None, (at, one)
        assert made.filled.exact[at] == Decimal(row.value).scaleb(tens_between(row.unit, unit(made, at)) or 0), at
        count += 1
    return count


def unit(made: Made, at: At) -> str:
    return str(made.filled.book[at.sheet].cell(at.row, 2).value)
