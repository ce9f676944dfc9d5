"""Pivots in their readers' scopes: figures of the gateway, totals that recalculate, sharing, home pages, filing."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from gangmu.figures.cube.gateway import NotVisible, Question, ask
from gangmu.figures.pivots import services, tasks
from gangmu.figures.pivots.errors import NotAllowed, PivotError
from gangmu.figures.pivots.grid import MOST_FILED, TOTAL, grid
from gangmu.figures.pivots.layout import Layout
from gangmu.figures.pivots.models import Pivot, Use
from gangmu.figures.pivots.workbook import write
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World

QUERY = (
    "indicator=energy&indicator=earned&indicator=price&place=G/children&period=2026-10&period=2026-11"
    "&show=value&show=previous&show=previous-rate"
)
PAGE = "/pivots/"


def test_every_cell_is_the_figure_of_the_gateway(world: World):
    found = grid(Layout.of_query(QUERY), SYSTEM)
    for code in ("energy", "earned", "price"):
        for period in ("2026-10", "2026-11"):
            question = Question((code,), ("G",), (period,), by="children", compare="previous")
            for row in ask(question, SYSTEM).rows:
                assert str(found.figure(code, f"G/children|{row.group}", period, "value").value) == str(row.value)
            (total,) = ask(Question((code,), ("G",), (period,), compare="previous"), SYSTEM).rows
            cell = found.figure(code, f"G/children|{TOTAL}", period, "value")
            assert str(cell.value) == total.value
            rate = found.figure(code, f"G/children|{TOTAL}", period, "previous-rate").value
            assert rate == (
                None if total.compare is None or total.compare.rate is None else Decimal(total.compare.rate) * 100
            )
    assert found.count == 3 * 3 * 2 * 3


def test_total_rows_of_the_workbook_are_living_formulas_and_rates_are_ratios_of_sums(world: World):
    layout = Layout.of_query(QUERY)
    book = load_workbook(write(grid(layout, SYSTEM, most=MOST_FILED, extra=True), "Ours"))
    values = load_workbook(write(grid(layout, SYSTEM, most=MOST_FILED, extra=True), "Ours"), data_only=True)
    sheet, shown = book.worksheets[0], values.worksheets[0]
    lines: dict[tuple[str, str], list[Any]] = {}
    numbers: dict[tuple[str, str], list[Any]] = {}
    place = ""
    for row, told in zip(sheet.iter_rows(min_row=6), shown.iter_rows(min_row=6), strict=True):
        place = str(row[0].value or place)
        if row[1].value:
            lines[place, str(row[1].value)] = [cell.value for cell in row[2:]]
            numbers[place, str(row[1].value)] = [cell.value for cell in told[2:]]
    energy = lines["Example Group, total", "Energy (MWh)"]
    assert energy[0] == "=ROUND(SUBTOTAL(9,C6,C9),1)" and numbers["Example Group, total", "Energy (MWh)"][3] == 2850
    ratio = lines["Example Group, total", "Earned per energy (CNY/MWh)"][3]
    assert "SUM('Inputs'!" in ratio and ratio.count("SUM(") == 2 and "/" in ratio
    assert numbers["Example Group, total", "Earned per energy (CNY/MWh)"][3] == pytest.approx(424.67)
    assert "SUMPRODUCT" in lines["Example Group, total", "Price (CNY/MWh)"][3]
    inputs = {row[0].value: [cell.value for cell in row[1:]] for row in book.worksheets[1].iter_rows()}
    assert sum(float(str(one)) for one in inputs["revenue · G/children · 2026-11 · Value"]) == 1210300
    assert "SUM" not in str(lines["West Company", "Earned per energy (CNY/MWh)"][3])


def test_totals_that_hold_more_than_their_rows_are_told_and_not_recalculated(world: World):
    """Of two plants side by side the total is the group's own: what no part holds makes it a figure, not a sum."""
    whole = grid(Layout.of_query("indicator=energy&place=G/children&period=2026-11"), SYSTEM, extra=True)
    east = next(key for key in whole.answers if key[1] == "G/children|R1")
    del whole.answers[east]  # a part that cannot be told
    sheet = load_workbook(write(whole, "x")).worksheets[0]
    written = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "2850" in written and not any("SUBTOTAL" in text for text in written)
    assert any("stand as figures" in text for text in written)


