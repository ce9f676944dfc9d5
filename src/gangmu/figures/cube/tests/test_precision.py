"""Decimals that change with time: what is told of a period, and what becomes of what is stored."""

import os
import signal
from pathlib import Path

import pytest
from django.db import connection

from gangmu.figures.cube import services
from gangmu.figures.cube.arrays import arrays
from gangmu.figures.cube.check import check
from gangmu.figures.cube.gateway import Question, ask, explain
from gangmu.figures.cube.tests.test_closed_months import DAYS, OCTOBER, close, settle
from gangmu.figures.filing.models import Batch, Fact
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.access.scope import SYSTEM

GEN = "- {{code: gen, name: {{zh: gen, en: gen}}, unit: MWh, precision: {0}, precisions: [{1}]}}\n"
FILED = ("P1U1,gen,2026-10-31,actual,10.25", "P1U1,gen,2026-11-01,actual,20.55", "P1U2,gen,2026-11-02,actual,0.01")


def became(tmp_path: Path, precision: int, *earlier: tuple[str, int], code: str = "gen") -> str:
    """Load other decimals of an indicator; what was wrong."""
    rows = ", ".join(f"{{until: {until}, precision: {count}}}" for until, count in earlier)
    path = tmp_path / "decimals.yaml"
    path.write_text(GEN.format(precision, rows).replace("code: gen", f"code: {code}"), "utf-8")
    return " ".join(str(problem) for problem in load_indicators(path).problems)


def value(period: str, organisation: str = "P1", code: str = "gen") -> str | None:
    [row] = ask(Question((code,), (organisation,), (period,)), SYSTEM).rows
    return row.value


def stored(code: str = "gen") -> list[int]:
    rows = Fact.objects.filter(indicator__code=code).order_by("period", "organisation__code", "batch")
    return [fact.value for fact in rows]


def scales() -> set[int]:
    return services.store().read(lambda snapshot: {entry["scale"] for entry in snapshot.entries.values()})


@pytest.mark.req("M-5.4.3")
def test_a_figure_has_the_decimals_of_the_last_day_of_its_period(world, tmp_path):
    world(*FILED)
    assert became(tmp_path, 1, ("2026-10-31", 2)) == ""
    assert [value(one) for one in ("2026-10-31", "2026-11-01", "2026-10", "2026-11", "2026")] == (
        ["10.25", "20.6", "10.25", "20.6", "30.8"]
    )
    assert stored() == [1025, 2055, 1]  # what is stored keeps all its decimals
    assert check() == []


def test_a_comparison_is_told_with_the_decimals_of_each_and_the_change_with_the_finer(world, tmp_path):
    world(*FILED)
    assert became(tmp_path, 0, ("2026-10-31", 2)) == ""
    [row] = ask(Question(("gen",), ("P1",), ("2026-11",), compare="previous"), SYSTEM).rows
    assert row.compare is not None
    assert (row.value, row.compare.value, row.compare.change) == ("21", "10.25", "10.75")
    assert row.compare.rate == "1.005854"  # of the exact figures
    assert became(tmp_path, 2, ("2026-10-31", 0)) == ""
    [row] = ask(Question(("gen",), ("P1",), ("2026-11",), compare="previous"), SYSTEM).rows
    assert row.compare is not None
    assert (row.value, row.compare.value, row.compare.change) == ("20.56", "10", "10.56")


def test_formulas_stand_on_exact_figures_and_have_decimals_of_their_own(world, tmp_path):
    world(*FILED, "P1U1,aux,2026-11-01,actual,2")
    assert became(tmp_path, 0, ("2026-10-31", 2)) == ""
    assert value("2026-11", code="aux_rate") == "9.73"  # 2 / 20.56
    Indicator.objects.filter(code="aux_rate").update(precisions='[["2026-11-15", 4]]')
    assert [value(one, code="aux_rate") for one in ("2026-11-01..2026-11-15", "2026-11")] == ["9.7276", "9.73"]


