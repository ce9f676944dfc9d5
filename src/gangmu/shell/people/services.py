"""Files of people: taken, worked out, taken over, and the sheet of passwords fetched once."""

import json
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.factors.secrecy import InvalidToken, closed, opened
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.workbooks.tables import Line
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.running import JobFailed
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.shell.people.loading.checking import Judged, Outcome, judge
from gangmu.shell.people.loading.reading import read
from gangmu.shell.people.loading.recording import Taken, take_over
from gangmu.shell.people.models import Intake

IMPORT, PURPOSE = "people.import", "people.sheet"
SHEET_KEPT, INTAKE_KEPT = timedelta(days=7), timedelta(days=90)
FAULTY = gettext_noop("Lines with faults: %(faults)d. Nothing was taken over. Look at the preview again.")


def take(path: Path, *, name: str, handing: str, by: User) -> Intake:
    """Keep the lines of a file, to be looked at.

    Raises:
        Unreadable: the file as a whole cannot be read.
    """
    lines = [line.kept() for line in read(path, name)]
    return Intake.objects.create(by=by, file=name[:200], lines=lines, handing=handing)


def worked_out(intake: Intake, scope: Scope) -> list[Judged]:
    """What the lines would change now."""
    lines = [Line.of(kept) for kept in intake.lines]
    return judge(lines, scope, by_mail=intake.handing == Intake.Handing.MAIL)


@transaction.atomic
def begin(intake: Intake, *, by: User, keep_good: bool) -> Job:
    """Hand the taking over to the workers, once; again where it has failed."""
    intake = Intake.objects.select_for_update(of=["self"]).select_related("job").get(pk=intake.pk)
    before = intake.job
    if before is not None and before.state not in (Job.State.FAILED, Job.State.CANCELLED):
        return before
    key = f"people-{intake.pk}-{before.pk if before else 0}"
    intake.job = jobs.start(IMPORT, by=by, params={"intake": intake.pk, "keep_good": keep_good}, key=key)
    intake.save(update_fields=["job"])
    return intake.job


def carry_out(progress: Progress, scope: Scope, intake: Intake, keep_good: bool) -> Taken:
    """Take the lines over, in the transaction of the job.

    Raises:
        JobFailed: there are faults, and nobody said to keep the good lines.
    """
    judged = worked_out(intake, scope)
    faults = sum(one.outcome is Outcome.ERROR for one in judged)
    if faults and not keep_good:
        raise JobFailed(FAULTY, faults=faults)
    progress.expect(len(judged))
    by_mail = intake.handing == Intake.Handing.MAIL
    taken = take_over(judged, scope, by=progress.owner, by_mail=by_mail, advance=progress.advance)
    intake.result, intake.done_at = taken.told(), clock.now()
    intake.sheet = closed(json.dumps(taken.passwords), PURPOSE) if taken.passwords else ""
    intake.save(update_fields=["result", "done_at", "sheet"])
    note("accounts.imported", by=progress.owner, subject=intake, data={"file": intake.file, **taken.told()})
    return taken


@transaction.atomic
def fetch_sheet(intake: Intake, *, by: User, request: HttpRequest | None = None) -> list[list[str]]:
    """The one-time passwords of an intake; they are kept no longer. Nothing when they were fetched before."""
    intake = Intake.objects.select_for_update().get(pk=intake.pk)
    try:
        passwords = json.loads(opened(intake.sheet, PURPOSE)) if intake.sheet else []
    except InvalidToken:
        passwords = []
    if passwords:
        intake.sheet, intake.fetched_at = "", clock.now()
        intake.save(update_fields=["sheet", "fetched_at"])
        data = {"file": intake.file, "accounts": len(passwords)}
        note("accounts.sheet-fetched", by=by, subject=intake, data=data, request=request)
    return passwords


def wipe() -> int:
    """Remove sheets that nobody has fetched, and files that are over long since. How many."""
    now = clock.now()
    forgotten = Intake.objects.filter(done_at__lt=now - SHEET_KEPT).exclude(sheet="").update(sheet="")
    return forgotten + Intake.objects.filter(taken_at__lt=now - INTAKE_KEPT).delete()[0]
