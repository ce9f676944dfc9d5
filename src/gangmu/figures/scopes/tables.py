"""Scopes from a table (CSV), as the nodes that YAML gives.

A table has a line for each part; lines of one scope and one first day belong together. Several values of a field are
separated by semicolons.
"""

import re
from difflib import get_close_matches
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.indicators.loading.yamlfile import Entries, Items, Node, Problem, Text
from gangmu.figures.scopes.attributes import condition_attributes
from gangmu.figures.scopes.nodes import Reading, meant
from gangmu.foundation.settings.textfiles import decode, read_rows

_COLUMNS = ("code", "name_zh", "name_en", "new_plants", "structure", "levels", "valid_from", "valid_to", "part")


def read_table(path: Path, reading: Reading) -> Items | None:
    """The list of scopes that a table is, in place of a YAML document; None where its header is wrong."""
    rows = read_rows(decode(path), path.name)
    number, header = next(rows, (1, []))
    names = [name.strip() for name in header]
    known = [*_COLUMNS, "organisations", "kind", "scope", "share", *condition_attributes()]
    for column, name in enumerate(names, 1):
        if name not in known or names.index(name) != column - 1:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            words = {"key": name[:40], "known": ", ".join(known)}
            message = _("“%(key)s” is not known here. Known: %(known)s.") % words + meant(near)
            reading.problems.append(Problem(number, column, message))
    for needed in ("code", "part"):
        if needed not in names:
            reading.problems.append(Problem(number, 1, _("the column %(key)s is missing.") % {"key": needed}))
    if reading.problems:
        return None
    whole = Items(number, 1)
    scopes: dict[str, Entries] = {}
    versions: dict[tuple[str, str], tuple[Items, Items]] = {}
    for line, fields in rows:
        cells = {
            name: Text(value.strip(), line, column, "'")
            for column, (name, value) in enumerate(zip(names, fields, strict=False), 1)
            if value.strip()
        }
        code = cells.get("code", Text("", line, 1))
        if code.value not in scopes:
            scopes[code.value] = scope = _scope_entries(cells, line)
            whole.items.append(scope)
        entries = scopes[code.value]
        listed = next((value for key, value in entries.entries if key.value == "versions"), None)
        assert isinstance(listed, Items)
        first = cells.get("valid_from", Text("", line, 1))
        if (code.value, first.value) not in versions:
            parts = Items(line, 1), Items(line, 1)
            versions[code.value, first.value] = parts
            version = Entries(
                line, 1, [(Text(key, line, 1), cells[key]) for key in ("valid_from", "valid_to") if key in cells]
            )
            version.entries.append((Text("count", line, 1), parts[0]))
            version.entries.append((Text("except", line, 1), parts[1]))
            listed.items.append(version)
        sort = cells.get("part", Text("", line, names.index("part") + 1))
        if sort.value not in ("count", "except"):
            reading.wrong(sort, _("part is count or except."))
            continue
        versions[code.value, first.value][sort.value == "except"].items.append(_part_entries(cells, line))
    return whole


def _scope_entries(cells: dict[str, Text], line: int) -> Entries:
    """The settings of a scope, from its first line."""
    entries = Entries(line, 1)
    name = Entries(
        line, 1, [(Text(key, line, 1), cells[f"name_{key}"]) for key in ("zh", "en") if f"name_{key}" in cells]
    )
    for key in ("code", "new_plants", "structure"):
        if key in cells:
            entries.entries.append((Text(key, line, 1), cells[key]))
    entries.entries.append((Text("name", line, 1), name))
    if "levels" in cells:
        entries.entries.append((Text("levels", line, 1), _listed(cells["levels"])))
    entries.entries.append((Text("versions", line, 1), Items(line, 1)))
    return entries


def _part_entries(cells: dict[str, Text], line: int) -> Entries:
    known = ("organisations", "kind", *condition_attributes())
    found: list[tuple[Text, Node]] = [
        (Text(key, line, cells[key].column), _listed(cells[key])) for key in known if key in cells
    ]
    found += [(Text(key, line, cells[key].column), cells[key]) for key in ("scope", "share") if key in cells]
    return Entries(line, 1, found)


def _listed(text: Text) -> Items:
    values = [part.strip() for part in re.split(r"[;；]", text.value) if part.strip()]
    return Items(text.line, text.column, [Text(value, text.line, text.column, "'") for value in values])
