"""A world around one day of interest, and what was filed in it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from oracle import periods
from oracle.draw.closings import draw_closings
from oracle.draw.curves import with_curves
from oracle.draw.indicators import draw_indicators
from oracle.draw.organisations import draw_organisations
from oracle.draw.scopes import draw_scopes
from oracle.draw.splits import draw_dictionaries, strange_lines
from oracle.draw.taxes import with_taxes
from oracle.filing import LARGEST, Book
from oracle.periods import Period
from oracle.tree import History
from oracle.world import FactFile, FactLine, Indicator, OrganisationLine, World, parts_of

MOST_FACTS = 260
AWKWARD_DAYS = (
    date(2024, 2, 29),
    date(2025, 2, 28),  # a year after the 29th
    date(2027, 1, 1),  # in week 53 of 2026
    date(2021, 1, 3),  # the last day of week 53 of 2020
    date(2025, 12, 30),  # in week 1 of 2026
    date(2024, 12, 31),
    date(2026, 11, 20),
)


def draw_world(rng: Random) -> World:
    features = Counter[str]()
    focus = rng.choice(AWKWARD_DAYS) if rng.random() < 0.6 else date(2023, 1, 1) + timedelta(days=rng.randrange(1200))
    days = _days_of_interest(rng, focus)
    changes = _days_of_change(rng, days)
    features[f"tree: changes on {min(len(changes), 5)} days"] += 1
    first = min(days[0], *changes, focus) - timedelta(days=rng.choice((1, 30, 400)))
    lines = draw_organisations(rng, first, changes, features)
    history = History(lines)
    splitting = Random(f"{rng.getstate()[1][:3]}")  # so that all else is drawn as it was
    dictionaries = draw_dictionaries(splitting, days, features)
    indicators = draw_indicators(rng, _levels(lines), features, {*days, focus}, dictionaries)
    dating = Random(f"{rng.getstate()[1][:5]}")  # as above
    indicators = [dated_precisions(dating, one, [*days, focus], features) for one in indicators]
    parts = [part for one in indicators for part in parts_of(one, dictionaries)]
    filing = _Filing(rng, history, [*indicators, *parts], sorted({line.code for line in lines}), days, features)
    files = filing.draw(dating)
    indicators = [one for one in filing.everything if not one.part_of]
    parts, raised = [one for one in filing.everything if one.part_of], filing.raised
    today = focus + timedelta(days=rng.choice((0, 1, 10, 40, 40, 200)))
    if rng.random() < 0.2:
        today = rng.choice(days)
        features["today: amid the facts"] += 1
    settling = Random(f"{rng.getstate()[1][:3]}")  # so that all else is drawn as it was
    settled, more, closings, late = draw_closings(
        settling, history, [*indicators, *parts], filing.book, today, features
    )
    indicators, files = [*indicators, *settled], [*files, *more]
    scopes = draw_scopes(rng, lines, changes, features)
    world = World(
        tuple(lines),
        tuple(indicators),
        tuple(files),
        today,
        tuple(closings),
        late,
        scopes,
        dictionaries,
        raised,
        features=features,
    )
    world = with_curves(world, _levels(lines), days, Random(f"curves {rng.getstate()[1][:3]}"))
    return with_taxes(world, days, Random(f"taxes {rng.getstate()[1][:3]}"))


def dated_precisions(rng: Random, indicator: Indicator, days: list[date], features: Counter[str]) -> Indicator:
    """A third of the indicators had other decimals until days around those of interest."""
    if rng.random() < 0.65:
        return indicator
    found: dict[str, int] = {}
    for day in rng.sample(days, min(len(days), rng.choice((1, 1, 2, 3)))):
        last = rng.choice((day, day - timedelta(days=1), day.replace(day=1) - timedelta(days=1)))
        found[last.isoformat()] = rng.choice((0, 0, 1, 2, 3, 4, 9))
    features["precision: changes with time"] += 1
    return replace(indicator, precisions=tuple(sorted(found.items())))


def _levels(lines: list[OrganisationLine]) -> set[str]:
    """The kinds that may file: none of them stands below its own kind."""
    kinds = {line.code: line.kind for line in lines}
    below_their_own = {line.kind for line in lines if kinds.get(line.parent) == line.kind}
    return set(kinds.values()) - below_their_own or {"unit"}


def _days_of_interest(rng: Random, focus: date) -> list[date]:
    """Some days around the focus; often also a year, a month or a few months earlier."""
    centres = [focus]
    if rng.random() < 0.65:
        centres.append(periods.year_before(focus))
    if rng.random() < 0.5:
        centres.append(focus - timedelta(days=rng.choice((7, 10, 30, 90))))
    found = set()
    for centre in centres:
        start = centre - timedelta(days=rng.randrange(8))
        found |= {start + timedelta(days=n) for n in range(rng.choice((2, 5, 9, 12))) if rng.random() < 0.8}
        found.add(centre)
    return sorted(found)


def _days_of_change(rng: Random, days: list[date]) -> list[date]:
    found = set()
    for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4, 6))):
        day = rng.choice(days)
        found.add(rng.choice((day, day, day, day + timedelta(days=1), day.replace(day=1), day + timedelta(days=20))))
    return sorted(found)


class _Filing:
    def __init__(
        self,
        rng: Random,
        history: History,
        indicators: list[Indicator],
        codes: list[str],
        days: list[date],
        features: Counter[str],
    ) -> None:
        self.rng, self.history, self.codes, self.days, self.features = rng, history, codes, days, features
        self.indicators = [one for one in indicators if one.is_filed]
        self.everything, self.raised = indicators, ()
        self.book = Book(history, tuple(indicators))
        self.had: dict[tuple[str, str, str, str], list[str]] = {}  # every value that a cell has had, in order
        months = sorted({(day.year, day.month) for day in days})
        around = {periods.previous(periods.month_of(*month)) for month in months if rng.random() < 0.4}
        self.periods = {
            "day": [periods.day_of(day) for day in days],
            "month": sorted({periods.month_of(*month) for month in months} | around, key=lambda p: p.start),
        }

    def draw(self, dating: Random) -> list[FactFile]:
        """The files; after the first one some indicators get other decimals."""
        dated = sorted({one.part_of or one.code for one in self.everything if one.precisions})
        raised = {code for code in dated if dating.random() < 0.5}
        final = {one.code: one for one in self.everything}
        self._know(lambda one: one.at_first if (one.part_of or one.code) in raised else one)
        first = self._first_file()
        if not first.lines:
            self._know(lambda one: final[one.code])
            return []
        too_large = {
            final[code].part_of or code
            for (code, _period, _scenario), those in self.book.facts.items()
            if any(abs(filed.value) * 10 ** final[code].most_decimals > LARGEST for filed in those.values())
        }
        self.raised = tuple(sorted(raised - too_large))
        for one in (final[code] for code in self.raised):
            self.features["precision: raised among facts"] += one.most_decimals > one.at_first.precision
            self.features["precision: lowered among facts"] += one.precision < one.at_first.precision
        self._know(lambda one: final[one.code] if (one.part_of or one.code) in self.raised else one)
        files = [first]
        for _ in range(self.rng.choice((0, 0, 1, 2, 3, 4))):
            files.append(self._later_file())
        return [file for file in files if file.lines]

    def _know(self, become: Callable[[Indicator], Indicator]) -> None:
        self.everything = [become(one) for one in self.everything]
        self.indicators = [one for one in self.everything if one.is_filed]
        self.book.know(self.everything)

    def _entered(self, lines: list[FactLine], reason: str = "") -> FactFile:
        """The file of these lines, without those that only another line of the same file makes wrong."""
        before = {line: self.book.why_not(line, correcting=bool(reason)) for line in lines}
        kept: list[FactLine] = []
        cells: dict[tuple[str, ...], str] = {}
        for line in lines:
            cell = (line.indicator, line.organisation, line.period, line.scenario)
            why_not = self.book.why_not(line, correcting=bool(reason))
            again = cell in cells
            if why_not != before[line] or cells.setdefault(cell, line.value) != line.value or (again and why_not):
                continue
            kept.append(line)
            if why_not:
                self.features[f"facts: refused, {why_not}"] += 1
            else:
                self._enter(line, correcting=bool(reason))
        self.features["facts: a line twice in a file"] += len(kept) > len(set(kept))
        return FactFile(tuple(kept), reason)

    def _enter(self, line: FactLine, *, correcting: bool) -> None:
        had = self.had.setdefault((line.indicator, line.period, line.scenario, line.organisation), [])
        if correcting and had and Fraction(had[-1]) != Fraction(line.value):
            self.features["facts: a correction"] += 1
            self.features["facts: a second correction"] += len(had) > 1
            self.features["facts: a correction back to an older value"] += Fraction(line.value) in map(Fraction, had)
        had.append(line.value)
        self.book.enter(line)

    def _first_file(self) -> FactFile:
        rng, lines = self.rng, []
        for indicator in self.indicators:
            style = rng.choice(("small", "small", "small", "decimals", "decimals", "ties", "huge", "negative", "zeros"))
            self.features[f"facts: {style}"] += 1
            dense = rng.choice((0.4, 0.8, 0.9, 1))
            for period in self.periods[indicator.grain]:
                if not indicator.takes(period.start, period.end) and rng.random() < 0.8:
                    continue
                for code in self._filing(indicator, period):
                    if rng.random() < dense:
                        lines.append(
                            FactLine(code, indicator.code, period.code, "actual", self._value(indicator, style, period))
                        )
        if len(lines) > MOST_FACTS:
            lines = [line for line in lines if rng.random() < MOST_FACTS / len(lines)]
        for line in list(lines):
            if rng.random() < 0.04:
                self.features["facts: another scenario"] += 1
                lines.append(FactLine(line.organisation, line.indicator, line.period, "plan", "1"))
        if lines and rng.random() < 0.1:
            lines.append(rng.choice(lines))
        if lines:
            splitting = Random(f"{rng.getstate()[1][:3]}")
            parts = [one for one in self.everything if one.part_of]
            lines += strange_lines(splitting, self.everything, parts, splitting.choice(lines))
        rng.shuffle(lines)
        return self._entered(lines)

    def _filing(self, indicator: Indicator, period: Period) -> list[str]:
        """Who files: those of the level; now and then one above them, or one below, in their place."""
        level = indicator.kind_of_organisation
        here = []
        for code in self.codes:
            tree = self.history.last_tree_with(code, period)
            if tree and tree.kind(code) == level:
                here.append((code, tree.path(code)[1:]))
        above = sorted({other for _, path in here for other in path})
        if above and self.rng.random() < 0.07:
            self.features["facts: filed above the level"] += 1
            chosen = self.rng.choice(above)
            others = [code for code, _ in here if not self.book.above_or_below(code, chosen, period)]
            return [chosen, *others]
        below = sorted({code for code in self.codes for one, _ in here if self._is_below(code, one, period)})
        if below and self.rng.random() < 0.05:
            self.features["facts: filed below the level"] += 1
            chosen = self.rng.choice(below)
            others = [code for code, _ in here if not self.book.above_or_below(code, chosen, period)]
            return [chosen, *others]
        return [code for code, _ in here]

    def _is_below(self, code: str, other: str, period: Period) -> bool:
        tree = self.history.last_tree_with(code, period)
        return tree is not None and tree.is_below(code, other)

    def _value(self, indicator: Indicator, style: str, period: Period) -> str:
        rng, decimals = self.rng, indicator.decimals_on(period.end)
        match style:
            case "small":
                scaled = rng.randrange(0, 40) * 10**decimals
            case "decimals":
                scaled = rng.randrange(0, 10 ** (decimals + 2))
            case "ties":
                scaled = rng.choice((5, 15, 25, 50, 500, 1500, 5 * 10**decimals, 1)) * rng.choice((1, 1, -1))
            case "huge":
                scaled = rng.choice((10**15, -(10**15), 10**15 - 1, rng.randrange(10**14, 10**15)))
            case "negative":
                scaled = -rng.randrange(0, 3000)
            case _:
                scaled = rng.choice((0, 0, 0, 1, -1, 10))
        return _as_written(scaled, decimals, short=rng.random() < 0.3)

    def _later_file(self) -> FactFile:
        """Corrections, lines that are already there, new lines and lines that must be refused."""
        rng = self.rng
        correcting = rng.random() < 0.7
        held = [
            (cell, organisation, filed)
            for cell, those in self.book.facts.items()
            for organisation, filed in those.items()
        ]
        lines = []
        by_code = {one.code: one for one in self.indicators}
        for (code, period, scenario), organisation, filed in rng.sample(held, min(len(held), rng.choice((1, 4, 12)))):
            indicator = by_code[code]
            most = indicator.most_decimals
            same = _as_written(int(filed.value * 10**most), most, short=True)
            older = self.had[code, period, scenario, organisation]
            when = periods.parse(period)
            new = self._value(indicator, "small", when), self._value(indicator, "decimals", when)
            other = rng.choice((*new, "0", *older[:-1]))
            text = same if rng.random() < 0.25 else other
            lines.append(FactLine(organisation, code, period, scenario, text))
            if text == same:
                self.features["facts: an equal line again"] += 1
        for indicator in self.indicators:
            if rng.random() < 0.4:
                period = rng.choice(self.periods[indicator.grain])
                code = rng.choice(self.codes)
                grain = "month" if indicator.grain == "day" and rng.random() < 0.1 else indicator.grain
                asked = rng.choice(self.periods[grain])
                value = self._value(indicator, "small", asked)
                if rng.random() < 0.2:
                    value += ("" if "." in value else ".") + "123456789" + "1"
                lines.append(FactLine(code, indicator.code, asked.code, "actual", value))
                if grain == indicator.grain:
                    decimals = self._value(indicator, "decimals", period)
                    lines.append(FactLine(code, indicator.code, period.code, "actual", decimals))
                    if indicator.most_decimals > indicator.decimals_on(period.end):
                        fine = f"3.{'0' * (indicator.most_decimals - 1)}1"
                        lines.append(FactLine(code, indicator.code, period.code, "actual", fine))
                        self.features["precision: more decimals than in the period"] += 1
        return self._entered(lines, "meter read again" if correcting else "")


def _as_written(scaled: int, decimals: int, *, short: bool) -> str:
    """The number with all its decimals, or without zeros at the end."""
    digits = str(abs(scaled)).rjust(decimals + 1, "0")
    text = digits[: len(digits) - decimals] + ("." + digits[len(digits) - decimals :] if decimals else "")
    if short and decimals:
        text = text.rstrip("0").rstrip(".")
    return ("-" if scaled < 0 else "") + text
