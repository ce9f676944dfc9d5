"""YAML with the place of everything: lists, mappings and texts, and nothing else.

Read event by event, so that neither deep nesting nor aliases can cost more than their own characters. No scalar is
interpreted: `no` is the text “no”, `1.10` the text “1.10”.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from gangmu.foundation.settings.textfiles import SIGNATURES, Unreadable, read_bytes

LARGEST_FILE = 2 * 1024 * 1024
DEEPEST = 8
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = {"", "~", "null", "Null", "NULL"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True)
class Problem:
    """One fault in a file: where it is (from 1), what it is and what to do."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return _("line %(line)d, column %(column)d: %(message)s") % {
            "line": self.line,
            "column": self.column,
            "message": self.message,
        }


class NotYaml(Exception):
    """The text cannot be read as YAML of the kind that we take; nothing after `problem` was looked at."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Text:
    """A scalar. `style` is "" for plain, else one of ' " | >."""

    value: str
    line: int
    column: int
    style: str = ""
    lines: int = 1

    @property
    def is_nothing(self) -> bool:
        return not self.style and self.value in _NULLS


@dataclass(frozen=True)
class Items:
    line: int
    column: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True)
class Entries:
    line: int
    column: int
    entries: "list[tuple[Text, Node]]" = field(default_factory=list)


Node = Text | Items | Entries


def read_text(path: Path) -> str:
    """The text of a YAML file.

    Raises:
        Unreadable: it is missing, larger than 2 MB, not UTF-8, or something else than its name says.
    """
    content = read_bytes(path, LARGEST_FILE)
    for signature, what in SIGNATURES:
        if content.startswith(signature):
            raise Unreadable(
                _("%(file)s is no YAML file: its content is %(what)s.") % {"file": path.name, "what": what}
            )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            _("%(file)s, line %(line)d: this is not UTF-8 text. Save the file as UTF-8.")
            % {"file": path.name, "line": line}
        ) from error


def parse(text: str) -> Node | None:
    """The one document in `text`; None when there is none.

    Raises:
        NotYaml: not YAML, or YAML with aliases, anchors, tags, several documents or more than 8 levels.
    """
    strange = _CONTROL.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        column = strange.start() - (text.rfind("\n", 0, strange.start()) + 1) + 1
        code_point = f"U+{ord(strange.group()):04X}"
        message = _("%(character)s has no place in a text file.") % {"character": code_point}
        raise NotYaml(Problem(line, column, message))
    try:
        return _assembled(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise NotYaml(Problem(*place, _advice(text, error, place))) from error
    except yaml.YAMLError as error:
        raise NotYaml(Problem(1, 1, _("this is no YAML: %(why)s.") % {"why": error})) from error


def _assembled(events: Iterator[yaml.Event]) -> Node | None:
    document: Node | None = None
    documents = 0
    open_nodes: list[Items | Entries] = []
    keys: list[Text | None] = []  # for each open node, the key that waits for its value
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(event, _("the file has a second document. One file, one list: take out the line ---."))
            continue
        if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            open_nodes.pop()
            keys.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = _node(event)
        if open_nodes:
            _put(node, open_nodes[-1], keys)
        else:
            document = node
        if not isinstance(node, Text):
            if len(open_nodes) >= DEEPEST:
                raise _refused(event, _("the file is nested more than %(most)d deep.") % {"most": DEEPEST})
            open_nodes.append(node)
            keys.append(None)
    return document


def _node(event: yaml.NodeEvent) -> Node:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _refused(event, _("anchors (&) and aliases (*) are not used here. Write the value out, or in quotes."))
    place = _place(event)
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise _refused(event, _("tags (!) are not used here. Write the value in quotes."))
    if isinstance(event, yaml.SequenceStartEvent):
        return Items(*place)
    if isinstance(event, yaml.MappingStartEvent):
        return Entries(*place)
    assert isinstance(event, yaml.ScalarEvent)
    last_line = event.end_mark.line + 1 if event.end_mark else place[0]
    return Text(event.value, *place, style=event.style or "", lines=last_line - place[0] + 1)


def _put(node: Node, parent: Items | Entries, keys: list[Text | None]) -> None:
    if isinstance(parent, Items):
        parent.items.append(node)
        return
    key = keys[-1]
    if key is not None:
        parent.entries.append((key, node))
        keys[-1] = None
        return
    if not isinstance(node, Text):
        raise NotYaml(Problem(node.line, node.column, _("a key is a word, not a list or mapping.")))
    earlier = next((one for one, _value in parent.entries if one.value == node.value), None)
    if earlier is not None:
        raise NotYaml(
            Problem(
                node.line,
                node.column,
                _("the key “%(key)s” stands twice, first in line %(line)d.")
                % {"key": node.value[:60], "line": earlier.line},
            )
        )
    if len(parent.entries) >= 100:
        raise NotYaml(Problem(node.line, node.column, _("a mapping has at most %(most)d keys.") % {"most": 100}))
    keys[-1] = node


def _refused(event: yaml.Event, message: str) -> NotYaml:
    return NotYaml(Problem(*_place(event), message))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _advice(text: str, error: yaml.MarkedYAMLError, place: tuple[int, int]) -> str:
    lines = text.split("\n")
    line = lines[place[0] - 1] if place[0] <= len(lines) else ""
    character = line[place[1] - 1 : place[1]]
    if character == "\t" or "\t" in line[: place[1]]:
        return _("a tab stands here. YAML is indented with spaces.")
    if character and character in "%@`":
        return _('a text that begins with %(sign)s stands in quotes: "%(sign)s".') % {"sign": character}
    why = " ".join(part for part in (error.context, error.problem) if part)
    return _("this is no YAML: %(why)s. Look at the indentation, and at quotes and brackets that are not closed.") % {
        "why": why
    }
