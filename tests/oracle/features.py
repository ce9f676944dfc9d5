"""The names of what can occur in a run: drawn on purpose, or met on the way to an answer."""

from collections import Counter

OVER_TIME = ("sum", "mean", "first", "last", "min", "max")
OVER_ORGANISATIONS = ("sum", "mean", "min", "max", "none")
LEVELS = ("unit", "reservoir", "phase", "plant", "region", "group")

OFTEN = frozenset(
    {
        "answer: a value",
        "answer: nothing reported",
        "compare: a change",
        "compare: a rate",
        "compare: base negative",
        "coverage: an organisation filed for those below it",
        "coverage: inputs differ",
        "coverage: some but not all",
        "facts: a correction",
        "facts: a second correction",
        "facts: an equal line again",
        "facts: another scenario",
        "facts: decimals",
        "facts: filed above the level",
        "facts: filed below the level",
        "facts: huge",
        "facts: negative",
        "facts: refused, another value is held",
        "facts: refused, filed above or below",
        "facts: refused, too many decimals",
        "facts: small",
        "facts: ties",
        "facts: zeros",
        "formula: abs",
        "formula: an earlier one",
        "formula: changes with time",
        "formula: capacity_mw",
        "formula: capacity_mwh",
        "formula: cells over cells",
        "formula: cells over filed",
        "formula: cells over result",
        "formula: days in a formula of months",
        "formula: depth 1",
        "formula: depth 2",
        "formula: depth 3",
        "formula: depth 4",
        "formula: division by zero",
        "formula: if",
        "formula: max",
        "formula: min",
        "formula: mtd",
        "formula: nothing in, nothing out",
        "formula: result over cells",
        "formula: result over filed",
        "formula: result over result",
        "categories: a part in a formula",
        "categories: a share",
        "categories: a total filed",
        "categories: a total of parts",
        "categories: dictionaries",
        "categories: one that begins",
        "categories: one that ends",
        "categories: one that is not used",
        "question: by category",
        "question: of a category",
        "formula: round",
        "formula: total",
        "formula: units converted",
        "formula: year_ago",
        "formula: 「name」",
        "moved: some of an organisation's cells belong to the group",
        "precision: a change between two precisions",
        "precision: an earlier one",
        "precision: changes with time",
        "precision: lowered among facts",
        "precision: more decimals than in the period",
        "precision: raised among facts",
        "question: 29 February",
        "question: a cell formula",
        "question: a result formula",
        "question: a span across New Year",
        "question: a week across New Year",
        "question: at least filed",
        "question: at least group",
        "question: at least locked",
        "question: at least plant",
        "question: at least region",
        "question: by children",
        "question: by fuel",
        "question: by kind",
        "question: by nothing",
        "question: by province",
        "question: compare nothing",
        "question: compare previous",
        "question: compare to-date",
        "question: compare to-date-year-ago",
        "question: compare year-ago",
        "question: day",
        "question: filed",
        "question: half",
        "question: month",
        "question: months in less than a month",
        "question: quarter",
        "question: season",
        "question: settlement",
        "question: span",
        "question: structure now",
        "question: structure then",
        "question: ten_day",
        "question: week",
        "question: year",
        "question: by a scope",
        "rounding: exact",
        "rounding: rounded",
        "rounding: to zero",
        "rounding: to zero from below",
        "scope: a structure of its own",
        "scope: another scope in it",
        "scope: begins on a day",
        "scope: exceptions",
        *(f"scope: new plants {rule}" for rule in ("in", "period", "year", "last-year")),
        "scope: several parts",
        "scope: several versions",
        "scope: shares in numbers",
        "scope: shares of ownership",
        "today: amid the facts",
        "tree: a closure",
        "tree: a phase",
        "tree: a plant moves",
        "tree: a plant without units",
        "tree: a region in a region",
        "tree: a region moves",
        "tree: a unit moves",
        "tree: another capacity_mw",
        "tree: another fuel",
        "tree: another ownership",
        "tree: changes on 0 days",
        "tree: changes on 1 days",
        "tree: changes on 2 days",
        "tree: changes on 3 days",
        "tree: levels 1",
        "tree: levels 3",
        "tree: levels 4",
        "tree: levels 5",
        "tree: one comes back",
        "tree: two lines that say the same",
        "weighted: a cell without its weight",
        "weighted: weights come to nothing",
        "indicator: weighted",
        *(f"indicator: filed by the {level} each {grain}" for level in ("unit", "plant") for grain in ("day", "month")),
        "added up: sum then sum",
        *(f"added up: {rule} then none" for rule in ("sum", "mean")),
    }
)
"""Occurs in any 500 questions, or the drawing is at fault."""

