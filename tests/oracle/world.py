"""A world: the three kinds of files that the product loads, and a question about them, as plain values."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from oracle.taxes import FOLLOWS, Tax, on_other_basis


class WorldError(Exception):
    """The world contradicts itself: something is named that is not there, or a formula makes no sense."""


@dataclass(frozen=True)
class OrganisationLine:
    """One line of the organisations file: where an organisation stood, and with which attributes, in these days.

    An empty `valid_from` or `valid_to` is an open end; `valid_to` is the last day that counts.
    """

    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""
    capacity_mw: str = ""
    fuel: str = ""
    province: str = ""
    longitude: str = ""
    latitude: str = ""
    commissioned: str = ""
    ownership: str = ""  # in percent

    def holds_on(self, day: date) -> bool:
        text = day.isoformat()
        return (not self.valid_from or self.valid_from <= text) and (not self.valid_to or text <= self.valid_to)


@dataclass(frozen=True)
class Indicator:
    """One entry of the indicators file. Empty fields are left out of it."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    precision: int
    grain: str = ""
    level: str = ""
    over_time: str = ""
    over_organisations: str = ""
    weight: str = ""
    formula: str = ""
    earlier: tuple[tuple[str, str], ...] = ()  # (last day, formula) of those that were valid before, in order

    def formula_on(self, day: date) -> str:
        return next((text for until, text in self.earlier if day.isoformat() <= until), self.formula)

    @property
    def formulas(self) -> tuple[str, ...]:
        """Every formula that it has or had."""
        return (*(text for _until, text in self.earlier), self.formula)

    settles: str = ""
    split: str = ""  # the code of a dictionary of categories
    total: str = ""  # of what is split: "filed", or made of its "parts"
    part_of: str = ""  # of a part: the code of the whole; parts are never written to the file
    category: str = ""
    valid_from: str = ""
    valid_to: str = ""

    @property
    def is_made_of_parts(self) -> bool:
        return self.total == "parts"

    def takes(self, first: date, last: date) -> bool:
        """Whether its category is used on one of these days."""
        begun = not self.valid_from or self.valid_from <= last.isoformat()
        return begun and (not self.valid_to or first.isoformat() <= self.valid_to)

    tax: str = ""  # the code of a tax, or "follows"
    filed: str = ""  # of what has a tax: whether its figures are with it ("included") or without ("excluded")
    made_from: str = ""  # of what tells another one on the other basis; it is never written to the file

    precisions: tuple[tuple[str, int], ...] = ()  # (last day, decimals) of those that held before, in order

    def decimals_on(self, day: date) -> int:
        return next((count for until, count in self.precisions if day.isoformat() <= until), self.precision)

    @property
    def most_decimals(self) -> int:
        """The decimals with which it is stored."""
        return max(self.precision, *(count for _until, count in self.precisions), 0)

    @property
    def at_first(self) -> "Indicator":
        """The indicator before its decimals changed for the first time."""
        return replace(self, precision=self.decimals_on(date.min), precisions=())

    @property
    def kind_of_organisation(self) -> str:
        return self.level or "unit"

    @property
    def is_filed(self) -> bool:
        return not self.formula and not self.is_made_of_parts and not self.made_from

    @property
    def is_result_formula(self) -> bool:
        """Evaluated on the inputs' totals."""
        return bool(self.formula) and not self.over_organisations

    @property
    def is_cell_formula(self) -> bool:
        """Evaluated for each cell; its results are added up."""
        return not self.is_filed and bool(self.over_organisations)


@dataclass(frozen=True)
class FactLine:
    organisation: str
    indicator: str
    period: str
    scenario: str
    value: str
    state: str = "locked"  # what the command line gives to every fact; never written to the file


@dataclass(frozen=True)
class FactFile:
    """One run of `gangmu load facts`; with a reason it is `--correct REASON`."""

    lines: tuple[FactLine, ...]
    reason: str = ""


@dataclass(frozen=True)
class Curve:
    """A daily indicator has curves of 96 points, in MW or MWh; the others are those that a day comes to besides."""

    indicator: str
    unit: str
    precision: int
    highest: str = ""
    lowest: str = ""
    mean: str = ""


@dataclass(frozen=True)
class CurveLine:
    """The points of a day, the first one ending at 00:15; an empty one is missing."""

    organisation: str
    indicator: str
    day: str
    points: tuple[str, ...]


@dataclass(frozen=True)
class CurveFile:
    """One run of `gangmu load curves`.

    `shape`: a line a day (`wide`), or a line a point: `time`, `period`, `timestamp`, `start` for times that name the
    beginning.
    """

    lines: tuple[CurveLine, ...]
    shape: str = "wide"
    reason: str = ""

    def rows(self) -> list[tuple[int, int]]:
        """Of a table with a line a point, each line's day and point, both from 0."""
        return [(at, n) for at, line in enumerate(self.lines) for n, text in enumerate(line.points) if text]


