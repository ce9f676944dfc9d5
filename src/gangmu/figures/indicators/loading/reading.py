"""From YAML to definitions, field by field. Whatever concerns several indicators is for `checking`."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext as _

from gangmu.figures.indicators.decimals import MOST_DECIMALS, MOST_PRECISIONS, EarlierPrecision
from gangmu.figures.indicators.definitions import (
    CODE,
    DEFAULT_LEVEL,
    LONGEST_CODE,
    LONGEST_NAME,
    MOST_EARLIER,
    RESERVED_CODES,
    Earlier,
    Grain,
    IndicatorDefinition,
    OverOrganisations,
    OverTime,
    Split,
    Total,
)
from gangmu.figures.indicators.loading.entries import Entry, Reading
from gangmu.figures.indicators.loading.taxing import read_taxed
from gangmu.figures.indicators.loading.yamlfile import Entries, Items, Node, NotYaml, Problem, Text, parse, read_text
from gangmu.figures.indicators.units import UnknownUnit, parse_unit
from gangmu.foundation.parties.kinds import Words

KEYS = (
    "code",
    "name",
    "unit",
    "precision",
    "precisions",
    "grain",
    "level",
    "over_time",
    "over_organisations",
    "weight",
    "formula",
    "earlier",
    "settles",
    "profit",
    "split",
    "tax",
)
REQUIRED = ("code", "name", "unit", "precision")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1949, 2149  # of the last day of an earlier formula
_WIDE_COLON = "："
Choice = TypeVar("Choice", bound=StrEnum)


class YesOrNo(StrEnum):
    YES = "yes"
    NO = "no"


def read_indicators(source: Path | str) -> Reading:
    """The indicators of a YAML file (a Path) or of a text.

    Raises:
        Unreadable: the file is missing, too large, not UTF-8 text, or not what its name says.
    """
    text = read_text(source) if isinstance(source, Path) else source
    try:
        document = parse(text)
    except NotYaml as error:
        return Reading(problems=[error.problem])
    if document is None or (isinstance(document, Text) and document.is_nothing):
        return Reading(problems=[Problem(1, 1, _("the file is empty. It is a list of indicators: - code: …"))])
    if not isinstance(document, Items):
        message = _("the file is a list of indicators; each begins with “- code: …”.") + _colon_hint(document)
        return Reading(problems=[Problem(document.line, document.column, message)])
    reading = Reading()
    by_code: dict[str, Entry] = {}
    source_lines = text.split("\n")
    for node in document.items:
        entry = _Reader(node, reading.problems, source_lines).entry()
        if entry is None:
            reading.unread |= _called(node)
            continue
        earlier = by_code.setdefault(entry.code, entry)
        if earlier is not entry:
            reading.problems.append(
                entry.problem("code", _("the code stands twice, first in line %(line)d.") % {"line": earlier.line})
            )
            continue
        reading.entries.append(entry)
    return reading


def _called(node: Node) -> set[str]:
    """The code and names that a faulty indicator bears, for formulas that mention it."""
    found: set[str] = set()
    for key, value in node.entries if isinstance(node, Entries) else []:
        if isinstance(value, Text) and key.value == "code":
            found.add(value.value)
        elif isinstance(value, Entries):
            found |= {name.value.strip() for _key, name in value.entries if isinstance(name, Text)}
    return found


class _Reader:
    """Reads one item of the list."""

    def __init__(self, node: Node, problems: list[Problem], source_lines: list[str]) -> None:
        self.node, self.problems, self.source_lines = node, problems, source_lines
        self.fields: dict[str, Node] = {}

    def entry(self) -> Entry | None:
        """The indicator, or None when something was wrong with it."""
        before = len(self.problems)
        if not isinstance(self.node, Entries):
            self.wrong(self.node, _("an indicator is a mapping: code, name, unit, …") + _colon_hint(self.node))
            return None
        for key, value in self.node.entries:
            if key.value not in KEYS:
                self.wrong(key, _unknown_key(key.value, KEYS))
            elif not (isinstance(value, Text) and value.is_nothing):
                self.fields[key.value] = value
            elif key.value == "unit":
                self.fields["unit"] = Text("", value.line, value.column, style="'")
        missing = [key for key in REQUIRED if key not in self.fields]
        if missing:
            message = _("missing: %(keys)s.") % {"keys": ", ".join(missing)}
            self.wrong(self.node, f"{message} {_('A plain number has unit: 1.')}" if "unit" in missing else message)
        code = self.code("code")
        name = self.name()
        unit, precision, formula = self.unit(), self.precision(self.text("precision")), self.formula()
        precisions = self.precisions()
        grain = self.choice("grain", Grain)
        level = self.word("level")
        over_time = self.choice("over_time", OverTime)
        over_organisations = self.choice("over_organisations", OverOrganisations)
        weight = self.code("weight")
        earlier = self.earlier()
        settles = self.code("settles")
        is_profit = self.choice("profit", YesOrNo) is YesOrNo.YES
        split = self.split()
        taxed = read_taxed(self.fields.get("tax"), "formula" in self.fields, self.wrong)
        self.check_rules()
        if len(self.problems) > before or code is None or name is None or precision is None:
            return None
        if not formula:
            over_time, over_organisations = over_time or OverTime.SUM, over_organisations or OverOrganisations.SUM
        definition = IndicatorDefinition(
            code=code,
            name=name,
            unit=unit or "",
            precision=precision,
            precisions=precisions,
            grain=grain or Grain.DAY,
            level=level or DEFAULT_LEVEL,
            over_time=over_time,
            over_organisations=over_organisations,
            weight=weight,
            formula=formula or "",
            earlier=earlier,
            settles=settles,
            is_profit=is_profit,
            split=split,
            taxed=taxed,
        )
        return Entry(definition, self.node.line, self.node.column, dict(self.fields), self.formula_indent())

    def wrong(self, node: Node, message: str) -> None:
        self.problems.append(Problem(node.line, node.column, message))

    def text(self, key: str) -> Text | None:
        node = self.fields.get(key)
        if node is None or isinstance(node, Text):
            return node
        self.wrong(node, _("%(key)s is a text, not a list or mapping.") % {"key": key})
        return None

    def word(self, key: str) -> str | None:
        text = self.text(key)
        return text.value.strip() if text else None

    def code(self, key: str) -> str | None:
        text = self.text(key)
        if text is None:
            return None
        code = text.value
        if not CODE.fullmatch(code) or len(code) > LONGEST_CODE:
            message = _(
                "“%(code)s” is not a code. A code begins with a letter or _, goes on with letters, digits, _ and . "
                "and has at most %(most)d characters."
            ) % {"code": code[:60], "most": LONGEST_CODE}
            plain = unicodedata.normalize("NFKC", code).strip().replace("-", "_").replace(" ", "_")
            if plain != code and CODE.fullmatch(plain):
                message += " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": plain[:60]}
            self.wrong(text, message)
            return None
        if key == "code" and code.lower() in RESERVED_CODES:
            self.wrong(text, _("“%(code)s” has a meaning in formulas; choose another code.") % {"code": code})
            return None
        return code

    def name(self) -> Words | None:
        node = self.fields.get("name")
        if node is None:
            return None
        if not isinstance(node, Entries):
            self.wrong(node, _("a name has both languages: {zh: 发电量, en: Generation}."))
            return None
        words: dict[str, str] = {}
        for key, value in node.entries:
            if key.value not in ("zh", "en"):
                self.wrong(key, _unknown_key(key.value, ("zh", "en")))
            elif not isinstance(value, Text):
                self.wrong(value, _("%(key)s is a text, not a list or mapping.") % {"key": key.value})
            elif fault := name_fault(value.value.strip()):
                self.wrong(value, fault)
            else:
                words[key.value] = value.value.strip()
        given = {key.value for key, _value in node.entries}
        missing = [language for language in ("zh", "en") if language not in given]
        if missing and given <= {"zh", "en"}:
            self.wrong(node, _("the name in %(languages)s is missing.") % {"languages": ", ".join(missing)})
        return Words(words["zh"], words["en"]) if len(words) == 2 else None

    def unit(self) -> str | None:
        text = self.text("unit")
        if text is None:
            return None
        try:
            parse_unit(text.value)
        except UnknownUnit as error:
            self.wrong(text, str(error))
            return None
        return text.value.strip()

    def precision(self, text: Text | None) -> int | None:
        if text is None:
            return None
        value = text.value
        if not text.style and _WHOLE_NUMBER.fullmatch(value) and int(value) <= MOST_DECIMALS:
            return int(value)
        message = _("precision is a whole number from 0 to %(most)d, not %(given)s.") % {
            "most": MOST_DECIMALS,
            "given": f"“{value[:20]}”" if not text.style else f'"{value[:20]}"',
        }
        plain = unicodedata.normalize("NFKC", value)
        if plain != value and _WHOLE_NUMBER.fullmatch(plain):
            message += " " + _("Write it with half-width digits: %(number)s.") % {"number": plain}
        elif text.style and _WHOLE_NUMBER.fullmatch(value):
            message += " " + _("Write it without quotes.")
        self.wrong(text, message)
        return None

    def choice(self, key: str, choices: type[Choice]) -> Choice | None:
        text = self.text(key)
        if text is None:
            return None
        values = [choice.value for choice in choices]
        if text.value in values:
            return choices(text.value)
        nearest = get_close_matches(text.value.casefold(), values, n=1, cutoff=0.5)
        self.wrong(
            text,
            _("%(key)s is one of %(values)s, not “%(given)s”.")
            % {"key": key, "values": ", ".join(values), "given": text.value[:40]}
            + (" " + _("Did you mean “%(suggestion)s”?") % {"suggestion": nearest[0]} if nearest else ""),
        )
        return None

    def formula(self) -> str | None:
        text = self.text("formula")
        if text is None:
            return None
        if not text.value.strip():
            self.wrong(text, _("the formula is empty. Leave it out for an indicator that is filed."))
            return None
        return text.value

    def earlier(self) -> tuple[Earlier, ...]:
        """The formulas before the newest. Where each stands is kept as the place `earlier.0`, `earlier.1`, …"""
        node = self.fields.get("earlier")
        if node is None:
            return ()
        if not isinstance(node, Items) or len(node.items) > MOST_EARLIER:
            form = "[{until: 2025-12-31, formula: …}, …]"
            self.wrong(
                node, _("earlier is a list %(form)s of at most %(most)d.") % {"form": form, "most": MOST_EARLIER}
            )
            return ()
        if "formula" not in self.fields:
            self.wrong(node, _("earlier formulas belong to an indicator with a formula."))
        found: list[Earlier] = []
        for item in node.items:
            one = self.one_earlier(item, found[-1].until if found else None)
            if one:
                self.fields[f"earlier.{len(found)}"] = one[0]
                found.append(one[1])
        return tuple(found)

    def one_earlier(self, item: Node, after: date | None) -> tuple[Text, Earlier] | None:
        given = {key.value: value for key, value in item.entries} if isinstance(item, Entries) else {}
        until, formula = given.get("until"), given.get("formula")
        if set(given) != {"until", "formula"} or not isinstance(until, Text) or not isinstance(formula, Text):
            self.wrong(item, _("an earlier formula is {until: 2025-12-31, formula: …}; until is its last day."))
            return None
        day = self.last_day(until, after)
        if day is None:
            pass  # told
        elif not formula.value.strip():
            self.wrong(formula, _("the formula is empty. Leave it out for an indicator that is filed."))
        else:
            return formula, Earlier(day, formula.value)
        return None

    def last_day(self, until: Text, after: date | None) -> date | None:
        """The last day of what was valid before; later than `after`, that of the one before it."""
        try:
            day = date.fromisoformat(until.value) if _DAY.fullmatch(until.value) else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.wrong(until, _("“%(day)s” is not a day such as 2025-12-31.") % {"day": until.value[:40]})
        elif after is not None and day <= after:
            self.wrong(until, _("earlier ones stand in the order of their last days, each with a day of its own."))
        else:
            return day
        return None

    def split(self) -> Split | None:
        """By which dictionary it is split. What several indicators are split by is for `categories.splitting`."""
        node = self.fields.get("split")
        if node is None:
            return None
        given = {key.value: value for key, value in node.entries} if isinstance(node, Entries) else {}
        by, total = given.get("by"), given.get("total", Text(Total.FILED, node.line, node.column))
        if not {"by"} <= set(given) <= {"by", "total"} or not isinstance(by, Text) or not isinstance(total, Text):
            self.wrong(node, _("split is {by: trade_type, total: filed}; total is filed or parts."))
            return None
        for key in ("formula", "settles"):
            if key in self.fields:
                message = _("what has %(key)s is not split. Split the indicators that it stands on.") % {"key": key}
                self.wrong(node, message)
        if total.value not in list(Total):
            words = {"key": "total", "values": ", ".join(Total), "given": total.value[:40]}
            self.wrong(total, _("%(key)s is one of %(values)s, not “%(given)s”.") % words)
            return None
        return Split(by.value.strip(), Total(total.value))

    def precisions(self) -> tuple[EarlierPrecision, ...]:
        """The precisions before the newest."""
        node = self.fields.get("precisions")
        if node is None:
            return ()
        form = "[{until: 2024-12-31, precision: 1}, …]"
        if not isinstance(node, Items) or len(node.items) > MOST_PRECISIONS:
            words = {"form": form, "most": MOST_PRECISIONS}
            self.wrong(node, _("precisions is a list %(form)s of at most %(most)d.") % words)
            return ()
        found: list[EarlierPrecision] = []
        for item in node.items:
            given = {key.value: value for key, value in item.entries} if isinstance(item, Entries) else {}
            until, precision = given.get("until"), given.get("precision")
            if set(given) != {"until", "precision"} or not isinstance(until, Text) or not isinstance(precision, Text):
                self.wrong(item, _("an earlier precision is {until: 2024-12-31, precision: 1}; until is its last day."))
                continue
            day, decimals = self.last_day(until, found[-1].until if found else None), self.precision(precision)
            if day is not None and decimals is not None:
                found.append(EarlierPrecision(day, decimals))
        return tuple(found)

    def formula_indent(self) -> int:
        """How far a literal block is indented; formulas are read as they stand in it."""
        text = self.fields.get("formula")
        if not isinstance(text, Text) or text.style != "|":
            return 0
        below = self.source_lines[text.line :]
        first = next((line for line in below if line.strip()), "")
        return len(first) - len(first.lstrip(" "))

    def check_rules(self) -> None:
        """over_time, over_organisations and weight go together."""
        over_time, over = self.fields.get("over_time"), self.fields.get("over_organisations")
        if "formula" in self.fields and (over_time is None) != (over is None):
            self.wrong(
                over_time or over or self.node,
                _(
                    "a formula has both over_time and over_organisations (evaluated for each cell, then added up) "
                    "or neither (evaluated on what is added up)."
                ),
            )
        is_weighted = isinstance(over, Text) and over.value == OverOrganisations.WEIGHTED
        weight = self.fields.get("weight")
        if is_weighted and weight is None:
            self.wrong(over or self.node, _("a weighted mean needs weight: the code of the indicator to weigh with."))
        if weight is not None and not is_weighted:
            self.wrong(weight, _("weight belongs to over_organisations: weighted."))


def name_fault(name: str) -> str:
    if not name:
        return _("the name is blank.")
    if len(name) > LONGEST_NAME:
        return _("the name has %(length)d characters; at most %(most)d.") % {"length": len(name), "most": LONGEST_NAME}
    if any(character in name for character in "「」\n\r\t"):
        return _("a name has neither 「 nor 」 and stands on one line.")
    return ""


def _unknown_key(key: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(unicodedata.normalize("NFKC", key).casefold(), list(known), n=1, cutoff=0.5)
    message = _("unknown key “%(key)s”. Known keys: %(known)s.") % {"key": key[:60], "known": ", ".join(known)}
    return message + (" " + _("Did you mean “%(suggestion)s”?") % {"suggestion": nearest[0]} if nearest else "")


def _colon_hint(node: Node) -> str:
    if isinstance(node, Text) and _WIDE_COLON in node.value:
        return " " + _("Write a half-width colon and a space (: ) instead of ：.")
    return ""