def test_what_is_too_large_or_not_ones_own_is_refused_and_nothing_is_kept(world: World, client: Client):
    client.force_login(world.other)
    asked = "indicator=energy&place=P2&period=2020-01-01~2020-12-31&show=value&show=year-ago&show=year-ago-rate"
    many = "&".join(
        f"show={show}" for show in ("previous", "previous-change", "previous-rate", "to-date", "to-date-rate")
    )
    page = client.get(f"{PAGE}?{asked}&{many}&indicator=price&indicator=earned")
    assert page.status_code == 422 and "8,784" in page.content.decode()
    assert client.get(f"{PAGE}?indicator=energy&place=P1&period=2026-11").status_code == 422
    with acting_as(world.other) as scope, pytest.raises(NotVisible):
        grid(Layout.of_query("indicator=energy&place=P1&period=2026-11"), scope)
    client.force_login(world.nobody)
    assert client.get(PAGE).status_code == 403
    assert not Pivot.objects.exists()


def test_a_shared_pivot_shows_everybody_their_own_scope(world: World, client: Client):
    group = Organisation.objects.get(code="G")
    west = Organisation.objects.get(code="R2")
    layout = Layout.of_query("indicator=energy&place=P1&period=2026-11")
    with acting_as(world.present) as scope:
        shared = services.save(layout, "Alpha", west, by=world.present, scope=scope)
        with pytest.raises(NotAllowed):
            services.save(layout, "Alpha of all", group, by=world.present, scope=scope)
        own = services.save(layout, "Alpha alone", None, by=world.present, scope=scope)
    for user, seen in (
        (world.group, 302),
        (world.present, 302),
        (world.former, 404),
        (world.other, 404),
        (world.clerk, 404),
    ):
        client.force_login(user)
        assert client.get(f"{PAGE}{shared.pk}/").status_code == seen, user.username
        assert client.get(f"{PAGE}{own.pk}/").status_code == (302 if user == world.present else 404)
        told = client.get(f"{PAGE}saved/").content.decode()
        assert ("Alpha</a>" in told) == (seen == 302)
    client.force_login(world.group)
    assert client.post(f"{PAGE}{shared.pk}/delete/", {"_key": "k" * 16}).status_code == 403
    assert Pivot.objects.filter(pk=shared.pk).exists()


def test_a_pivot_stands_on_its_readers_own_home_pages_alone(world: World, client: Client):
    with acting_as(world.group) as scope:
        kept = services.save(Layout.of_query(QUERY), "Mine", None, by=world.group, scope=scope)
        services.put_on_home(kept, True, by=world.group)
    client.force_login(world.group)
    page = client.get("/home/G/?period=2026-11-19").content.decode()
    assert f'data-tile="pivot-{kept.pk}"' in page and "2,850.0" in page
    client.force_login(world.present)
    assert "pivot-" not in client.get("/home/R2/?period=2026-11-19").content.decode().replace("pivot-table", "")
    with acting_as(world.group):
        services.put_on_home(kept, False, by=world.group)
    client.force_login(world.group)
    assert f"pivot-{kept.pk}" not in client.get("/home/G/?period=2026-11-19").content.decode()


