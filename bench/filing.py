"""A block pasted into a sheet, three hundred sheets approved at once, and how soon an approval is seen."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.test import Client

from bench import excel
from bench.measure import Result, alone, compare
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing.excel.importing import import_workbook
from gangmu.figures.filing.models import Cell, Form, Sheet
from gangmu.figures.filing.services import load_forms, open_sheet
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.clients import force_login

NOW = "2026-04-20T08:00+08:00"
FIRST_DAY, DAYS = date(2026, 4, 1), 10  # 30 plants of region R0 × 10 days = 300 sheets
BIG_UNITS = 34  # × 36 items = 1,224 cells
PASTED = 1200
ITEMS = 7  # a usual sheet: 5 units × 7 + 6 = 41 cells


def cases(folder: Path) -> Iterator[Result]:
    """After `excel.cases`, whose form and people they use."""
    form = Form.objects.get(code="bench_0", is_current=True)
    with clock.frozen(NOW):
        yield _paste(folder, form)
        _submit_three_hundred(folder, load_forms([excel.form_of(1, ITEMS)])["bench_1"])
        yield _approve_in_bulk()
        yield _seen()


def _paste(folder: Path, form: Form) -> Result:
    """What the grid sends when a block is pasted: read, compared, stored, checked by the form's rules, answered."""
    header = "code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province\n"
    units = [f"BIG-U{n:02d},大厂{n}号机,Big {n},unit,BIG,2020-01-01,,300,,\n" for n in range(BIG_UNITS)]
    path = folder / "big.csv"
    path.write_text(header + "BIG,大厂,Big plant,plant,R7,2020-01-01,,,coal,江苏\n" + "".join(units), "utf-8")
    problems = load_organisations(path).problems
    if problems:
        raise SystemExit("\n".join(map(str, problems[:5])))
    by = excel.person("bench-pasting", "clerk", "BIG")
    with acting_as(by) as scope:
        plant = Organisation.objects.get(code="BIG")
        sheet = open_sheet(form, plant, Period.day(FIRST_DAY), by=by, scope=scope)
    rows = Organisation.objects.filter(code__startswith="BIG-U").order_by("code").values_list("pk", flat=True)
    keys = [f"{row}:bench_u{n}" for row in rows for n in range(excel.UNIT_ITEMS)][:PASTED]
    edits = [[key, f"{number}.25", 0, 0] for number, key in enumerate(keys)]
    client = Client(headers={"host": "localhost"})
    force_login(client, by)

    def ours() -> None:
        asked = {"id": sheet.pk, "seen": 0, "key": "bench-paste", "edits": edits}
        with transaction.atomic():
            answer = client.post(
                f"/filing/sheets/{sheet.pk}/cells/",
                json.dumps({"account": str(by.pk), "sheets": [asked]}),
                content_type="application/json",
            )
            if answer.status_code != 200 or Cell.objects.filter(sheet=sheet).count() != PASTED:
                raise SystemExit(f"{answer.status_code} {answer.content[:300]!r}")
            transaction.set_rollback(True)

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE bare (LIKE filing_cell INCLUDING ALL) ON COMMIT DROP")
            cursor.executemany(
                "INSERT INTO bare (sheet_id, organisation_id, indicator_id, text, value, mark, version, edited_by_name,"
                " edited_at) VALUES (%s, %s, %s, %s, %s, 0, 1, '', now())",
                [(sheet.pk, n, n, edit[1], n * 100 + 25) for n, edit in enumerate(edits)],
            )

    return compare(
        f"{PASTED:,} cells pasted: sent, read, stored, checked, answered",
        "PostgreSQL",
        ours,
        bare,
        goal="—",
        against="the same cells inserted one by one in one transaction",
    )


def _submit_three_hundred(folder: Path, form: Form) -> None:
    path = folder / "month.xlsx"
    excel.write_book(path, form, first=FIRST_DAY, days=DAYS)
    by = User.objects.get(username="bench-filer")
    with acting_as(by) as scope:
        result = import_workbook(path, form.code, by=by, scope=scope, submit=True, key="bench-month")
    submitted = Sheet.objects.filter(form=form, status=Sheet.Status.SUBMITTED).count()
    if submitted != 30 * DAYS:
        raise SystemExit(f"{submitted} sheets were submitted\n{result}")


def _approve_in_bulk() -> Result:
    by = User.objects.get(username="bench-reviewer")
    waiting = list(Case.objects.filter(state="open").values_list("pk", "content_hash"))

    def ours() -> None:
        with acting_as(by):
            outcomes = approving.approve_many(waiting, by=by, key="bench-bulk")
            if len(outcomes) != 300 or any(one.error for one in outcomes):
                raise SystemExit(str(outcomes[:3]))
            transaction.set_rollback(True)

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE filing_fact SET state = 3 WHERE superseded_by_id IS NULL AND state < 3 AND organisation_id IN"
                " (SELECT organisation_id FROM parties_membership WHERE ancestor_id ="
                " (SELECT id FROM parties_organisation WHERE code = 'R0')) AND period BETWEEN %s AND %s",
                [FIRST_DAY, FIRST_DAY + timedelta(days=DAYS)],
            )
            transaction.set_rollback(True)

    return compare(
        "300 sheets of 41 cells approved in bulk: content compared, decided, noted, people told, figures raised",
        "PostgreSQL",
        ours,
        bare,
        goal="≤ 1 s",
        runs=5,
        against="one UPDATE of the same facts, nothing else",
    )


def _seen() -> Result:
    """From the approval of a sheet until a reader of the figures gets them at that state."""
    by = User.objects.get(username="bench-reviewer")
    waiting = iter(list(Case.objects.filter(state="open").order_by("pk")))

    def approve_and_look() -> None:
        case = next(waiting)
        with acting_as(by):
            approving.approve(case.pk, by=by, seen=case.content_hash, key=f"bench-{case.pk}")
        sheet = Sheet.objects.select_related("organisation").get(pk=case.subject_id)
        question = Question(["bench_u0"], [sheet.organisation.code], [sheet.period.isoformat()], at_least="region")
        (row,) = ask(question, SYSTEM).rows
        if row.state != "region":
            raise SystemExit(str(row))

    return alone("from the approval of a sheet of 41 cells to the figure seen", approve_and_look, goal="≤ 1 s")
