"""What a standard is once it is read: topics that stay the same across cells, and the entries that give them values.

An entry 条目 is what the standard prints under a key: `7.4.5-d` for a lettered item, `7.4.1` for a section that is
nothing but a reference. Its statements are the topic's, with the entry's figures put in.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, get_args

from gangmu.duties.norms.errors import UnknownClause, _
from gangmu.foundation.settings.refusing import in_chinese

Strength = Literal["must", "should", "may", "must_not", "stated"]  # stated: without a modal verb, as guides put it
Kind = Literal[
    "minutes", "hours", "working_days", "days", "months", "years",
    "percent", "per_day", "per_year", "count", "choice", "standard", "word",
]  # fmt: skip
STRENGTHS, KINDS = get_args(Strength), get_args(Kind)
QUANTITIES = tuple(kind for kind in KINDS if kind not in ("choice", "standard", "word"))
INSERT = re.compile(r"\{(\w+)\}")


def within(number: str, section: str) -> bool:
    """Whether `section` is the section `number` or below it."""
    return section == number or section.startswith(f"{number}.")


@dataclass(frozen=True)
class Words:
    """A text in both languages; `str()` is the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if in_chinese() else self.en


PARTIES = {
    "client": Words("委托方", "Client"),
    "provider": Words("受托方", "Provider"),
    "both": Words("双方", "Both parties"),
}


@dataclass(frozen=True)
class Axis:
    """One of the dimensions that make cells."""

    name: Words
    values: Mapping[str, Words]


@dataclass(frozen=True)
class Cell:
    """A place in the standard's table: its values on the axes, and the sections that are its own."""

    code: str
    at: Mapping[str, str]
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A printed heading in our words; `subject` is what of a resource it is about."""

    number: str
    name: Words
    subject: str = ""


@dataclass(frozen=True)
class Parameter:
    """Something that may differ from entry to entry. `values` are the words of codes, for choices and words."""

    name: str
    kind: Kind
    title: Words
    values: Mapping[str, Words] = field(default_factory=dict)

    @property
    def unit(self) -> str | None:
        """The kind of a quantity is its unit; choices, citations and words have none."""
        return self.kind if self.kind in QUANTITIES else None

    def shown(self, value: str | Words) -> Words:
        """A value as it stands in a sentence."""
        return value if isinstance(value, Words) else self.values.get(value, Words(value, value))

    def as_json(self, value: str | Words) -> dict[str, Any]:
        """`{"value", "unit"}`: whole numbers as numbers, percentages and fractions as texts, exact."""
        if isinstance(value, Words):
            return {"value": asdict(value), "unit": None}
        if self.kind in QUANTITIES and self.kind != "percent" and Decimal(value) == int(Decimal(value)):
            return {"value": int(Decimal(value)), "unit": self.unit}
        return {"value": value, "unit": self.unit}


@dataclass(frozen=True)
class Statement:
    """One thing that a party must, should, may or must not do; `{name}` in its text is a parameter."""

    strength: Strength
    bound: str
    trigger: str | None
    text: Words
    number: int = 0  # its place among the topic's; 0 for one that an entry adds

    @cached_property
    def inserts(self) -> tuple[str, ...]:
        """The parameters that the text names, in the order of the Chinese text."""
        return tuple(dict.fromkeys(INSERT.findall(self.text.zh)))


@dataclass(frozen=True)
class Entry:
    """What a topic says at one printed key. `to` are the sections that a reference names, more than one while open."""

    key: str
    section: str
    topic: str
    values: Mapping[str, str | Words]
    statements: tuple[Statement, ...]
    to: tuple[str, ...] = ()

    @property
    def item(self) -> str:
        """The letter of an item; empty for a section's own entry."""
        return self.key[len(self.section) + 1 :]


@dataclass(frozen=True)
class Topic:
    """What stays the same across cells. `refers` is the subject, when its entries are references."""

    slug: str
    name: Words
    parameters: Mapping[str, Parameter]
    refers: str = ""
    remark: Words | None = None


