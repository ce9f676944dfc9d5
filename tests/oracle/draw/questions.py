"""Questions that look where something was filed."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from oracle import formula, periods
from oracle.draw.curves import draw_curve_question
from oracle.filing import Facts, file_all
from oracle.periods import Period
from oracle.taxes import OTHER, other_code
from oracle.tree import History
from oracle.world import AnyQuestion, Indicator, Question, World

KINDS = ("day", "ten_day", "week", "month", "quarter", "half", "year", "settlement", "season", "span", "span")
BY = ("", "", "", "children", "children", "fuel", "province", "kind")
COMPARE = ("", "", "previous", "year-ago", "year-ago", "to-date", "to-date-year-ago")
AT_LEAST = ("filed",) * 5 + ("plant", "region", "group", "locked")


def draw_questions(world: World, rng: Random, count: int = 6) -> list[AnyQuestion]:
    """Questions about a world; what they ask is counted in the world's features."""
    drawing = _Asking(world, rng)
    found: list[AnyQuestion] = [drawing.question() for _ in range(count)]
    taxed = Random(f"taxes {rng.getstate()[1][:3]}")  # as below
    found = [_on_a_basis(world, one, taxed) for one in found]
    curves = Random(f"curves {rng.getstate()[1][:3]}")  # so that all else is asked as it was
    return [(draw_curve_question(world, curves) if curves.random() < 0.25 else None) or one for one in found]


def _on_a_basis(world: World, question: AnyQuestion, rng: Random) -> AnyQuestion:
    """With tax or without, most often about something that has a tax."""
    assert isinstance(question, Question)
    taxed = [one for one in world.indicators if one.tax]
    if not taxed or rng.random() < 0.25:
        return question
    whole = next((one for one in taxed if question.indicator in {one.code, *(p.code for p in world.parts(one))}), None)
    if whole is None and rng.random() < 0.6 and not question.category and question.by != "category":
        whole = rng.choice(taxed)
        question = replace(question, indicator=whole.code)
    basis = rng.choice(("included", "excluded"))
    if whole is not None:
        basis = OTHER[whole.filed] if rng.random() < 0.8 else basis
        world.features["question: told by a companion"] += basis != whole.filed
        if basis != whole.filed and rng.random() < 0.15:  # by its own code
            itself = next(one for one in world.everything if one.code == question.indicator)
            world.features["question: a companion by its code"] += 1
            return replace(question, indicator=other_code(itself))
    world.features["question: on a basis"] += 1
    return replace(question, tax=basis)


