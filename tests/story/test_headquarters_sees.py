"""What headquarters sees: the last approval of a sheet changes the group's home page and its daily report; what leaves
the house carries the page's figures; every figure leads to where it comes from, down to single entries."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.queries import current_forms, examine, filing_organisations
from gangmu.figures.filing.services import Edit, explain, open_sheet, save_cells, submit_sheet
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import kind_of
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, served, swap, visit
from gangmu.shell.testing.worlds import World, make_user, make_world

__all__ = ["chromium", "visit"]

pytestmark = pytest.mark.browser

DESK, PHONE = 1440, 390
DAY = "2026-11-19"
MORNING, LATER = "2026-11-20T09:30", "2026-11-20T10:00"
HOME = f"/home/?period={DAY}"
REPORT = f"/reports/power_daily/?organisation=G&period={DAY}"
# Plant Alpha's sheet; a year ago it generated 16 000.
TYPED = {
    ("P1U1", "unit_state"): "1", ("P1U1", "run_hours"): "24", ("P1U1", "available_hours"): "24",
    ("P1U1", "derated_hours"): "0", ("P1U1", "generation"): "11500", ("P1U1", "auxiliary"): "575",
    ("P1U1", "standard_coal"): "3400",
    ("P1U2", "unit_state"): "1", ("P1U2", "run_hours"): "24", ("P1U2", "available_hours"): "24",
    ("P1U2", "derated_hours"): "0", ("P1U2", "generation"): "5700.5", ("P1U2", "auxiliary"): "290",
    ("P1U2", "standard_coal"): "1700",
    ("P1", "on_grid_energy"): "16200", ("P1", "coal_stock_opening"): "100000", ("P1", "coal_received"): "5000",
    ("P1", "coal_consumed"): "7000", ("P1", "coal_stock"): "98000",
}  # fmt: skip
# What has been locked already: the other plants' day, the days before, the year before.
LOADED = [
    *(f"P2U1,generation,{day},actual,{value}" for day, value in ((DAY, "310.5"), ("2026-11-18", "280"))),
    *(f"P3U1,generation,{day},actual,{value}" for day, value in ((DAY, "9200"), ("2026-11-18", "9100"))),
    f"P2,on_grid_energy,{DAY},actual,300",
    f"P3,on_grid_energy,{DAY},actual,9100",
    "P1U1,generation,2026-11-18,actual,11000",
    "P1U2,generation,2026-11-18,actual,5500",
    "P1,coal_stock,2026-11-18,actual,100000",
    "P1U1,generation,2025-11-19,actual,10500",
    "P1U2,generation,2025-11-19,actual,5500",
    "P2U1,generation,2025-11-19,actual,250",
    "P3U1,generation,2025-11-19,actual,9000",
]
OTHERS, ALL = Decimal("9510.5"), Decimal("26711.0")  # MWh generated on the day without and with Plant Alpha


@dataclass(frozen=True)
class Told:
    """What pages say in a language."""

    language: str
    provisional: str
    entry: str
    agreed: str


LANGUAGES = [Told("zh-hans", "未审定", "该填报项", "同意"), Told("en", "provisional", "This entry", "Agreed")]


@pytest.fixture
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), served("headquarters") as one:
        yield one


@pytest.fixture
def world(site: Any, tmp_path: Path) -> World:
    """Everything of the day is locked but the sheet of Plant Alpha, which plant and region have approved."""
    with clock.frozen("2026-11-20T07:30"):
        made = make_world(tmp_path)
        facts = tmp_path / "facts.csv"
        facts.write_text("\n".join(["organisation,indicator,period,scenario,value", *LOADED]) + "\n", "utf-8")
        result = load_facts(facts)
        assert not result.problems, [str(problem) for problem in result.problems]
        plant, region = make_user("plant", "P1", "reviewer"), make_user("region", "R2", "reviewer")
        case = filed(made.clerk)
    for time, person in (("2026-11-20T08:10", plant), ("2026-11-20T09:10", region)):
        with clock.frozen(time):
            approve(case, person)
    with clock.frozen(MORNING):
        cube.fold(sync=False)
    site.stands_at(MORNING)
    return made


def filed(clerk: User) -> Case:
    """Plant Alpha's sheet of the day, submitted."""
    places = {str(one.code): one for one in Organisation.objects.all()}
    day = Period.parse(DAY)
    form = next(
        one
        for one in current_forms("day")
        if any(each.organisation.code == "P1" for each in filing_organisations(one, day.end, SYSTEM))
    )
    with acting_as(clerk) as scope:
        sheet = open_sheet(form, places["P1"], day, by=clerk, scope=scope)
        edits = [Edit(places[code].pk, indicator, text, 0, 10**6) for (code, indicator), text in TYPED.items()]
        saved = save_cells(sheet, edits, by=clerk, key="", scope=scope)
        assert not saved.conflicts and not saved.faults
        for finding in examine([sheet])[sheet.pk].unexplained:
            explain(sheet, finding, words="measured", by=clerk)
        return submit_sheet(sheet, by=clerk, scope=scope, key="submitted")


