"""Dictionaries of categories from YAML, each fault with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.indicators.categories.definitions import (
    CATEGORY_CODE,
    LONGEST_CODE,
    MOST_CATEGORIES,
    Category,
    Dictionary,
)
from gangmu.figures.indicators.loading.reading import name_fault
from gangmu.figures.indicators.loading.yamlfile import Entries, Items, Node, NotYaml, Problem, Text, parse, read_text
from gangmu.foundation.parties.kinds import Words

MOST_DICTIONARIES = 100
LONGEST_NAME = 60
_KEYS = ("code", "name", "categories")
_CATEGORY_KEYS = ("code", "name", "valid_from", "valid_to")


@dataclass
class Reading:
    """What a file says: the dictionaries that are well-formed, what is wrong, and where each value stands by
    (dictionary,) or (dictionary, category)."""

    dictionaries: list[Dictionary] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[str, ...], Node] = field(default_factory=dict)

    def wrong(self, node: Node, message: str) -> None:
        self.problems.append(Problem(node.line, node.column, message))


def read_categories(source: Path | str) -> Reading:
    """The dictionaries of a YAML file (a Path) or of a text.

    Raises:
        Unreadable: the file is missing, too large, not UTF-8 text, or not what its name says.
    """
    reading = Reading()
    try:
        document = parse(read_text(source) if isinstance(source, Path) else source)
    except NotYaml as error:
        reading.problems.append(error.problem)
        return reading
    if not isinstance(document, Items) or not document.items:
        reading.wrong(document or Text("", 1, 1), _("this is a list of dictionaries; each begins with “- code: …”."))
        return reading
    if len(document.items) > MOST_DICTIONARIES:
        reading.wrong(document, _("a file has at most %(most)d dictionaries.") % {"most": MOST_DICTIONARIES})
        return reading
    for node in document.items:
        one = _Reader(reading).dictionary(node)
        if one is None:
            continue
        if any(other.code == one.code for other in reading.dictionaries):
            reading.wrong(node, _("the code “%(code)s” stands twice.") % {"code": one.code})
            continue
        reading.places[one.code,] = node
        reading.dictionaries.append(one)
    return reading


class _Reader:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.wrong = reading.wrong

    def dictionary(self, node: Node) -> Dictionary | None:
        before = len(self.reading.problems)
        given = self.given(node, _KEYS, ("code", "name", "categories"), _("a dictionary is code, name, categories."))
        code, name = self.code(given.get("code")), self.name(given.get("name"))
        listed = given.get("categories")
        found: list[Category] = []
        if listed is not None and (not isinstance(listed, Items) or not 0 < len(listed.items) <= MOST_CATEGORIES):
            message = _("categories is a list of 1 to %(most)d categories: {code: spot, name: {zh: 现货, en: Spot}}.")
            self.wrong(listed, message % {"most": MOST_CATEGORIES})
        elif isinstance(listed, Items):
            for item in listed.items:
                one = self.category(item)
                if one is None:
                    continue
                if any(other.code == one.code for other in found):
                    self.wrong(item, _("the code “%(code)s” stands twice.") % {"code": one.code})
                for other in found:
                    if {other.name.zh, other.name.en} & {one.name.zh, one.name.en}:
                        message = _("“%(code)s” and “%(other)s” have the same name.")
                        self.wrong(item, message % {"code": one.code, "other": other.code})
                found.append(one)
                self.reading.places[code or "", one.code] = item
        if len(self.reading.problems) > before or code is None or name is None:
            return None
        return Dictionary(code, name, tuple(found))

    def category(self, node: Node) -> Category | None:
        given = self.given(node, _CATEGORY_KEYS, ("code", "name"), _("a category is {code: …, name: {zh: …, en: …}}."))
        code, name = self.code(given.get("code")), self.name(given.get("name"))
        first, last = self.day(given.get("valid_from")), self.day(given.get("valid_to"))
        if first and last and last < first:
            self.wrong(given["valid_to"], _("valid_to is the last day; it is before valid_from."))
        return Category(code, name, first, last) if code and name else None

    def given(self, node: Node, known: Iterable[str], needed: Iterable[str], form: str) -> dict[str, Node]:
        if not isinstance(node, Entries):
            self.wrong(node, form)
            return {}
        for key, _value in node.entries:
            if key.value not in known:
                near = get_close_matches(key.value, list(known), n=1, cutoff=0.5)
                message = _("unknown key “%(key)s”. Known keys: %(known)s.")
                message %= {"key": key.value[:60], "known": ", ".join(known)}
                hint = " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": near[0]} if near else ""
                self.wrong(key, message + hint)
        found = {key.value: value for key, value in node.entries if not (isinstance(value, Text) and value.is_nothing)}
        missing = [key for key in needed if key not in found]
        if missing:
            self.wrong(node, _("missing: %(keys)s.") % {"keys": ", ".join(missing)})
        return found

    def code(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Text) or not CATEGORY_CODE.fullmatch(node.value) or len(node.value) > LONGEST_CODE:
            message = _(
                "a code begins with a letter and goes on with letters, digits and _: at most %(most)d characters."
            )
            self.wrong(node, message % {"most": LONGEST_CODE})
            return None
        return node.value

    def name(self, node: Node | None) -> Words | None:
        if node is None:
            return None
        given = {key.value: value for key, value in node.entries} if isinstance(node, Entries) else {}
        texts = {key: value.value.strip() for key, value in given.items() if isinstance(value, Text)}
        if set(given) != {"zh", "en"} or len(texts) != 2:
            self.wrong(node, _("a name has both languages: {zh: 现货, en: Spot}."))
            return None
        for key, text in texts.items():
            fault = name_fault(text)
            if not fault and len(text) > LONGEST_NAME:
                words = {"length": len(text), "most": LONGEST_NAME}
                fault = _("the name has %(length)d characters; at most %(most)d.") % words
            if fault:
                self.wrong(given[key], fault)
                return None
        return Words(texts["zh"], texts["en"])

    def day(self, node: Node | None) -> date | None:
        if node is None:
            return None
        try:
            found = date.fromisoformat(node.value) if isinstance(node, Text) and len(node.value) == 10 else None
        except ValueError:
            found = None
        if found is None:
            self.wrong(node, _("“%(day)s” is not a day such as 2025-12-31.") % {"day": getattr(node, "value", "")[:40]})
        return found
