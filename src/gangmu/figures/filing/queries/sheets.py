"""What was said and done about sheets, and how far they are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count

from gangmu.figures.filing.layouts import layouts
from gangmu.figures.filing.models import Explanation, Remark, Revision, Sheet, SheetEvent
from gangmu.figures.filing.queries.cells import cells_of


def remarks(sheet: Sheet) -> list[Remark]:
    """What was said of the sheet and its cells, the oldest first."""
    return list(Remark.objects.filter(sheet=sheet).select_related("indicator").order_by("said_at", "pk"))


def remarks_counts(sheets: Collection[int]) -> dict[int, int]:
    """How many remarks sheets have, of those that have any."""
    counted = Remark.objects.filter(sheet__in=list(sheets)).order_by().values_list("sheet").annotate(Count("pk"))
    return dict(counted)


def explanations(sheet: Sheet) -> dict[str, Explanation]:
    """The latest words on each finding, by the finding's key. Whether they still hold: `explains`."""
    return explanations_of([sheet.pk])[sheet.pk]


def explanations_of(sheets: Collection[int]) -> dict[int, dict[str, Explanation]]:
    """The same for many sheets."""
    found: dict[int, dict[str, Explanation]] = {pk: {} for pk in sheets}
    for one in Explanation.objects.filter(sheet__in=list(sheets)).order_by("said_at", "pk"):
        found[one.sheet_id][one.finding] = one
    return found


def events(sheet: Sheet) -> list[SheetEvent]:
    """The sheet's history, the oldest first."""
    return list(SheetEvent.objects.filter(sheet=sheet).order_by("happened_at", "pk"))


def revisions(sheet: Sheet) -> list[Revision]:
    """Its submissions and corrections, the oldest first."""
    return list(Revision.objects.filter(sheet=sheet).order_by("number"))


def newest_revisions(sheets: Iterable[Sheet]) -> dict[int, Revision]:
    """The newest revision of each sheet that has one."""
    rows = Revision.objects.filter(sheet__in=[one.pk for one in sheets]).order_by("sheet", "-number").distinct("sheet")
    return {one.sheet_id: one for one in rows}


@dataclass
class Progress:
    """How far a sheet is filled in: cells with a figure or a mark, of all there are; `missing` are required ones."""

    filled: int = 0
    total: int = 0
    missing: int = 0


def progress(sheets: Collection[Sheet]) -> dict[int, Progress]:
    """How far sheets are, by their ids."""
    laid_out = layouts(sheets) if sheets else {}
    found: dict[int, Progress] = {pk: Progress() for pk in laid_out}
    for pk, cells in cells_of(sheets, laid_out).items():
        for key, cell in cells.items():
            found[pk].total += 1
            found[pk].filled += cell.is_answered
            found[pk].missing += laid_out[pk].cells[key].item.required and not cell.is_answered
    return found
