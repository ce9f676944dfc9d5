"""What the command line prints, and what is shipped."""

import subprocess
import sys
from pathlib import Path

import pytest

from gangmu.foundation.periods import content
from gangmu.foundation.periods.answers import add_answer, describe_period, sessions_answer, workdays_answer
from gangmu.foundation.periods.errors import PeriodsError

ROOT = Path(__file__).resolve().parents[5]


def test_a_period_described():
    assert describe_period("2026-W53") == {
        "code": "2026-W53",
        "kind": "week",
        "start": "2026-12-28",
        "end": "2027-01-03",
        "previous": "2026-W52",
        "year_ago": "2025-W52",
        "to_date": "2027-01-01..2027-01-03",
    }


def test_working_days_of_a_make_up_week():
    assert workdays_answer("2026-02-12", "2026-02-24") == {
        "from": "2026-02-12",
        "to": "2026-02-24",
        "workdays": 4,
        "days": ["2026-02-12", "2026-02-13", "2026-02-14", "2026-02-24"],
        "provisional": False,
    }


def test_adding_working_days():
    assert add_answer("2026-11-20", -20) == {
        "from": "2026-11-20",
        "workdays": -20,
        "date": "2026-10-23",
        "provisional": False,
    }
    assert add_answer("2026-12-31", 1, provisional=True)["provisional"] is True


def test_sessions_of_a_market():
    answer = sessions_answer("2026-01-01", "2026-12-31", "XSHG")
    assert (answer["market"], answer["sessions"], len(answer["days"])) == ("XSHG", 242, 242)
    assert answer["provisional"] is False
    assert sessions_answer("2027-01-01", "2027-01-04", "XSHG", provisional=True)["days"] == ["2027-01-04"]


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: describe_period("2026/11"), "2026-11"),
        (lambda: workdays_answer("2026-11", "2026-12-31"), "a day is wanted"),
        (lambda: workdays_answer("2026-12-31", "2026-12-01"), "before it begins"),
        (lambda: workdays_answer("2027-01-01", "2027-01-31"), "--provisional"),
        (lambda: add_answer("２０２６-11-20", 1), "2026-11-20"),
        (lambda: sessions_answer("2026-01-01", "2026-01-31", "XXXX"), "XSHG"),
        (lambda: sessions_answer("2027-01-01", "2027-01-31", "XSHE"), "--provisional"),
    ],
)
def test_every_refusal_is_one_kind_of_error_that_says_what_to_do(ask, complaint):
    with pytest.raises(PeriodsError, match=complaint):
        ask()


def test_answers_and_refusals_need_neither_a_database_nor_a_set_up_django():
    script = (
        "from gangmu.foundation.periods.answers import *\n"
        "print(add_answer('2026-11-20', 1)['date'])\n"
        "try: workdays_answer('2027-01-01', '2027-01-02')\n"
        "except LookupError as error: print(error)\n"
        "import sys; print('pandas' in sys.modules, 'chinese_calendar' in sys.modules)\n"
    )
    for language, begins in (("en", "No source covers 2027"), ("zh-hans", "日历 CN 的来源到 2026 年为止")):
        run = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", script],
            capture_output=True,
            encoding="utf-8",
            env={"GANGMU_LANGUAGE": language},
            check=True,
        )
        date, refusal, packages = run.stdout.splitlines()
        assert (date, packages) == ("2026-11-23", "False False")
        assert refusal.startswith(begins)


def test_shipped_calendars_agree_with_the_packages_that_they_come_from():
    pytest.importorskip("exchange_calendars")
    tool = ROOT / "tools" / "extract_calendars.py"
    run = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_festival_has_an_english_name():
    names = {name for year in content.work_years().values() for name in year.off.values()}
    assert len(names) == 8
    assert all(content.festival_in_english(name).isascii() for name in names)
