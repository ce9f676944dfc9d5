"""Reads a scheme's YAML. Anything but the shape in `scheme` is refused with file, line, and what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from gangmu.duties.grading.errors import SchemeFault, _
from gangmu.duties.grading.scheme import (
    Cell,
    Scale,
    Scheme,
    Source,
    Step,
    Value,
    Words,
    bounds,
    cells,
    place,
    require_monotone,
)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SCHEME_WORDS = {"scheme", "number", "title", "result", "factors", "steps", "confirmers"}
SCHEME_MAY = {"agree", "propagates", "catalogue", "unverified"}
NO_SUCH = _("there is no “%(code)s”; there are: %(known)s.")
STEP_MAY = {"printed", "house", "highest"}


@dataclass(frozen=True)
class Node:
    """A node of the file with its place. `value` is a text, a list of nodes, or a mapping of texts to nodes."""

    where: str
    value: Any = None
    keys: Mapping[str, "Node"] = field(default_factory=dict)  # of a mapping: where each key stands


def read_scheme(path: Path) -> Scheme:
    """The scheme in a file.

    Raises:
        SchemeFault: it is not of the shape; the message names file, line, what is wrong and what would be right.
    """
    return parse_scheme(path.read_text("utf-8"), path.name)


def parse_scheme(text: str, name: str) -> Scheme:
    """The scheme in a text; `name` stands in messages. Raises as `read_scheme`."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        raise SchemeFault(
            where, _("this is no YAML: %(why)s."), why=getattr(error, "problem", None) or error
        ) from error
    if root is None:
        raise SchemeFault(name, _("the file is empty; a scheme begins with “scheme: …”."))
    return _scheme(_placed(root, name))


def _placed(node: yaml.Node, name: str) -> Node:
    where = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.ScalarNode):
        return Node(where, "" if node.tag.endswith(":null") else node.value)
    if isinstance(node, yaml.SequenceNode):
        return Node(where, [_placed(one, name) for one in node.value])
    found: dict[str, Node] = {}
    keys: dict[str, Node] = {}
    for key, value in node.value:
        at = Node(f"{name}:{key.start_mark.line + 1}")
        if not isinstance(key, yaml.ScalarNode):
            raise SchemeFault(at.where, _("a key is a word, not a list or mapping."))
        if key.value in found:
            raise SchemeFault(at.where, _("“%(key)s” stands twice."), key=key.value)
        found[key.value], keys[key.value] = _placed(value, name), at
    return Node(where, found, keys)


# The parts -----------------------------------------------------------------------------------------------------------


def _mapping(node: Node, what: str) -> Mapping[str, Node]:
    if not isinstance(node.value, dict) or not node.value:
        raise SchemeFault(node.where, _("%(what)s is a mapping with at least one entry."), what=what)
    return node.value


def _text(node: Node, what: str) -> str:
    if not isinstance(node.value, str) or not node.value.strip():
        raise SchemeFault(node.where, _("%(what)s is a text."), what=what)
    return node.value.strip()


def _words(node: Node, what: str) -> Words:
    given = _mapping(node, what)
    if set(given) != {"zh", "en"}:
        raise SchemeFault(node.where, _("%(what)s needs zh and en, and nothing else."), what=what)
    return Words(_text(given["zh"], "zh"), _text(given["en"], "en"))


def _known(node: Node, what: str, must: set[str], may: set[str]) -> Mapping[str, Node]:
    given = _mapping(node, what)
    for word in given:
        if word not in must | may:
            raise SchemeFault(
                node.keys[word].where,
                _("%(what)s: “%(word)s” is not known; known: %(known)s."),
                what=what, word=word, known=", ".join(sorted(must | may)),
            )  # fmt: skip
    if missing := sorted(must - set(given)):
        raise SchemeFault(node.where, _("%(what)s lacks “%(word)s”."), what=what, word=missing[0])
    return given


