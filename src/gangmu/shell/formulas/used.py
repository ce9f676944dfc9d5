"""Where an indicator is used: formulas, weights, forms with their rules, reports, home pages,
publications."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gangmu.figures.cube.measures import known_measures
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.models import Form
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.formula import tree as trees
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.publications.models import Publication
from gangmu.figures.reports.definitions import reports
from gangmu.foundation.boards.definitions import all_boards
from gangmu.foundation.ui.here import here

KINDS: dict[str, str | Promise] = {
    "formula": _("Formula"),
    "weight": _("Weight of"),
    "form": _("Form"),
    "rule": _("Rule of a form"),
    "report": _("Report"),
    "design": _("Report designed in Excel"),
    "tile": _("Tile of a home page"),
    "publication": _("Publication"),
}


@dataclass(frozen=True)
class Use:
    """One place that names the indicator. `where` is its code, `url` its page at this site, if there is one."""

    kind: str
    where: str
    zh: str
    en: str
    url: str = ""
    until: str = ""  # of a formula that is valid no more: its last day

    @property
    def label(self) -> str | Promise:
        return KINDS[self.kind]

    def as_json(self) -> dict[str, Any]:
        found = {"kind": self.kind, "where": self.where, "name": {"zh": self.zh, "en": self.en}}
        return found | ({"until": self.until} if self.until else {})


def uses(code: str) -> list[Use]:
    """Every use that the asker may know of, in the order of `KINDS`; code order within."""
    found = [*_formulas(code), *_forms(code), *_reports(code), *_designs(code), *_tiles(code), *_publications(code)]
    kinds = list(KINDS)
    return sorted(dict.fromkeys(found), key=lambda use: (kinds.index(use.kind), use.where, use.until))


def _formulas(code: str) -> Iterator[Use]:
    timeline = known_measures().timeline
    ends = _lasts(timeline.days)
    told: set[str] = set()
    for until, (_day, catalogue) in reversed(list(zip(ends, timeline.stretches(), strict=True))):
        for one in catalogue.values():
            if one.code in told:
                continue
            if code in _inputs(catalogue, one.code):
                told.add(one.code)
                yield Use("formula", one.code, one.name.zh, one.name.en, here("formulas:one", one.code), until)
            if one.weight == code and not until:
                yield Use("weight", one.code, one.name.zh, one.name.en, here("formulas:one", one.code))


def _lasts(days: list[Any]) -> list[str]:
    """The last day of each stretch; of the last one there is none."""
    return [*(day.fromordinal(day.toordinal() - 1).isoformat() for day in days), ""]


def _inputs(catalogue: Catalogue, code: str) -> tuple[str, ...]:
    try:
        return catalogue.inputs(code)
    except FormulaError:
        return ()


def _forms(code: str) -> Iterator[Use]:
    catalogue = known_measures().catalogue
    for form in Form.objects.filter(is_current=True).order_by("code"):
        defined: FormDefinition = form.defined
        url = here("filing:form", form.code)
        opened = {item.opens_with for item in defined.items.values()}
        named = {*defined.items, *opened, *defined.history.indicators, *defined.neighbours.indicators}
        if code in named:
            yield Use("form", defined.code, defined.name.zh, defined.name.en, url)
        for rule in defined.rules:
            if any(code in _mentioned(catalogue, side) for side in (rule.left, rule.right)):
                where = f"{defined.code} · {rule.code}"
                yield Use("rule", where, rule.name.zh, rule.name.en, url)


def _mentioned(catalogue: Catalogue, formula: str) -> set[str]:
    try:
        return {catalogue.resolve(reference) for reference in trees.references(parse(formula))}
    except FormulaError:
        return set()


def _reports(code: str) -> Iterator[Use]:
    for report in reports():
        if code in report.indicators:
            yield Use("report", report.code, report.title.zh, report.title.en, here("reports:list"))


def _designs(code: str) -> Iterator[Use]:
    """Of the versions that apply or will: what their expressions mean stands beside them."""
    naming = Version.objects.filter(valid_from__isnull=False, names__indicators__contains=[[code]])
    for one in Design.objects.filter(is_retired=False, versions__in=naming).distinct().order_by("code"):
        yield Use("design", one.code, one.name_zh, one.name_en, here("designs:report", one.code))


def _tiles(code: str) -> Iterator[Use]:
    for board in all_boards():
        for tile in board.tiles:
            if _names(tile.options, code):
                yield Use("tile", f"{board.code} · {tile.id}", tile.title.zh, tile.title.en)


def _names(option: Any, code: str) -> bool:
    """Whether a tile's options name an indicator, however deep."""
    if isinstance(option, Mapping):
        return any(_names(value, code) for value in option.values())
    if isinstance(option, list | tuple):
        return any(_names(value, code) for value in option)
    return option == code


def _publications(code: str) -> Iterator[Use]:
    for one in Publication.objects.filter(indicators__contains=[code]).order_by("pk"):
        yield Use("publication", str(one.pk), str(one), str(one))
