"""Versions as templates: what names mean when one is uploaded, and for ever after; opening what is kept."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gangmu.figures.designs.cube import groups
from gangmu.figures.designs.models import Version
from gangmu.figures.designs.template import Template, read_template
from gangmu.figures.designs.tree import Figure, Repeat
from gangmu.figures.designs.vocabulary import Named, Names, Vocabulary
from gangmu.figures.filing.models import Scenario
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import Organisation

GROUPS = ("fuel", "province", "kind")
ROOM = "figures"


def vocabulary(scope: Scope) -> Vocabulary:
    """What the names of a design that is uploaded now may mean: every indicator, and organisations in scope."""
    rows = Organisation.objects.all() if scope.everything else Organisation.objects.filter(pk__in=scope.ids(ROOM))
    return Vocabulary(
        Names(_indicators()),
        Names(Named(str(code), zh, en) for code, zh, en in rows.values_list("code", "name_zh", "name_en")),
        {by: Names(groups(by).values()) for by in GROUPS},
        frozenset(Scenario.objects.values_list("code", flat=True)) | {"actual", "plan"},
    )


def _indicators(codes: Iterable[str] | None = None) -> list[Named]:
    rows = Indicator.objects.all() if codes is None else Indicator.objects.filter(code__in=list(codes))
    return [Named(str(code), zh, en) for code, zh, en in rows.values_list("code", "name_zh", "name_en")]


def names_of(template: Template, known: Vocabulary) -> dict[str, Any]:
    """The names that a template uses, with what they mean; see `Version.names`."""
    indicators: set[str] = set()
    organisations: set[str] = set()
    grouped: dict[str, set[str]] = {by: set() for by in GROUPS}
    scenarios: set[str] = set()
    for cell in template.cells.values():
        for one in cell.expressions:
            if isinstance(one, Figure):
                indicators.add(one.indicator)
                organisations.add(one.where.organisation)
                scenarios.add(one.scenario)
                if one.where.by:
                    grouped[one.where.by].add(one.where.group)
            elif isinstance(one, Repeat):
                organisations.add(one.organisation)
    return {
        "indicators": _kept(known.indicators, indicators),
        "organisations": _kept(known.organisations, organisations),
        **{by: _kept(known.groups[by], grouped[by]) for by in GROUPS},
        "scenarios": sorted(scenarios - {""}),
    }


def _kept(names: Names, codes: Iterable[str]) -> list[list[str]]:
    return [[one.code, one.zh, one.en] for code in sorted(codes) if (one := names.by_code.get(code)) is not None]


def meaning(names: Mapping[str, Any]) -> Vocabulary:
    """What the names of a kept version mean. An indicator that was renamed since is told by its present name."""
    told = [Named(*one) for one in names["indicators"]]
    indicators = Names(told)
    indicators.by_code |= {one.code: one for one in _indicators(one.code for one in told)}
    return Vocabulary(
        indicators,
        Names(Named(*one) for one in names["organisations"]),
        {by: Names(Named(*one) for one in names[by]) for by in GROUPS},
        frozenset(names["scenarios"]) | {"actual", "plan"},
    )


@contextmanager
def opened(version: Version) -> Iterator[tuple[Template, Vocabulary]]:
    """A version as a template, lying in a file for as long as it is filled.

    Raises:
        DesignRefused: it is not read any more, by a product that has become stricter.
    """
    known = meaning(version.names)
    with on_disk(bytes(version.content)) as path:
        yield read_template(path, known, version.file_name), known


@contextmanager
def on_disk(content: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="gangmu-design-", suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
