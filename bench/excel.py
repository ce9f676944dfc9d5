"""A workbook of 50,000 figures taken in, and given back with its marks."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pandas
import python_calamine
from django.db import connection, transaction

from bench.measure import Result, compare
from gangmu.figures.filing.excel.importing import ImportResult, import_workbook
from gangmu.figures.filing.excel.marking import mark
from gangmu.figures.filing.excel.planning import plan_template
from gangmu.figures.filing.excel.template import write_template
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.services import load_forms
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

FIRST_DAY, DAYS = date(2026, 3, 2), 9
UNIT_ITEMS, PLANT_ITEMS = 36, 6  # 30 plants of one region × 9 days × (5 units × 36 + 6) = 50,220 figures
ROUTE: dict[str, Any] = {
    "code": "bench",
    "name": {"zh": "测速", "en": "Bench"},
    "nodes": [
        {
            "code": "region",
            "name": {"zh": "区域", "en": "Region"},
            "who": {"role": "reviewer", "level": "region"},
            "mode": "any",
            "grants": "region",
        }
    ],
}


def form_of(number: int, unit_items: int = UNIT_ITEMS) -> dict[str, Any]:
    """A form like a coal plant's day: what must be there, rules of both strengths, a look at the past."""
    return {
        "code": f"bench_{number}",
        "name": {"zh": f"测速表{number}", "en": f"Bench form {number}"},
        "grain": "day",
        "route": "bench",
        "filed_by": {"kinds": ["plant"]},
        "sections": [
            {
                "code": "units",
                "name": {"zh": "机组", "en": "Units"},
                "level": "unit",
                "items": [{"indicator": f"bench_u{n}", "out_of_service": "zero"} for n in range(unit_items)],
            },
            {
                "code": "plant",
                "name": {"zh": "全厂", "en": "Plant"},
                "level": "self",
                "items": [{"indicator": f"bench_p{n}"} for n in range(PLANT_ITEMS)],
            },
        ],
        "rules": [
            {
                "code": f"rule{n}",
                "strength": "error" if n % 2 else "warning",
                "left": f"bench_u{n}",
                "operator": "<=",
                "right": f"bench_u{n + 1} * 100000000",
                "name": {"zh": f"规则{n}", "en": f"Rule {n}"},
                "advice": {"zh": "请核对", "en": "Check"},
            }
            for n in range(min(12, unit_items - 1))
        ],
        "history": {"indicators": ["bench_u0", "bench_u1"], "days": 60, "at_least": 14, "z": 6},
    }


def prepare() -> Form:
    """Indicators, route, form, and the person of region R0 who files."""
    for n in range(UNIT_ITEMS):
        _indicator(f"bench_u{n}", "unit")
    for n in range(PLANT_ITEMS):
        _indicator(f"bench_p{n}", "plant")
    load_routes([ROUTE], "shipped")
    for name, role in (("bench-filer", "clerk"), ("bench-reviewer", "reviewer")):
        person(name, role, "R0")
    return load_forms([form_of(0)])["bench_0"]


def person(name: str, role: str, place: str) -> User:
    """Somebody with a role at an organisation."""
    organisation = Organisation.objects.get(code=place)
    user = User.objects.create(username=name, name=name, organisation=organisation)
    Assignment.objects.create(
        user=user, role=Role.objects.get(code=role), organisation=organisation, valid_from="2020-01-01"
    )
    return user


def _indicator(code: str, level: str) -> None:
    Indicator.objects.create(
        code=code,
        name_zh=code,
        name_en=code,
        unit="MWh",
        precision=2,
        grain="day",
        level=level,
        over_time="sum",
        over_organisations="sum",
    )


