"""Reads a standard from its folder. Anything but the shape is refused with file, line, and what would be right.

`standard.yaml` holds what the standard is: number, title, axes, cells, sections, choices, triggers. `topics/*.yaml`
hold lists of topics; see docs/concepts/norms.md for the shape in full.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from gangmu.duties.norms.errors import StandardFault, _
from gangmu.duties.norms.nodes import Node, items, known, mapping, named, one_of, read, text, words
from gangmu.duties.norms.standard import (
    INSERT,
    KINDS,
    PARTIES,
    QUANTITIES,
    STRENGTHS,
    Axis,
    Cell,
    Entry,
    Parameter,
    Section,
    Standard,
    Statement,
    Topic,
    Words,
    within,
)

MUST = {"standard", "number", "title", "issuer", "edition", "sections"}
MAY = {"in_force", "axes", "cells", "choices", "triggers", "parties", "remark"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ITEM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class _Placed:
    """An entry and where it stands."""

    entry: Entry
    where: str
    to: tuple[Node, ...] = ()


def read_standard(folder: Path) -> Standard:
    """The standard in a folder.

    Raises:
        StandardFault: it is not of the shape; the message names file, line, what is wrong and what would be right.
    """
    standard = _head(read(folder / "standard.yaml", f"{folder.name}/standard.yaml"))
    files = sorted((folder / "topics").glob("*.yaml"))
    if not files:
        raise StandardFault(f"{folder.name}/topics", _("there is no file with topics; it takes at least one *.yaml."))
    topics: dict[str, Topic] = {}
    first: dict[str, str] = {}
    found: dict[str, _Placed] = {}
    for path in files:
        for node in items(read(path, f"{folder.name}/topics/{path.name}"), path.name):
            topic, entries = _topic(standard, node)
            if topic.slug in topics:
                raise StandardFault(
                    node.where, _("the topic “%(slug)s” stands twice, first at %(first)s."),
                    slug=topic.slug, first=first[topic.slug],
                )  # fmt: skip
            topics[topic.slug], first[topic.slug] = topic, node.where
            for placed in entries:
                key = placed.entry.key
                if key in found:
                    raise StandardFault(
                        placed.where, _("clause %(key)s stands twice, first at %(first)s."),
                        key=key, first=found[key].where,
                    )  # fmt: skip
                found[key] = placed
    order = {number: place for place, number in enumerate(standard.sections)}
    keys = sorted(found, key=lambda key: (order[found[key].entry.section], _natural(found[key].entry.item)))
    standard = replace(standard, topics=topics, entries={key: found[key].entry for key in keys})
    _check_references(standard, found)
    return standard


def _natural(item: str) -> tuple[tuple[int, str], ...]:
    """Letters by length and alphabet, numbers by size; a section's own entry first."""
    return tuple((len(part), part) for part in item.split("-")) if item else ()


# What the standard is -------------------------------------------------------------------------------------------------


def _head(root: Node) -> Standard:
    given = known(root, "standard.yaml", MUST, MAY)
    nothing = Node(root.where)
    axes = {}
    for code, node in mapping(given.get("axes", nothing), "axes").items():
        axis = known(node, f"axes.{code}", {"name", "values"})
        axes[code] = Axis(words(axis["name"], f"axes.{code}.name"), named(axis["values"], f"axes.{code}.values"))
    choices = known(given.get("choices", nothing), "choices", set(), {"subjects", "alternatives"})
    subjects = named(choices.get("subjects", nothing), "choices.subjects")
    sections = {
        number: _section(number, node, subjects) for number, node in mapping(given["sections"], "sections").items()
    }
    return Standard(
        code=text(given["standard"], "standard"),
        number=text(given["number"], "number"),
        title=words(given["title"], "title"),
        issuer=words(given["issuer"], "issuer"),
        edition=text(given["edition"], "edition"),
        in_force=_day(given.get("in_force", nothing)),
        axes=axes,
        cells=_cells(given.get("cells", nothing), axes, sections),
        sections=sections,
        subjects=subjects,
        alternatives=named(choices.get("alternatives", nothing), "choices.alternatives"),
        triggers=named(given.get("triggers", nothing), "triggers"),
        parties=named(given["parties"], "parties") if "parties" in given else PARTIES,
        remark=words(given["remark"], "remark") if "remark" in given else None,
        topics={},
        entries={},
    )


