"""The reads. Row security shows every user their own jobs alone."""

from django.db.models import QuerySet

from gangmu.foundation.accounts.models import User
from gangmu.foundation.jobs.models import Job


def jobs_of(user: User) -> QuerySet[Job]:
    """The jobs that `user` started, the latest first."""
    return Job.objects.filter(owner=user).order_by("-id")


def open_jobs_of(user: User) -> QuerySet[Job]:
    """Those of them that wait or run."""
    return jobs_of(user).filter(state__in=Job.OPEN)
