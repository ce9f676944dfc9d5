"""Importing a workbook: read, put into its place, checked, kept; everything in the caller's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import scope_for
from gangmu.figures.filing.excel import storing
from gangmu.figures.filing.excel.checking import check, told
from gangmu.figures.filing.excel.explaining import explain_all
from gangmu.figures.filing.excel.faults import Found, Kind, in_order
from gangmu.figures.filing.excel.placing import Target, place
from gangmu.figures.filing.excel.reading import read_workbook
from gangmu.figures.filing.excel.shape import Place
from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.services.submitting import submit_many
from gangmu.figures.filing.staging import hold_scales
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User

MOST_KEPT_APART = 200  # of what was found, kept with a job's result; the marked workbook has all


@dataclass
class ImportResult:
    """What an import did. `read` counts the figures in the workbook."""

    read: int = 0
    stored: int = 0
    unchanged: int = 0
    sheets: list[Sheet] = field(default_factory=list)
    submitted: int = 0
    kept_back: int = 0  # sheets that could not be submitted
    found: list[Found] = field(default_factory=list)
    nothing_kept: bool = False  # because there are faults and their rows were not to be left out

    def count(self, *kinds: Kind) -> int:
        return sum(one.kind in kinds for one in self.found)

    @property
    def faults(self) -> int:
        return self.count(Kind.FAULT, Kind.ROUNDING, Kind.ERROR)

    @property
    def only_rounding(self) -> bool:
        """Whether taking the shown rounding is all that is needed."""
        return self.faults > 0 and self.faults == self.count(Kind.ROUNDING)

    def __str__(self) -> str:
        values = {
            "read": self.read,
            "stored": self.stored,
            "unchanged": self.unchanged,
            "sheets": len(self.sheets),
            "faults": self.faults,
            "warnings": self.count(Kind.WARNING),
        }
        lines = [
            _(
                "Figures: %(read)d read, %(stored)d stored in %(sheets)d sheets, %(unchanged)d as they were; "
                "%(faults)d faults, %(warnings)d warnings."
            )
            % values
        ]
        if self.nothing_kept:
            lines.append(_("Nothing was stored. Put the faults right, or have the good rows kept."))
        if self.count(Kind.ROUNDING):
            lines.append(
                _("%(count)d figures have too many decimals; you may accept the rounding shown for the whole file.")
                % {"count": self.count(Kind.ROUNDING)}
            )
        if self.submitted or self.kept_back:
            values = {"count": self.submitted, "back": self.kept_back}
            lines.append(_("%(count)d sheets were submitted, %(back)d could not be.") % values)
        return "\n".join(lines)


def import_workbook(
    path: Path,
    code: str,
    *,
    by: User | None,
    scope: Scope | None = None,
    name: str = "",
    period: str = "",
    accept_rounding: bool = False,
    keep_good: bool = False,
    submit: bool = False,
    key: str = "",
    step: Callable[[int], None] = lambda cells: None,
    expect: Callable[[int], None] = lambda cells: None,
) -> ImportResult:
    """Store the figures of a workbook as drafts of their sheets.

    Args:
        code: of the form.
        name: how people call the file, when it lies elsewhere under another name.
        period: the only one that it may speak of, when it was given for one.
        accept_rounding: take figures with too many decimals for what they are rounded to; what was entered is kept.
        keep_good: store the rows without faults although others have some; otherwise nothing is stored then.
        submit: hand in every sheet of which the workbook speaks, where nothing stands in its way; needs `by`.
        key: the idempotency key of the submissions.
        expect, step: told how many figures there are, and now and then how many more were dealt with; what they raise
            undoes everything.

    Raises:
        WorkbookRefused: the file as a whole is not taken, also as OtherForm, OtherPeriod; nothing was stored.
        FilingError: somebody did something else at the same time.
    """
    name = name or path.name
    held = scope_for(by, scope)
    with transaction.atomic():
        hold_scales()
        reading = read_workbook(path, name)
        result = ImportResult(read=reading.cells)
        expect(2 * result.read)
        placed = place(reading, code, scope=held, period=period, accept_rounding=accept_rounding)
        targets = list(placed.targets.values())
        storing.hold(targets)
        before = storing.standing(targets)
        placed.found += storing.refusals(targets, before, held)
        step(result.read)
        findings = check(targets, before, placed.faulty_rows)
        placed.found += [told(target, finding) for target, finding in findings]
        faulty = placed.faulty_rows
        if faulty and not keep_good:
            result.nothing_kept = True
        else:
            kept = storing.store(targets, before, faulty, by=by, source=name, step=step)
            result.stored, result.unchanged, result.sheets = kept.cells, kept.unchanged, kept.sheets
            placed.found += storing.replaced(targets, before, by)
            explain_all(findings, kept.sheets, by=by)
            if submit and by is not None:
                _submit(result, targets, by, held, key, placed.found)
        result.found = in_order(placed.found)
    return result


def _submit(
    result: ImportResult, targets: Sequence[Target], by: User, scope: Scope, key: str, found: list[Found]
) -> None:
    """Hand the sheets in; what keeps one back is said of it, at its first figure in the workbook."""
    answers = submit_many(result.sheets, by=by, key=key, scope=scope)
    of_sheet = {target.sheet.pk: target for target in targets if target.sheet}
    for pk, answer in answers.items():
        if not isinstance(answer, Exception):
            result.submitted += 1
            continue
        result.kept_back += 1
        target = of_sheet[pk]
        whose = (target.layout.organisation.code, "", target.layout.period.code)
        place = min(given.place for given in target.given.values())
        message = _("The sheet was not submitted: %(why)s") % {"why": answer}
        found.append(Found(Place(place.sheet, place.row, place.column), message, Kind.WARNING, *whose))