def _day(node: Node) -> date | None:
    if node.value is None:
        return None
    try:
        return date.fromisoformat(text(node, "in_force"))
    except ValueError as error:
        raise StandardFault(
            node.where, _("in_force is a day, such as 2015-01-01, or null when it is not known.")
        ) from error


def _section(number: str, node: Node, subjects: Mapping[str, Words]) -> Section:
    given = known(node, f"sections.{number}", {"zh", "en"}, {"subject"})
    name = Words(text(given["zh"], "zh"), text(given["en"], "en"))
    if "subject" not in given:
        return Section(number, name)
    return Section(number, name, one_of(text(given["subject"], "subject"), list(subjects), given["subject"].where))


def _cells(node: Node, axes: Mapping[str, Axis], sections: Mapping[str, Section]) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for code, one in mapping(node, "cells").items():
        given = known(one, f"cells.{code}", {"at", "sections"})
        at = known(given["at"], f"cells.{code}.at", set(axes))
        places = {
            axis: one_of(text(value, axis), list(axes[axis].values), value.where, f"{axis}: ")
            for axis, value in at.items()
        }
        if twin := next((cell.code for cell in found.values() if cell.at == places), None):
            raise StandardFault(
                one.where,
                _("cell %(code)s has the place of cell %(twin)s; each place is one cell."),
                code=code,
                twin=twin,
            )
        own = []
        for number in items(given["sections"], f"cells.{code}.sections"):
            name = text(number, "section")
            if not any(within(name, section) for section in sections):
                one_of(name, list(sections), number.where, f"cells.{code}.sections: ")
            own.append(name)
        found[code] = Cell(code, places, tuple(own))
    return found


# Topics ---------------------------------------------------------------------------------------------------------------


def _topic(standard: Standard, node: Node) -> tuple[Topic, list[_Placed]]:
    given = known(node, _("a topic"), {"topic", "name", "entries"}, {"parameters", "statements", "refers", "remark"})
    slug = text(given["topic"], "topic")
    if not SLUG.fullmatch(slug):
        raise StandardFault(
            given["topic"].where,
            _("“%(slug)s” is no topic's name: small letters and digits, joined by hyphens."),
            slug=slug,
        )
    parameters = {}
    if "parameters" in given:
        parameters = {name: _parameter(name, one) for name, one in mapping(given["parameters"], "parameters").items()}
    refers = text(given["refers"], "refers") if "refers" in given else ""
    remark = words(given["remark"], "remark") if "remark" in given else None
    topic = Topic(slug, words(given["name"], "name"), parameters, refers, remark)
    stated = items(given["statements"], "statements") if "statements" in given else []
    if not stated and not refers:
        raise StandardFault(
            node.where, _("the topic “%(slug)s” needs statements, or “refers” if it is a reference."), slug=slug
        )
    statements = [replace(_statement(standard, topic, one), number=number) for number, one in enumerate(stated, 1)]
    placed = []
    for key, one in mapping(given["entries"], "entries").items():
        placed.append(_entry(standard, topic, statements, key, one, given["entries"].keys[key]))
    if not placed:
        raise StandardFault(node.where, _("the topic “%(slug)s” stands nowhere: it has no entries."), slug=slug)
    used = {name for one in placed for statement in one.entry.statements for name in statement.inserts}
    for name in parameters:
        if name not in used:
            raise StandardFault(
                given["parameters"].keys[name],
                _("no statement of “%(slug)s” names the parameter {%(name)s}."), slug=slug, name=name,
            )  # fmt: skip
    return topic, placed


