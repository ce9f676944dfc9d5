"""Files that somebody gives on the page: kept, looked at, taken over."""

from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.duties.resources.errors import ResourceRefused
from gangmu.duties.resources.loading.checking import judge
from gangmu.duties.resources.loading.judged import Judged, Outcome
from gangmu.duties.resources.loading.reading import read
from gangmu.duties.resources.loading.recording import take_over
from gangmu.duties.resources.models import Intake
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.workbooks.tables import Line
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

KEPT = timedelta(days=90)


def take(path: Path, *, name: str, by: User) -> Intake:
    """Keep the lines of a file, to be looked at; one's own old ones go.

    Raises:
        Unreadable: the file as a whole cannot be read.
    """
    lines = [line.kept() for line in read(path, name)]
    Intake.objects.filter(by=by, taken_at__lt=clock.now() - KEPT).delete()
    return Intake.objects.create(by=by, file=name[:200], lines=lines)


def worked_out(intake: Intake, scope: Scope) -> list[Judged]:
    """What the lines would change now."""
    return judge([Line.of(kept) for kept in intake.lines], scope)


@transaction.atomic
def carry_out(intake: Intake, *, by: User, scope: Scope, keep_good: bool) -> Intake:
    """Take the file over, once.

    Raises:
        ResourceRefused: there are faults and nobody said to keep the good lines, or the database refuses the graph.
    """
    intake = Intake.objects.select_for_update().get(pk=intake.pk)
    if intake.done_at:
        return intake
    lines = worked_out(intake, scope)
    faults = sum(one.outcome is Outcome.ERROR for one in lines)
    if faults and not keep_good:
        raise ResourceRefused(_("Lines with faults: %(faults)d. Nothing was taken over.") % {"faults": faults})
    taken = take_over(lines, scope, by=by)
    intake.result, intake.done_at = taken.told(), clock.now()
    intake.save(update_fields=["result", "done_at"])
    note("resources.imported", by=by, subject=intake, data={"file": intake.file, **taken.told()})
    return intake
