"""LibreOffice opens a filled report, recalculates it, and finds what we show: figures of the cube and formulas."""

import os
import shutil
import subprocess
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from gangmu.figures.designs.calculating import Calculator
from gangmu.figures.designs.making import make, version_for
from gangmu.figures.designs.models import Design
from gangmu.figures.designs.showing import _values
from gangmu.figures.reports.tests.conftest import LAST
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period

PROGRAMS = ("soffice", "libreoffice")
CLOSE = Fraction(1, 10**9)  # a spreadsheet adds in binary


@pytest.fixture
def office() -> str:
    """LibreOffice of this machine. Without it the test is skipped and says so; where CI is, it fails instead."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        say = pytest.fail if os.environ.get("GANGMU_NEEDS_OFFICE") else pytest.skip
        say(
            f"NO OFFICE: none of {', '.join(PROGRAMS)} is on PATH;"
            " apt-get install libreoffice-calc to prove that filled reports recalculate"
        )
    assert found
    return found


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_libreoffice_recalculates_a_monthly_report_to_equal_cells(office, world, group, tmp_path: Path, language):
    design = Design.objects.get(code="power_month")
    period = Period.of(Kind.MONTH, LAST.end)
    version = version_for(design, period.end, language)
    assert version is not None
    made = make(version, group, period, SYSTEM)
    source = tmp_path / "month.xlsx"
    source.write_bytes(made.workbook())
    done = subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(source)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = load_workbook(tmp_path / "out" / "month.xlsx", data_only=True).worksheets[0]
    sheet = made.filled.book.worksheets[0]
    calculator = Calculator(_values(made.filled))
    formulas = figures = 0
    for (row, column), cell in sheet._cells.items():
        theirs: Any = told.cell(row, column).value
        if cell.data_type == "f":
            ours = calculator.value((sheet.title.casefold(), row, column))
            assert isinstance(ours, Fraction)
            assert abs(Fraction(str(theirs)) - ours) <= CLOSE * max(1, abs(ours)), cell.coordinate
            formulas += 1
        elif isinstance(cell.value, Decimal | int):
            assert float(theirs) == float(cell.value), cell.coordinate
            figures += 1
        elif isinstance(cell.value, str):
            assert theirs == cell.value, cell.coordinate
    assert formulas >= 2 and figures >= 20
