"""The one function that makes a report's content: a handful of questions to the cube, asked together.

Page, workbook, PDF and brief are made of what it gives and ask nothing by themselves: so they say the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_noop as _

from gangmu.figures.cube.gateway import Answer, Question, ask_all
from gangmu.figures.cube.question import STATES, Row
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.reports.content import Block, Cell, Content, Line, Section, Standing
from gangmu.figures.reports.definitions import BlockDefinition, ReportDefinition, SectionDefinition
from gangmu.figures.reports.members import Member, Members, members, names_of
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

YEAR_AGO = "year-ago"
BACK = {Kind.DAY: 30, Kind.WEEK: 13, Kind.TEN_DAY: 18, Kind.MONTH: 13, Kind.QUARTER: 8, Kind.YEAR: 5}
MOST_NAMED = 12  # who has not filed
COUNTS = ("missing", "filed", "plant", "region", "group")


def build(
    report: ReportDefinition, organisation: Organisation, period: Period, scope: Scope, *, at_least: str = "filed"
) -> Content:
    """The report of an organisation for a period, as far as the scope may see it.

    Raises:
        CannotAnswer: the organisation may not be seen, or the cube cannot be read now.
        PeriodError: what is compared with lies outside the known years.
    """
    kinds_asked = {
        str(block.options["of"])
        for section in report.sections
        for block in section.blocks
        if block.kind == "members" and block.options.get("of", "lowest") != "lowest"
    }
    known = {str(one.code): names_of_indicator(one) for one in Indicator.objects.filter(code__in=report.indicators)}
    making = _Making(report, members(organisation, period.end, kinds_asked), period, at_least, known)
    making.answer(scope)
    sections = [made for one in report.sections if (made := making.section(one))]
    return Content(
        report=report.code,
        title=report.title,
        organisation=str(organisation.code),
        organisation_name=names_of(organisation),
        period=period.code,
        at_least=at_least,
        made_at=clock.now().isoformat(),
        standing=making.standing(),
        sections=tuple(sections),
        units=report.units,
    )


def names_of_indicator(indicator: Indicator) -> Words:
    zh, en = str(indicator.name_zh), str(indicator.name_en)
    return Words(zh or en, en or zh)


def both(text: str, context: str = "") -> Words:
    """A text of the catalogue in both languages, since a report is kept in both."""
    told = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told.append(pgettext(context, text) if context else gettext(text))
    return Words(*told)


def spans(period: Period) -> list[tuple[Period, Words]]:
    """The periods of a report's columns, with their headings: its own, and to date."""
    own = {
        Kind.DAY: pgettext_noop("column", "Day"),
        Kind.WEEK: pgettext_noop("column", "Week"),
        Kind.MONTH: pgettext_noop("column", "Month"),
        Kind.YEAR: pgettext_noop("column", "Year"),
    }
    found = [(period, both(own[period.kind], "column") if period.kind in own else both(_("This period")))]
    if period.kind in (Kind.DAY, Kind.WEEK, Kind.TEN_DAY):
        found.append((period.month_to_date(), both(_("Month to date"))))
    if period.kind is not Kind.YEAR:
        found.append((period.to_date(), both(_("Year to date"))))
    return found


def pgettext_noop(context: str, text: str) -> str:
    """Marks a text that is translated later, with its context."""
    return text


