"""What running work says of itself, and hears: progress and the wish to stop, on a connection of its own.

The work's transaction stays open while it runs, so nobody would see what it writes; progress goes through a second,
autocommitting connection, at most twice a second.
"""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from django.db import connection

from gangmu.foundation.access.scope import Scope, acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.jobs.models import Job

INTERVAL = 0.5  # seconds between two writes of progress
UPDATE = """
    UPDATE jobs_job SET done = %s, total = %s, message = %s, message_params = %s::jsonb
    WHERE id = %s AND state = 'running' AND attempts = %s
    RETURNING cancel_requested
"""


class Cancelled(Exception):
    """Somebody asked this job to stop."""


class Superseded(Exception):
    """This job was given to another worker, or ended, while this one was out of reach."""


class Progress:
    """Handed to the work of a job.

    Attributes:
        job: the job as it was when the work began.
        owner: the user in whose name and scope the work is done.
    """

    def __init__(self, job: Job, channel: psycopg.Connection) -> None:
        self.job = job
        self.owner: User = job.owner
        self._channel = channel
        self._done, self._total = 0, job.total
        self._message, self._params = "", {}
        self._written = float("-inf")

    def expect(self, total: int) -> None:
        """Say how much there is to do."""
        self._total = total
        self._write()

    def advance(self, by: int = 1) -> None:
        """Say that `by` more is done; stops the work here when somebody asked for it.

        Raises:
            Cancelled: somebody asked the job to stop.
        """
        self._done += by
        self.check_cancelled()

    def say(self, msgid: str, /, **params: Any) -> None:
        """Say what is being done: an English msgid (marked with `gettext_noop`) and what to put into it."""
        self._message, self._params = msgid, params
        self._write()

    def check_cancelled(self) -> None:
        """Stop the work here when somebody asked for it.

        Raises:
            Cancelled: somebody asked the job to stop.
            Superseded: the job is no longer this worker's.
        """
        if time.monotonic() - self._written >= INTERVAL:
            self._write()

    def acting(self) -> AbstractContextManager[Scope]:
        """A transaction of its own in the owner's scope, for work that registers with `own_transactions`."""
        return acting_as(self.owner, site=self.job.site)

    def flush(self) -> None:
        """Write what has been said so far, and hear whether to stop."""
        self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        params = json.dumps(self._params)
        values = [self._done, self._total, self._message, params, self.job.pk, self.job.attempts]
        row = self._channel.execute(UPDATE, values).fetchone()
        if row is None:
            raise Superseded
        if row[0]:
            raise Cancelled


@contextmanager
def reporting(job: Job) -> Iterator[Progress]:
    """A `Progress` for a running job, with its connection."""
    parameters = connection.get_connection_params()
    parameters = {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
    with psycopg.connect(**{**parameters, "autocommit": True}) as channel:
        yield Progress(job, channel)