@dataclass(frozen=True)
class Closing:
    """One run of `gangmu months close`, or of `reopen`: an organisation's month of a daily indicator."""

    indicator: str
    organisation: str
    month: str
    reopens: bool = False


@dataclass(frozen=True)
class ScopePart:
    """Who counts with which share; conditions hold together. `share` is a percentage, "ownership", or empty: wholly."""

    organisations: tuple[str, ...] = ()
    fuels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    scope: str = ""
    share: str = ""


@dataclass(frozen=True)
class ScopeVersion:
    """What holds from a day on, until the next version does; an empty day is no bound."""

    valid_from: str
    count: tuple[ScopePart, ...]
    exceptions: tuple[ScopePart, ...] = ()


@dataclass(frozen=True)
class Scope:
    """A statistical scope."""

    code: str
    versions: tuple[ScopeVersion, ...]
    new_plants: str = "in"
    structure: str = ""
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    code: str
    name: str
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class Dictionary:
    """A dictionary of categories."""

    code: str
    categories: tuple[Category, ...]


@dataclass(frozen=True)
class World:
    """`closings` happen one after the other, before the last `late` files are loaded; curves come last of all. The
    indicators `raised` get their decimals after the first file; until then they have those of the beginning."""

    organisations: tuple[OrganisationLine, ...]
    indicators: tuple[Indicator, ...]
    files: tuple[FactFile, ...]
    today: date
    closings: tuple[Closing, ...] = ()
    late: int = 0
    scopes: tuple[Scope, ...] = ()
    dictionaries: tuple[Dictionary, ...] = ()
    raised: tuple[str, ...] = ()
    curves: tuple[Curve, ...] = ()
    curve_files: tuple[CurveFile, ...] = ()
    taxes: tuple[Tax, ...] = ()
    first_taxes: tuple[Tax, ...] = ()  # with the rates of before the facts, where these were others
    features: Counter[str] = field(default_factory=Counter, compare=False, repr=False)

    def indicators_at_first(self) -> tuple[Indicator, ...]:
        """With the parts of split ones, which have the decimals of their wholes."""
        return tuple(one.at_first if (one.part_of or one.code) in self.raised else one for one in self.everything)

    def indicator(self, code: str) -> Indicator:
        for indicator in (*self.everything, *self.on_other_bases.values()):
            if indicator.code == code:
                return indicator
        raise WorldError(f"no indicator {code}")

    @cached_property
    def on_other_bases(self) -> dict[str, Indicator]:
        """By code, what tells the figures of those that have a tax on the other basis."""
        return {one.code: one for one in (on_other_basis(each) for each in self.everything if each.tax)}

    def tax(self, code: str) -> Tax:
        for tax in self.taxes:
            if tax.code == code:
                return tax
        raise WorldError(f"no tax {code}")

    @cached_property
    def everything(self) -> tuple[Indicator, ...]:
        """The indicators and the parts of those that are split."""
        return (*self.indicators, *(part for one in self.indicators for part in self.parts(one)))

    def parts(self, indicator: Indicator) -> list[Indicator]:
        """One for each category, in the order of the dictionary."""
        return parts_of(indicator, self.dictionaries)

    def scope(self, code: str) -> Scope:
        for scope in self.scopes:
            if scope.code == code:
                return scope
        raise WorldError(f"no scope {code}")

    def codes(self) -> list[str]:
        """The organisations, in code order."""
        return sorted({line.code for line in self.organisations})

    def write(self, folder: Path) -> "WrittenWorld":
        """Write the world as the files that the command line takes."""
        folder.mkdir(parents=True, exist_ok=True)
        organisations, indicators = folder / "organisations.csv", folder / "indicators.yaml"
        _write_csv(organisations, [f.name for f in fields(OrganisationLine)], self.organisations)
        indicators.write_text("".join(_as_yaml(indicator) for indicator in self.indicators) or "[]\n", encoding="utf-8")
        first = folder / "first-indicators.yaml" if self.raised else None
        if first:
            text = "".join(_as_yaml(one) for one in self.indicators_at_first() if not one.part_of)
            first.write_text(text or "[]\n", encoding="utf-8")
        scopes = folder / "scopes.yaml" if self.scopes else None
        if scopes:
            scopes.write_text("".join(map(_scope_as_yaml, self.scopes)), encoding="utf-8")
        facts = []
        for number, file in enumerate(self.files, 1):
            path = folder / f"facts-{number}.csv"
            _write_facts(path, file.lines, self.everything)
            facts.append((path, file.reason))
        categories = folder / "categories.yaml" if self.dictionaries else None
        if categories:
            categories.write_text("".join(map(_dictionary_as_yaml, self.dictionaries)), encoding="utf-8")
        taxes = []
        for number, rates in enumerate(filter(None, (self.first_taxes, self.taxes)), 1):
            taxes.append(folder / f"taxes-{number}.yaml")
            taxes[-1].write_text("".join(one.as_yaml() for one in rates), encoding="utf-8")
        curves = folder / "curves.yaml" if self.curves else None
        if curves:
            curves.write_text("".join(map(_curve_as_yaml, self.curves)), encoding="utf-8")
        loads = []
        for number, load in enumerate(self.curve_files, 1):
            path = folder / f"curves-{number}.csv"
            with path.open("w", encoding="utf-8", newline="") as written:
                csv.writer(written).writerows(curve_table(load))
            loads.append((path, load))
        return WrittenWorld(organisations, indicators, facts, scopes, categories, first, curves, loads, taxes)


