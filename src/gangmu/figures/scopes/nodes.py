"""One scope from the nodes of a file, each fault with its place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.indicators.loading.yamlfile import Entries, Items, Node, Problem, Text
from gangmu.figures.scopes.attributes import condition_attributes, share_attributes
from gangmu.figures.scopes.definitions import OWNERSHIP, WHOLE, NewPlants, Part, ScopeDefinition, Version, overlapping
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Attribute, Words

CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_NUMBER = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%|(0?\.[0-9]{1,11}|0|1(?:\.0{1,9})?)")
_VERSION_KEYS = ("valid_from", "valid_to", "count", "except")
_KEYS = ("code", "name", "new_plants", "structure", "levels", "versions", *_VERSION_KEYS)
MOST_PARTS, MOST_VALUES = 100, 5_000
STRUCTURES = ("asked", "then", "now")


@dataclass
class Reading:
    """What a file says: the scopes that are well-formed by themselves, where each value stands, and what is wrong."""

    scopes: list[ScopeDefinition] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[str, ...], Text | Entries | Items] = field(default_factory=dict)

    def wrong(self, node: Node, message: str) -> None:
        self.problems.append(Problem(node.line, node.column, message))

    def at(self, *place: str) -> Node:
        """Where something stands; else what it stands in."""
        while place not in self.places and len(place) > 1:
            place = place[:-1]
        return self.places.get(place) or Text("", 1, 1)


def share_of(text: str) -> Fraction | str | None:
    """`100 %`, `51.5%`, `0.515`, `ownership`; None for anything else."""
    text = text.strip()
    found = _NUMBER.fullmatch(text)
    if found:
        number = Fraction(found[1]) / 100 if found[1] else Fraction(found[2])
        return number if 0 < number <= WHOLE else None
    return text if text in share_attributes() else None


class Reader:
    """One scope; `place` names where in it something stands."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.code = ""
        self.faults = len(reading.problems)

    def wrong(self, node: Node, message: str) -> None:
        self.reading.wrong(node, f"{self.code}: {message}" if self.code else message)

    def scope(self, node: Node) -> ScopeDefinition | None:
        """The scope, unless something of it is wrong: that is added to what the reading says."""
        given = self.entries(node, _KEYS)
        if given is None:
            return None
        code = given.get("code")
        if not isinstance(code, Text) or not CODE.fullmatch(code.value.strip()):
            self.wrong(code or node, _("a scope has a code: letters, digits, _ . and -, a letter first, at most 64."))
            return None
        self.code = code.value.strip()
        self.reading.places[self.code, "code"] = code
        name = self.name(given.get("name"), node)
        new_plants = self.choice(given.get("new_plants"), [str(one.value) for one in NewPlants], "new_plants", "in")
        structure = self.choice(given.get("structure"), list(STRUCTURES), "structure", "asked")
        known = [one.code for one in kinds.all_kinds()]
        levels = [text for text in self.texts(given.get("levels"), "levels") if self.known(text, known, "levels")]
        if "versions" in given and any(key in given for key in _VERSION_KEYS):
            self.wrong(given["versions"], _("either versions, or count, except and days right here."))
        versions = self.versions(given, node)
        if len(self.reading.problems) > self.faults or name is None:
            return None
        return ScopeDefinition(
            self.code,
            name,
            versions,
            NewPlants(new_plants),
            "" if structure == "asked" else structure,
            tuple(text.value.strip() for text in levels),
        )

    def entries(self, node: Node, keys: Iterable[str]) -> dict[str, Node] | None:
        if not isinstance(node, Entries):
            self.wrong(node, _("this is not “key: value” lines."))
            return None
        found: dict[str, Node] = {}
        known = list(keys)
        for key, value in node.entries:
            if key.value not in known:
                near = get_close_matches(key.value, known, n=1, cutoff=0.5)
                words = {"key": key.value[:40], "known": ", ".join(known)}
                self.wrong(key, _("“%(key)s” is not known here. Known: %(known)s.") % words + meant(near))
            elif not (isinstance(value, Text) and value.is_nothing):
                found[key.value] = value
        return found

    def name(self, node: Node | None, whole: Node) -> Words | None:
        given = self.entries(node, ("zh", "en")) if node is not None else {}
        if given is None:
            return None
        words = {key: value.value.strip() for key, value in given.items() if isinstance(value, Text)}
        if any(not 0 < len(words.get(key, "")) <= 120 for key in ("zh", "en")):
            self.wrong(node or whole, _("a scope has a name in both languages: {zh: 权益口径, en: By ownership}."))
            return None
        return Words(words["zh"], words["en"])

    def choice(self, node: Node | None, known: list[str], key: str, default: str) -> str:
        if node is None:
            return default
        if isinstance(node, Text) and self.known(node, known, key):
            return node.value.strip()
        if not isinstance(node, Text):
            self.wrong(node, _("%(key)s is one of %(known)s.") % {"key": key, "known": ", ".join(known)})
        return default

    def known(self, node: Text, known: Iterable[str], key: str) -> bool:
        value, known = node.value.strip(), list(known)
        if value in known:
            return True
        words = {"value": value[:60], "key": key, "known": ", ".join(known[:40])}
        message = _("“%(value)s” is no %(key)s. Known: %(known)s.") % words
        self.wrong(node, message + meant(get_close_matches(value, known, n=1, cutoff=0.5)))
        return False

    def texts(self, node: Node | None, key: str) -> list[Text]:
        """A text or a list of texts."""
        found = [] if node is None else node.items if isinstance(node, Items) else [node]
        texts = [one for one in found if isinstance(one, Text) and one.value.strip()]
        if len(texts) != len(found) or len(found) > MOST_VALUES:
            self.wrong(node or found[0], _("%(key)s is a word or a list of words.") % {"key": key})
        return texts

    def day(self, node: Node | None, key: str) -> date | None:
        if node is None:
            return None
        try:
            if isinstance(node, Text):
                return date.fromisoformat(node.value.strip())
        except ValueError:
            pass
        self.wrong(node, _("%(key)s is a day such as 2026-01-01.") % {"key": key})
        return None

    def versions(self, given: dict[str, Node], whole: Node) -> tuple[Version, ...]:
        """The versions; one without a last day goes on until the next begins."""
        listed = given.get("versions")
        if listed is None:
            nodes: list[Node] = [whole]
        elif isinstance(listed, Items) and listed.items:
            nodes = listed.items
        else:
            self.wrong(listed, _("versions is a list; each begins with “- valid_from: …”."))
            return ()
        found: list[tuple[Version, Node]] = []
        for number, node in enumerate(nodes):
            own = given if listed is None else self.entries(node, _VERSION_KEYS)
            if own is not None:
                found.append((self.version(own, node, number), node))
        found.sort(key=lambda one: one[0].first or date.min)
        ends = [other.first - timedelta(days=1) if other.first else None for other, _node in found[1:]]
        complete = [
            Version(one.first, end, one.count, one.exceptions) if one.last is None and end is not None else one
            for (one, _node), end in zip(found, [*ends, None], strict=True)
        ]
        both = overlapping(complete)
        if both:
            node = found[complete.index(both[1])][1]
            self.wrong(
                node,
                _("two versions hold on the same days: one until %(last)s, one from %(first)s.")
                % {"last": both[0].last or "…", "first": both[1].first or "…"},
            )
        return tuple(complete)

    def version(self, given: dict[str, Node], node: Node, number: int) -> Version:
        first, last = self.day(given.get("valid_from"), "valid_from"), self.day(given.get("valid_to"), "valid_to")
        if first and last and last < first:
            self.wrong(given["valid_to"], _("the last day lies before the first."))
        counted = self.parts(given.get("count"), number, "count", with_share=True)
        if not counted:
            self.wrong(
                given.get("count", node), _("count says who counts, at least one part: “- organisations: [CODE]”.")
            )
        return Version(first, last, counted, self.parts(given.get("except"), number, "except", with_share=False))

    def parts(self, node: Node | None, version: int, key: str, *, with_share: bool) -> tuple[Part, ...]:
        if node is None:
            return ()
        if not isinstance(node, Items) or len(node.items) > MOST_PARTS:
            self.wrong(node, _("%(key)s is a list of at most %(most)d parts.") % {"key": key, "most": MOST_PARTS})
            return ()
        return tuple(
            self.part(one, (self.code, str(version), key, str(number)), with_share=with_share)
            for number, one in enumerate(node.items)
        )

    def part(self, node: Node, place: tuple[str, ...], *, with_share: bool) -> Part:
        if isinstance(node, Text) and node.value.strip() == "all":
            return Part()
        attributes = condition_attributes()
        known = ("organisations", "kind", "scope", *attributes, *(("share",) if with_share else ()))
        given = self.entries(node, known)
        if given is None:
            return Part()
        self.reading.places[place] = node  # type: ignore[assignment]
        found: dict[str, tuple[str, ...]] = {}
        for key in ("organisations", "kind", *attributes):
            texts = self.texts(given.get(key), key)
            for number, text in enumerate(texts):
                self.reading.places[(*place, key, str(number))] = text
            if key == "kind":
                texts = [text for text in texts if self.known(text, [one.code for one in kinds.all_kinds()], key)]
            found[key] = tuple(text.value.strip() for text in texts)
            if key in attributes:
                found[key] = tuple(code for text in texts if (code := self.value(attributes[key], text)))
        scope = given.get("scope")
        if scope is not None:
            if isinstance(scope, Text):
                self.reading.places[(*place, "scope")] = scope
            else:
                self.wrong(scope, _("scope is the code of another scope."))
        return Part(
            found["organisations"],
            tuple((name, found[name]) for name in attributes if found[name]),
            found["kind"],
            scope.value.strip() if isinstance(scope, Text) else "",
            self.share(given.get("share")),
        )

    def value(self, attribute: Attribute, text: Text) -> str | None:
        """The code of a known value, given in any spelling."""
        known = attribute.choice(text.value)
        if known is not None:
            return known.code
        near = attribute.suggestion(text.value.strip())
        words = {"value": text.value[:60], "key": attribute.label}
        self.wrong(text, _("“%(value)s” is no known %(key)s.") % words + meant([near] if near else []))
        return None

    def share(self, node: Node | None) -> Fraction | str:
        if node is None:
            return WHOLE
        found = share_of(node.value) if isinstance(node, Text) else None
        if found is None:
            words = {"attributes": ", ".join(share_attributes()) or OWNERSHIP}
            self.wrong(
                node,
                _("share is above 0 and at most 100 %% (51.5%%, 0.515), or an attribute in percent: %(attributes)s.")
                % words,
            )
            return WHOLE
        return found


def meant(near: list[str]) -> str:
    """What was meant perhaps, as a sentence to add."""
    return " " + _("Did you mean “%(code)s”?") % {"code": near[0]} if near else ""