def _parameter(name: str, node: Node) -> Parameter:
    given = known(node, f"parameters.{name}", {"kind", "name"}, {"values"})
    kind = one_of(text(given["kind"], "kind"), KINDS, given["kind"].where, "kind: ")
    if "values" in given and kind not in ("choice", "word"):
        raise StandardFault(given["values"].where, _("only a choice or a word lists its values."))
    values = named(given["values"], "values") if "values" in given else {}
    return Parameter(name, kind, words(given["name"], f"parameters.{name}.name"), values)  # type: ignore[arg-type]


def _statement(standard: Standard, topic: Topic, node: Node, base: Statement | None = None) -> Statement:
    """A statement, or a change of `base`: what is not given stays."""
    every = {"strength", "bound", "trigger", "zh", "en"}
    given = known(node, _("a statement"), set() if base else {"strength", "bound", "zh", "en"}, every)
    strength = base.strength if base else ""
    if "strength" in given:
        strength = one_of(text(given["strength"], "strength"), STRENGTHS, given["strength"].where, "strength: ")
    bound = base.bound if base else ""
    if "bound" in given:
        bound = one_of(text(given["bound"], "bound"), list(standard.parties), given["bound"].where, "bound: ")
    trigger = base.trigger if base else None
    if "trigger" in given:
        at = given["trigger"]
        named_trigger = None if at.value is None else text(at, "trigger")
        trigger = named_trigger and one_of(named_trigger, list(standard.triggers), at.where, "trigger: ")
    if base and ("zh" in given) != ("en" in given):
        raise StandardFault(node.where, _("a changed text is given in both languages, zh and en."))
    wording = Words(text(given["zh"], "zh"), text(given["en"], "en")) if "zh" in given else base.text if base else None
    assert wording is not None
    _check_inserts(topic, wording, node.where)
    return Statement(strength, bound, trigger, wording)  # type: ignore[arg-type]


def _check_inserts(topic: Topic, wording: Words, where: str) -> None:
    zh, en = set(INSERT.findall(wording.zh)), set(INSERT.findall(wording.en))
    for name in sorted(zh | en):
        one_of(name, list(topic.parameters), where, _("parameter of the text: "))
    if zh != en:
        raise StandardFault(
            where, _("both languages name the same parameters; only one of them has {%(name)s}."), name=min(zh ^ en)
        )


# Entries --------------------------------------------------------------------------------------------------------------


def _entry(standard: Standard, topic: Topic, stated: list[Statement], key: str, node: Node, where: str) -> _Placed:
    section = _section_of(standard, key, where)
    given = dict(mapping(node, key))
    long = bool({"values", "statements", "more"} & set(given))
    to = given.pop("to", None) if long or topic.refers else None
    if long:
        given = dict(known(Node(node.where, given, node.keys), key, set(), {"values", "statements", "more"}))
    statements = _changed(standard, topic, stated, given.get("statements")) if long else list(stated)
    if long and "more" in given:
        statements += [_statement(standard, topic, one) for one in items(given["more"], "more")]
    values_node = given.get("values", Node(where)) if long else Node(node.where, given, node.keys)
    named_values = {
        name: _value(topic, name, one, values_node.keys[name]) for name, one in mapping(values_node, "values").items()
    }
    needed = dict.fromkeys(name for statement in statements for name in statement.inserts)
    for name in needed:
        if name not in named_values:
            raise StandardFault(where, _("clause %(key)s lacks a value for {%(name)s}."), key=key, name=name)
    for name in named_values:
        if name not in needed:
            raise StandardFault(
                values_node.keys[name],
                _("clause %(key)s gives {%(name)s}, but none of its statements names it."), key=key, name=name,
            )  # fmt: skip
    sections = tuple(items(to, "to")) if to else ()
    if topic.refers and not sections:
        raise StandardFault(where, _("clause %(key)s is a reference; “to” lists the sections that it names."), key=key)
    if not topic.refers and to is not None:
        raise StandardFault(to.where, _("only the entries of a topic with “refers” have “to”."))
    if not topic.refers and not statements:
        raise StandardFault(where, _("clause %(key)s states nothing: all its statements are left out."), key=key)
    ordered = {name: named_values[name] for name in topic.parameters if name in named_values}
    numbers = tuple(text(one, "to") for one in sections)
    return _Placed(Entry(key, section, topic.slug, ordered, tuple(statements), numbers), where, sections)