def test_arrays_and_explanations_have_them_too(world, tmp_path):
    world(*FILED)
    assert became(tmp_path, 1, ("2026-10-31", 2)) == ""
    (found,) = arrays([Question(("gen",), ("P1",), ("2026-10", "2026-11"))], SYSTEM)
    assert found.precisions == ((2, 1),) and found.scaled[0, :, 0].tolist() == [1025, 206]
    [told] = explain(Question(("gen",), ("P1U1",), ("2026-11-01",)), SYSTEM)["rows"]
    assert told["value"] == "20.6" and told["definition"]["precision"] == 1
    assert told["cell"]["value"] == "20.55"  # the entry itself hides nothing
    [told] = explain(Question(("gen",), ("P1",), ("2026-Q4",)), SYSTEM)["rows"]
    assert [one["value"] for one in told["periods"]][:2] == ["10.25", "20.6"]


def test_more_decimals_than_ever_multiply_what_is_stored_and_the_arrays_follow(world, tmp_path):
    world(*FILED, "P2U1,gen,2026-11-01,actual,0", "P1U1,gen,2026-11-03,plan,7")
    world("P1U1,gen,2026-11-01,actual,21", correct="meter")
    assert value("2026-11") == "21.01" and scales() == {2}
    assert became(tmp_path, 4, ("2026-10-31", 2)) == ""
    assert sorted(stored()) == [0, 100, 70000, 102500, 205500, 210000]  # corrected ones and plans, too
    assert not services.is_fresh()  # the log says so
    assert value("2026-10-31") == "10.25" and value("2026-11") == "21.0100"
    assert scales() == {4} and check() == []
    world("P1U1,gen,2026-11-04,actual,0.0001")
    assert value("2026-11") == "21.0101" and check() == []
    services.rebuild()
    assert value("2026-11") == "21.0101" and check() == []


def test_answers_are_right_before_the_arrays_have_followed(world, tmp_path, monkeypatch):
    world(*FILED)
    monkeypatch.setattr(services, "ensure_fresh", lambda: services.look()._replace(fresh=False))
    assert became(tmp_path, 5) == ""
    [row] = ask(Question(("gen",), ("P1",), ("2026-10",)), SYSTEM).rows
    assert (row.value, row.marks) == ("10.25000", ("behind",))


@pytest.mark.parametrize("step", ["grown", "journal", "odd", "catalogue", "published", "position"])
def test_a_folder_killed_while_the_arrays_are_made_anew_is_repaired(world, tmp_path, step):
    world(*FILED)
    assert became(tmp_path, 4) == ""
    connection.close()
    child = os.fork()
    if child == 0:
        services.fold(at=lambda name: os.kill(os.getpid(), signal.SIGKILL) if name == step else None)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), f"there is no step {step}"
    assert value("2026-11") == "20.5600" and check() == []


def test_closed_months_stay_closed_and_right(world, tmp_path):
    settle()
    world(*DAYS, *OCTOBER)
    close("G")
    assert value("2026-10", "G") == "43.50"
    assert became(tmp_path, 4, ("2026-09-30", 2)) == ""
    assert value("2026-10", "G") == "43.5000" and check() == []
    [row] = ask(Question(("gen",), ("G",), ("2026-10",)), SYSTEM).rows
    assert row.settled is not None and row.settled.adjustment == "2.5000"


def test_what_would_lose_decimals_or_not_fit_is_refused_and_nothing_is_changed(world, tmp_path):
    world(*FILED, "P2U1,gen,2026-11-01,actual,9000000000000")
    assert "there are figures of this indicator with up to 2 decimals" in became(tmp_path, 1)
    said = became(tmp_path, 3)
    assert "too large for so many decimals: P2U1 2026-11-01 9000000000000.00" in said
    assert stored()[0] == 1025 and Indicator.objects.get(code="gen").scale == 2
    assert not Batch.objects.filter(kind="rescaling").exists() and check() == []
