"""What is done with jobs: start, cancel, and what a worker does with them."""

import logging
from typing import Any

import psycopg
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gangmu.foundation.accounts.models import User
from gangmu.foundation.jobs import registry
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

logger = logging.getLogger(__name__)
TASK = "gangmu.jobs.run"
# While rows are copied, the driver's own errors come through.
LOST_DATABASE = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class NotYours(Exception):
    """Only its owner cancels a job."""


def start(
    kind: str, *, by: User, params: dict[str, Any] | None = None, key: str, organisation: Organisation | None = None
) -> Job:
    """Hand long work to the workers; it begins when the present transaction has committed.

    Args:
        kind: a registered kind.
        by: whose work it is: it runs in this user's scope at this process's site.
        params: what the kind's function takes, as JSON.
        key: the idempotency key: the same key from the same user gives the same job, begun once.

    Raises:
        KeyError: no such kind.
    """
    registry.kind(kind)
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                owner=by,
                params=params or {},
                key=key,
                site=settings.SITE,
                organisation=organisation,
                created_at=clock.now(),
            )
            _enqueue(job)
            return job
    except IntegrityError:
        return Job.objects.get(owner=by, key=key)


def _enqueue(job: Job) -> None:
    """Put a waiting job into the queue, if and only if the present transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.jobs_enqueue(%s)", [job.pk])
        (job.queue_id,) = cursor.fetchone()


def _dequeue(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.jobs_dequeue(%s)", [job.pk])


@transaction.atomic
def cancel(job: Job, *, by: User) -> Job:
    """Stop a job: one that waits ends now, one that runs as soon as its work looks up. Ended ones stay as they are.

    Raises:
        NotYours: `by` did not start it.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.owner_id != by.pk:
        raise NotYours(_("Only whoever started a job can cancel it."))
    if job.state == Job.State.WAITING:
        _dequeue(job)
        _end(job, Job.State.CANCELLED)
    elif job.state == Job.State.RUNNING:
        job.cancel_requested = True
        job.save(update_fields=["cancel_requested"])
    return job


@transaction.atomic
def begin(job_id: int) -> Job | None:
    """Take a waiting job for a worker; None when it is no longer waiting."""
    job = (
        Job.objects.select_for_update(of=["self"])
        .select_related("owner")
        .filter(pk=job_id, state=Job.State.WAITING)
        .first()
    )
    if job is None:
        return None
    job.state, job.started_at, job.attempts = Job.State.RUNNING, clock.now(), job.attempts + 1
    job.done, job.message, job.message_params = 0, "", {}
    job.save()
    return job


def succeed(job: Job, result: dict[str, Any] | None) -> None:
    """Record the end of a job's work, in the work's own transaction where there is one.

    Raises:
        LookupError: the job is no longer this worker's; the caller must roll back.
    """
    changed = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
        state=Job.State.SUCCEEDED, result=result or {}, finished_at=clock.now()
    )
    if not changed:
        raise LookupError(job.pk)


@transaction.atomic
def end_unsuccessfully(job: Job, state: Job.State, error: str = "", /, **params: Any) -> None:
    """Record that the work of this attempt was cancelled or failed."""
    mine = Job.objects.select_for_update().filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).first()
    if mine is not None:
        _end(mine, state, error, **params)


STOPPED = gettext_noop(
    "The machine or the worker was stopped while this was being done, and it may not simply be done again. "
    "Look at what is there, then start it anew."
)
STOPPED_OFTEN = gettext_noop(
    "The worker was stopped %(attempts)d times while this was being done. Tell the administrator, then start it anew."
)


@transaction.atomic
def recover(queue_id: int) -> bool:
    """Deal with a job whose worker is dead. True when it shall run again.

    Work that committed is done, whatever became of the worker afterwards.
    """
    job = Job.objects.select_for_update().filter(queue_id=queue_id).first()
    return job is not None and _may_run_again(job)


STRANDED = """
    SELECT job.id FROM jobs_job job LEFT JOIN procrastinate_jobs entry ON entry.id = job.queue_id
    WHERE job.state IN ('waiting', 'running') AND (entry.id IS NULL OR entry.status NOT IN ('todo', 'doing'))
"""


def resume_stranded() -> list[int]:
    """Deal with open jobs whose entry in the queue has ended: their worker lost the database, not its life.

    Which of them run again, under a new entry.
    """
    with connection.cursor() as cursor:
        cursor.execute(STRANDED)
        stranded = [job for (job,) in cursor.fetchall()]
    return [job for job in stranded if _resume(job)]


@transaction.atomic
def _resume(job_id: int) -> bool:
    job = Job.objects.select_for_update().get(pk=job_id)
    with connection.cursor() as cursor:
        cursor.execute(f"{STRANDED} AND job.id = %s", [job_id])
        if cursor.fetchone() is None or not _may_run_again(job):  # another worker was quicker, or it has ended
            return False
    _enqueue(job)
    return True


def _may_run_again(job: Job) -> bool:
    """Put a job that is nobody's any more back to waiting, or end it."""
    if not job.is_open:
        return False
    if job.state == Job.State.WAITING:  # taken by the worker, not begun
        return True
    try:
        idempotent = registry.kind(job.kind).idempotent
    except KeyError:
        idempotent = False
    if job.cancel_requested:
        _end(job, Job.State.CANCELLED)
        return False
    if not idempotent:
        _end(job, Job.State.FAILED, STOPPED)
        return False
    if job.attempts >= registry.ATTEMPTS:
        _end(job, Job.State.FAILED, STOPPED_OFTEN, attempts=job.attempts)
        return False
    job.state, job.started_at = Job.State.WAITING, None
    job.save(update_fields=["state", "started_at"])
    return True


def _end(job: Job, state: Job.State, error: str = "", /, **params: Any) -> None:
    job.state, job.finished_at, job.error, job.error_params = state, clock.now(), error, params
    job.save(update_fields=["state", "finished_at", "error", "error_params"])