def _scale(code: str, node: Node, levels: str) -> Scale:
    given = _known(node, code, {"title", levels}, {"name"})
    named = _mapping(given[levels], f"{code}.{levels}")
    if len(named) < 2:
        raise SchemeFault(given[levels].where, _("%(what)s needs at least two levels, the highest first."), what=code)
    return Scale(code, _words(given["title"], f"{code}.title"), {key: _words(one, key) for key, one in named.items()})


def _flag(node: Node, what: str) -> bool:
    text = _text(node, what)
    if text not in ("true", "false"):
        raise SchemeFault(node.where, _("%(what)s is true or false."), what=what)
    return text == "true"


def _scheme(root: Node) -> Scheme:
    given = _known(root, _("a scheme"), SCHEME_WORDS, SCHEME_MAY)
    result_node = given["result"]
    result_given = _known(result_node, "result", {"name", "title", "values"}, set())
    result = _scale(_text(result_given["name"], "result.name"), result_node, "values")
    factors = {code: _scale(code, one, "levels") for code, one in _mapping(given["factors"], "factors").items()}
    if result.code in factors:
        where = given["factors"].keys[result.code].where
        raise SchemeFault(where, _("“%(code)s” is the result; it cannot be a factor too."), code=result.code)
    catalogue = _known(given["catalogue"], "catalogue", {"standard"}, {"cell"}) if "catalogue" in given else {}
    bare = Scheme(
        code=_text(given["scheme"], "scheme"),
        number=_text(given["number"], "number"),
        title=_words(given["title"], "title"),
        result=result,
        factors=factors,
        steps=(),
        confirmers={code: _words(one, code) for code, one in _mapping(given["confirmers"], "confirmers").items()},
        propagates="propagates" in given and _flag(given["propagates"], "propagates"),
        catalogue=_text(catalogue["standard"], "standard") if catalogue else "",
        cell=_text(catalogue["cell"], "cell") if "cell" in catalogue else "{}",
        unverified=_words(given["unverified"], "unverified") if "unverified" in given else None,
    )
    if "agree" in given:
        bare = replace(bare, agree=_parties(bare, given["agree"]))
    rows = given["steps"]
    if not isinstance(rows.value, list) or not rows.value:
        raise SchemeFault(rows.where, _("“steps” is a list with at least one step."))
    return bare.with_steps(_steps(bare, rows))


def _parties(scheme: Scheme, node: Node) -> tuple[str, ...]:
    named = tuple(_text(one, "agree") for one in node.value) if isinstance(node.value, list) else ()
    unknown = [one for one in named if one not in scheme.confirmers]
    if not named or unknown:
        known = ", ".join(scheme.confirmers)
        raise SchemeFault(node.where, NO_SUCH, code=", ".join(unknown) or "agree", known=known)
    return named


# The steps -----------------------------------------------------------------------------------------------------------


def _steps(scheme: Scheme, rows: Node) -> tuple[Step, ...]:
    found: list[Step] = []
    made: set[str] = set()
    for row in rows.value:
        step = _step(scheme, row)
        if step.gives in made:
            raise SchemeFault(row.where, _("“%(code)s” is made by two steps."), code=step.gives)
        for factor in step.of:  # what is made later would turn the steps into a circle
            later = [one for one in rows.value if _gives(one) == factor]
            if later and factor not in made:
                raise SchemeFault(
                    row.where, _("“%(factor)s” is made by a later step. Put that one first."), factor=factor
                )
        made.add(step.gives)
        found.append(step)
    if found[-1].gives != scheme.result.code:
        raise SchemeFault(
            rows.value[-1].where, _("the last step gives the result, “%(code)s”."), code=scheme.result.code
        )
    return tuple(found)


def _gives(row: Node) -> str:
    return row.value["gives"].value if isinstance(row.value, dict) and "gives" in row.value else ""


