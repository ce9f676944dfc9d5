"""A small group for tests: names, members, and figures made up by a rule that a test can repeat."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from zlib import crc32

from gangmu.figures.designs.asking import Compared, Members, Question, Row
from gangmu.figures.designs.vocabulary import Named, Names, Vocabulary

CHILDREN = {"G": ("JS", "AH", "HN"), "JS": ("JS1", "JS2")}
VOCABULARY = Vocabulary(
    Names(
        [
            Named("generation", "发电量", "Generation"),
            Named("price", "结算电价", "Settlement price"),
            Named("odd", "期间", ""),
            Named("profit_a", "利润", "Profit A"),
            Named("profit_b", "利润", "Profit B"),
        ]
    ),
    Names([Named("G", "集团", "Group"), Named("JS", "江苏公司", "Jiangsu"), Named("AH", "安徽公司", "Anhui")]),
    {
        "fuel": Names([Named("wind", "风电", "Wind"), Named("coal", "煤电", "Coal")]),
        "province": Names([Named("32", "江苏", "Jiangsu")]),
        "kind": Names([Named("plant", "电厂", "Plant")]),
    },
)


def value_of(indicator: str, organisation: str, group: str | None, period: str, scenario: str = "actual") -> Decimal:
    """Some figure with two decimals, the same whenever it is asked for."""
    return Decimal(crc32(f"{indicator}|{organisation}|{group}|{period}|{scenario}".encode()) % 10_000_000) / 100


class World:
    """Answers by `value_of`; keeps what it was asked."""

    def __init__(self, children: Mapping[str, Sequence[str]] = CHILDREN, missing: frozenset[str] = frozenset()) -> None:
        self.children, self.missing = children, missing
        self.asked: list[list[Question]] = []
        self.word = ""  # what is said in the place of every rate, if anything

    def members(self, wanted: Sequence[Members]) -> list[list[Named]]:
        found = []
        for one in wanted:
            codes = self.children.get(one.organisation, ()) if one.by == "children" else ("coal", "wind")
            known = VOCABULARY.organisations if one.by == "children" else VOCABULARY.groups[one.by]
            found.append([known.by_code.get(code) or Named(code, f"{code}厂", f"Plant {code}") for code in codes])
        return found

    def figures(self, questions: Sequence[Question]) -> list[list[Row]]:
        self.asked.append(list(questions))
        return [self._rows(question) for question in questions]

    def _rows(self, question: Question) -> list[Row]:
        rows = []
        for organisation in question.organisations:
            groups = [None]
            if question.by:
                groups = [one.code for one in self.members([Members(organisation, question.by, "")])[0]]
            for period in question.periods:
                for indicator in question.indicators:
                    for group in groups:
                        rows.append(self._row(question, organisation, group, period, indicator))
        return rows

    def _row(self, question: Question, organisation: str, group: str | None, period: str, indicator: str) -> Row:
        if organisation in self.missing or group in self.missing:
            return Row(organisation, group, indicator, period, None, "MWh", 0, 30, None)
        value = value_of(indicator, organisation, group, period, question.scenario)
        compare = None
        if question.compare:
            base = value_of(indicator, organisation, group, f"{period} {question.compare}")
            rate = str(round((value - base) / base, 6)) if base > 0 and not self.word else None
            compare = Compared(str(base), str(value - base), rate, self.word)
        return Row(organisation, group, indicator, period, str(value), "MWh", 29, 30, "group", compare)
