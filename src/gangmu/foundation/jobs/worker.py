"""A worker: does jobs and what is due by the clock, until it is told to stop.

It survives the database's restart, and looks every few seconds for jobs whose worker died.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from django.db import close_old_connections
from procrastinate import exceptions, jobs
from procrastinate.app import App
from procrastinate.contrib.django import app as django_app

from gangmu.foundation.jobs import services

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
CONCURRENCY = 2
HEARTBEAT = 3.0  # seconds between two signs of life
SILENCE = 15.0  # seconds without one after which a worker counts as dead
PAUSE = 1.0  # seconds before the worker tries again to reach a lost database
KEEP_HOURS = 72  # how long procrastinate's own rows of finished jobs are kept


def run(*, wait: bool = True) -> None:
    """Work until SIGTERM or SIGINT (running jobs are finished first). Without `wait`, until nothing is left to do."""
    asyncio.run(_keep_working(wait, asyncio.Event()))


async def _keep_working(wait: bool, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await _work(wait, stop)
            if not wait:
                return
        except (exceptions.ConnectorException, *services.LOST_DATABASE, psycopg.Error, OSError) as problem:
            logger.warning("the worker lost the database and tries again: %s", problem)
        if not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE)


async def _work(wait: bool, stop: asyncio.Event) -> None:
    """One life of procrastinate's worker: until told to stop, out of work, or cut off from the database."""
    app: App = django_app  # type: ignore[assignment]
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        async with app.open_async():
            await take_over(app)
            working = asyncio.create_task(
                app.run_worker_async(
                    concurrency=CONCURRENCY,
                    wait=wait,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=SILENCE,
                    fetch_job_polling_interval=2.0,
                )
            )
            watching = asyncio.create_task(_watch(app))
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({working, watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (watching, stopping, working):
                    task.cancel()
                ended = await asyncio.gather(working, watching, stopping, return_exceptions=True)
            for outcome in ended:
                if isinstance(outcome, Exception):
                    raise outcome


async def _watch(app: App) -> None:
    while True:
        await asyncio.sleep(SILENCE / 3)
        await take_over(app)


async def take_over(app: App) -> None:
    """Give jobs of dead workers back to the queue, or end them; and forget what was done long ago."""
    await app.job_manager.prune_stalled_workers(SILENCE)
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        await _take_over_one(app, stalled)
    for job in await asyncio.to_thread(_on_fresh_connection, services.resume_stranded):
        logger.warning("job %s had lost the database and is run again", job)
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


async def _take_over_one(app: App, stalled: jobs.Job) -> None:
    if stalled.id is None:
        return
    again = stalled.task_name != services.TASK or await asyncio.to_thread(
        _on_fresh_connection, services.recover, stalled.id
    )
    logger.warning("job %s lost its worker and is %s", stalled.id, "run again" if again else "ended")
    with contextlib.suppress(exceptions.ConnectorException):  # another worker was quicker
        if again:
            await app.job_manager.retry_job(stalled)
        else:
            await app.job_manager.finish_job(stalled, status=jobs.Status.FAILED, delete_job=False)


def _on_fresh_connection(work: Callable[..., Answer], *arguments: Any) -> Answer:
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()