def _step(scheme: Scheme, row: Node) -> Step:
    given = _known(row, _("a step"), {"gives", "of"}, STEP_MAY)
    gives = _text(given["gives"], "gives")
    if gives != scheme.result.code and gives not in scheme.factors:
        known = ", ".join([*scheme.factors, scheme.result.code])
        raise SchemeFault(given["gives"].where, NO_SUCH, code=gives, known=known)
    parts = given["of"]
    of = tuple(_text(one, "of") for one in parts.value) if isinstance(parts.value, list) else ()
    for factor in of:
        if factor not in scheme.factors:
            raise SchemeFault(parts.where, NO_SUCH, code=factor, known=", ".join(scheme.factors))
    if len(of) < 2 or len(set(of)) < len(of) or gives in of:
        raise SchemeFault(parts.where, _("“of” names two different factors, neither what the step gives."))
    if "highest" in given:
        return _highest(scheme, given, gives, of)
    if len(of) != 2:
        raise SchemeFault(parts.where, _("a matrix has two factors: rows and columns."))
    return _matrix(scheme, row, Step(gives, of), given)


def _highest(scheme: Scheme, given: Mapping[str, Node], gives: str, of: tuple[str, ...]) -> Step:
    node = given["highest"]
    if not _flag(node, "highest") or {"printed", "house"} & set(given):
        raise SchemeFault(node.where, _("a step has either “highest: true” or a matrix (printed, house)."))
    for factor in of:
        if list(scheme.scale(factor).levels) != list(scheme.scale(gives).levels):
            raise SchemeFault(
                node.where,
                _("the highest of different scales: “%(factor)s” has not the levels of “%(gives)s”."),
                factor=factor, gives=gives,
            )  # fmt: skip
    return Step(gives, of)


def _matrix(scheme: Scheme, row: Node, bare: Step, given: Mapping[str, Node]) -> Step:
    found: dict[Cell, Value] = {}
    places: dict[Cell, str] = {}
    for source in ("printed", "house"):
        if source not in given:
            continue
        for at, cell, value in _cells(scheme, bare, given[source], source):
            if cell in found:
                named = place(scheme, bare, cell)
                raise SchemeFault(at, _("%(cell)s stands twice, first at %(first)s."), cell=named, first=places[cell])
            found[cell], places[cell] = value, at
    step = Step(bare.gives, bare.of, found)
    absent = [cell for cell in cells(scheme, bare) if cell not in found]
    if absent:
        raise SchemeFault(
            row.where,
            _("the matrix of “%(step)s” lacks %(cell)s; the printed cells leave open: %(open)s."),
            step=bare.gives, cell=place(scheme, bare, absent[0]), open=", ".join(bounds(scheme, step, absent[0])),
        )  # fmt: skip
    require_monotone(scheme, step, row.where)
    return step


def _cells(scheme: Scheme, step: Step, node: Node, source: Source) -> list[tuple[str, Cell, Value]]:
    rows, columns = (scheme.scale(factor) for factor in step.of)
    made = scheme.scale(step.gives)
    found = []
    for row, line in _mapping(node, source).items():
        _require(rows, row, node.keys[row].where)
        for column, value in _mapping(line, row).items():
            _require(columns, column, line.keys[column].where)
            clause = ""
            if isinstance(value.value, dict):
                parts = _known(value, f"{row} × {column}", {"is"}, {"clause"})
                clause = _text(parts["clause"], "clause") if "clause" in parts else ""
                level = _text(parts["is"], "is")
            else:
                level = _text(value, f"{row} × {column}")
            _require(made, level, value.where)
            found.append((value.where, (row, column), Value(level, source, clause)))
    return found


def _require(scale: Scale, level: str, where: str) -> None:
    if level not in scale.levels:
        raise SchemeFault(
            where,
            _("“%(code)s” has no level “%(level)s”; it has: %(accepted)s."),
            code=scale.code, level=level, accepted=scale.accepted,
        )  # fmt: skip
