"""What must have happened before there is something to see: done once, as people would do it, on the pages."""

import io
from collections.abc import Callable

import openpyxl
from playwright.sync_api import FilePayload
from playwright.sync_api import Page as Tab

from screenshots_visit import Visitor

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROPOSED = 4  # rows of the imported workbook that get a fault: enough to see, few enough to read


def prepare(visitor: Visitor) -> None:
    """Do what is not done yet. Safe to repeat."""
    for account, page, there, act in SCENES:
        with visitor.as_account(account, "zh", 1440) as context:
            tab = context.new_page()
            tab.goto(page.format(yesterday=visitor.yesterday))
            if not tab.locator(there).count():
                act(tab, visitor.yesterday)
                tab.wait_for_load_state("networkidle")


def _send(tab: Tab) -> None:
    with tab.expect_response(lambda answer: answer.request.method == "POST"):
        tab.locator("main form[method=post] button[type=submit], main form[method=post] .btn-primary").last.click()
    tab.wait_for_load_state("networkidle")


def _import_with_faults(tab: Tab, yesterday: str) -> None:
    """A clerk's workbook in which some cells hold what is no figure."""
    answer = tab.context.request.get(f"/filing/template/?form=coal_daily&period={yesterday}")
    book = openpyxl.load_workbook(io.BytesIO(answer.body()))
    sheet = next(one for one in book.worksheets if one.sheet_state == "visible" and _open_cells(one))
    for cell, text in zip(_open_cells(sheet), ("约9600", "24.5小时", "1,2,3", "abc"), strict=False):
        cell.value = text
    content = io.BytesIO()
    book.save(content)
    tab.goto(f"/filing/import/?form=coal_daily&period={yesterday}")
    file: FilePayload = {"name": f"燃煤电厂日报-{yesterday}.xlsx", "mimeType": WORKBOOK, "buffer": content.getvalue()}
    tab.set_input_files("input[type=file]", file)
    _send(tab)
    tab.wait_for_selector(".imported, main table", timeout=60_000)


def _open_cells(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list:
    """The cells that a clerk may fill in."""
    return [cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked][: PROPOSED * 3 : 3]


def _document(tab: Tab, _yesterday: str) -> None:
    tab.goto("/documents/add/")
    file: FilePayload = {"name": "并网调度协议.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    tab.set_input_files("input[type=file]", file)
    tab.fill("[name=title]", "并网调度协议（2026年版）")
    _send(tab)


def _correction(tab: Tab, _yesterday: str) -> None:
    """A clerk has begun to correct a locked figure."""
    tab.goto("/filing/sheets/?status=locked")
    third = tab.locator("main tbody a[href^='/filing/sheets/']").nth(2).get_attribute("href")
    tab.goto(f"{third}correct/")
    tab.fill("[name=reason]", "关口表倍率录入有误，按计量中心确认单更正。")
    _send(tab)
    tab.fill(".correction-box[aria-label*='入炉标煤单价']", "958.00")
    _send(tab)


def _publication(tab: Tab, _yesterday: str) -> None:
    """The group lets all its plants see how they rank."""
    tab.goto("/publications/add/")
    tab.fill("[name=name_zh]", "全部电厂利用小时排名")
    tab.fill("[name=name_en]", "Utilisation hours of all plants")
    tab.fill("[name=organisation]", "DEMO")
    tab.fill("[name=indicators]", "utilisation_hours")
    tab.fill("[name=to]", "DEMO")
    _send(tab)


def _pivot(tab: Tab, _yesterday: str) -> None:
    """The group keeps a pivot for its regions."""
    tab.goto("/pivots/save/?indicator=generation&indicator=coal_rate&place=DEMO/children&period=last-6-months")
    tab.fill("[name=name]", "各区域近半年发电量与煤耗")
    _send(tab)


def _duty(tab: Tab, _yesterday: str) -> None:
    tab.goto("/filing/duties/add/")
    tab.select_option("[name=form_code]", "hydro_daily")
    tab.fill("[name=filer]", "CENTRAL")
    tab.fill("[name=organisations]", "601\n602")
    tab.fill("[name=first_day]", "2027-01-01")
    _send(tab)


def _leave(tab: Tab, _yesterday: str) -> None:
    tab.select_option("[name=stand_in]", index=1)
    tab.fill("[name=first]", "2027-02-01")
    tab.fill("[name=last]", "2027-02-05")
    _send(tab)


# account, page, what stands there once it is done, what to do
SCENES: list[tuple[str, str, str, Callable[[Tab, str], None]]] = [
    ("plant", "/ui/jobs/", "main tbody tr a", _import_with_faults),
    ("plant", "/documents/", "main tbody tr a", _document),
    ("plant", "/filing/corrections/", "main tbody tr a", _correction),
    ("group", "/publications/", "main a[href^='/publications/']:not([href='/publications/made/'])", _publication),
    ("group", "/pivots/saved/", "main tbody tr a", _pivot),
    ("admin", "/filing/duties/", "a[href$='/end/']", _duty),
]