def write_book(
    path: Path, form: Form, *, first: date = FIRST_DAY, days: int = DAYS, faults: int = 0, seed: int = 1
) -> int:
    """The template of region R0, filled in; how many figures. Every so often a text stands in place of one."""
    plants = Organisation.objects.filter(kind="plant", placements__parent__code="R0").order_by("code")
    periods = [Period.day(first + timedelta(days=n)) for n in range(days)]
    plan = plan_template(form, list(plants.values_list("pk", flat=True)), periods)
    random, filled = Random(seed), {}
    for section in plan.sections:
        for line in plan.lines[section.code]:
            for item in section.items:
                filled[line.organisation, line.period, item.indicator] = f"{random.randrange(7_200_000) / 100}"
    for key in random.sample(sorted(filled), faults):
        filled[key] = "--"
    write_template(path, replace(plan, filled=filled))
    return len(filled)


def cases(folder: Path) -> Iterator[Result]:
    """Run in any order: what an import does is undone."""
    form = prepare()
    path = folder / "filled.xlsx"
    count = write_book(path, form)
    _expect(_taken(path, form), count)
    what = f"workbook of {count:,} figures validated, stored"
    yield compare(
        f"{what} as drafts",
        "calamine+COPY",
        lambda: _taken(path, form),
        lambda: _bare(path, _by_calamine),
        goal="≤ 3 s",
        runs=5,
        against="bare python-calamine + COPY of what it read",
        note="ours finds cells by their ids, checks rules and the past, compares with what stands",
    )
    _expect(_taken(path, form, submit=True), count)
    for rival, against, read in (
        ("calamine+COPY", "bare python-calamine + COPY", _by_calamine),
        ("none", "pandas + openpyxl, COPY", _by_pandas),
    ):
        yield compare(
            f"{what}, recorded as facts and sent on their way",
            rival,
            lambda: _taken(path, form, submit=True),
            lambda read=read: _bare(path, read),
            goal="≤ 3 s",
            runs=5,
            against=against,
        )
    yield _marked(folder, form)


def _expect(result: ImportResult, count: int) -> None:
    if result.stored != count or result.kept_back:
        raise SystemExit(f"{result}\n" + "\n".join(map(str, result.found[:5])))


def _taken(path: Path, form: Form, *, submit: bool = False) -> ImportResult:
    """One import as its filer, under row security; undone."""
    by = User.objects.get(username="bench-filer")
    with clock.frozen("2026-03-12T08:00+08:00"), acting_as(by) as scope:
        result = import_workbook(path, form.code, by=by, scope=scope, submit=submit, key="bench")
        transaction.set_rollback(True)
    return result


def _by_calamine(path: Path) -> Iterator[tuple[str, list[Any]]]:
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        for name in book.sheet_names:
            for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False):
                yield name, row


def _by_pandas(path: Path) -> Iterator[tuple[str, list[Any]]]:
    for name, frame in pandas.read_excel(path, sheet_name=None, header=None, engine="openpyxl").items():
        for row in frame.itertuples(index=False):
            yield str(name), list(row)


def _bare(path: Path, read: Callable[[Path], Iterable[tuple[str, list[Any]]]]) -> None:
    """Every number of the workbook into a table, unchecked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (sheet text, line int, col int, value numeric) ON COMMIT DROP")
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for line, (name, row) in enumerate(read(path)):
                for column, value in enumerate(row):
                    if isinstance(value, float) and not math.isnan(value):
                        copy.write_row((name, line, column, value))


def _marked(folder: Path, form: Form) -> Result:
    """The same workbook with a fault in every hundredth cell, coloured, commented and listed."""
    path, marked = folder / "faulty.xlsx", folder / "marked.xlsx"
    count = write_book(path, form, faults=500)
    found = _taken(path, form).found

    def bare() -> None:
        openpyxl.load_workbook(path).save(marked)

    return compare(
        f"marked return of a workbook of {count:,} figures, {len(found)} of them faulty",
        "none",
        lambda: mark(path, marked, found),
        bare,
        goal="≤ 1.5",
        runs=5,
        against="openpyxl: load and save",
    )