def test_a_pivot_is_filed_at_its_time_for_its_reader_once(world: World):
    with acting_as(world.present) as scope:
        kept = services.save(Layout.of_query("indicator=energy&place=R2/children&period=last-month"), "每月电量", None,
                             by=world.present, scope=scope)  # fmt: skip
        use = services.schedule(kept, "day", clock.now().time().replace(hour=8, minute=0), by=world.present)
        with pytest.raises(PivotError):
            services.schedule(kept, "day", None, by=world.present)
    assert use.next_at is not None and use.next_at.isoformat() == "2026-11-20T08:00:00+08:00"
    assert services.start_due() == 0
    with clock.frozen("2026-11-20T08:02+08:00"):
        assert services.start_due() == 1 and services.start_due() == 0
    use.refresh_from_db()
    assert use.next_at.isoformat() == "2026-11-21T00:00:00+00:00"
    job = Job.objects.get(kind="pivots.file")
    assert job.owner == world.present and job.params == {"use": use.pk}
    with acting_as(world.present) as scope:
        document = services.file_for(Use.objects.get(pk=use.pk), scope=scope)
        assert document is not None
    assert Document.objects.get(pk=document.pk).owner == world.present
    assert Notice.objects.filter(kind="pivots.filed", user=world.present).count() == 1
    assert tasks.file_pivot is not None


def test_each_weeks_and_months_time_comes_next(world: World):
    at = clock.now().time().replace(hour=7, minute=0)
    assert services.next_time("day", at).isoformat() == "2026-11-21T07:00:00+08:00"
    assert services.next_time("week", at).isoformat() == "2026-11-23T07:00:00+08:00"
    assert services.next_time("month", at).isoformat() == "2026-12-01T07:00:00+08:00"


def test_the_page_works_without_a_script(world: World, client: Client):
    client.force_login(world.group)
    asked = "indicator=energy&place=G/children&period=2026-11"
    page = client.get(f"{PAGE}?{asked}").content.decode()
    assert 'name="move" value="period:rows"' in page and "2,090.0" in page
    moved = client.get(f"{PAGE}?{asked}&rows=place,indicator&columns=period,show&move=period:rows")
    assert moved.status_code == 302 and "rows=place%2Cindicator%2Cperiod" in moved["Location"]
    drawn = client.get(f"{PAGE}?{asked}&as=bar").content.decode()
    assert "data-chart" in drawn and "2,090.0" in drawn
    english = {"accept-language": "en"}
    mixed = client.get(f"{PAGE}?{asked}&indicator=price&as=bar", headers=english).content.decode()
    assert "one unit" in mixed
    book = client.get(f"{PAGE}?{asked}&export=xlsx")
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    assert 2090 in [cell.value for row in sheet.iter_rows() for cell in row]


# Units and statistical scopes -----------------------------------------------------------------------------------------


@pytest.mark.req("M-7.2.10.1")
def test_a_pivot_is_told_in_the_unit_of_its_first_organisation_s_tier_or_in_one_that_fits(world: World, client: Client):
    asked = "indicator=energy&indicator=revenue&place=G/children&place=P1&period=2026-11"
    found = grid(Layout.of_query(f"{asked}&unit=tier"), SYSTEM)
    assert {item.note for item in found.axes["indicator"]} == {"GWh", "million CNY"}
    assert str(found.figure("energy", "G/children|R2", "2026-11", "value").value) == "2.09"
    assert str(found.figure("energy", "P1|P1", "2026-11", "value").value) == "2.09"  # one unit within a table
    chosen = grid(Layout.of_query(f"{asked}&unit=万kWh"), SYSTEM)
    assert str(chosen.figure("energy", "P1|P1", "2026-11", "value").value) == "209.00"
    assert [item.note for item in chosen.axes["indicator"]] == ["10⁴ kWh", "million CNY"]  # the rest: of the tier
    for unit, words in (("t", "Possible: 亿kWh, GWh, 万kWh, MWh"), ("parsec", "parsec")):
        with pytest.raises(PivotError, match=words):
            grid(Layout.of_query(f"indicator=energy&place=G&period=2026-11&unit={unit}"), SYSTEM)
    client.force_login(world.group)
    english = {"accept-language": "en"}
    page = client.get(f"{PAGE}?{asked}&unit=tier", headers=english).content.decode()
    assert "Units: of the tier" in page and "2.09" in page and '<option value="tier" selected>' in page
    refused = client.get(f"{PAGE}?indicator=energy&place=G&period=2026-11&unit=t")
    assert refused.status_code == 422 and "万kWh" in refused.content.decode()
    drawn = client.get(f"{PAGE}?indicator=energy&place=G/children&period=2026-11&as=bar&unit=tier", headers=english)
    assert "&quot;unit&quot;:&quot;GWh&quot;" in drawn.content.decode().replace('", "', '","').replace(
        "&quot;: ", "&quot;:"
    )


