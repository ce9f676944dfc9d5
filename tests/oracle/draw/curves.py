"""Curves of 96 points: indicators that have them, files that complete, correct and contradict, questions."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from oracle.draw.expressions import UNITS
from oracle.filing import Book, CurveBook
from oracle.tree import History
from oracle.world import Curve, CurveFile, CurveLine, CurveQuestion, FactFile, FactLine, Indicator, World

SHAPES = ("wide", "wide", "time", "period", "timestamp", "start")
OVER_ORGANISATIONS = ("sum", "sum", "sum", "mean", "min", "max", "none")


def with_curves(world: World, levels: set[str], days: list[date], rng: Random) -> World:
    """The world with curves in it, now and then; all else of it stays."""
    if rng.random() < 0.45 or not levels:
        return world
    drawing = _Drawing(world, rng, rng.choice([one for one in ("unit", "plant") if one in levels] or sorted(levels)))
    return drawing.draw(rng.sample(days, min(len(days), 3)))


class _Drawing:
    def __init__(self, world: World, rng: Random, level: str) -> None:
        self.rng, self.level, self.world = rng, level, world
        self.features: Counter[str] = world.features
        self.history = History(world.organisations)

    def draw(self, days: list[date]) -> World:
        rng = self.rng
        unit = rng.choice(("MW", "MWh"))
        self.features[f"curve: in {unit}"] += 1
        rule = rng.choice(OVER_ORGANISATIONS)
        if rng.random() < 0.6:
            own = self._indicator("curve_own", "energy", "sum", rule)
        else:
            own = self._indicator("curve_own", "power", rng.choice(("mean", "max", "min")), rule)
            self.features["curve: its indicator is a power"] += 1
        others = []
        parts = {}
        for part, over_time in (("highest", "max"), ("lowest", "min"), ("mean", "mean")):
            taken = own.unit in UNITS["power"] and own.over_time == over_time
            if rng.random() < 0.5 and not taken:
                others.append(self._indicator(f"curve_{part}", "power", over_time, rng.choice(("sum", "none"))))
                parts[part] = others[-1].code
        curve = Curve(own.code, unit, rng.choice((0, 1, 2, 3)), **parts)
        self.world = replace(
            self.world,
            indicators=(*self.world.indicators, own, *others),
            curves=(curve,),
            files=self._files(own, days),
            features=self.features,
        )
        book = Book(self.history, self.world.everything)
        for file in self.world.files:
            book.load(file)
        self.curve, self.book = curve, CurveBook(self.world, self.history, book)
        files = [self._first(days)]
        files += [self._later() for _ in range(rng.choice((0, 1, 2, 3)))]
        return replace(self.world, curve_files=tuple(file for file in files if file.lines), features=self.features)

    def _indicator(self, code: str, dimension: str, over_time: str, over_organisations: str) -> Indicator:
        return Indicator(
            code, f"{code}名", f"{code} name", self.rng.choice(UNITS[dimension]), self.rng.choice((0, 1, 2, 4)), "day",
            self.level, over_time, over_organisations,
        )  # fmt: skip

    def _files(self, own: Indicator, days: list[date]) -> tuple[FactFile, ...]:
        """Seldom with a figure that stands where a curve will come to another."""
        files, there = self.world.files, self._filing(days[0])
        if self.rng.random() < 0.75 or not there:
            return files
        line = FactLine(self.rng.choice(there), own.code, days[0].isoformat(), "actual", "7")
        early = len(files) - self.world.late
        return (*files[:early], FactFile((line,)), *files[early:])

    def _filing(self, day: date) -> list[str]:
        tree = self.history.tree(day)
        return [code for code in sorted(tree.lines) if tree.kind(code) == self.level]

    def _points(self, whole: float) -> tuple[str, ...]:
        rng = self.rng
        style, base = rng.choice(("flat", "bell", "any", "negative")), rng.randrange(1, 300)
        missing = set() if rng.random() < whole else set(rng.sample(range(96), rng.choice((1, 3, 40))))
        found = []
        for n in range(96):
            size = {
                "flat": base,
                "bell": max(0, base - (n - 48) ** 2 // 8),
                "any": rng.randrange(500),
                "negative": -base + n,
            }[style]
            scaled = size * 10**self.curve.precision + rng.randrange(10**self.curve.precision)
            found.append("" if n in missing else _written(scaled, self.curve.precision))
        return tuple(found)

    def _file(self, lines: list[CurveLine], reason: str = "") -> CurveFile:
        """Without days that only another line of the same file makes wrong."""
        shape = self.rng.choice(SHAPES)
        alone = CurveFile((), shape, reason)
        before = {line: (self.book.why_not(line, alone), self.book.wrong_points(line, alone)) for line in lines}
        kept: list[CurveLine] = []
        for line in lines:
            if any((one.organisation, one.day) == (line.organisation, line.day) for one in kept):
                continue
            now = self.book.why_not(line, alone), self.book.wrong_points(line, alone)
            if now != before[line]:
                continue
            kept.append(line)
            why_not, wrong = now
            if why_not:
                self.features[f"curve: refused, {why_not.partition(':')[0]}"] += 1
            elif wrong:
                self.features["curve: refused, another point is held"] += 1
            self.book.load(replace(alone, lines=(line,)))
        self.features[f"curve: a file by {shape}"] += 1
        return replace(alone, lines=tuple(kept))

    def _first(self, days: list[date]) -> CurveFile:
        lines = []
        for day in days:
            here = self._filing(day)
            tree = self.history.tree(day)
            if here and self.rng.random() < 0.15:
                above = tree.path(self.rng.choice(here))[1:]
                here = [self.rng.choice(above), *here] if above else here
            for code in here[:5]:
                if self.rng.random() < 0.85:
                    lines.append(CurveLine(code, self.curve.indicator, day.isoformat(), self._points(0.75)))
        return self._file(lines)

    def _later(self) -> CurveFile:
        """What completes, says again, corrects, or contradicts."""
        rng, lines = self.rng, []
        correcting = rng.random() < 0.5
        held = [
            (code, day, points) for (_one, day), those in self.book.points.items() for code, points in those.items()
        ]
        for code, day, points in rng.sample(held, min(len(held), rng.choice((1, 2, 4)))):
            texts = ["" if point is None else _written(int(point * 10**self.curve.precision), self.curve.precision)
                     for point in points]  # fmt: skip
            if "" in texts:
                self.features["curve: completed later"] += 1
                texts = [text or "1" for text in texts]
            if rng.random() < 0.6:
                texts[rng.randrange(96)] = "3"
                self.features["curve: a correction"] += correcting
            lines.append(CurveLine(code, self.curve.indicator, day, tuple(texts)))
        if held and rng.random() < 0.4:
            day = rng.choice(held)[1]
            lines.append(CurveLine(rng.choice(self.world.codes()), self.curve.indicator, day, self._points(1)))
        return self._file(lines, "meter read again" if correcting else "")


def _written(scaled: int, decimals: int) -> str:
    digits = str(abs(scaled)).rjust(decimals + 1, "0")
    text = digits[: len(digits) - decimals] + ("." + digits[len(digits) - decimals :] if decimals else "")
    return ("-" if scaled < 0 else "") + text


def draw_curve_question(world: World, rng: Random) -> CurveQuestion | None:
    """One that looks where a curve was handed in."""
    handed = [line for file in world.curve_files for line in file.lines]
    if not handed:
        return None
    line = rng.choice(handed)
    first = date.fromisoformat(line.day)
    tree = History(world.organisations).tree(first)
    path = tree.path(line.organisation) if line.organisation in tree else [line.organisation]
    last = first + timedelta(days=rng.choice((0, 0, 0, 1, 3)))
    found = CurveQuestion(
        line.indicator,
        rng.choice([*path, *path[1:]]),
        first.isoformat(),
        last.isoformat(),
        rng.choice(("", "", "children", "fuel", "province", "kind")),
        rng.choice(("", "", "previous", "year-ago")),
        rng.choice(("", "", "MW", "MWh")),
    )
    world.features["question: a curve"] += 1
    world.features[f"question: curves by {found.by or 'nothing'}"] += 1
    world.features["question: curves compared"] += bool(found.compare)
    world.features["question: curves of several days"] += first != last
    world.features["question: a curve in the other unit"] += found.unit not in ("", world.curves[0].unit)
    return found
