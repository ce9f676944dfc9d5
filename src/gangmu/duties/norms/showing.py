"""Clauses as pages show them: texts in the reader's language, figures standing out, codes as words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from gangmu.duties.norms.comparing import Difference
from gangmu.duties.norms.naming import named
from gangmu.duties.norms.resolving import Held
from gangmu.duties.norms.standard import INSERT, Entry, Standard, Statement

STRENGTH_TONES = {"must": "primary", "should": "info", "may": "secondary", "must_not": "danger", "stated": "secondary"}
ORIGIN_TONES = {"own": "secondary", "inherited": "info", "chosen": "success", "open": "warning"}
DIFFERENCE_TONES = {
    "figure": "primary", "citation": "primary", "strength": "warning", "extended": "success", "reduced": "danger",
    "new": "success", "gone": "danger", "wording": "secondary",
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A part of a sentence; a figure stands out."""

    text: str
    is_figure: bool = False


def said(standard: Standard, entry: Entry, statement: Statement) -> dict[str, Any]:
    """A statement for a template."""
    parameters = standard.topics[entry.topic].parameters
    pieces = []
    for number, part in enumerate(INSERT.split(str(statement.text))):
        if number % 2:
            one = parameters[part]
            pieces.append(Piece(str(one.shown(entry.values[part])), one.kind != "word"))
        elif part:
            pieces.append(Piece(part))
    return {
        "strength": named("strength", statement.strength),
        "tone": STRENGTH_TONES[statement.strength],
        "pieces": pieces,
        "party": str(standard.parties[statement.bound]),
        "trigger": str(standard.triggers[statement.trigger]) if statement.trigger else "",
    }


def shown(standard: Standard, held: Held, *, origins: bool = False) -> dict[str, Any]:
    """An entry for a template; `origins`: with why it holds."""
    entry = held.entry
    topic = standard.topics[entry.topic]
    return {
        "key": entry.key,
        "name": str(topic.name),
        "remark": str(topic.remark or ""),
        "address": reverse("norms:clause", args=[standard.slug, entry.key]),
        "statements": [said(standard, entry, one) for one in entry.statements],
        "to": [{"number": one, "address": _address(standard, one)} for one in entry.to],
        "origin": named("origin", held.origin) if origins and held.origin != "own" else "",
        "tone": ORIGIN_TONES[held.origin],
        "by": held.by,
    }


def _address(standard: Standard, section: str) -> str:
    """Where a section begins: its first clause."""
    first = next(standard.under(section), None)
    return reverse("norms:clause", args=[standard.slug, first.key]) if first else ""


def by_section(standard: Standard, held: Iterable[Held], *, origins: bool = False) -> list[dict[str, Any]]:
    """Entries under their headings, in the order given; a heading again where the order comes back to it."""
    found: list[dict[str, Any]] = []
    for one in held:
        number = one.entry.section
        if not found or found[-1]["number"] != number:
            found.append({"number": number, "name": str(standard.sections[number].name), "entries": []})
        found[-1]["entries"].append(shown(standard, one, origins=origins))
    return found


def told(standard: Standard, one: Difference) -> dict[str, Any]:
    """A difference for a template: what it is, and both sides where they are short."""
    topic = standard.topics.get(one.topic)
    title = str(topic.parameters[one.parameter].title) if topic and one.parameter in topic.parameters else ""
    values = [_short(value, one) for value in one.values]
    return {
        "kind": named("difference", one.kind),
        "tone": DIFFERENCE_TONES[one.kind],
        "title": title,
        "values": values if all(values) else None,
        "unit": named("unit", one.unit),
    }


def _short(value: Any, one: Difference) -> str:
    if one.kind == "strength":
        return named("strength", value)
    if isinstance(value, str | int):
        return str(value)
    return ""


def tabs(standard: Standard, here: str, edition: str = "") -> list[dict[str, Any]]:
    """The pages of a standard."""
    names = ["clauses", *(["compare"] if len(standard.cells) > 1 else []), "figures"]
    query = f"?edition={edition}" if edition else ""
    return [
        {"name": name, "address": reverse(f"norms:{name}", args=[standard.slug]) + query, "here": name == here}
        for name in names
    ]


def cell_name(standard: Standard, code: str) -> str:
    """A cell with the words of its place: A3+B4 三+级 整体外包."""
    cell = standard.cells.get(code)
    if cell is None:
        return code
    return " ".join([code, *(str(standard.axes[axis].values[value]) for axis, value in cell.at.items())])