@dataclass
class _Making:
    """One content in the making: what is asked, what was found, and the blocks made of it."""

    report: ReportDefinition
    tree: Members
    period: Period
    at_least: str
    known: Mapping[str, Words]

    def __post_init__(self) -> None:
        self.spans = spans(self.period)
        self.found: dict[Question, Answer] = {}
        self.names: dict[str, Words] = {}

    # Asking -----------------------------------------------------------------------------------------------------------

    def answer(self, scope: Scope) -> None:
        """Ask for everything at once; questions of equal shape are one."""
        shapes: dict[Question, dict[str, None]] = {}
        for question in self._questions():
            shapes.setdefault(replace(question, indicators=()), {}).update(dict.fromkeys(question.indicators))
        joined = {shape: replace(shape, indicators=tuple(codes)) for shape, codes in shapes.items()}
        for shape, answer in zip(joined, ask_all(list(joined.values()), scope), strict=True):
            if not isinstance(answer, Answer):
                raise answer
            self.found[shape] = answer
        groups = {
            str(row.group)
            for shape, answer in self.found.items()
            if shape.by == "children"
            for row in answer.rows
            if row.group is not None and (row.reported or row.expected)
        }
        for one in Organisation.objects.filter(code__in=groups - set(self.tree.by_code)):
            self.names[str(one.code)] = names_of(one)

    def _questions(self) -> Iterable[Question]:
        for section in self.report.sections:
            for block in section.blocks:
                question = self._question(block)
                if question:
                    yield question
        standing = self._of_members("lowest", self.report.standing)
        if standing:
            yield standing

    def _question(self, block: BlockDefinition) -> Question | None:
        """What a block asks; None where nobody knows its indicators, or nobody stands below."""
        codes = self._known(block.indicators)
        if not codes:
            return None
        if block.kind == "members":
            return self._of_members(str(block.options.get("of", "lowest")), codes)
        if block.kind == "trend":
            back = self._back()
            periods = dict.fromkeys(one.code for one in (*back, *(one.year_ago() for one in back)))
            return self._ask(codes, list(periods), compare=None)
        by = str(block.options["by"]) if block.kind == "groups" else None
        return self._ask(codes, [span.code for span, _head in self.spans], by=by)

    def _ask(self, codes: Sequence[str], periods: Sequence[str], **more: Any) -> Question:
        asked = {"organisations": (self.tree.top.code,), "compare": YEAR_AGO, **more}
        return Question(tuple(codes), periods=tuple(periods), at_least=self.at_least, **asked)

    def _of_members(self, what: str, codes: Sequence[str]) -> Question | None:
        """Asks for those of a kind; where nobody stands below, for the organisation itself."""
        codes = self._known(codes)
        if not codes:
            return None
        parents = self.tree.parents(self.tree.of(what))
        if parents:
            return self._ask(codes, [self.period.code], organisations=tuple(parents), by="children", compare=None)
        return self._ask(codes, [self.period.code], compare=None) if what == "lowest" else None

    def _known(self, codes: Sequence[str]) -> list[str]:
        return [code for code in codes if code in self.known]

    def _back(self) -> list[Period]:
        found = [self.period]
        while len(found) < BACK.get(self.period.kind, 12):
            try:
                found.append(found[-1].previous())
            except PeriodError:
                break
        return found[::-1]

    def _rows(self, question: Question | None) -> list[Row]:
        if question is None:
            return []
        wanted = set(question.indicators)
        rows = self.found[replace(question, indicators=())].rows
        return [row for row in rows if row.indicator in wanted]

    # Sections and blocks ----------------------------------------------------------------------------------------------

    def section(self, section: SectionDefinition) -> Section | None:
        """With what there is; None where nobody here files any of it."""
        blocks = [made for one in section.blocks if (made := self._block(one, section))]
        return Section(section.code, section.title, tuple(blocks), section.covers_all) if blocks else None

    def _block(self, block: BlockDefinition, section: SectionDefinition) -> Block | None:
        match block.kind:
            case "groups":
                return self._groups(block)
            case "trend":
                return self._trend(block)
            case "members":
                return self._members(block)
            case "filing":
                return self._filing(block)
        return self._table(block)

    def _table(self, block: BlockDefinition) -> Block | None:
        """A line for each indicator that somebody files; of `figures` and `states` only the report's own period."""
        question = self._question(block)
        by_figure = {(row.indicator, row.period): row for row in self._rows(question)}
        own_alone = block.kind != "table"
        heads = self.spans[:1] if own_alone else self.spans
        tones = block.options.get("tones", {})
        lines = []
        for code in question.indicators if question else ():
            rows = [by_figure.get((code, span.code)) for span, _head in heads]
            if any(row and (row.reported or row.value is not None) for row in rows):
                cells = tuple(row and _cell(row) for row in rows)
                is_partial = code in block.options.get("partial", ())
                lines.append(Line(self.known[code], cells, tone=str(tones.get(code, "")), is_partial=is_partial))
        if not lines:
            return None
        return Block(
            block.kind, block.title, tuple(head for _span, head in heads), tuple(lines), block.kind != "states"
        )

    def _groups(self, block: BlockDefinition) -> Block | None:
        """One indicator by children, fuel or province, and its total; a group alone is no grouping."""
        question = self._question(block)
        if question is None:
            return None
        by, code = str(question.by), question.indicators[0]
        lines: dict[str | None, list[Cell | None]] = {}
        for row in self._rows(question):
            place = next(number for number, (span, _head) in enumerate(self.spans) if span.code == row.period)
            cells = lines.setdefault(row.group, [None] * len(self.spans))
            if row.reported or row.expected:
                cells[place] = _cell(row, by)
        kept = {group: cells for group, cells in lines.items() if any(cell and cell.reported for cell in cells)}
        if len(kept) < 2:
            return None
        made = [Line(self._group_name(by, group), tuple(cells)) for group, cells in kept.items()]
        if by != "children":
            made.sort(key=lambda line: -Decimal(line.cells[-1].value or 0) if line.cells[-1] else Decimal(0))
        total = self._ask([code], [span.code for span, _head in self.spans])
        totals = self.found.get(replace(total, indicators=()))
        if totals:
            own = {row.period: row for row in totals.rows if row.indicator == code}
            cells = tuple((row := own.get(span.code)) and _cell(row) for span, _head in self.spans)
            if any(cells):
                made.append(Line(both(_("Total")), cells, is_total=True))
        heads = tuple(head for _span, head in self.spans)
        return Block("groups", block.title, heads, tuple(made), True, code, self.known[code])

    def _group_name(self, by: str, group: str | None) -> Words:
        if group is None:
            return both(_("Not stated"))
        if by == "children":
            return self._name(group)
        if by == "kind":
            return kinds.kind(group).name
        attribute = kinds.attributes().get(by)
        choice = attribute.choice(group) if attribute else None
        return choice.name if choice else Words(group, group)

    def _name(self, code: str) -> Words:
        member = self.tree.by_code.get(code)
        return member.names if member else self.names.get(code, Words(code, code))

    def _trend(self, block: BlockDefinition) -> Block | None:
        """The last periods, each beside that of a year ago."""
        question = self._question(block)
        if question is None:
            return None
        code = question.indicators[0]
        by_period = {row.period: _cell(row) for row in self._rows(question) if row.indicator == code}
        back = self._back()
        if sum(by_period[one.code].known for one in back) < 2:
            return None
        lines = []
        for period in back:
            label = Words(period.label("zh-hans"), period.label("en"))
            cells = (by_period[period.code], by_period[period.year_ago().code])
            lines.append(Line(label, cells, note=Words(period.code, period.code)))
        heads = (both(_("This year")), both(_("Last year")))
        return Block("trend", block.title, heads, tuple(lines), False, code, self.known[code])

    def _members(self, block: BlockDefinition) -> Block | None:
        """Members with the least, or the most, of the first indicator, beside others of their figures."""
        what = str(block.options.get("of", "lowest"))
        question = self._question(block)
        if question is None or not question.by:
            return None
        wanted = {one.code for one in self.tree.of(what)}
        found: dict[str, dict[str, Row]] = {}
        for row in self._rows(question):
            if row.group in wanted and row.value is not None:
                found.setdefault(str(row.group), {})[row.indicator] = row
        by = question.indicators[0]
        ranked = [code for code, rows in found.items() if by in rows]
        most = block.options.get("order", "least") == "most"
        ranked.sort(key=lambda code: Decimal(found[code][by].value or 0) * (-1 if most else 1))
        if not ranked:
            return None
        bound = block.options.get("below")
        low = [code for code in ranked if bound is not None and Decimal(found[code][by].value or 0) < bound]
        lines = tuple(
            Line(
                self._name(code),
                tuple((row := found[code].get(one)) and _cell(row, "children") for one in question.indicators),
                is_low=code in low,
            )
            for code in ranked[: int(block.options.get("count", 10))]
        )
        heads = tuple(self.known[code] for code in question.indicators)
        bound_text = "" if bound is None else str(bound)
        return Block("members", block.title, heads, lines, False, by, self.known[by], bound_text, len(low), len(ranked))

    # Who has filed ----------------------------------------------------------------------------------------------------

    def _states(self) -> dict[str, str]:
        """How each of the lowest stands: missing, or the state of its figures. Who need not file is left out."""
        question = self._of_members("lowest", self.report.standing)
        wanted = {one.code for one in self.tree.lowest} or {self.tree.top.code}
        found: dict[str, str] = {}
        for row in self._rows(question):
            code = str(row.group) if row.group is not None else row.organisation
            if code not in wanted or not (row.expected or row.reported):
                continue
            state = "missing" if row.reported < row.expected or row.state is None else row.state
            before = found.get(code, state)
            found[code] = min(state, before, key=RANK.index)
        return found

    def standing(self) -> Standing:
        """How many of the lowest have filed, and how far their figures have been approved."""
        states = self._states()
        counts = {name: sum(_counted(state) == name for state in states.values()) for name in COUNTS}
        late = [self._name(code) for code in states if states[code] == "missing"]
        return Standing(len(states), **counts, late=tuple(late[:MOST_NAMED]))

    def _filing(self, block: BlockDefinition) -> Block | None:
        """How many of those below each child have filed and stand at which state."""
        states = self._states()
        if not states or not self.tree.lowest:
            return None
        tops = {one.code: self._top_of(one) for one in self.tree.lowest if one.code in states}
        by_top: dict[str, list[str]] = {}
        for code, top in tops.items():
            by_top.setdefault(top.code, []).append(states[code])
        order = [one.code for one in self.tree.by_id.values() if one.code in by_top]
        if len(order) < 2 or set(order) == set(tops):
            return None  # those right below are the plants themselves: the totals say it all
        lines = [Line(self._name(code), _counts(by_top[code])) for code in order]
        lines.append(Line(both(_("Total")), _counts(list(states.values())), is_total=True))
        words = (_("Expected"), _("Not reported"), _("Filed"), _("Approved by the plant"), _("Approved by the region"),
                 _("Approved by the group"))  # fmt: skip
        return Block("filing", block.title, tuple(map(both, words)), tuple(lines))

    def _top_of(self, member: Member) -> Member:
        """The one right below the report's organisation that this one stands below, or is."""
        one = member
        while one.parent is not None and one.parent != self.tree.top.pk:
            one = self.tree.by_id[one.parent]
        return one


RANK = ("missing", *STATES)


def _counted(state: str) -> str:
    return "group" if state == "locked" else state


def _counts(states: Sequence[str]) -> tuple[Cell, ...]:
    numbers = [len(states), *(sum(_counted(state) == name for state in states) for name in COUNTS)]
    return tuple(Cell(str(number)) for number in numbers)


def _cell(row: Row, by: str = "") -> Cell:
    """A row of the cube's answer as a cell."""
    compare = row.compare
    return Cell(
        row.value,
        row.unit,
        row.indicator,
        row.organisation,
        row.period,
        by,
        row.group if by else None,
        row.state,
        row.reported,
        row.expected,
        compare.value if compare else None,
        compare.change if compare else None,
        compare.rate if compare else None,
        (compare.word or "") if compare else "",
    )