@dataclass(frozen=True)
class Standard:
    """A standard in one edition. `parties` are those who may be bound; `entries` stand in printed order."""

    code: str
    number: str
    title: Words
    issuer: Words
    edition: str
    in_force: date | None
    axes: Mapping[str, Axis]
    cells: Mapping[str, Cell]
    sections: Mapping[str, Section]
    subjects: Mapping[str, Words]
    alternatives: Mapping[str, Words]
    triggers: Mapping[str, Words]
    parties: Mapping[str, Words]
    topics: Mapping[str, Topic]
    entries: Mapping[str, Entry]
    remark: Words | None = None

    @property
    def slug(self) -> str:
        """The code as it stands in addresses: `jr-t-0133-2015`."""
        return re.sub(r"[^a-z0-9]+", "-", self.code.lower()).strip("-")

    def entry(self, key: str) -> Entry:
        """The entry at a key.

        Raises:
            UnknownClause: there is none; names the nearest section's keys.
        """
        if key in self.entries:
            return self.entries[key]
        section = key.split("-", maxsplit=1)[0]
        near = [one for one in self.entries if one.split("-")[0] == section] or list(self.sections)
        raise UnknownClause(
            _("%(standard)s edition %(edition)s has no clause “%(key)s”. There are: %(near)s."),
            standard=self.number, edition=self.edition, key=key[:40], near=", ".join(near),
        )  # fmt: skip

    def under(self, number: str) -> Iterator[Entry]:
        """The entries of a section and of those below it, in printed order."""
        return (entry for entry in self.entries.values() if within(number, entry.section))

    def cells_of(self, entry: Entry) -> list[str]:
        """The cells in whose own sections an entry stands."""
        return [
            code for code, cell in self.cells.items() if any(within(number, entry.section) for number in cell.sections)
        ]

    def text(self, entry: Entry, statement: Statement) -> Words:
        """A statement's text with the entry's values put in."""
        parameters = self.topics[entry.topic].parameters
        shown = {name: parameters[name].shown(entry.values[name]) for name in statement.inserts}
        return Words(
            INSERT.sub(lambda found: shown[found[1]].zh, statement.text.zh),
            INSERT.sub(lambda found: shown[found[1]].en, statement.text.en),
        )

    @cached_property
    def content(self) -> str:
        """Everything as canonical JSON."""
        plain = asdict(self) | {"in_force": self.in_force.isoformat() if self.in_force else None}
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: equal content, equal digest."""
        return hashlib.sha256(self.content.encode()).hexdigest()


def restored(content: Mapping[str, Any]) -> Standard:
    """The standard that `Standard.content`, as parsed JSON, was made of."""

    def words(plain: Mapping[str, str]) -> Words:
        return Words(plain["zh"], plain["en"])

    def named(plain: Mapping[str, Any]) -> dict[str, Words]:
        return {code: words(one) for code, one in plain.items()}

    def value(plain: Any) -> str | Words:
        return plain if isinstance(plain, str) else words(plain)

    def statement(plain: Mapping[str, Any]) -> Statement:
        return Statement(plain["strength"], plain["bound"], plain["trigger"], words(plain["text"]), plain["number"])

    return Standard(
        code=content["code"],
        number=content["number"],
        title=words(content["title"]),
        issuer=words(content["issuer"]),
        edition=content["edition"],
        in_force=date.fromisoformat(content["in_force"]) if content["in_force"] else None,
        axes={code: Axis(words(one["name"]), named(one["values"])) for code, one in content["axes"].items()},
        cells={code: Cell(code, one["at"], tuple(one["sections"])) for code, one in content["cells"].items()},
        sections={
            number: Section(number, words(one["name"]), one["subject"]) for number, one in content["sections"].items()
        },
        subjects=named(content["subjects"]),
        alternatives=named(content["alternatives"]),
        triggers=named(content["triggers"]),
        parties=named(content["parties"]),
        remark=words(content["remark"]) if content["remark"] else None,
        topics={
            slug: Topic(
                slug,
                words(one["name"]),
                {
                    name: Parameter(name, plain["kind"], words(plain["title"]), named(plain["values"]))
                    for name, plain in one["parameters"].items()
                },
                one["refers"],
                words(one["remark"]) if one["remark"] else None,
            )
            for slug, one in content["topics"].items()
        },
        entries={
            key: Entry(
                key,
                one["section"],
                one["topic"],
                {name: value(plain) for name, plain in one["values"].items()},
                tuple(statement(plain) for plain in one["statements"]),
                tuple(one["to"]),
            )
            for key, one in content["entries"].items()
        },
    )
