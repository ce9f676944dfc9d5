"""Settled monthly values, months that are closed and reopened, and what is filed too late."""

from collections import Counter
from datetime import date
from random import Random

from oracle import periods
from oracle.draw.expressions import DIMENSION
from oracle.draw.indicators import LEVELS
from oracle.filing import Book
from oracle.periods import Period
from oracle.tree import History
from oracle.world import Closing, FactFile, FactLine, Indicator

Drawn = tuple[list[Indicator], list[FactFile], list[Closing], int]


def draw_closings(
    rng: Random, history: History, indicators: list[Indicator], book: Book, today: date, features: Counter[str]
) -> Drawn:
    """What settles indicators of the world, the files of it, the closings, and how many files come after these."""
    return _Closings(rng, history, indicators, book, today, features).draw()


class _Closings:
    def __init__(
        self, rng: Random, history: History, indicators: list[Indicator], book: Book, today: date,
        features: Counter[str],
    ) -> None:  # fmt: skip
        self.rng, self.history, self.book, self.today, self.features = rng, history, book, today, features
        self.indicators = indicators
        kinds = {line.kind for line in history._lines}
        self.levels = [level for level in LEVELS if level in kinds]

    def draw(self) -> Drawn:
        made: list[Indicator] = []
        lines: list[FactLine] = []
        for indicator in self.indicators:
            sums = indicator.over_time == "sum" and indicator.over_organisations == "sum"
            if indicator.is_filed and sums and (indicator.grain or "day") == "day" and self.rng.random() < 0.85:
                partner = self._partner(indicator)
                made.append(partner)
                lines += self._settled(indicator, partner)
        self.book.know(made)
        kept = [line for line in dict.fromkeys(lines) if not self._refused(line)]
        if not kept:
            return made, [], [], 0
        closings = [act for partner in made for act in self._acts(partner, kept)]
        late = self._late(made, closings)
        made += self._formulas(made)
        return made, [FactFile(tuple(kept)), *late], closings, len(late)

    def _partner(self, indicator: Indicator) -> Indicator:
        rng, level = self.rng, indicator.kind_of_organisation
        above = [one for one in self.levels if one in LEVELS and LEVELS.index(one) > LEVELS.index(level)]
        if level == "unit":
            above = [one for one in above if one != "reservoir"]
        chosen = rng.choice([level, *above[:2], *above[:1]]) if rng.random() < 0.8 else level
        self.features["closed: settled " + ("at the level" if chosen == level else "above the level")] += 1
        fewest = min(indicator.precision, *(count for _until, count in indicator.precisions), 9)
        precision = rng.choice((fewest, rng.randrange(fewest + 1)))
        return Indicator(
            code=f"{indicator.code}.m",
            name_zh=f"{indicator.name_zh}月报",
            name_en=f"{indicator.name_en} settled",
            unit=indicator.unit,
            precision=precision,
            precisions=tuple((until, rng.choice((precision, fewest))) for until, _count in indicator.precisions),
            grain="month",
            level=chosen,
            over_time="sum",
            over_organisations="sum",
            settles=indicator.code,
        )

    def _formulas(self, made: list[Indicator]) -> list[Indicator]:
        """Formulas of cells over what is settled: multiples and differences, which follow; others, which do not."""
        rng = self.rng
        days = [one for one in self.indicators if one.code in {partner.settles for partner in made}]
        first, second = rng.choice(days), rng.choice(self.indicators)
        alike = second.is_filed and (second.grain or "day") == "day" and DIMENSION[second.unit] == DIMENSION[first.unit]
        levels = {first.kind_of_organisation, second.kind_of_organisation}
        if not alike or ("reservoir" in levels and levels & {"unit", "phase"}):
            second = first
        one, other = first.code, second.code
        written = [f"{one} / 4", f"3 * {one} - {other}", f"-({one} + {other}) * 0.5", f"total({one}, {other})"]
        written += [f"if({one} > 0, {one}, {other})", f"max({one}, {other})"]
        chosen = rng.choice((*written[:4], *written))
        self.features["closed: a formula over a settled one"] += 1
        level = max((first.kind_of_organisation, second.kind_of_organisation), key=LEVELS.index)
        return [
            Indicator(
                code=f"{first.code}.f",
                name_zh=f"{first.name_zh}净",
                name_en=f"{first.name_en} net",
                unit=first.unit,
                precision=rng.choice((first.precision, 2)),
                grain="day",
                level=level,
                over_time="sum",
                over_organisations="sum",
                formula=chosen,
            )
        ]

    def _months(self, code: str) -> list[Period]:
        filed = {key[1][:7] for key in self.book.facts if key[0] == code and key[2] == "actual"}
        return [periods.parse(month) for month in sorted(filed)]

    def _settled(self, indicator: Indicator, partner: Indicator) -> list[FactLine]:
        rng, lines = self.rng, []
        months = self._months(indicator.code)
        if months and rng.random() < 0.3:
            months.append(periods.previous(months[0]))
        for month in months:
            for code in sorted({line.code for line in self.history._lines}):
                tree = self.history.last_tree_with(code, month)
                if tree and tree.kind(code) == partner.kind_of_organisation and rng.random() < 0.8:
                    number = rng.randrange(-200, 4000)
                    value = f"{number}" + (f".{rng.randrange(10)}" if partner.precision else "")
                    lines.append(FactLine(code, partner.code, month.code, "actual", value))
        return lines

    def _refused(self, line: FactLine) -> bool:
        if self.book.why_not(line, correcting=False):
            return True
        self.book.enter(line)
        return False

    def _acts(self, partner: Indicator, lines: list[FactLine]) -> list[Closing]:
        """Closings that the product takes: the month is over, something settles it, nobody above has closed it."""
        rng, acts = self.rng, []
        own = [line for line in lines if line.indicator == partner.code]
        for month in dict.fromkeys(line.period for line in own):
            period = periods.parse(month)
            if period.end >= self.today:
                continue
            for line in [line for line in own if line.period == month]:
                tree = self.history.last_tree_with(line.organisation, period)
                if tree is None or rng.random() < 0.35:
                    continue
                path = tree.path(line.organisation)
                at = rng.choice([*path[:1], *path])
                act = Closing(partner.settles, at, month)
                if not self._closed_at_or_above(act, period):
                    acts.append(act)
                    self.book.close(act)
                    self.features["closed: a month"] += 1
                    if rng.random() < 0.15:
                        again = Closing(act.indicator, at, month, reopens=True)
                        acts.append(again)
                        self.book.close(again)
                        self.features["closed: reopened"] += 1
        return acts

    def _closed_at_or_above(self, act: Closing, month: Period) -> bool:
        tree = self.history.last_tree_with(act.organisation, month)
        path = tree.path(act.organisation) if tree else []
        return any(
            (one.indicator, one.month) == (act.indicator, act.month) and one.organisation in path
            for one in self.book.closed
        )

    def _late(self, made: list[Indicator], closings: list[Closing]) -> list[FactFile]:
        """Corrections and new figures after the closings; those of closed months are refused."""
        rng = self.rng
        if not closings or rng.random() < 0.4:
            return []
        codes = {partner.code for partner in made} | {partner.settles for partner in made}
        held = [
            FactLine(organisation, code, period, scenario, "7")
            for (code, period, scenario), filed in self.book.facts.items()
            for organisation, fact in filed.items()
            if code in codes and fact.value != 7
        ]
        lines = rng.sample(held, min(len(held), 6))
        refused = [self.book.why_not(line, correcting=True) for line in lines]
        for line, why in zip(lines, refused, strict=True):
            if why:
                self.features[f"facts: refused, {why}"] += 1
            else:
                self.book.enter(line)
        return [FactFile(tuple(lines), "read again")] if lines else []
