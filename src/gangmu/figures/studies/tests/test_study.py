"""Studies as their readers see them: every effect adds up, and every figure is the gateway's."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from gangmu.figures.cube.gateway import CannotAnswer, Question, ask
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.figures.studies.asked import Asked
from gangmu.figures.studies.errors import StudyError
from gangmu.figures.studies.factoring import MIX
from gangmu.figures.studies.parts import REST
from gangmu.figures.studies.showing import bars
from gangmu.figures.studies.study import Study, study
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.shell.testing.worlds import World

PAGE = "/analysis/"


def told(**changes: object) -> Study:
    given = {"indicator": "revenue", "organisation": "G", "period": "2026-11", "base": "2026-10"}
    return study(Asked(**{**given, **changes}), SYSTEM)  # type: ignore[arg-type]


def gateway(indicator: str, organisation: str, period: str) -> str | None:
    return ask(Question((indicator,), (organisation,), (period,)), SYSTEM).rows[0].value


@pytest.mark.parametrize("method", ["chain", "shapley"])
@pytest.mark.parametrize("organisation", ["G", "R2", "P1"])
def test_effects_of_factors_add_up_to_the_change_of_the_shown_figures(world: World, method: str, organisation: str):
    one = told(method=method, organisation=organisation)
    table = one.factors.value
    assert table is not None
    assert str(table.actual) == one.row.value == gateway("revenue", organisation, "2026-11")
    assert str(table.base) == one.base_row.value == gateway("revenue", organisation, "2026-10")
    assert sum(factor.effect for factor in table.factors) == table.change == table.actual - table.base


def test_chain_substitution_follows_the_declared_order_and_tells_the_mix(world: World):
    table = told().factors.value
    assert table is not None
    # October: 1000 MWh at 400 and 500 at 500; November: 2090 at 390 and 760 at 520. Price of the whole: weighted.
    before, after = Decimal(1500), Decimal(2850)
    price, now = Decimal(650000) / 1500, (Decimal(2090) * 390 + Decimal(760) * 520) / 2850
    by_code = {factor.code: factor.effect for factor in table.factors}
    assert by_code["energy"] == ((after - before) * price).quantize(Decimal("0.01"))
    assert by_code["price"] == (after * (now - price)).quantize(Decimal("0.01"))
    assert MIX not in by_code  # the mean price is weighted by this very energy
    turned = told(order=("price", "energy")).factors.value
    assert turned is not None and [factor.code for factor in turned.factors] == ["price", "energy"]
    effects = {factor.code: factor.effect for factor in turned.factors}
    assert effects["price"] == (before * (now - price)).quantize(Decimal("0.01")) != by_code["price"]


def test_each_part_has_its_own_effects(world: World):
    table = told().factors.value
    assert table is not None
    east, west = (next(part for part in table.parts if part.label == code) for code in ("R1", "R2"))
    assert west.effects == (Decimal("436000.00"), Decimal("-20900.00"))  # (2090 − 1000) × 400, 2090 × (390 − 400)
    for part in (east, west):
        assert sum(part.effects) == part.change


def test_an_order_that_is_none_and_indicators_without_factors_are_refused_with_what_to_do(world: World):
    assert "leaves out price" in told(order=("energy",)).factors.problem
    assert "filed, not computed" in told(indicator="energy").factors.problem
    assert "missing" in told(period="2026-09").factors.problem or "no value" in told(period="2026-09").factors.problem
    with pytest.raises(StudyError, match=r"by cannot be .colour."):
        told(by="colour")
    with pytest.raises(CannotAnswer):
        told(organisation="P9")


def test_contributions_to_a_sum_and_to_a_ratio_add_up(world: World):
    made = told(indicator="energy").contributions.value
    assert made is not None and not made.is_ratio
    assert {line.label: line.change for line in made.lines} == {"R2": Decimal("1090.0"), "R1": Decimal("260.0")}
    assert sum(line.pull or 0 for line in made.lines) == Decimal("90.00")  # 2850 of 1500
    ratio = told(indicator="earned").contributions.value
    assert ratio is not None and ratio.is_ratio
    assert sum(line.change for line in ratio.lines) == ratio.change == ratio.actual - ratio.base
    assert all(
        line.mix + line.rate == line.change for line in ratio.lines if line.mix is not None and line.rate is not None
    )
    weighted = told(indicator="price").contributions.value
    assert weighted is not None and [line.change for line in weighted.lines] == [line.change for line in ratio.lines]


def test_a_former_branchs_study_knows_what_is_its_own_alone(world: World):
    with acting_as(world.former) as scope:
        found = study(Asked("energy", "R1", "2026-11", base="2026-10"), scope)
    made = found.contributions.value
    assert made is not None and REST not in {line.label for line in made.lines}
    assert [line.label for line in made.lines] == ["P2"]


def test_ranks_records_plan_and_forecast(world: World):
    one = told(indicator="energy", period="2026-11-19", base="previous")
    assert [(place.label, place.ranked.place) for place in one.places.value or ()] == [("R2", 1), ("R1", 2)]
    assert one.own_past is not None and one.records is not None
    highest, _lowest = one.records
    assert highest.equalled and highest.since is not None and highest.since.isoformat() == "2026-11-18"
    assert one.plans.value is not None
    month, year = one.plans.value
    assert (month.plan, month.done) == (Decimal("5000.0"), Decimal("2850.0"))
    assert (month.progress.gone, month.progress.left) == (19, 11)
    assert year.done == Decimal("4350.0")
    ends = one.month_end.value
    assert ends is not None and ends.forecasts[0].value == 4500  # 150 a day on 30 days
    assert told(indicator="revenue").month_end.is_slow
    slow = told(indicator="revenue", forecast="1").month_end.value
    assert slow is not None and slow.forecasts[0].value == Decimal(2850 * 30) / 19 * Decimal(1210300) / 2850


def test_a_waterfall_starts_at_the_base_and_ends_at_the_figure():
    drawn, zero = bars(Decimal(100), [Decimal(60), Decimal(-40)], Decimal(120))
    assert zero == 0
    total, rise, fall, end = drawn
    assert (total.start, total.start + total.width) == (0, rise.start)
    assert rise.start + rise.width == fall.start + fall.width == 1000
    assert fall.start == end.width
    near, zero = bars(Decimal(10000), [Decimal(3)], Decimal(10003))
    assert zero < 0 and near[1].width > 300  # the change is seen beside large totals
    below, zero = bars(Decimal(-50), [Decimal(100)], Decimal(50))
    assert zero == 500 and below[0].start == 0


def test_the_page_tells_the_same_in_both_languages_and_exports_it(world: World, client: Client):
    client.force_login(world.group)
    asked = "indicator=revenue&organisation=G&period=2026-11&base=2026-10"
    english = client.get(f"{PAGE}?{asked}", headers={"accept-language": "en"}).content.decode()
    assert "585,000.00" in english and "1,210,300.00" in english.replace("\u202f", ",")
    workbook = load_workbook(BytesIO(b"".join(client.get(f"{PAGE}?{asked}&export=xlsx").streaming_content)))  # type: ignore[attr-defined]
    sheet = workbook.worksheets[0]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert lines[0][4] == 650000 and lines[-1][4] == f"=SUM(E5:E{4 + len(lines) - 1})"
    effects: list[Any] = [line[4] for line in lines[:-1]]
    assert sum(effects) == 1210300
    refused = client.get(f"{PAGE}?indicator=revenue&organisation=P9&period=2026-11")
    assert refused.status_code == 422 and "P9" in refused.content.decode()


def test_a_plants_reader_studies_their_plant_and_nothing_else(world: World, client: Client):
    client.force_login(world.other)
    assert client.get(f"{PAGE}?indicator=energy&organisation=P2&period=2026-11").status_code == 200
    assert client.get(f"{PAGE}?indicator=energy&organisation=P1&period=2026-11").status_code == 422
    client.force_login(world.nobody)
    assert client.get(PAGE).status_code == 403


def scope_of(code: str, part: dict[str, Any], levels: list[str] | None = None) -> None:
    version = {"valid_from": None, "valid_to": None, "count": [part], "except": []}
    StatisticalScope.objects.create(
        code=code, name_zh="半数", name_en="Half of Alpha", versions=[version], levels=levels or [], source="local"
    )


def test_every_part_of_a_study_counts_by_its_scope(world: World, client: Client):
    scope_of("half", {"organisations": ["P1"], "share": "1/2"})
    one, whole = told(scope="half", indicator="revenue"), told(organisation="P1", indicator="revenue")
    assert one.factors.value and whole.factors.value
    assert one.factors.value.change * 2 == whole.factors.value.change
    assert sum(factor.effect for factor in one.factors.value.factors) == one.factors.value.change
    energy = told(scope="half", indicator="energy")
    made = energy.contributions.value
    assert made is not None and {line.label: line.change for line in made.lines if line.change} == {
        "R2": Decimal("545.0")
    }
    assert [(place.label, str(place.actual)) for place in energy.places.value or () if place.actual] == [
        ("R2", "1045.0")
    ]
    assert energy.plans.value is not None and energy.plans.value[0].plan == Decimal("2500.0") / 2
    assert energy.month_end.value is not None and energy.month_end.value.done == Decimal("1045.0")
    client.force_login(world.group)
    asked = "indicator=revenue&organisation=G&period=2026-11&base=2026-10&scope=half"
    page = client.get(f"{PAGE}?{asked}", headers={"accept-language": "en"}).content.decode()
    assert "Scope: Half of Alpha" in page and "scope=half" in page and "407,550.00" in page
    book = client.get(f"{PAGE}?{asked}&export=xlsx", headers={"accept-language": "en"})
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    assert str(sheet.cell(2, 1).value).endswith("Scope: Half of Alpha")


def test_a_scope_that_is_not_shown_or_holds_nobody_here_is_told(world: World, client: Client):
    scope_of("half", {"organisations": ["P1"], "share": "1/2"})
    scope_of("plants", {"organisations": ["P1"]}, ["plant"])
    scope_of("group", {"organisations": ["P1"]}, ["group"])
    client.force_login(world.group)
    for organisation, scope, words in (
        ("P2", "half", "nobody of P2 counts"),
        ("G", "plants", "no figures of G are shown"),
        ("G", "never", "no statistical scope"),
    ):
        asked = f"indicator=energy&organisation={organisation}&period=2026-11&scope={scope}"
        page = client.get(f"{PAGE}?{asked}", headers={"accept-language": "en"})
        assert page.status_code == 422 and words in page.content.decode()
    lines = told(scope="group", indicator="energy").contributions.value
    assert lines is not None and [line.label for line in lines.lines] == [REST]  # regions are not shown by it
