"""The matrices of schemes by date: what is printed stands, what is of the house may be changed from a day on."""

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, connection, transaction

from gangmu.duties.grading.access import CONFIGURE, scope_for
from gangmu.duties.grading.errors import NotPossible, NotReady, _
from gangmu.duties.grading.models import MatrixCell
from gangmu.duties.grading.scheme import Cell, Scheme, Step, Value
from gangmu.duties.grading.shipped import schemes, shipped
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Placement
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

Source = MatrixCell.Source
ALWAYS = (None, None)


def scheme_on(code: str, day: date | None = None) -> Scheme:
    """A scheme with the house's cells as they stand on a day (today when left out).

    Raises:
        UnknownScheme: there is none of this code.
    """
    scheme = shipped(code)
    values: dict[str, dict[Cell, str]] = {}
    rows = MatrixCell.objects.filter(scheme=code, source=Source.HOUSE, valid__contains=day or clock.today())
    for step, row, column, level in rows.values_list("step", "row", "column", "level"):
        made = scheme.step(step)
        if made is not None and (row, column) in made.house:  # what a later edition prints is printed
            values.setdefault(step, {})[row, column] = level
    return scheme.with_house(values)


@transaction.atomic
def install_matrices() -> int:
    """Add the cells of the shipped schemes that are not there yet; how many. What was changed here stands."""
    known = set(MatrixCell.objects.values_list("scheme", "step", "row", "column"))
    made = [
        _row(scheme, step, cell, value.level, value, ALWAYS)
        for scheme in schemes().values()
        for step in scheme.matrices
        for cell, value in step.cells.items()
        if (scheme.code, step.gives, *cell) not in known
    ]
    MatrixCell.objects.bulk_create(made)
    return len(made)


def _row(
    scheme: Scheme, step: Step, cell: Cell, level: str, value: Value, valid: tuple[date | None, date | None]
) -> MatrixCell:
    rows, columns = (scheme.scale(factor).ranks for factor in step.of)
    return MatrixCell(
        scheme=scheme.code,
        step=step.gives,
        row=cell[0],
        column=cell[1],
        level=level,
        row_rank=rows[cell[0]],
        column_rank=columns[cell[1]],
        level_rank=scheme.scale(step.gives).ranks[level],
        source=value.source,
        clause=value.clause,
        valid=valid,
        set_at=clock.now(),
    )


@transaction.atomic
def change_cells(
    code: str,
    step: str,
    levels: Mapping[Cell, str],
    *,
    from_day: date,
    reason: str,
    by: User | None,
    scope: Scope | None = None,
) -> list[MatrixCell]:
    """Let cells of the house have other levels from a day on. Cells that stay as they are are passed over.

    Gradings that were confirmed keep theirs: their calculation is frozen.

    Raises:
        NotPossible: the roles of `by` do not let them configure grading for everybody.
        NotReady: no reason, a day that is past, nothing that changes, or a change that already waits for its day.
        SchemeFault: a printed cell, an unknown one, an unknown level, or a matrix that is not monotone.
        UnknownScheme.
    """
    if not may_configure(scope_for(by, scope)):
        raise NotPossible(
            _("Matrices hold for everybody: who changes them holds “configure grading” at the top of the organisation.")
        )
    if not reason.strip():
        raise NotReady(_("Say why the matrix changes: everybody who grades by it reads it."))
    if from_day < clock.today():
        raise NotReady(_("A matrix changes from today on or later, not from %(day)s."), day=from_day.isoformat())
    _lock(code)
    scheme = scheme_on(code, from_day)
    made = scheme.step(step)
    scheme.with_house({step: levels})  # refuses what does not fit
    assert made is not None
    changed = {cell: level for cell, level in levels.items() if made.cells[cell].level != level}
    if not changed:
        raise NotReady(_("Nothing would change: choose another level in at least one cell."))
    rows = [_follow(scheme, made, cell, level, from_day) for cell, level in changed.items()]
    for row in rows:
        row.reason, row.set_by, row.set_by_name = reason.strip(), by, by.name if by else ""
    MatrixCell.objects.bulk_create(rows)
    _settle()
    words = {f"{cell[0]} × {cell[1]}": f"{made.cells[cell].level} → {level}" for cell, level in changed.items()}
    note("grading.matrix-changed", by=by, data={"scheme": code, "step": step, "from": from_day.isoformat(), **words})
    return rows


def may_configure(scope: Scope) -> bool:
    """Whether somebody may change the house's matrices: at the top of the organisation, since they hold for all."""
    tops = Placement.objects.filter(parent__isnull=True, valid__contains=clock.today()).values_list(
        "child_id", flat=True
    )
    seen = list(tops)  # who does not see the top sees none
    return scope.everything or (bool(seen) and all(scope.may_at(CONFIGURE, top) for top in seen))


def _settle() -> None:
    """Let the database look at the matrices now, and not at the end of the request."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS check_monotone IMMEDIATE")
            cursor.execute("SET CONSTRAINTS check_monotone DEFERRED")
    except IntegrityError as error:
        raise NotReady(
            _(
                "On a later day, for which other cells are changed already, the matrix would not be monotone. "
                "Change those cells too, or take a level that fits them."
            )
        ) from error


def _lock(code: str) -> None:
    """One change of a scheme's matrices at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"grading.{code}"])


def _follow(scheme: Scheme, step: Step, cell: Cell, level: str, from_day: date) -> MatrixCell:
    """End what stands in a cell, and give what follows."""
    later = MatrixCell.objects.filter(
        scheme=scheme.code, step=step.gives, row=cell[0], column=cell[1], valid__endswith__isnull=True
    ).get()
    begins = later.valid.lower
    if begins is not None and begins > from_day:
        raise NotReady(
            _("A change of this cell from %(day)s on is known already. Take a day from then on."),
            day=begins.isoformat(),
        )
    if begins == from_day:
        later.delete()
    else:
        MatrixCell.objects.filter(pk=later.pk).update(valid=(begins, from_day))
    return _row(scheme, step, cell, level, Value(level, "house"), (from_day, None))