@dataclass(frozen=True)
class WrittenWorld:
    organisations: Path
    indicators: Path
    facts: list[tuple[Path, str]]  # with the reason of a correction, or ""
    scopes: Path | None = None
    categories: Path | None = None
    first_indicators: Path | None = None  # as they are until the first file of facts is loaded
    curves: Path | None = None
    curve_files: list[tuple[Path, CurveFile]] = field(default_factory=list)
    taxes: list[Path] = field(default_factory=list)  # the second one is loaded after the facts


def parts_of(indicator: Indicator, dictionaries: Iterable[Dictionary]) -> list[Indicator]:
    if not indicator.split:
        return []
    dictionary = next((one for one in dictionaries if one.code == indicator.split), None)
    if dictionary is None:
        raise WorldError(f"no dictionary {indicator.split}")
    return [
        replace(
            indicator,
            code=f"{indicator.code}.{category.code}",
            name_zh=f"{indicator.name_zh}·{category.name}",
            name_en=f"{indicator.name_en} · {category.name}",
            weight=f"{indicator.weight}.{category.code}" if indicator.weight else "",
            split="",
            total="",
            part_of=indicator.code,
            category=category.code,
            valid_from=category.valid_from,
            valid_to=category.valid_to,
        )
        for category in dictionary.categories
    ]


def _write_facts(path: Path, lines: Iterable[FactLine], known: Iterable[Indicator]) -> None:
    """Every other line of a part names it by whole and category; so does one of a part that there is not."""
    split = {one.code for one in known if one.split}
    parts = {one.code for one in known if one.part_of}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["organisation", "indicator", *(["category"] if split else []), "period", "scenario", "value"])
        for number, line in enumerate(lines):
            whole, _dot, category = line.indicator.rpartition(".")
            if whole not in split or (line.indicator in parts and number % 2):
                whole, category = line.indicator, ""
            more = [category] if split else []
            writer.writerow([line.organisation, whole, *more, line.period, line.scenario, line.value])


def curve_table(file: CurveFile) -> list[list[str]]:
    """A file of curves as its rows."""
    ends = [f"{n // 4:02}:{n % 4 * 15:02}" for n in range(1, 97)]
    begins = ["00:00", *ends[:-1]]
    head = ["organisation", "indicator", "date"]
    if file.shape == "wide":
        return [[*head, *ends], *([line.organisation, line.indicator, line.day, *line.points] for line in file.lines)]
    column = {"period": "period", "timestamp": ""}.get(file.shape, "time")
    found = [[*head, column, "value"] if column else ["organisation", "indicator", "timestamp", "value"]]
    for at, n in file.rows():
        line = file.lines[at]
        day, moment = line.day, {"period": str(n + 1), "start": begins[n]}.get(file.shape, ends[n])
        if file.shape == "timestamp":
            if n == 95:
                day, moment = (date.fromisoformat(day) + timedelta(days=1)).isoformat(), "00:00"
            found.append([line.organisation, line.indicator, f"{day} {moment}", line.points[n]])
        else:
            found.append([line.organisation, line.indicator, day, moment, line.points[n]])
    return found


def _curve_as_yaml(curve: Curve) -> str:
    entry = {name: value for name, value in vars(curve).items() if value != ""}
    return f"- {json.dumps(entry)}\n"


