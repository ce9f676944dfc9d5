"""What stands in a sheet's way: entries that cannot be read, blanks that must be filled, what the rules find."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from gangmu.figures.filing.layouts import Key, Layout, layouts
from gangmu.figures.filing.models import Explanation, Mark, Sheet, State
from gangmu.figures.filing.queries.cells import CellView, cells_of
from gangmu.figures.filing.queries.sheets import explanations_of
from gangmu.figures.filing.rules import Filled, Finding, load_context, rules_of
from gangmu.foundation.parties.kinds import Words

ENTRY, REQUIRED, LOCKED = "entry", "required", "locked"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell by itself. It reads like a rule's finding of the strength of an error."""

    rule: str
    organisation_id: int
    code: str
    place: Words
    detail: str = ""
    strength: str = "error"
    needs_words: bool = False
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.organisation_id}:{self.code}"

    @property
    def indicators(self) -> tuple[str, ...]:
        return (self.code,)

    @property
    def cells(self) -> tuple[Key, ...]:
        return ((self.organisation_id, self.code),)

    @property
    def text(self) -> str:
        """Where, what, and what to do, in the active language."""
        told = {
            ENTRY: self.detail,
            REQUIRED: _("Nothing has been entered. Fill it in, or mark it out of service."),
            LOCKED: _(
                "The figure %(value)s is locked and another one is entered. Enter %(value)s; ask for a correction once "
                "the sheet is approved."
            )
            % {"value": self.detail},
        }[self.rule]
        return _("%(place)s: %(fault)s") % {"place": self.place, "fault": told}

    def message(self, language: str) -> str:
        """The text in a language; what an entry's reader said stays in the one in which it was read."""
        with translation.override(language):
            return self.text

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "rule": self.rule, "strength": self.strength, "cells": [list(self.cells[0])]}


AnyFinding = Fault | Finding


@dataclass(frozen=True)
class Examined:
    """A sheet with all that was found about it."""

    sheet: Sheet
    layout: Layout
    cells: Mapping[Key, CellView]
    faults: Sequence[Fault]
    findings: Sequence[Finding]
    explanations: Mapping[str, Explanation]

    @property
    def errors(self) -> list[AnyFinding]:
        """What must be put right before the sheet is submitted."""
        return [*self.faults, *(one for one in self.findings if not one.needs_words)]

    @property
    def unexplained(self) -> list[Finding]:
        """Warnings without words, or whose words were said of other figures."""
        return [one for one in self.findings if one.needs_words and not explains(self.explanations.get(one.key), one)]


def explains(explanation: Explanation | None, finding: Finding) -> bool:
    """Whether words were said of a finding with just these figures."""
    return explanation is not None and explanation.figures == dict(finding.numbers)


def check(sheet: Sheet) -> list[AnyFinding]:
    """Everything found in a sheet: faulty entries and blanks first, then what the rules say."""
    found = examine([sheet])[sheet.pk]
    return [*found.faults, *found.findings]


def findings(sheet: Sheet) -> list[Finding]:
    """What the rules find in a sheet as it is filled in now."""
    return list(examine([sheet])[sheet.pk].findings)


def examine(sheets: Collection[Sheet]) -> dict[int, Examined]:
    """Many sheets at once: as many queries as there are forms, not sheets."""
    laid_out = layouts(sheets)
    cells = cells_of(sheets, laid_out)
    said = explanations_of(list(laid_out))
    found = _found(sheets, laid_out, cells)
    return {
        sheet.pk: Examined(
            sheet=sheet,
            layout=laid_out[sheet.pk],
            cells=cells[sheet.pk],
            faults=list(_faults(laid_out[sheet.pk], cells[sheet.pk])),
            findings=found[sheet.pk],
            explanations=said[sheet.pk],
        )
        for sheet in sheets
        if sheet.pk in laid_out
    }


def _found(
    sheets: Collection[Sheet], laid_out: Mapping[int, Layout], cells: Mapping[int, Mapping[Key, CellView]]
) -> dict[int, list[Finding]]:
    by_form: dict[int, list[int]] = defaultdict(list)
    for pk, layout in laid_out.items():
        by_form[layout.form.pk].append(pk)
    found: dict[int, list[Finding]] = {}
    for places in by_form.values():
        rules = rules_of(laid_out[places[0]].form)
        given = [filled(laid_out[pk], cells[pk]) for pk in places]
        context = load_context(rules, given)
        found |= dict(zip(places, rules.check_many(given, context), strict=True))
    return found


def filled(layout: Layout, cells: Mapping[Key, CellView]) -> Filled:
    """A sheet's figures as the rules read them."""
    return Filled(
        organisation_id=layout.organisation.organisation_id,
        period=layout.period.start,
        rows=layout.by_level(),
        values={key: cell.value for key, cell in cells.items()},
        marks={key: int(cell.mark) for key, cell in cells.items() if cell.mark != Mark.NONE},
    )


def _faults(layout: Layout, cells: Mapping[Key, CellView]):
    for key, column in layout.cells.items():
        cell, row = cells[key], layout.rows[key[0]]
        place = Words(f"{row.name.zh} · {column.name.zh}", f"{row.name.en} · {column.name.en}")
        if cell.fault:
            yield Fault(ENTRY, *key, place, cell.fault)
        elif column.item.required and row.in_service and not cell.is_answered:
            yield Fault(REQUIRED, *key, place)
        elif cell.fact_state == State.LOCKED and cell.value != cell.fact_value:
            yield Fault(LOCKED, *key, place, str(cell.fact_value))
