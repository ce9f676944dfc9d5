"""The thread of the worker that sends the record to its receivers."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from gangmu.foundation.records import syslog

logger = logging.getLogger(__name__)


@contextmanager
def streaming() -> Iterator[None]:
    """Send events as they come, for the time of the block. What is not sent then is sent by the next worker."""
    stop = threading.Event()

    def work() -> None:
        try:
            syslog.adopt_environment()
        except (ValueError, OSError) as problem:
            logger.error("GANGMU_SYSLOG is set wrongly, nothing is sent there: %s", problem)
        try:
            syslog.follow(stop)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="records.stream", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
