"""Work at PostgreSQL in two processes, half of it in each."""

import multiprocessing
from collections.abc import Callable
from typing import Any

from django.db import connection


def parameters() -> dict[str, Any]:
    """How to connect once more, from another process."""
    found = connection.get_connection_params()
    return {key: found[key] for key in ("host", "port", "user", "password", "dbname") if found.get(key)}


def in_two_processes(work: Callable[[dict[str, Any], int], None], failed: str) -> None:
    """Call `work` with how to connect and with 0 or 1, each in a process of its own; `failed` is said if one fails."""
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=work, args=(parameters(), half)) for half in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise SystemExit(failed)