def _section_of(standard: Standard, key: str, where: str) -> str:
    """The section of a key: the key itself, or what stands before the item."""
    if key in standard.sections:
        return key
    parts = key.split("-")
    for cut in range(len(parts) - 1, 0, -1):
        section = "-".join(parts[:cut])
        if section in standard.sections and ITEM.fullmatch("-".join(parts[cut:])):
            return section
    one_of(parts[0], list(standard.sections), where, _("section: "))
    raise StandardFault(
        where, _("“%(key)s” is no clause's key: a section, or a section and an item as 5.1.1-a."), key=key
    )


def _changed(standard: Standard, topic: Topic, stated: list[Statement], node: Node | None) -> list[Statement]:
    """The topic's statements as the long form of an entry changes them."""
    if node is None:
        return list(stated)
    changes = mapping(node, "statements")
    for number in changes:
        if not number.isdigit() or not 1 <= int(number) <= len(stated):
            raise StandardFault(
                node.keys[number], _("“%(slug)s” has the statements 1 to %(last)d; there is no “%(number)s”."),
                slug=topic.slug, last=len(stated), number=number,
            )  # fmt: skip
    found = []
    for number, statement in enumerate(stated, 1):
        change = changes.get(str(number))
        if change is None:
            found.append(statement)
        elif change.value is not None:
            found.append(replace(_statement(standard, topic, change, statement), number=number))
    return found


def _value(topic: Topic, name: str, node: Node, where: str) -> str | Words:
    one_of(name, list(topic.parameters), where, _("parameter: "))
    parameter = topic.parameters[name]
    if parameter.values:
        return one_of(text(node, name), list(parameter.values), node.where, f"{name}: ")
    if isinstance(node.value, dict) and parameter.kind in ("choice", "word"):
        return words(node, name)
    given = text(node, name)
    if parameter.kind == "word" and not given.isascii():
        raise StandardFault(node.where, _("a word stands in both languages: {zh: …, en: …}."))
    if parameter.kind in QUANTITIES:
        return _number(given, name, node.where)
    return given


def _number(given: str, name: str, where: str) -> str:
    try:
        number = Decimal(given)
    except InvalidOperation as error:
        raise StandardFault(
            where, _("{%(name)s} is a number, such as 10 or 99.95; “%(given)s” is none."), name=name, given=given
        ) from error
    if not number.is_finite() or number < 0:
        raise StandardFault(where, _("{%(name)s} is a number of zero or more."), name=name)
    return given


def _check_references(standard: Standard, found: Mapping[str, _Placed]) -> None:
    """Sections that references name are there, an open one has a choice for each, and nothing refers to itself."""
    for placed in found.values():
        for node, number in zip(placed.to, placed.entry.to, strict=True):
            if not any(standard.under(number)):
                one_of(number, list(standard.sections), node.where, "to: ")
                raise StandardFault(node.where, _("section %(number)s has no entries to refer to."), number=number)
        if len(placed.entry.to) > 1:
            one_of(standard.topics[placed.entry.topic].refers, list(standard.subjects), placed.where, "refers: ")
            if len(placed.entry.to) != len(standard.alternatives):
                raise StandardFault(
                    placed.where, _("an open reference names one section for each of choices.alternatives: %(known)s."),
                    known=", ".join(standard.alternatives) or "–",
                )  # fmt: skip
    done: set[str] = set()
    for key in standard.entries:
        _walk(standard, found, key, (), done)


def _walk(standard: Standard, found: Mapping[str, _Placed], key: str, path: tuple[str, ...], done: set[str]) -> None:
    if key in path:
        circle = " → ".join([*path[path.index(key) :], key])
        raise StandardFault(found[key].where, _("references go in a circle: %(circle)s."), circle=circle)
    if key in done:
        return
    for number in standard.entries[key].to:
        for entry in standard.under(number):
            if entry.to:
                _walk(standard, found, entry.key, (*path, key), done)
    done.add(key)
