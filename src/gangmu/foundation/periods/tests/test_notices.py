"""Calendars in the database: what is shipped, and notices that an administrator loads."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from gangmu.foundation.periods import answers, content, queries
from gangmu.foundation.periods.calendars import UnknownDay
from gangmu.foundation.periods.intervals import Interval
from gangmu.foundation.periods.models import Calendar, CalendarDay, CalendarEdition
from gangmu.foundation.periods.period import PeriodError
from gangmu.foundation.periods.services import NoticeError, install_shipped, load_notice
from gangmu.foundation.settings import clock

pytestmark = pytest.mark.django_db

OFF_2027 = {
    "2027-01-01..2027-01-03": "元旦",
    "2027-02-05..2027-02-11": "春节",
    "2027-04-03..2027-04-05": "清明节",
    "2027-05-01..2027-05-05": "劳动节",
    "2027-06-09": "端午节",
    "2027-09-15": "中秋节",
    "2027-10-01..2027-10-07": "国庆节",
}
NOTICE = {"off": OFF_2027, "work": ["2027-01-30..2027-01-31", "2027-10-09"], "source": "Notice for 2027, no. 1"}


@pytest.fixture(autouse=True)
def shipped(db):
    install_shipped()


def year(calendar, number):
    return calendar.between(date(number, 1, 1), date(number, 12, 31))


def test_the_database_answers_as_the_shipped_files_do():
    pairs = [(queries.work_calendar(), content.work_calendar())]
    pairs += [(queries.session_calendar(code), content.session_calendar(code)) for code in content.markets()]
    for ours, shipped in pairs:
        assert ours.years.keys() == shipped.years.keys()
        for number in ours.years:
            assert year(ours, number) == year(shipped, number)
    assert len(queries.workdays(date(2026, 1, 1), date(2026, 12, 31))) == 248
    assert len(queries.sessions(date(2026, 1, 1), date(2026, 12, 31), "SHFE")) == 242


def test_installing_again_changes_nothing():
    before = CalendarEdition.objects.count()
    assert install_shipped() == []
    assert CalendarEdition.objects.count() == before


def test_every_edition_names_its_source_with_the_package_s_version():
    sources = dict(CalendarEdition.objects.values_list("calendar__code", "source"))
    assert "chinesecalendar 1." in sources["CN"]
    assert "exchange_calendars 4." in sources["XSHG"]


def test_a_notice_makes_a_year_known():
    with pytest.raises(UnknownDay):
        queries.add_workdays(date(2026, 12, 31), 1)
    with clock.frozen("2026-11-20T10:00+08:00"):
        edition = load_notice("CN", 2027, published_on=date(2026, 11, 19), **NOTICE)
    assert edition.recorded_at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    answer = queries.add_workdays(date(2026, 12, 31), 1)
    assert (answer.day, answer.provisional) == (date(2027, 1, 4), False)
    assert queries.workdays(date(2027, 1, 28), date(2027, 2, 1)).days == tuple(
        date(2027, 1, 28) + n * timedelta(days=1) for n in range(5)
    )
    assert queries.work_calendar().festival(date(2027, 2, 6)) == "春节"
    assert len(queries.workdays(date(2026, 1, 1), date(2026, 12, 31))) == 248
    assert answers.workdays_answer("2027-10-01", "2027-10-10", source=queries) == {
        "from": "2027-10-01",
        "to": "2027-10-10",
        "workdays": 2,
        "days": ["2027-10-08", "2027-10-09"],
        "provisional": False,
    }


def test_the_same_notice_again_changes_nothing():
    first = load_notice("CN", 2027, **NOTICE)
    assert load_notice("CN", 2027, **NOTICE) == first
    assert CalendarEdition.objects.filter(calendar__code="CN").count() == 2


def test_a_later_notice_replaces_an_earlier_one_and_both_stay():
    load_notice("CN", 2027, **NOTICE)
    load_notice("CN", 2027, **(NOTICE | {"off": OFF_2027 | {"2027-03-01": "临时"}, "source": "Notice, corrected"}))
    assert not queries.work_calendar().is_open(date(2027, 3, 1))
    load_notice("CN", 2027, **NOTICE)
    assert queries.work_calendar().is_open(date(2027, 3, 1))
    assert list(CalendarEdition.objects.filter(calendar__code="CN").values_list("number", flat=True)) == [1, 2, 3, 4]


def test_a_notice_comes_before_what_is_shipped_later():
    off_2026 = dict(content._read("CN")["years"][2026]["days_off"])
    load_notice("CN", 2026, off=off_2026 | {"2026-12-24": "临时"}, source="local")
    CalendarEdition.objects.filter(origin="shipped", calendar__code="CN").update(digest="an older package")
    assert [edition.calendar.code for edition in install_shipped()] == ["CN"]
    assert not queries.work_calendar().is_open(date(2026, 12, 24))


def test_a_notice_may_move_days_of_the_december_before():
    moved = NOTICE | {"off": OFF_2027 | {"2026-12-31": "元旦"}, "work": ["2026-12-27"]}
    load_notice("CN", 2027, **moved)
    calendar = queries.work_calendar()
    assert calendar.is_open(date(2026, 12, 27))
    assert not calendar.is_open(date(2026, 12, 31))
    assert len(year(calendar, 2026)) == 248
    assert calendar.festival(date(2026, 10, 1)) == "国庆节"


def test_a_draft_marks_every_answer_that_rests_on_it():
    load_notice("CN", 2027, provisional=True, **NOTICE)
    assert queries.add_workdays(date(2026, 12, 31), 1).provisional
    assert not queries.add_workdays(date(2026, 12, 30), 1).provisional


def test_a_market_s_notice_reaches_the_markets_that_share_its_days():
    load_notice("XSHG", 2027, off=OFF_2027, source="Exchange notice")
    assert len(queries.sessions(date(2027, 2, 1), date(2027, 2, 28), "DCE")) == 15
    load_notice("DCE", 2027, off=OFF_2027 | {"2027-02-12": ""}, source="Dalian's own notice")
    assert len(queries.sessions(date(2027, 2, 1), date(2027, 2, 28), "DCE")) == 14
    assert len(queries.sessions(date(2027, 2, 1), date(2027, 2, 28), "XSHG")) == 15


def test_a_notice_may_cancel_a_night_session():
    load_notice("CN", 2027, **NOTICE)
    load_notice("XSHG", 2027, off=OFF_2027, source="Exchange notice")
    load_notice("SHFE", 2027, off=OFF_2027, no_night=["2027-03-03"], source="Shanghai futures notice")
    calendar = queries.session_calendar("SHFE")
    assert calendar.night_before(date(2027, 3, 3)) is None
    assert calendar.night_before(date(2027, 3, 4)) == date(2027, 3, 3)
    assert queries.session_calendar("DCE").night_before(date(2027, 3, 3)) == date(2027, 3, 2)


def test_outages_are_counted_inside_sessions_only():
    start = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai
    outage = [Interval(start, start + timedelta(hours=3)), Interval(start, start + timedelta(minutes=10))]
    assert queries.sessions_overlap(outage, "XSHG", "stock") == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("code", "changes", "complaint"),
    [
        ("XX", {}, "no calendar"),
        ("CN", {"source": "  "}, "source"),
        ("CN", {"off": OFF_2027 | {"2028-01-01": "元旦"}}, "2028-01-01 is neither"),
        ("CN", {"off": OFF_2027 | {"2026-11-30": "x"}}, "2026-11-30 is neither"),
        ("CN", {"work": ["2027-02-06"]}, "both"),
        ("CN", {"work": ["2027-03-01"]}, "weekday"),
        ("CN", {"off": {"2027-01-01": "元旦"}}, "2027-05-01 is a statutory"),
        ("CN", {"no_night": ["2027-03-01"]}, "night"),
        ("XSHG", {}, "make-up"),
        ("XSHG", {"work": [], "no_night": ["2027-03-06"]}, "no trading day"),
        ("XSHG", {"work": [], "off": {"2027-01-01": ""}}, "2027-10-01 is a statutory"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_whole(code, changes, complaint):
    before = CalendarEdition.objects.count()
    with pytest.raises(NoticeError, match=complaint):
        load_notice(code, 2027, **(NOTICE | changes))
    assert CalendarEdition.objects.count() == before


def test_a_day_in_a_notice_is_written_in_one_way():
    with pytest.raises(PeriodError, match=r"2027-02-05\.\.2027-02-11"):
        load_notice("CN", 2027, off=OFF_2027 | {"2027/2/5~2027/2/11": "春节"}, source="x")


def test_the_database_refuses_what_no_calendar_can_be():
    edition = CalendarEdition.objects.get(calendar__code="XSHG")
    day = CalendarDay.objects.filter(year__edition=edition)[0]
    wrong = [
        lambda: CalendarDay.objects.create(year=day.year, day=day.day, kind="work"),
        lambda: edition.years.create(year=2026),
        lambda: edition.years.create(year=2300),
        lambda: edition.calendar.editions.create(number=1, source="x", origin="notice", recorded_at=clock.now()),
        lambda: edition.calendar.editions.create(number=9, source=" ", origin="notice", recorded_at=clock.now()),
        lambda: Calendar.objects.create(code="cn", name_zh="x", name_en="x", kind="work"),
        lambda: Calendar.objects.filter(code="CN").update(days_of=edition.calendar),
        lambda: Calendar.objects.filter(code="XSHG").update(days_of=edition.calendar),
    ]
    for write in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
