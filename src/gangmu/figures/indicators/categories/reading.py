"""Dictionaries of categories from YAML, each fault with its place."""

from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.indicators.categories.definitions import MOST_CATEGORIES, Category, Dictionary
from gangmu.figures.indicators.loading.fields import Fields
from gangmu.figures.indicators.loading.yamlfile import Items, Node, NotYaml, Problem, Text, parse, read_text

MOST_DICTIONARIES = 100
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


class _Reader(Fields):
    def __init__(self, reading: Reading) -> None:
        super().__init__(reading.wrong)
        self.reading = reading

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