def approve(case: Case, person: User) -> None:
    with acting_as(person):
        seen = kind_of(case.kind).content_hash(case.subject_id)
        approving.approve(case.pk, by=person, seen=seen, key=f"approved by {person.pk}")


def approve_on_a_phone(site: Any, visit: Any, told: Told) -> None:
    """The group's last word, from the inbox."""
    site.stands_at(LATER)
    page: Page = visit("/inbox/", "group", PHONE, told.language)
    clicked(page, page.locator(".inbox-entry").first.click)
    page.locator(".approval-decide textarea[name=words]").first.fill(told.agreed)
    clicked(page, page.locator(".approval-decide .form-buttons > button").first.click)
    expect(page.locator(".alert-danger")).to_have_count(0)
    assert Sheet.objects.get().status == Sheet.Status.APPROVED
    with clock.frozen(LATER):
        cube.fold(sync=False)


def tells(page: Page, figure: Decimal, tile: str = "generation") -> bool:
    """Whether a tile tells a figure, in the unit of the group's tier."""
    return rounded_from(page.inner_text(f"[data-tile={tile}] .tile-number .figure-link"), str(figure))


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("\u2212", "-").strip())


def is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\u2212\d][\d,]*(\.\d+)?", text.strip()))


# The way of a sheet into the pages ------------------------------------------------------------------------------------


@pytest.mark.req("M-7.2.1")
@pytest.mark.parametrize("told", LANGUAGES, ids=lambda told: told.language)
def test_the_last_approval_changes_the_groups_home_page(site, world, visit, told):
    page: Page = visit(HOME, "group", DESK, told.language)
    assert tells(page, ALL)
    expect(page.locator("[data-tile=generation]")).to_contain_text(told.provisional)
    approved: Page = visit(f"{HOME}&at_least=group", "group", DESK, told.language)
    assert tells(approved, OTHERS)
    # Where the figure comes from says who has not approved yet; a window, and in it the way down to an entry.
    swap(page, lambda: page.click("[data-tile=generation] .figure-link"), "/figures/explain/")
    window = page.locator("#explanation-body")
    expect(window).to_contain_text(f"{ALL:,}")
    expect(window).to_contain_text(told.provisional)
    for code in ("R2", "P1", "P1U2"):
        link = window.locator(f".explained-lines a.figure-link[href*='organisation={code}&']")
        swap(page, link.click, "/figures/explain/")
    expect(window).to_contain_text("5,700.5")
    expect(window).to_contain_text(told.entry)

    approve_on_a_phone(site, visit, told)
    page = visit(HOME, "group", DESK, told.language)
    assert tells(page, ALL)
    expect(page.locator("[data-tile=generation]")).not_to_contain_text(told.provisional)
    approved = visit(f"{HOME}&at_least=group", "group", DESK, told.language)
    assert tells(approved, ALL)
    entry = visit(
        f"/figures/explain/?indicator=generation&organisation=P1U2&period={DAY}", "group", DESK, told.language
    )
    for person in ("clerk", "plant", "region", "group"):
        expect(entry.locator(".history")).to_contain_text(person)
    expect(entry.locator(".history")).to_contain_text(told.agreed)


# Every figure leads to its cells --------------------------------------------------------------------------------------


def figure_links(page: Page) -> dict[str, str]:
    """Every link of a page to an explanation, those of charts too, with the figure that is read there."""
    found = page.eval_on_selector_all(
        "a[href*='/figures/explain/']", "links => links.map(link => [link.getAttribute('href'), link.textContent])"
    )
    for text in page.eval_on_selector_all("[data-chart]", "charts => charts.map(chart => chart.dataset.chart)"):
        found += [[one["url"], one.get("shown", "")] for one in parts(json.loads(text)) if "/explain/" in one["url"]]
    return {href: text.strip() for href, text in found}


def parts(data: Any) -> Iterator[dict[str, Any]]:
    """Everything in a chart's data that leads somewhere."""
    if isinstance(data, dict):
        if isinstance(data.get("url"), str):
            yield data
        for value in data.values():
            yield from parts(value)
    elif isinstance(data, list):
        for one in data:
            yield from parts(one)


def read(page: Page, address: str) -> str:
    response = page.request.get(address)
    assert response.status == 200, address
    return unescape(response.text())


def explained(text: str) -> tuple[str, str]:
    """The figure of an explanation, and its unit."""
    found = re.search(
        r'<p class="explained-figure"><span class="figure">([^<]*)</span> <span class="unit">([^<]*)', text
    )
    assert found, text[:2000]
    return found[1], found[2]


