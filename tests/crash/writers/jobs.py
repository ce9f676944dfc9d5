"""Hands files of facts to the background workers, a few at a time, and waits for what becomes of them.

What is acknowledged is that the job will be done: the document and the job stand in one transaction.
"""

import io
import time

from crash.operations import Operation, operations
from crash.writers.common import TRY_AGAIN, Task, task

USERNAME = "crash.operator"
OUTSTANDING = 8
PATIENCE = 60.0  # seconds that the last jobs are waited for when the writer shall stop


def key_of(writer: str, number: int) -> str:
    """The job's key."""
    return f"{writer}.{number:08d}"


def write(orders: Task) -> None:
    from django.db import InterfaceError, OperationalError, connection

    from gangmu.figures.filing.services import start_loading
    from gangmu.foundation.access.scope import acting_as
    from gangmu.foundation.accounts.models import User
    from gangmu.foundation.documents.services import add_document
    from gangmu.foundation.jobs.models import Job

    journal = orders.journal

    def insist(attempt):
        return orders.insist(attempt, (OperationalError, InterfaceError), connection.close)

    owner = insist(lambda: User.objects.get(username=USERNAME))

    def start(operation: Operation) -> None:
        key = key_of(orders.name, operation.number)
        with acting_as(owner) as scope:
            if Job.objects.filter(owner=owner, key=key).exists():
                return
            content = io.BytesIO(operation.text().encode())
            document = add_document(content, name=operation.source, by=owner, owner=owner)
            start_loading(document, by=owner, scope=scope, key=key)

    def look() -> None:
        """Note which of the outstanding jobs have ended."""
        keys = {key_of(orders.name, number): number for number in outstanding}
        ended = insist(
            lambda: set(
                Job.objects.filter(owner=owner, key__in=keys).exclude(state__in=Job.OPEN).values_list("key", flat=True)
            )
        )
        for key in ended:
            journal.note("ended", keys[key])
            outstanding.discard(keys[key])

    outstanding = set(range(1, journal.before.acknowledged + 1)) - journal.before.ended
    for operation in operations(orders.name, orders.seed, corrections=False):
        if operation.number <= journal.before.acknowledged:
            continue
        while len(outstanding) >= OUTSTANDING and not orders.stopping:
            time.sleep(TRY_AGAIN)
            look()
        if orders.stopping:
            break
        journal.note("sent", operation.number)
        insist(lambda operation=operation: start(operation))
        journal.note("acknowledged", operation.number)
        outstanding.add(operation.number)
        look()
        orders.think()
    end = time.monotonic() + PATIENCE
    while outstanding and time.monotonic() < end:
        time.sleep(TRY_AGAIN)
        look()
    if outstanding:
        journal.note("fault", f"jobs {sorted(outstanding)} did not end in {PATIENCE:g} seconds")


if __name__ == "__main__":
    from gangmu.shell.cli.session import session

    with session("system"):
        write(task())
