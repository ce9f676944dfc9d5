"""Batches of questions, questions that cannot be answered, and answers while the cube is behind."""

import threading

import pytest
from django.conf import settings

from gangmu.figures.cube import services
from gangmu.figures.cube.gateway import BadOption, CannotAnswer, Question, UnknownIndicator, ask
from gangmu.figures.cube.question import decimal_text
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.parties.models import AttributeValue, Organisation
from gangmu.foundation.periods.period import PeriodError
from gangmu.shell.testing.worlds import make_user


def asked(**changes) -> Question:
    return Question(**{"indicators": ("gen",), "organisations": ("P1",), "periods": ("2026-11",), **changes})


def test_many_at_once_are_the_same_as_one_by_one(world):
    world(
        *(f"P{n}U1,gen,2026-{month:02}-15,actual,{n * month}" for n in (1, 2, 3) for month in range(1, 12)),
        "P1U1,aux,2026-11-15,actual,0.5",
    )
    indicators, organisations = ("gen", "aux", "aux_rate", "growth"), ("G", "R1", "P1")
    periods = ("2026-11", "2026-Q2", "2026", "2026-11-15")
    for options in ({}, {"by": "children"}, {"by": "fuel", "compare": "previous"}, {"compare": "to-date-year-ago"}):
        whole = ask(Question(indicators, organisations, periods, **options), SYSTEM).rows
        parts = [
            row
            for organisation in organisations
            for period in periods
            for indicator in indicators
            for row in ask(Question((indicator,), (organisation,), (period,), **options), SYSTEM).rows
        ]
        assert whole == parts


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"indicators": ("gem",)}, UnknownIndicator, "Did you mean “gen”"),
        ({"by": "feul"}, BadOption, "Did you mean “fuel”"),
        ({"compare": "yearago"}, BadOption, "Did you mean “year-ago”"),
        ({"at_least": "approved"}, BadOption, "filed, plant, region, group, locked"),
        ({"structure": "later"}, BadOption, "then, now"),
        ({"scenario": "plan"}, BadOption, "actual"),
        ({"periods": ()}, BadOption, "periods"),
        ({"periods": ("2026-13",)}, PeriodError, "2026-13"),
        ({"organisations": ("P9",)}, CannotAnswer, "P9"),
    ],
)
def test_what_cannot_be_answered_says_why(world, changes, error, said):
    world("P1U1,gen,2026-11-01,actual,1")
    with pytest.raises(error, match=said):
        ask(asked(**changes), SYSTEM)


def test_a_web_process_waits_for_the_folder(world, monkeypatch):
    world("P1U1,gen,2026-11-01,actual,1")
    user = make_user("present", "R2")
    services.fold()
    world("P1U1,gen,2026-11-02,actual,2", fold=False)
    monkeypatch.setattr(settings, "DATABASE_ROLE", "web")
    monkeypatch.setattr(services, "_PATIENCE_SECONDS", 0.0)
    with acting_as(user) as scope:
        [row] = ask(asked(), scope).rows
    assert (row.value, row.marks) == ("1.00", ("behind",))
    monkeypatch.setattr(services, "_PATIENCE_SECONDS", 60.0)
    folder = threading.Thread(target=services.fold)
    with acting_as(user) as scope:
        folder.start()
        [row] = ask(asked(), scope).rows
    folder.join()
    assert (row.value, row.marks) == ("3.00", ())


def test_the_folder_process_folds_what_it_is_told_of(world):
    world("P1U1,gen,2026-11-01,actual,1")
    stop = threading.Event()
    folder = threading.Thread(target=services.watch, args=(stop,))
    folder.start()
    try:
        world("P1U1,gen,2026-11-02,actual,2", fold=False)
        wait = threading.Event()
        for _ in range(600):
            if services.is_fresh():
                break
            wait.wait(0.05)
        assert services.is_fresh()
    finally:
        stop.set()
        folder.join(30)
    assert services.store().header[6] == services.store().header[1], "on stopping, everything is on disk"


@pytest.mark.parametrize(
    ("scaled", "precision", "text"),
    [(0, 2, "0.00"), (-5, 2, "-0.05"), (5, 0, "5"), (123456, 3, "123.456"), (-(10**15), 9, "-1000000.000000000")],
)
def test_numbers_are_written_with_all_their_decimals(scaled, precision, text):
    assert decimal_text(scaled, precision) == text


def test_a_formula_of_capacities_inside_another_has_cells_at_its_level_alone(world):
    """A plant that files for its units has no cell of an indicator that counts the units' capacities."""
    Indicator.objects.create(
        code="size", name_zh="容量", name_en="Size", unit="MW", precision=2, level="unit",
        over_time="first", over_organisations="sum", formula="capacity_mw",
    )  # fmt: skip
    Indicator.objects.create(
        code="hours_cell", name_zh="小时", name_en="Hours", unit="h", precision=2, level="unit",
        over_time="sum", over_organisations="mean", formula="gen / size",
    )  # fmt: skip
    AttributeValue.objects.create(
        organisation=Organisation.objects.get(code="P2"),
        name="capacity_mw",
        value="100",
        number=100,
        valid=(None, None),
    )
    world("P1U1,gen,2026-11-01,actual,600", "P2,gen,2026-11-02,actual,500")
    (row,) = ask(asked(indicators=("hours_cell",), organisations=("G",)), SYSTEM).as_json()["rows"]
    assert (row["value"], row["coverage"]["reported"]) == ("1.00", 1)