def test_a_workbook_in_larger_units_says_so_and_recalculates_totals_from_what_was_filed(world: World):
    layout = Layout.of_query(f"{QUERY}&indicator=revenue&unit=tier&scope=all")
    version = {"valid_from": None, "valid_to": None, "count": [{}], "except": []}
    StatisticalScope.objects.create(code="all", name_zh="都算", name_en="Everyone", versions=[version], source="local")
    sheet, inputs = load_workbook(write(grid(layout, SYSTEM, most=MOST_FILED, extra=True), "Ours")).worksheets
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert texts[1].endswith("Scope: Everyone · Units: of the tier")
    assert "Energy (GWh)" in texts and "Earned per energy (CNY/MWh)" in texts
    totals = [text for text in texts if text.startswith("=ROUND(")]
    assert any("SUBTOTAL" in text for text in totals) and any("/" in text and "Inputs" in text for text in totals)
    values = {row[0].value: [cell.value for cell in row[1:]] for row in inputs.iter_rows()}
    assert sum(float(str(one)) for one in values["revenue · G/children · 2026-11 · Value"]) == 1210300  # as filed
    assert any("1/1000000)" in text and "SUBTOTAL" not in text for text in totals)  # 0.82 + 0.40 is not 1.21


def test_a_pivot_counts_by_a_scope_keeps_it_and_tells_whom_it_does_not_hold(world: World, client: Client):
    version = {"valid_from": None, "valid_to": None, "count": [{"organisations": ["P1"], "share": "1/2"}], "except": []}
    for code, levels in (("half", []), ("plants", ["plant"])):
        StatisticalScope.objects.create(
            code=code, name_zh="半数", name_en="Half of Alpha", versions=[version], levels=levels, source="local"
        )
    asked = "indicator=energy&place=G&period=2026-11"
    with acting_as(world.group) as scope:
        kept = services.save(
            Layout.of_query(f"{asked}&scope=half&unit=tier"), "Half", None, by=world.group, scope=scope
        )
        services.put_on_home(kept, True, by=world.group)
    assert kept.query.endswith("&unit=tier&scope=half")
    client.force_login(world.group)
    english = {"accept-language": "en"}
    page = client.get(f"{PAGE}{kept.pk}/", headers=english, follow=True).content.decode()
    assert "1.05" in page and "Scope: Half of Alpha" in page and "scope=half" in page  # 1,045 MWh
    home = client.get("/home/G/?period=2026-11-19", headers=english).content.decode()
    assert "Scope: Half of Alpha" in home and "1.05" in home
    nobody = client.get(f"{PAGE}?indicator=energy&place=P2&period=2026-11&scope=half", headers=english)
    assert nobody.status_code == 200 and "none of these organisations counts" in nobody.content.decode()
    for code, words in (("plants", "no figures of G are shown"), ("never", "no statistical scope")):
        told = client.get(f"{PAGE}?{asked}&scope={code}", headers=english)
        assert told.status_code == 422 and words in told.content.decode()
    StatisticalScope.objects.filter(code="half").delete()
    home = client.get("/home/G/?period=2026-11-19", headers=english).content.decode()
    assert "no statistical scope" in home and 'data-tile="trend"' in home
