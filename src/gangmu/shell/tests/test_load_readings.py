"""gangmu load readings: values of an interface stand beside the cells, and are no figures."""

from decimal import Decimal

import pytest
from django.utils import translation

from gangmu.figures.filing.models import Fact
from gangmu.figures.filing.queries import beside
from gangmu.figures.filing.tests.small import NOW, make_small, opened, organisation
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded


@pytest.fixture
def small(committed, tmp_path):
    with clock.frozen(f"{NOW}+08:00"), translation.override("en"), embedded():
        yield make_small(tmp_path)


def test_good_lines_are_offered_and_faulty_ones_told_with_their_lines(small, tmp_path, capsys):
    file = tmp_path / "dcs.csv"
    file.write_text(
        "organisation,indicator,period,value\nP1U1,gen,2026-11-19,100.5\nP1U2,gen,2026-11-19,--\n"
        "NONE,gen,2026-11-19,1\nP1U2,gen,2026-11,1\nP1U2,gen\n",
        encoding="utf-8",
    )
    capsys.readouterr()
    assert main(["load", "readings", str(file), "--source", "DCS"]) == 1
    said = capsys.readouterr()
    assert "Values: 1 kept as proposals, 4 refused." in said.out
    assert [line.partition(":")[0].partition(",")[0] for line in said.err.splitlines()] == [
        f"line {number}" for number in (3, 4, 5, 6)
    ]
    near = beside(opened(small))[organisation("P1U1").pk, "gen"].proposed
    assert near is not None and (near.value, near.source) == (Decimal("100.5"), "DCS")
    assert not Fact.objects.exists()
    file.write_text("organisation,indicator,period,value\nP1U1,gen,2026-11-19,101\n", encoding="utf-8")
    assert main(["load", "readings", str(file), "--source", "DCS"]) == 0
    near = beside(opened(small))[organisation("P1U1").pk, "gen"].proposed
    assert near is not None and near.value == 101


def test_a_file_that_is_no_such_table_keeps_nothing(small, tmp_path, capsys):
    file = tmp_path / "dcs.csv"
    file.write_text("organisation;indicator;period;value\n", encoding="utf-8")
    assert main(["load", "readings", str(file), "--source", "DCS"]) == 2
    assert "separated by" in capsys.readouterr().err
    assert main(["load", "readings", str(file), "--source", " "]) == 2
