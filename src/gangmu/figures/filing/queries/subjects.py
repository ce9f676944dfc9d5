"""Sheets and corrections as those who approve them see them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.filing.entry import figure, show
from gangmu.figures.filing.layouts import Key, Layout, layouts
from gangmu.figures.filing.models import Correction, CorrectionCell, Revision, Sheet
from gangmu.figures.filing.queries.content import hashes_of
from gangmu.figures.filing.queries.facts import FactRow, as_said, facts_of
from gangmu.figures.filing.queries.sheets import explanations_of, newest_revisions
from gangmu.figures.filing.rules import About, Finding
from gangmu.figures.indicators.definitions import OverOrganisations
from gangmu.foundation.approvals.subjects import ExceptionLine, Subject

MOST_FACTS = 4
MOST_CHANGES = 8

_REPLACED = """
    SELECT b.id, n.organisation_id, n.indicator_id, o.value, n.value
    FROM unnest(%s::bigint[]) AS b (id)
    JOIN filing_fact n ON n.batch_id = b.id
    CROSS JOIN LATERAL (
        SELECT value FROM filing_fact o
        WHERE o.indicator_id = n.indicator_id AND o.scenario_id = n.scenario_id
            AND o.organisation_id = n.organisation_id AND o.period = n.period AND o.superseded_by_id = b.id
        LIMIT 1) o
    ORDER BY b.id, n.organisation_id, n.indicator_id"""


def title_of(sheet: Sheet, layout: Layout) -> str:
    """A sheet in a line: who, what, when."""
    return f"{layout.organisation.name} · {sheet.form.name} · {layout.period.label(get_language() or '')}"


def load_sheets(ids: Collection[int]) -> Mapping[int, Subject]:
    """Sheets for those who approve them, as far as the asker may see them; a few queries, however many."""
    sheets = list(Sheet.objects.filter(pk__in=list(ids)).select_related("form"))
    laid_out = layouts(sheets) if sheets else {}
    facts = facts_of(laid_out)
    newest = newest_revisions(sheets)
    said = explanations_of(list(laid_out))
    waiting = {
        one.pk: laid_out[one.pk] for one in sheets if one.status == Sheet.Status.SUBMITTED and one.pk in laid_out
    }
    hashes = hashes_of(waiting, facts, {pk: one.remarks_count for pk, one in newest.items()})
    again = [one.batch_id for one in newest.values() if one.number > 1 and one.batch_id]
    replaced = _replaced(again)
    found: dict[int, Subject] = {}
    for sheet in sheets:
        layout = laid_out.get(sheet.pk)
        if layout is None:
            continue
        revision = newest.get(sheet.pk)
        words = {key: one.words for key, one in said[sheet.pk].items()}
        lines = [*_stale(revision, hashes.get(sheet.pk))]
        if revision is not None:
            lines += _changes(layout, replaced.get(revision.batch_id or 0, []))
            lines += findings_lines((Finding.from_json(one) for one in revision.findings), words)
        found[sheet.pk] = Subject(
            id=sheet.pk,
            title=title_of(sheet, layout),
            url=reverse("filing:sheet", args=[sheet.pk]),
            organisation_id=sheet.organisation_id,
            facts=tuple(key_figures(layout, facts[sheet.pk])),
            exceptions=tuple(lines),
        )
    return found


def _stale(revision: Revision | None, now: str | None) -> list[ExceptionLine]:
    if revision is None or now is None or revision.content_hash == now:
        return []
    text = _(
        "The content is not what was submitted any more: figures were loaded or something was said since. Look again."
    )
    return [ExceptionLine("changed", text)]


def _replaced(batches: Sequence[int]) -> dict[int, list[tuple[int, int, int, int]]]:
    """By batch: organisation, indicator, value before, value now."""
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    if batches:
        with connection.cursor() as cursor:
            cursor.execute(_REPLACED, [list(batches)])
            for batch, *row in cursor.fetchall():
                found.setdefault(batch, []).append(tuple(row))
    return found


def _changes(layout: Layout, replaced: Iterable[tuple[int, int, int, int]]) -> list[ExceptionLine]:
    lines = []
    for organisation_id, indicator_id, before, now in replaced:
        key = layout.keys_by_id.get((organisation_id, indicator_id))
        if key is not None and before != now:
            column = layout.cells[key]
            words = {
                "place": f"{layout.rows[organisation_id].name} · {column.name}",
                "old": show(before, column),
                "new": show(now, column),
            }
            text = _("%(place)s: changed from %(old)s to %(new)s since it was submitted before") % words
            lines.append(ExceptionLine("changed", text))
    return lines[:MOST_CHANGES]


def findings_lines(findings: Iterable[Finding], words: Mapping[str, str]) -> list[ExceptionLine]:
    """What the rules found, with the clerk's words."""
    kinds = {About.HISTORY: "history", About.NEIGHBOURS: "neighbours"}
    return [ExceptionLine(kinds.get(one.about, "warning"), one.text, words.get(one.key, "")) for one in findings]


