"""Write the shipped calendars from the packages that carry them.

    python tools/extract_calendars.py            write src/gangmu/foundation/periods/content/CN.yaml and XSHG.yaml
    python tools/extract_calendars.py --check    only say whether they still agree with the installed packages

chinesecalendar and exchange_calendars are needed here and in this tool's test only, never to run the product.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import exchange_calendars
import yaml
from chinese_calendar.constants import holidays, workdays

CONTENT = Path(__file__).parent.parent / "src/gangmu/foundation/periods/content"
HEAD = "# Made by tools/extract_calendars.py from the package named below. Do not edit: load a notice instead.\n"
FESTIVALS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
}


def working_days() -> dict[str, object]:
    """Days off and make-up days of every year that chinesecalendar knows."""
    years: dict[int, dict[str, object]] = {}
    for year in range(min(holidays).year, max(holidays).year + 1):
        off = {day: name for day, name in holidays.items() if day.year == year}
        work = {day: name for day, name in workdays.items() if day.year == year}
        years[year] = {
            "days_off": {days: FESTIVALS[name] for days, name in _named_runs(off)},
            "work_days": {days: FESTIVALS[name] for days, name in _named_runs(work)},
        }
    return {
        "calendar": "CN",
        "source": {
            "title": "Yearly notices of the General Office of the State Council, as carried by chinesecalendar",
            "package": "chinesecalendar",
            "version": version("chinesecalendar"),
            "licence": "MIT",
        },
        "festivals": {zh: en for en, zh in FESTIVALS.items()},
        "years": years,
    }


def sessions() -> dict[str, object]:
    """Weekdays on which the Shanghai Stock Exchange was closed, from the first whole year."""
    calendar = exchange_calendars.get_calendar("XSHG", start="1991-01-01")
    traded = {stamp.date() for stamp in calendar.sessions}
    last = calendar.bound_max()
    if last is None or (last.month, last.day) != (12, 31):
        raise SystemExit(f"exchange_calendars ends at {last}, in the middle of a year")
    years = {
        year: {"closed": list(_runs(day for day in _weekdays(year) if day not in traded))}
        for year in range(1991, last.year + 1)
    }
    return {
        "calendar": "XSHG",
        "source": {
            "title": "Sessions of the Shanghai Stock Exchange, as carried by exchange_calendars",
            "package": "exchange_calendars",
            "version": version("exchange_calendars"),
            "licence": "Apache-2.0",
        },
        "years": years,
    }


def _weekdays(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def _named_runs(days: dict[date, str]) -> Iterator[tuple[str, str]]:
    """Runs of neighbouring days with one name, as `first..last` or a single day, with the name."""
    ordered = sorted(days)
    while ordered:
        length = 1
        while length < len(ordered) and (
            ordered[length] - ordered[length - 1] == timedelta(days=1) and days[ordered[length]] == days[ordered[0]]
        ):
            length += 1
        yield _written(ordered[0], ordered[length - 1]), days[ordered[0]]
        ordered = ordered[length:]


def _runs(weekdays: Iterable[date]) -> Iterator[str]:
    """Runs of neighbouring weekdays; a weekend between two of them does not end a run."""
    run: list[date] = []
    for day in weekdays:
        if run and day - run[-1] > timedelta(days=3 if day.weekday() == 0 else 1):
            yield _written(run[0], run[-1])
            run = []
        run.append(day)
    if run:
        yield _written(run[0], run[-1])


def _written(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first}..{last}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the files would change")
    check = parser.parse_args().check
    stale = False
    for name, content in (("CN", working_days()), ("XSHG", sessions())):
        text = HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
        path = CONTENT / f"{name}.yaml"
        if check:
            if not path.exists() or path.read_text("utf-8") != text:
                print(f"{path} no longer agrees with its package; run tools/extract_calendars.py")
                stale = True
        else:
            path.write_text(text, "utf-8")
            print(f"wrote {path}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
