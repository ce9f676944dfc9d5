"""What is decided on when a sheet is decided on, as one hash: facts as they stand, and what was said about them.

The hash covers the form and its version, the organisation, the period, every figure that stands in a cell of the sheet
(value, mark, as entered), cells that are out of service without a figure, explanations, and the remarks with which it
was submitted. Whatever of these changes, by whomever and in whatever way, makes it another hash: approvals given to the
old one are stale.
"""

import hashlib
import json
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from gangmu.figures.filing.layouts import Key, Layout, layouts
from gangmu.figures.filing.models import Cell, Explanation, Mark, Remark, Sheet
from gangmu.figures.filing.queries.facts import FactRow, as_said, facts_of
from gangmu.figures.filing.queries.sheets import newest_revisions

_just_read: ContextVar[Mapping[int, str] | None] = ContextVar("filing_hashes_just_read", default=None)


@contextmanager
def just_read(hashes: Mapping[int, str]) -> Iterator[None]:
    """Within the transaction that locked the sheets and read these hashes, and in which nothing of their content is
    written any more, they need not be read again."""
    token = _just_read.set(hashes)
    try:
        yield
    finally:
        _just_read.reset(token)


def content_hash(sheet_id: int) -> str:
    """The hash of one sheet's content.

    Raises:
        Sheet.DoesNotExist: there is none in the asker's scope.
    """
    found = content_hashes([sheet_id])
    if sheet_id not in found:
        raise Sheet.DoesNotExist(sheet_id)
    return found[sheet_id]


def content_hashes(sheet_ids: Collection[int], *, at_submission: bool = False) -> dict[int, str]:
    """The hashes of many sheets, in a number of queries that does not depend on theirs.

    Args:
        at_submission: everything that was ever remarked counts, as it does from now on.
    """
    if (known := _just_read.get()) is not None and all(one in known for one in sheet_ids):
        return {one: known[one] for one in sheet_ids}
    sheets = list(Sheet.objects.filter(pk__in=list(sheet_ids)))
    laid_out = layouts(sheets) if sheets else {}
    counted = {} if at_submission else _remarks_counted(sheets)
    return hashes_of(laid_out, facts_of(laid_out), counted)


def hashes_of(
    laid_out: Mapping[int, Layout], facts: Mapping[int, Mapping[Key, FactRow]], counted: Mapping[int, int]
) -> dict[int, str]:
    """The same of sheets whose layouts and facts have been read already. `counted`: how many of a sheet's remarks are
    part of it; all where it says nothing."""
    return {
        pk: hashlib.sha256(
            json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
        for pk, content in contents(laid_out, facts, counted).items()
    }


def _remarks_counted(sheets: Collection[Sheet]) -> dict[int, int]:
    """What was remarked before a sheet was submitted is part of what is decided on; what approvers say to each other
    is not, or nobody could approve after a question."""
    handed_in = [one for one in sheets if one.status not in (Sheet.Status.OPEN, Sheet.Status.RETURNED)]
    return {pk: revision.remarks_count for pk, revision in newest_revisions(handed_in).items()}


def contents(
    laid_out: Mapping[int, Layout],
    all_facts: Mapping[int, Mapping[Key, FactRow]],
    counted: Mapping[int, int],
) -> dict[int, dict[str, Any]]:
    """What the hashes are of."""
    found = {pk: _beginning(layout) for pk, layout in laid_out.items()}
    for pk, layout in laid_out.items():
        facts = all_facts[pk]
        found[pk]["facts"] = sorted(
            [layout.rows[key[0]].code, key[1], as_said(fact.value, layout.cells[key]), fact.mark, fact.entered]
            for key, fact in facts.items()
        )
    still = Cell.objects.filter(sheet__in=list(found), mark=Mark.OUT_OF_SERVICE, value__isnull=True)
    for sheet_id, *cell in still.order_by("organisation_id", "indicator_id").values_list(
        "sheet_id", "organisation_id", "indicator_id"
    ):
        found[sheet_id]["out_of_service"].append(cell)
    said = Explanation.objects.filter(sheet__in=list(found)).order_by("said_at", "pk")
    for sheet_id, finding, figures, words in said.values_list("sheet_id", "finding", "figures", "words"):
        found[sheet_id]["explanations"].append([finding, figures, words])
    remarks = Remark.objects.filter(sheet__in=list(found)).order_by("pk")
    for sheet_id, *remark in remarks.values_list("sheet_id", "organisation_id", "indicator_id", "words"):
        if len(found[sheet_id]["remarks"]) < counted.get(sheet_id, sys.maxsize):
            found[sheet_id]["remarks"].append(remark)
    return found


def _beginning(layout: Layout) -> dict[str, Any]:
    return {
        "form": layout.form.code,
        "version": layout.form.version,
        "organisation": layout.organisation.code,
        "period": layout.period.code,
        "out_of_service": [],
        "explanations": [],
        "remarks": [],
    }