def key_figures(layout: Layout, facts: Mapping[Key, FactRow]) -> list[tuple[str, str]]:
    """The first figures of a form that add up over its organisations, as labels and values."""
    lines: list[tuple[str, str]] = []
    for column in layout.columns.values():
        if column.item.choices or column.indicator.over_organisations != OverOrganisations.SUM:
            continue
        values = [fact.value for key, fact in facts.items() if key[1] == column.code]
        if values:
            total = figure(sum(values), column)
            lines.append((str(column.name), f"{total:,f} {column.indicator.unit}".strip()))
        if len(lines) == MOST_FACTS:
            break
    return lines


# Corrections ----------------------------------------------------------------------------------------------------------


def correction_contents(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What is decided on with corrections: reason, files, every figure as it stands and as it shall."""
    rows = Correction.objects.filter(pk__in=list(ids)).select_related("sheet").prefetch_related("files__document")
    corrections = list(rows)
    laid_out = layouts({one.sheet for one in corrections}) if corrections else {}
    facts = facts_of(laid_out)
    cells = _correction_cells([one.pk for one in corrections])
    found = {}
    for one in corrections:
        layout = laid_out.get(one.sheet_id)
        if layout is None:
            continue
        lines = []
        for cell in cells.get(one.pk, []):
            key = layout.keys_by_id.get((cell.organisation_id, cell.indicator_id))
            stands = facts[one.sheet_id].get(key) if key else None
            if key is None:  # the form does not ask for it any more
                stands_at, shall = None, str(cell.new)
            else:
                column = layout.cells[key]
                stands_at, shall = as_said(stands.value, column) if stands else None, as_said(cell.new, column)
            lines.append([cell.organisation_id, cell.indicator_id, stands_at, shall, cell.mark])
        found[one.pk] = {
            "sheet": one.sheet_id,
            "number": one.number,
            "reason": one.reason,
            "cells": sorted(lines, key=lambda line: line[:2]),
            "files": sorted([file.document_id, file.document.sha256] for file in one.files.all()),
        }
    return found


def _correction_cells(ids: Collection[int]) -> dict[int, list[CorrectionCell]]:
    found: dict[int, list[CorrectionCell]] = {}
    for cell in CorrectionCell.objects.filter(correction__in=list(ids)):
        found.setdefault(cell.correction_id, []).append(cell)
    return found


def load_corrections(ids: Collection[int]) -> Mapping[int, Subject]:
    """Corrections for those who approve them, as far as the asker may see them."""
    corrections = list(Correction.objects.filter(pk__in=list(ids)).select_related("sheet__form"))
    laid_out = layouts({one.sheet for one in corrections}) if corrections else {}
    cells = _correction_cells([one.pk for one in corrections])
    found: dict[int, Subject] = {}
    for one in corrections:
        layout = laid_out.get(one.sheet_id)
        if layout is None:
            continue
        lines = [(_("Reason"), one.reason)]
        for cell in cells.get(one.pk, []):
            key = layout.keys_by_id.get((cell.organisation_id, cell.indicator_id))
            if key is not None:
                column = layout.cells[key]
                before = _("nothing") if cell.old is None else show(cell.old, column)
                lines.append((f"{layout.rows[key[0]].name} · {column.name}", f"{before} → {show(cell.new, column)}"))
        words = {"title": title_of(one.sheet, layout), "number": one.number}
        found[one.pk] = Subject(
            id=one.pk,
            title=_("Correction %(number)d of %(title)s") % words,
            url=reverse("filing:correction", args=[one.pk]),
            organisation_id=one.organisation_id,
            facts=tuple(lines[: 1 + MOST_CHANGES]),
        )
    return found
