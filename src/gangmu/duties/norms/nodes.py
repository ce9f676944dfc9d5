"""YAML with the place of everything: texts, lists and mappings. No scalar is interpreted: `99.90` stays “99.90”."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from gangmu.duties.norms.errors import StandardFault, _
from gangmu.duties.norms.standard import Words

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Node:
    """A node with its place. `value` is a text, None, a list of nodes, or a mapping of texts to nodes."""

    where: str
    value: Any = None
    keys: Mapping[str, str] = field(default_factory=dict)  # of a mapping: where each key stands


def read(path: Path, name: str) -> Node:
    """The one document of a file; `name` stands in messages.

    Raises:
        StandardFault: it is missing, not UTF-8, no YAML, or empty.
    """
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise StandardFault(name, _("there is no such file.")) from error
    except UnicodeDecodeError as error:
        raise StandardFault(name, _("this is not UTF-8 text. Save the file as UTF-8.")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        why = getattr(error, "problem", None) or error
        raise StandardFault(where, _("this is no YAML: %(why)s."), why=why) from error
    if root is None:
        raise StandardFault(name, _("the file is empty."))
    return _placed(root, name)


def _placed(node: yaml.Node, name: str) -> Node:
    where = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.ScalarNode):
        return Node(where, None if node.tag.endswith(":null") else node.value)
    if isinstance(node, yaml.SequenceNode):
        return Node(where, [_placed(one, name) for one in node.value])
    found: dict[str, Node] = {}
    keys: dict[str, str] = {}
    for key, value in node.value:
        at = f"{name}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise StandardFault(at, _("a key is a word, not a list or mapping."))
        if key.value in found:
            raise StandardFault(
                at, _("“%(key)s” stands twice, first at %(first)s."), key=key.value, first=keys[key.value]
            )
        found[key.value], keys[key.value] = _placed(value, name), at
    return Node(where, found, keys)


def mapping(node: Node, what: str) -> Mapping[str, Node]:
    """The entries of a mapping; nothing given is none."""
    if node.value is None or node.value == []:
        return {}
    if not isinstance(node.value, dict):
        raise StandardFault(node.where, _("%(what)s is a mapping, “name: value” on each line."), what=what)
    return node.value


def items(node: Node, what: str) -> list[Node]:
    if not isinstance(node.value, list):
        raise StandardFault(node.where, _("%(what)s is a list."), what=what)
    return node.value


def text(node: Node, what: str) -> str:
    if not isinstance(node.value, str) or not node.value.strip():
        raise StandardFault(node.where, _("%(what)s is a text, and not empty."), what=what)
    return node.value.strip()


def words(node: Node, what: str) -> Words:
    """`{zh: …, en: …}`, both of them and nothing else."""
    given = known(node, what, {"zh", "en"})
    return Words(text(given["zh"], f"{what}.zh"), text(given["en"], f"{what}.en"))


def named(node: Node, what: str) -> dict[str, Words]:
    """A mapping of codes to words."""
    return {code: words(one, f"{what}.{code}") for code, one in mapping(node, what).items()}


def known(node: Node, what: str, must: set[str], may: frozenset[str] | set[str] = frozenset()) -> Mapping[str, Node]:
    """A mapping with all members of `must` and none but those of `may` beside them."""
    given = mapping(node, what)
    for word in given:
        if word not in must and word not in may:
            one_of(word, sorted(must | may), node.keys[word], f"{what}: ")
    if missing := sorted(must - set(given)):
        raise StandardFault(node.where, _("%(what)s lacks “%(word)s”."), what=what, word=missing[0])
    return given


def one_of(word: str, accepted: list[str] | tuple[str, ...], where: str, what: str = "") -> str:
    """`word`, when it is one of those accepted; else a refusal that names the nearest."""
    if word in accepted:
        return word
    near = get_close_matches(word, accepted, 1, 0.6)
    if near:
        raise StandardFault(
            where, _("%(what)s“%(word)s” is not known; did you mean “%(near)s”? Known: %(known)s."),
            what=what, word=word[:40], near=near[0], known=", ".join(accepted),
        )  # fmt: skip
    raise StandardFault(
        where, _("%(what)s“%(word)s” is not known. Known: %(known)s."),
        what=what, word=word[:40], known=", ".join(accepted) or "–",
    )  # fmt: skip
