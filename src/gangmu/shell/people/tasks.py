"""What workers do about people: sending codes and one-time passwords, taking people over from a file."""

import logging
from typing import Any

from django.utils.translation import gettext_noop
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from gangmu.foundation.access.scope import scope_of
from gangmu.foundation.accounts.factors import sent
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.records.services import note
from gangmu.shell.people import services
from gangmu.shell.people.models import Intake
from gangmu.shell.people.services import IMPORT, carry_out

logger = logging.getLogger(__name__)
ATTEMPTS = 6


@app.task(
    name="gangmu.accounts.deliver",
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=3),  # after 3, 9, 27 … seconds
    pass_context=True,
)
def deliver(context: JobContext, outgoing: int) -> None:
    """Send one mail or message; a server that is away is tried again, as long as a code is good for anything."""
    try:
        sent.deliver(outgoing)
    except Exception as problem:
        logger.warning("mail or message %s could not be sent: %s", outgoing, type(problem).__name__)
        if context.job.attempts >= ATTEMPTS:
            data: dict[str, Any] = {"number": outgoing, "why": type(problem).__name__}
            note("accounts.delivery-failed", data=data)
        raise


@job(IMPORT, gettext_noop("People from a file"))
def import_people(progress: Progress, *, intake: int, keep_good: bool) -> dict[str, Any]:
    """Take over a file of people in the scope of whoever gave it: all of it or nothing, or the good lines."""
    one = Intake.objects.get(pk=intake, by=progress.owner)
    scope = scope_of(progress.owner, site=progress.job.site)
    return carry_out(progress, scope, one, keep_good).told()


@app.periodic(cron="41 18 * * *", periodic_id="people.wipe")  # 02:41 in Shanghai
@app.task(name="gangmu.people.wipe", queueing_lock="gangmu.people.wipe")
def wipe(timestamp: int) -> None:
    """Remove sheets of passwords that nobody has fetched, and old files."""
    removed = services.wipe()
    if removed:
        note("accounts.wiped", data={"files_of_people": removed})
