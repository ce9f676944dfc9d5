"""What the workers do for pivots: file them when they are due."""

from typing import Any

from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app

from gangmu.figures.pivots import services
from gangmu.figures.pivots.models import Use
from gangmu.foundation.access.scope import scope_of
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job


@app.periodic(cron="*/5 * * * *", periodic_id="pivots.start-due")
@app.task(name="gangmu.pivots.start-due", queueing_lock="gangmu.pivots.start-due")
def start_due(timestamp: int) -> None:
    """Begin the work on pivots that are due."""
    services.start_due()


@job("pivots.file", gettext_noop("Pivot filed as a workbook"))
def file_pivot(progress: Progress, *, use: int) -> dict[str, Any]:
    """Make one workbook, in its reader's scope."""
    kept = Use.objects.select_related("pivot", "user").get(pk=use)
    document = services.file_for(kept, scope=scope_of(progress.owner, site="business"))
    return {"document": document.pk} if document else {}
