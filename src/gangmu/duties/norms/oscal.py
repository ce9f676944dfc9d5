"""Standards as OSCAL 1.2 documents (NIST): the catalogue, a profile for each cell, and what a cell resolves to.

Every entry is a control `c-KEY`; its figures are parameters of it, its statements parts in both languages. Names of
our own stand in the name space `NAMESPACE`. Identifiers are made of the content, so that the same standard gives the
same documents.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gangmu import __version__
from gangmu.duties.norms.resolving import Held, Resolved, everything, resolve
from gangmu.duties.norms.standard import INSERT, Entry, Standard, Words

VERSION = "1.2.1"
NAMESPACE = "https://gangmu.example/ns/oscal"


def documents(
    standard: Standard, at: datetime, choices: Mapping[str, str] | None = None, cell: str = ""
) -> dict[str, dict[str, Any]]:
    """File name → document: `catalog.json`, `profiles/CELL.json` and `resolved/CELL.json`.

    Args:
        at: when it is made.
        choices: made where a cell leaves something open.
        cell: only this cell's profile and resolved catalogue; all when left out, choices made where they are open.
    """
    found = {"catalog.json": catalogue(standard, at)}
    for code in [cell] if cell else standard.cells:
        resolved = resolve(standard, code, choices, spare=not cell)
        found[f"profiles/{resolved.cell}.json"] = profile(resolved, at)
        found[f"resolved/{resolved.cell}.json"] = resolved_catalogue(resolved, at)
    return found


def catalogue(standard: Standard, at: datetime) -> dict[str, Any]:
    """Everything that the standard prints."""
    metadata = _metadata(standard, f"{standard.number} {standard.title.zh} / {standard.title.en}", at)
    return {
        "catalog": {
            "uuid": _identifier(standard, "catalog"),
            "metadata": metadata,
            "groups": _groups(standard, everything(standard).held),
        }
    }


def profile(resolved: Resolved, at: datetime) -> dict[str, Any]:
    """What of the catalogue holds in a cell."""
    standard = resolved.standard
    name = f"{standard.number} {resolved.cell}"
    return {
        "profile": {
            "uuid": _identifier(standard, f"profile {_case(resolved)}"),
            "metadata": _metadata(standard, name, at, _choices(resolved)),
            "imports": [
                {
                    "href": "../catalog.json",
                    "include-controls": [{"with-ids": [_id(one.entry.key) for one in resolved.held]}],
                }
            ],
            "merge": {"as-is": True},
        }
    }


def resolved_catalogue(resolved: Resolved, at: datetime) -> dict[str, Any]:
    """The entries of a cell, each with why it holds."""
    standard = resolved.standard
    props = [*_choices(resolved), {"name": "resolution-tool", "value": f"gangmu {__version__}"}]
    metadata = _metadata(standard, f"{standard.number} {resolved.cell}", at, props)
    metadata["links"] = [{"href": f"../profiles/{resolved.cell}.json", "rel": "source-profile"}]
    return {
        "catalog": {
            "uuid": _identifier(standard, f"resolved {_case(resolved)}"),
            "metadata": metadata,
            "groups": _groups(standard, resolved.held, origins=True),
        }
    }


def _case(resolved: Resolved) -> str:
    return f"{resolved.cell} {sorted(resolved.choices.items())}"


def _identifier(standard: Standard, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{NAMESPACE}/{standard.code}/{standard.digest}/{what}"))


def _metadata(standard: Standard, title: str, at: datetime, props: Iterable[dict[str, str]] = ()) -> dict[str, Any]:
    issuer = str(uuid5(NAMESPACE_URL, f"{NAMESPACE}/issuer/{standard.issuer.en}"))
    own = [_prop("edition", standard.edition), _prop("standard", standard.code)]
    if standard.in_force:
        own.append(_prop("in-force", standard.in_force.isoformat()))
    return {
        "title": title,
        "last-modified": at.isoformat(),
        "version": standard.edition,
        "oscal-version": VERSION,
        "props": [*own, *props],
        "roles": [{"id": "issuer", "title": "Issuer"}],
        "parties": [{"uuid": issuer, "type": "organization", "name": f"{standard.issuer.zh} / {standard.issuer.en}"}],
        "responsible-parties": [{"role-id": "issuer", "party-uuids": [issuer]}],
    }


def _choices(resolved: Resolved) -> list[dict[str, str]]:
    return [_prop("choice", f"{subject}={one}") for subject, one in resolved.choices.items()]


def _groups(standard: Standard, held: Iterable[Held], *, origins: bool = False) -> list[dict[str, Any]]:
    """Sections as groups, one below the other as they are printed, with their controls.

    A group holds controls or groups, not both: what is printed below a section with entries of its own follows it.
    """
    controls: dict[str, list[dict[str, Any]]] = {}
    for one in held:
        controls.setdefault(one.entry.section, []).append(_control(standard, one, origins))
    tops: list[dict[str, Any]] = []
    made: dict[str, dict[str, Any]] = {}
    for number, section in standard.sections.items():
        if not any(other == number or other.startswith(f"{number}.") for other in controls):
            continue
        group: dict[str, Any] = {"id": f"s-{number}", "title": _both(section.name)}
        if number in controls:
            group["controls"] = controls[number]
        parent = next((made[cut] for cut in _above(number) if cut in made and "controls" not in made[cut]), None)
        (tops if parent is None else parent.setdefault("groups", [])).append(group)
        made[number] = group
    return tops


def _above(number: str) -> list[str]:
    parts = number.split(".")
    return [".".join(parts[:cut]) for cut in range(len(parts) - 1, 0, -1)]


def _control(standard: Standard, held: Held, origins: bool) -> dict[str, Any]:
    entry = held.entry
    topic = standard.topics[entry.topic]
    props = [_prop("label", entry.key, own=False), _prop("topic", entry.topic)]
    if origins:
        props.append(_prop("origin", held.origin))
    found: dict[str, Any] = {"id": _id(entry.key), "title": _both(topic.name), "props": props}
    if entry.values:
        found["params"] = [
            {
                "id": _parameter(entry, name),
                "label": _both(topic.parameters[name].title),
                "props": [_prop("unit", topic.parameters[name].unit or topic.parameters[name].kind)],
                "values": [_both(topic.parameters[name].shown(value))],
            }
            for name, value in entry.values.items()
        ]
    if entry.to:
        targets = [one.key for number in entry.to for one in standard.under(number)]
        found["links"] = [{"href": f"#{_id(key)}", "rel": "related"} for key in targets]
    found["parts"] = [
        {
            "id": f"{_id(entry.key)}_s{number}_{language}",
            "name": "statement",
            "props": [
                _prop("language", language),
                _prop("strength", statement.strength),
                _prop("bound", statement.bound),
                *([_prop("trigger", statement.trigger)] if statement.trigger else []),
            ],
            "prose": INSERT.sub(lambda one: f"{{{{ insert: param, {_parameter(entry, one[1])} }}}}", text),
        }
        for number, statement in enumerate(entry.statements, 1)
        for language, text in (("zh", statement.text.zh), ("en", statement.text.en))
    ]
    if not found["parts"]:
        del found["parts"]
    return found


def _id(key: str) -> str:
    return f"c-{key}"


def _parameter(entry: Entry, name: str) -> str:
    return f"{_id(entry.key)}_{name}"


def _both(words: Words) -> str:
    return words.zh if words.zh == words.en else f"{words.zh} / {words.en}"


def _prop(name: str, value: str, *, own: bool = True) -> dict[str, str]:
    return {"name": name, "value": value, **({"ns": NAMESPACE} if own else {})}