def leads_to_an_entry(page: Page, address: str, entry: str) -> bool:
    """Follow the cells behind a figure, those with figures first, until a page tells of a single entry."""
    for _step in range(4):
        text = read(page, address)
        if 'class="explained-part explained-cell"' in text:
            return entry in text
        table = read(page, f"{address}&part=cells").partition('id="explained-cells"')[2].partition("<tfoot")[0]
        cells = re.findall(
            r'<td class="figure[^>]*><a class="figure-link" href="([^"]*)"[^>]*>(?:<strong>)?([^<]*)', table
        )
        filled = [href for href, value in cells if is_number(value)]
        if not filled:
            return False
        address = filled[-1] if len(filled) == 1 else filled[0]
    return False


def test_every_figure_of_the_home_page_leads_to_its_explanation_and_entries(site, world, visit):
    page: Page = visit(HOME, "group", DESK, "en")
    links = figure_links(page)
    assert len(links) >= 20
    assert {text for text in links.values() if is_number(text)} >= {"26.71"}  # GWh
    wrong = []
    for href, text in links.items():
        value, _unit = explained(read(page, href))
        if is_number(text) and not rounded_from(text, value):
            wrong.append(f"{href}: {text} on the page, {value} where it is explained")
        if value != "–" and not leads_to_an_entry(page, href, "This entry"):
            wrong.append(f"{href}: leads to no entry")
    assert wrong == []


def rounded_from(shown: str, exact: str) -> bool:
    """Whether a figure that is shown is another one in a larger unit (ten thousands, say), rounded half up."""
    short, whole = number(shown), number(exact)
    step = Decimal(1).scaleb(int(short.as_tuple().exponent))
    return any(whole.scaleb(-tens).quantize(step, ROUND_HALF_UP) == short for tens in (0, 1, 2, 3, 4, 5, 6, 8))


# The daily report -----------------------------------------------------------------------------------------------------


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("told", LANGUAGES, ids=lambda told: told.language)
def test_the_last_approval_changes_the_daily_report_and_its_files_carry_the_page(site, world, visit, told):
    page: Page = visit(REPORT, "group", DESK, told.language)
    before = figures_of(page)
    assert any(rounded_from(one, str(ALL)) for one in before)
    assert page.locator(".is-provisional").count()
    standing = page.inner_text(".report-state strong")

    approve_on_a_phone(site, visit, told)
    page = visit(REPORT, "group", DESK, told.language)
    expect(page.locator(".report-state strong")).not_to_have_text(standing)
    assert page.locator(".is-provisional").count() == 0
    figures = figures_of(page)
    assert figures == before  # approval changes how far a figure may be trusted, not the figure

    numbers = {number(one) for one in figures}
    assert numbers - workbook_of(page, told) == set()
    assert numbers - pdf_of(page, told) == set()


def figures_of(page: Page) -> list[str]:
    """The figures of the report's tables and boxes as they are read."""
    found = page.eval_on_selector_all(
        "#report a.figure-link",
        "links => links.map(link => link.cloneNode(true)).map(link => {"
        " link.querySelectorAll('.visually-hidden').forEach(part => part.remove()); return link.textContent.trim(); })",
    )
    figures = [one for one in found if is_number(one)]
    assert len(figures) >= 10
    return figures


def exported(page: Page, kind: str, told: Told) -> bytes:
    response = page.request.get(
        f"/reports/power_daily/file/?organisation=G&period={DAY}&kind={kind}&language={told.language}"
    )
    assert response.status == 200
    return response.body()


def workbook_of(page: Page, told: Told) -> set[Decimal]:
    """Every number in the workbook, as its format shows it."""
    book = load_workbook(BytesIO(exported(page, "xlsx", told)))
    found = set()
    for sheet in book.worksheets:
        for cell in (cell for line in sheet.iter_rows() for cell in line):
            if isinstance(cell.value, int | float):
                decimals = len(cell.number_format.partition(".")[2].rstrip(";)_ ").partition(";")[0])
                step = Decimal(1).scaleb(-decimals)
                found.add(Decimal(repr(cell.value)).quantize(step, ROUND_HALF_UP))
    return found


def pdf_of(page: Page, told: Told) -> set[Decimal]:
    text = " ".join(one.extract_text() for one in PdfReader(BytesIO(exported(page, "pdf", told))).pages)
    return {number(one) for one in re.findall(r"[\u2212-]?\d[\d,]*(?:\.\d+)?", text)}


def test_every_figure_of_the_report_leads_to_its_explanation(site, world, visit):
    page: Page = visit(REPORT, "group", DESK, "en")
    links = figure_links(page)
    assert len(links) >= 20
    wrong = []
    for href, text in links.items():
        value, _unit = explained(read(page, href))
        first = text.partition(" ")[0]
        if is_number(first) and not rounded_from(first, value):
            wrong.append(f"{href}: {text} in the report, {value} where it is explained")
    assert wrong == []
