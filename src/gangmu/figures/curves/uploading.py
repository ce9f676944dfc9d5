"""Curves handed in on a page: a file is first tried, then recorded, both by a worker in the name of who sends it.

Curves enter as the command line's do, as locked, with the daily figures that they come to, past the approval of sheets:
so who sends them must hold the right to load figures from files or to lock them, and a file may speak of the
organisations alone at which they hold it.
"""

import io
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.curves.outcomes import LoadResult
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.parties.models import Organisation

LOAD, ROOM = "curves.load", "figures"
PERMISSIONS = ("figures:load", "figures:lock")  # one of them
MOST_SHOWN = 300  # faults of a file that a page tells


def within(scope: Scope) -> frozenset[int]:
    """The organisations of which a file may speak."""
    return frozenset(pk for pk in scope.changeable(ROOM) if any(scope.may_at(one, pk) for one in PERMISSIONS))


def may(scope: Scope) -> bool:
    """Whether the asker may hand in curves, of some organisation."""
    return any(map(scope.may, PERMISSIONS))


def require(scope: Scope) -> None:
    """See that the asker may load.

    Raises:
        PermissionDenied: they hold no role that may.
    """
    if not may(scope):
        raise PermissionDenied(_("Your roles do not include the loading of figures from files."))


def start(
    document: Document, *, by: User, scope: Scope, key: str, trial: bool, correct: str = "", labels: str = "end"
) -> Job:
    """Have a worker try or record the curves of a document.

    Args:
        trial: nothing is recorded; the job's result says what would be.
        key: the idempotency key; the same key gives the same job.
        correct, labels: see `loading.load_curves`.

    Raises:
        PermissionDenied: `by` holds no role that may.
    """
    require(scope)
    params: dict[str, Any] = {
        "document": document.pk,
        "trial": trial,
        "correct": correct,
        "labels": labels,
        "language": get_language() or "",
    }
    return jobs.start(LOAD, by=by, params=params, key=key)


def written_out(organisation: str, indicator: str, day: str, values: list[str], *, by: User) -> Document:
    """A day that was typed or pasted, as a file like any other: so it is checked, tried and kept as one."""
    heads = ["organisation", "indicator", "date", *map(str, range(1, len(values) + 1))]
    text = "\n".join([",".join(heads), ",".join([organisation, indicator, day, *values])]) + "\n"
    name = f"curve-{indicator}-{organisation}-{day}.csv"
    return add_document(io.BytesIO(text.encode()), name=name, by=by, owner=by)


def as_result(found: LoadResult) -> dict[str, Any]:
    """What a load did or would do, as a job keeps it: counts, the days that change, the faults by cell."""
    counts = ("recorded", "corrected", "unchanged", "incomplete", "figures", "rejected")
    keys = [change.key for change in found.changes]
    names = {one.pk: (str(one.code), one.name) for one in Organisation.objects.filter(
        pk__in={key.organisation for key in keys})}  # fmt: skip
    indicators = {one.pk: one.name for one in Indicator.objects.filter(pk__in={key.curve for key in keys})}
    return {
        **{name: getattr(found, name) for name in counts},
        "changes": [
            {
                "code": names[change.key.organisation][0],
                "organisation": names[change.key.organisation][1],
                "indicator": indicators[change.key.curve],
                "day": change.key.day.isoformat(),
                "scenario": change.key.scenario,
                "new": change.new,
                "corrected": change.corrected,
                "missing": change.missing,
                "figures": [list(figure) for figure in change.figures],
            }
            for change in found.changes
        ],
        "found": [
            [_address(problem.column, problem.line, found.positions), problem.line, problem.column, problem.message]
            for problem in found.problems[:MOST_SHOWN]
        ],
        "found_count": len(found.problems),
    }


def _address(column: str, line: int, positions: dict[str, int]) -> str:
    """The cell as a spreadsheet calls it, F3; empty where the whole line is meant."""
    if column not in positions:
        return ""
    letters, number = "", positions[column] + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{line}"