def _write_csv(path: Path, columns: Sequence[str], lines: Iterable[object]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([getattr(line, column) for column in columns] for line in lines)


def _as_yaml(indicator: Indicator) -> str:
    """One entry of the list. A JSON string is a YAML string, so every text is written as one."""

    def quoted(text: object) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = [
        f"- code: {quoted(indicator.code)}",
        f"  name: {{zh: {quoted(indicator.name_zh)}, en: {quoted(indicator.name_en)}}}",
        f"  unit: {quoted(indicator.unit)}",
        f"  precision: {indicator.precision}",
    ]
    for name in ("grain", "level", "over_time", "over_organisations", "weight", "formula", "settles"):
        if text := getattr(indicator, name):
            lines.append(f"  {name}: {quoted(text)}")
    if indicator.split:
        lines.append(f"  split: {{by: {indicator.split}, total: {indicator.total}}}")
    if indicator.tax:
        told = indicator.tax if indicator.tax == FOLLOWS else f"{{rate: {indicator.tax}, filed: {indicator.filed}}}"
        lines.append(f"  tax: {told}")
    if indicator.precisions:
        rows = [f"{{until: {until}, precision: {count}}}" for until, count in indicator.precisions]
        lines.append(f"  precisions: [{', '.join(rows)}]")
    if indicator.earlier:
        rows = [f"{{until: {until}, formula: {quoted(text)}}}" for until, text in indicator.earlier]
        lines.append(f"  earlier: [{', '.join(rows)}]")
    return "\n".join(lines) + "\n"


def _dictionary_as_yaml(dictionary: Dictionary) -> str:
    """One entry of the list; JSON is YAML."""
    categories = [
        {
            "code": one.code,
            "name": {"zh": one.name, "en": one.name},
            **({"valid_from": one.valid_from} if one.valid_from else {}),
            **({"valid_to": one.valid_to} if one.valid_to else {}),
        }
        for one in dictionary.categories
    ]
    name = {"zh": f"字典{dictionary.code}", "en": f"Dictionary {dictionary.code}"}
    return f"- {json.dumps({'code': dictionary.code, 'name': name, 'categories': categories}, ensure_ascii=False)}\n"


def _scope_as_yaml(scope: Scope) -> str:
    """One entry of the list; JSON is YAML."""

    def part(one: ScopePart) -> dict[str, object]:
        given = {
            "organisations": list(one.organisations),
            "fuel": list(one.fuels),
            "kind": list(one.kinds),
            "scope": one.scope,
            "share": one.share if one.share in ("", "ownership") else f"{one.share}%",
        }
        return {key: value for key, value in given.items() if value}

    entry = {
        "code": scope.code,
        "name": {"zh": f"{scope.code}口径", "en": f"Scope {scope.code}"},
        "new_plants": scope.new_plants,
        "structure": scope.structure or "asked",
        "levels": list(scope.levels),
        "versions": [
            {
                **({"valid_from": version.valid_from} if version.valid_from else {}),
                "count": [part(one) or "all" for one in version.count],
                "except": [part(one) for one in version.exceptions],
            }
            for version in scope.versions
        ],
    }
    return f"- {json.dumps(entry, ensure_ascii=False)}\n"


@dataclass(frozen=True)
class Question:
    """What `gangmu query` is asked. Empty `by` and `compare` are not given on the command line."""

    indicator: str
    organisation: str
    period: str
    by: str = ""
    compare: str = ""
    structure: str = "then"
    at_least: str = "filed"
    scope: str = ""
    category: str = ""
    tax: str = ""

    def arguments(self) -> list[str]:
        """The command line, with defaults left out."""
        words = ["--indicator", self.indicator, "--organisation", self.organisation, "--period", self.period]
        if self.category:
            words += ["--category", self.category]
        if self.by:
            words += ["--by", self.by]
        if self.compare:
            words += ["--compare", self.compare]
        if self.structure != "then":
            words += ["--structure", self.structure]
        if self.at_least != "filed":
            words += ["--at-least", self.at_least]
        if self.scope:
            words += ["--scope", self.scope]
        if self.tax:
            words += ["--tax", self.tax]
        return words


@dataclass(frozen=True)
class CurveQuestion:
    """What `gangmu curve` is asked."""

    indicator: str
    organisation: str
    first: str
    last: str
    by: str = ""
    compare: str = ""
    unit: str = ""

    def arguments(self) -> list[str]:
        """The command line, with defaults left out."""
        day = self.first if self.first == self.last else f"{self.first}..{self.last}"
        words = ["--indicator", self.indicator, "--organisation", self.organisation, "--day", day]
        for name in ("by", "compare", "unit"):
            if value := getattr(self, name):
                words += [f"--{name}", value]
        return words


AnyQuestion = Question | CurveQuestion


def command_of(question: AnyQuestion) -> str:
    """The word after `gangmu`."""
    return "curve" if isinstance(question, CurveQuestion) else "query"
