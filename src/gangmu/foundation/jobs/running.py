"""Doing one job, in a worker's thread: begin, work in the owner's scope, end, each in its right transaction."""

import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.jobs import registry, services
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.progress import Cancelled, Progress, Superseded, reporting

logger = logging.getLogger(__name__)


class JobFailed(Exception):
    """Raised by work that cannot be done, with what to tell its owner: an English msgid and what to put into it."""

    def __init__(self, msgid: str, /, **params: Any) -> None:
        super().__init__(msgid % params)
        self.msgid = msgid
        self.params = params


UNKNOWN_KIND = gettext_noop("This version of Gangmu does not know this kind of work any more. Start it anew.")
OWNER_LEFT = gettext_noop("The account that started this is closed.")
UNEXPECTED = gettext_noop(
    "This could not be finished because of a fault in the program. Nothing of it was kept. "
    "Try again; if it happens again, give the administrator the job's number %(job)d."
)
UNEXPECTED_HALFWAY = gettext_noop(
    "This could not be finished because of a fault in the program. The parts done before it were kept. "
    "Look at what is there, then try again; if it happens again, give the administrator the job's number %(job)d."
)


def run(job_id: int) -> None:
    """Do the work of a waiting job; every way in which it may end is recorded on the job."""
    job = services.begin(job_id)
    if job is None:
        return
    try:
        kind = registry.kind(job.kind)
    except KeyError:
        services.end_unsuccessfully(job, Job.State.FAILED, UNKNOWN_KIND)
        return
    if not job.owner.is_active:
        services.end_unsuccessfully(job, Job.State.FAILED, OWNER_LEFT)
        return
    try:
        with reporting(job) as progress:
            _work(kind, job, progress)
    except Cancelled:
        services.end_unsuccessfully(job, Job.State.CANCELLED)
    except Superseded:
        logger.warning("job %s was taken over while its work ran; this attempt was undone", job.pk)
    except JobFailed as failure:
        services.end_unsuccessfully(job, Job.State.FAILED, failure.msgid, **failure.params)
    except services.LOST_DATABASE:
        # Whether the work was committed is not known here; `services.resume_stranded` sees it on the job.
        logger.warning("job %s (%s) lost the database", job.pk, job.kind)
        raise
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        services.end_unsuccessfully(
            job, Job.State.FAILED, UNEXPECTED_HALFWAY if kind.own_transactions else UNEXPECTED, job=job.pk
        )


def _work(kind: registry.Kind, job: Job, progress: Progress) -> None:
    if kind.own_transactions:
        result = kind.work(progress, **job.params)
        progress.flush()
        _succeed(job, result)
        return
    with transaction.atomic() if kind.as_system else acting_as(job.owner, site=job.site):
        result = kind.work(progress, **job.params)
        progress.flush()
        _succeed(job, result)


def _succeed(job: Job, result: dict | None) -> None:
    try:
        services.succeed(job, result)
    except LookupError as gone:
        raise Superseded from gone