class _Asking:
    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.features: Counter[str] = world.features
        self.history = History(world.organisations)
        self.facts: Facts = file_all(world, self.history)[0]
        self._moves = self._find_moves()
        self.by_name = {name: one for one in world.everything for name in (one.code, one.name_zh, one.name_en)}

    def question(self) -> Question:
        rng = self.rng
        latest_first = self.world.indicators[::-1]
        indicator = rng.choice(self.world.indicators if rng.random() < 0.6 else latest_first[:2])
        cell, code = self._somewhere(indicator)
        asked = self._about_a_move(indicator) if rng.random() < 0.4 else None
        if self.world.closings and rng.random() < 0.6:
            indicator, organisation, period = self._about_a_closing()
            asked = organisation, period
        organisation, period = asked or (self._organisation(code, cell), self._period(cell))
        by, category = self._by(organisation), ""
        if indicator.split:
            code, by, category = self._split(indicator, by)
            indicator = self.by_name[code]
        found = Question(
            indicator=indicator.code,
            organisation=organisation,
            period=period.code,
            by=by,
            category=category,
            compare=rng.choice(COMPARE),
            structure=rng.choice(("then", "then", "now")),
            at_least=rng.choice(AT_LEAST),
            scope=self._scope(organisation),
        )
        self._count(indicator, found, period)
        return found

    def _split(self, indicator: Indicator, by: str) -> tuple[str, str, str]:
        """Often by category, or of one category, by its name or as the indicator that it is: code, by and category."""
        part = self.rng.choice(self.world.parts(indicator))
        asked = (indicator.code, "category", ""), (indicator.code, by, part.category), (part.code, by, "")
        return self.rng.choice((*asked, asked[0], asked[0], (indicator.code, by, "")))

    def _scope(self, organisation: str) -> str:
        """Half of the questions go by one; none by a scope that does not show the organisation."""
        kind = next(line.kind for line in self.world.organisations if line.code == organisation)
        scopes = [one.code for one in self.world.scopes if not one.levels or kind in one.levels]
        return self.rng.choice(scopes) if scopes and self.rng.random() < 0.45 else ""

    def _leaves(self, indicator: Indicator) -> list[Indicator]:
        if indicator.is_filed:
            return [indicator]
        if indicator.is_made_of_parts:
            return self.world.parts(indicator)
        names = [name for text in indicator.formulas for name in formula.names(formula.read(text))]
        return [leaf for name in names if name in self.by_name for leaf in self._leaves(self.by_name[name])]

    def _about_a_move(self, indicator: Indicator) -> tuple[str, Period] | None:
        """Somebody who had a moved organisation before or after, and a period around the day of the move."""
        leaves = {leaf.code for leaf in self._leaves(indicator)}
        filed = [(code, period) for (leaf, period, _), those in self.facts.items() if leaf in leaves for code in those]
        moves = []
        for code, day, parents in self._moves:
            near = {(day - timedelta(days=n)).isoformat() for n in (1, 2, 3)} | {f"{day - periods.ONE_DAY:%Y-%m}"}
            if any(
                period in near and code in self.history.tree(day).path(one)
                for one, period in filed
                if one in self.history.tree(day)
            ):
                moves.append((day, parents))
        if not moves:
            return None
        day, parents = self.rng.choice(moves)
        kind = self.rng.choice(("ten_day", "week", "month", "month", "quarter", "half", "year", "span"))
        if kind == "span":
            return self.rng.choice(parents), periods.span(day - timedelta(days=9), day + timedelta(days=9))
        return self.rng.choice(parents), periods.containing(kind, day - self.rng.choice((0, 1)) * periods.ONE_DAY)

    def _about_a_closing(self) -> tuple[Indicator, str, Period]:
        """A daily indicator of a closed month, or a formula on it, at somebody who has it, in a period around it."""
        rng = self.rng
        act = rng.choice(self.world.closings)
        daily = self.by_name[act.indicator]
        over = [one for one in self.world.indicators if not one.is_filed and daily in self._leaves(one)]
        cells = [one for one in over if one.is_cell_formula]
        indicator = rng.choice([daily, daily, daily, *over, *cells, *cells])
        month = periods.parse(act.month)
        tree = self.history.last_tree_with(act.organisation, month)
        path = tree.path(act.organisation) if tree else [act.organisation]
        kind = rng.choice(("day", "month", "month", "month", "quarter", "half", "year", "span", "settlement"))
        if kind == "span":
            days = timedelta(days=rng.randrange(3)), timedelta(days=rng.randrange(40))
            return indicator, rng.choice([path[0], *path]), periods.span(month.start - days[0], month.end + days[1])
        day = month.end + rng.choice((0, 0, 0, 0, 3, 31, 366)) * periods.ONE_DAY
        return indicator, rng.choice([path[0], *path]), periods.containing(kind, day)

    def _find_moves(self) -> list[tuple[str, date, tuple[str, str]]]:
        """Who moved, on which day, from whom to whom."""
        lines = sorted(self.world.organisations, key=lambda line: (line.code, line.valid_from))
        return [
            (after.code, date.fromisoformat(after.valid_from), (before.parent, after.parent))
            for before, after in pairwise(lines)
            if before.code == after.code and before.parent != after.parent
        ]

    def _somewhere(self, indicator: Indicator) -> tuple[Period, str]:
        """A period and an organisation for which something was filed that goes into the indicator."""
        leaves = {leaf.code for leaf in self._leaves(indicator)}
        filed = [
            (periods.parse(period), code)
            for (leaf, period, scenario), those in self.facts.items()
            for code in those
            if leaf in leaves and scenario == "actual"
        ]
        if not filed:
            return periods.day_of(self.world.today), self.rng.choice(self.world.codes())
        # Months are rare beside days and would hardly be looked at
        months = [one for one in filed if one[0].kind == "month"]
        return self.rng.choice(months if months and self.rng.random() < 0.5 else filed)

    def _organisation(self, code: str, cell: Period) -> str:
        """Itself or somebody above it; now and then anybody."""
        if self.rng.random() < 0.1:
            return self.rng.choice(self.world.codes())
        tree = self.history.last_tree_with(code, cell)
        path = tree.path(code) if tree else [code]
        return self.rng.choice([*path, *path[1:], *path[1:], path[-1]])

    def _by(self, organisation: str) -> str:
        """Seldom by children where there are none."""
        by = self.rng.choice(BY)
        has_children = any(line.parent == organisation for line in self.world.organisations)
        return by if by != "children" or has_children or self.rng.random() < 0.1 else ""

    def _period(self, cell: Period) -> Period:
        rng = self.rng
        day = rng.choice(cell.days())
        kind = rng.choice(KINDS)
        if cell.kind == "month" and kind in ("day", "ten_day", "week") and rng.random() < 0.8:
            kind = rng.choice(("month", "quarter", "half", "year", "span"))
        if day.isocalendar().week == 53 and rng.random() < 0.4:
            kind = "week"
        match kind:
            case "season":
                found = _season(day)
            case "span":
                found = periods.span(
                    cell.start - timedelta(days=rng.randrange(40)), cell.end + timedelta(days=rng.randrange(40))
                )
            case _:
                found = periods.containing(kind, day)
        if rng.random() < 0.12:  # the one after it, so that its previous has something
            found = (
                periods.containing(found.kind, found.end + periods.ONE_DAY) if kind not in ("season", "span") else found
            )
        return found

    def _count(self, indicator: Indicator, question: Question, period: Period) -> None:
        count = self.features
        count[f"question: {period.kind}"] += 1
        count[f"question: by {question.by or 'nothing'}"] += 1
        count[f"question: compare {question.compare or 'nothing'}"] += 1
        count[f"question: structure {question.structure}"] += 1
        count[f"question: at least {question.at_least}"] += 1
        count["question: by a scope"] += bool(question.scope)
        count["question: of a category"] += bool(question.category or indicator.part_of)
        sort = (
            "filed" if indicator.is_filed else "a result formula" if indicator.is_result_formula else "a cell formula"
        )
        count[f"question: {sort}"] += 1
        if period.code.endswith("W53"):
            count["question: week 53"] += 1
            if question.compare == "year-ago":
                count["question: a year before week 53"] += 1
        if period.kind == "week" and period.start.year != period.end.year:
            count["question: a week across New Year"] += 1
        if period.kind == "span" and period.start.year != period.end.year:
            count["question: a span across New Year"] += 1
        if date(2024, 2, 29) in (period.start, period.end):
            count["question: 29 February"] += 1
            if question.compare in ("year-ago", "to-date-year-ago"):
                count["question: a year before 29 February"] += 1
        if indicator.grain == "month" and period.kind in ("day", "ten_day", "week"):
            count["question: months in less than a month"] += 1


def _season(day: date) -> Period:
    """A season with this day in it; every day lies in one of the four."""
    for year in (day.year, day.year - 1):
        for name in periods.SEASONS if day.day % 2 else reversed(periods.SEASONS):
            found = periods.season(year, name)
            if found.start <= day <= found.end:
                return found
    raise AssertionError(day)
