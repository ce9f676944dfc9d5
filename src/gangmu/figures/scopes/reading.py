"""Scopes from a file: YAML or a table, each fault with its place. What only the database knows is checked after.

A table becomes the same nodes as YAML, so there is one reader.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.indicators.loading.yamlfile import Items, Node, NotYaml, Text, parse, read_text
from gangmu.figures.scopes.definitions import ScopeDefinition, circle
from gangmu.figures.scopes.nodes import Reader, Reading, meant
from gangmu.figures.scopes.tables import read_table

MOST_SCOPES = 500


def read_scopes(source: Path | str) -> Reading:
    """The scopes of a file (.csv: a table, else YAML) or of a YAML text.

    Raises:
        Unreadable: the file is missing, too large, no text, or not what its name says.
    """
    reading = Reading()
    if isinstance(source, Path) and source.suffix.lower() == ".csv":
        document: Node | None = read_table(source, reading)
    else:
        try:
            document = parse(read_text(source) if isinstance(source, Path) else source)
        except NotYaml as error:
            reading.problems.append(error.problem)
            return reading
    if reading.problems:
        return reading
    if not isinstance(document, Items) or not document.items:
        reading.wrong(
            document or Text("", 1, 1), _("this is a list of statistical scopes; each begins with “- code: …”.")
        )
        return reading
    if len(document.items) > MOST_SCOPES:
        reading.wrong(document, _("a file has at most %(most)d scopes.") % {"most": MOST_SCOPES})
        return reading
    for node in document.items:
        one = Reader(reading).scope(node)
        if one is None:
            continue
        if any(other.code == one.code for other in reading.scopes):
            reading.wrong(reading.at(one.code, "code"), _("the code “%(code)s” stands twice.") % {"code": one.code})
            continue
        reading.scopes.append(one)
    return reading


def check_together(reading: Reading, standing: Iterable[ScopeDefinition], organisations: set[str]) -> None:
    """Add what is wrong beside what is kept: unknown organisations and scopes, and scopes that contain themselves."""
    book = {one.code: one for one in standing} | {one.code: one for one in reading.scopes}
    for (code, *_rest), node in list(reading.places.items()):
        if not isinstance(node, Text) or not _rest:
            continue
        if _rest[-2:-1] == ["organisations"] and node.value.strip() not in organisations:
            near = get_close_matches(node.value, organisations, n=1, cutoff=0.6)
            message = _("%(scope)s: there is no organisation “%(code)s”.") % {"scope": code, "code": node.value[:60]}
            reading.wrong(node, message + meant(near))
        elif _rest[-1] == "scope" and node.value.strip() not in book:
            near = get_close_matches(node.value, book, n=1, cutoff=0.5)
            message = _("%(scope)s: there is no statistical scope “%(code)s”.") % {
                "scope": code,
                "code": node.value[:60],
            }
            reading.wrong(node, message + meant(near))
    for one in reading.scopes:
        way = circle(one.code, book)
        if way:
            node = next(
                node
                for place, node in reading.places.items()
                if place[0] == one.code
                and place[-1] == "scope"
                and isinstance(node, Text)
                and node.value.strip() == way[1]
            )
            reading.wrong(
                node, _("%(scope)s would contain itself: %(way)s.") % {"scope": one.code, "way": " → ".join(way)}
            )