SELDOM = frozenset(
    {
        "compare: base zero",
        "facts: a correction back to an older value",
        "facts: a line twice in a file",
        "facts: refused, another grain",
        "facts: refused, organisation not there",
        "facts: refused, too large",
        "formula: capacity alone",
        "formula: depth 5",
        "formula: inputs of several levels",
        "formula: last",
        "formula: levels meet at the higher",
        "facts: refused, made of its parts",
        "facts: refused, no such category",
        "facts: refused, category not in use",
        "categories: weighted",
        "categories: what is not split",
        "formula: prior",
        "formula: total of some",
        "formula: yoy",
        "formula: ytd",
        "question: a year before 29 February",
        "question: a year before week 53",
        "question: week 53",
        "rounding: a tie",
        "rounding: a tie below zero",
        "scope: a share changes within a month",
        "tree: a gap",
        "tree: a phase moves",
        "tree: a reservoir",
        "tree: a reservoir moves",
        "tree: a whole region moves",
        "tree: another province",
        "tree: changes on 4 days",
        "tree: changes on 5 days",
        "tree: levels 2",
        "tree: several roots",
        "indicator: weighted by a formula",
        *(f"indicator: filed by the {level} each {grain}" for level in LEVELS for grain in ("day", "month")),
        *(f"indicator: {first} then {then}" for first in OVER_TIME for then in OVER_ORGANISATIONS),
        *(f"added up: {first} then {then}" for first in OVER_TIME for then in (*OVER_ORGANISATIONS, "weighted")),
    }
)
"""Occurs in any 10,000 questions."""


CLOSED = frozenset(
    {
        "closed: a cell formula",
        "closed: a formula over a settled one",
        "closed: a month",
        "closed: an adjustment",
        "closed: filed",
        "closed: reopened",
        "closed: settled above the level",
        "closed: settled at the level",
        "facts: refused, closed month",
    }
)
"""Occurs in any 100 questions about worlds with closed months."""


CURVES = frozenset(
    {
        "curve: a file by wide",
        "curve: completed later",
        "curve: in MW",
        "curve: in MWh",
        "curve: misses points",
        "curve: some but not all give it",
        "curve: whole",
        *(f"question: curves by {by}" for by in ("nothing", "children", "fuel", "province", "kind")),
        "question: a curve",
        "question: a curve in the other unit",
        "question: curves compared",
        "question: curves of several days",
    }
)
"""Occurs in any 500 questions, in worlds with curves."""

CURVES_SELDOM = frozenset(
    {
        *(f"curve: a file by {shape}" for shape in ("time", "period", "timestamp", "start")),
        "curve: a correction",
        "curve: its indicator is a power",
        "curve: refused, another point is held",
        "curve: refused, curve above or below",
        "curve: refused, its figure",
        "curve: refused, organisation not there",
    }
)
"""Occurs in any 10,000 questions."""


TAXES = frozenset(
    {
        "question: a companion by its code",
        "question: on a basis",
        "question: told by a companion",
        "tax: a formula that follows",
        "tax: a rate that changes",
        "tax: an earlier rate",
        "tax: excluded, of what is filed included",
        "tax: filed excluded",
        "tax: filed included",
        "tax: included, of what is filed excluded",
    }
)
"""Occurs in any 500 questions."""

TAXES_SELDOM = frozenset(
    {
        "tax: a formula of cells that follows",
        "tax: of a formula of cells",
        "tax: of a split one",
        "tax: other rates after the facts",
        "tax: weighted",
    }
)
"""Occurs in any 10,000 questions."""


def missing(counted: Counter[str], cases: int) -> set[str]:
    """What should have occurred in so many questions and did not."""
    often = OFTEN | CURVES | TAXES
    wanted = (
        often | SELDOM | CURVES_SELDOM | TAXES_SELDOM
        if cases >= 10_000
        else often
        if cases >= 500
        else frozenset[str]()
    )
    return {name for name in wanted if not counted[name]}


def unknown(counted: Counter[str]) -> set[str]:
    """Names that are counted and listed nowhere."""
    known = OFTEN | SELDOM | CLOSED | CURVES | CURVES_SELDOM | TAXES | TAXES_SELDOM
    return {name for name, count in counted.items() if count} - known
