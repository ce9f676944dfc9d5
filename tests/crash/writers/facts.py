"""Loads files of facts, in one process that lives long; seals the record now and then, as the command does.

A lost connection says nothing about the write: the same file is sent again. It must then enter as a whole or be
found unchanged as a whole; anything between would be half a batch, and is noted as a fault.
"""

from crash.operations import Operation, operations
from crash.writers.common import Task, task

EVERY_SEAL = 7


def write(orders: Task, *, too_early: bool = False) -> None:
    import psycopg
    from django.db import InterfaceError, OperationalError, connection

    from gangmu.figures.filing.importing import LoadResult, load_facts
    from gangmu.foundation.records.chain import seal

    # while lines are copied, the driver's own errors come through
    lost = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

    def insist(attempt):
        return orders.insist(attempt, lost, connection.close)

    def load(operation: Operation) -> LoadResult:
        path = orders.folder / operation.source
        path.write_text(operation.text(), "utf-8")
        return load_facts(path, correct=operation.reason)

    journal = orders.journal
    for operation in operations(orders.name, orders.seed):
        if operation.number <= journal.before.acknowledged:
            continue
        if orders.stopping:
            break
        journal.note("sent", operation.number)
        if too_early:  # the planted fault: it believes that sending is enough
            journal.note("acknowledged", operation.number)
            try:
                load(operation)
            except lost:
                connection.close()
            orders.think()
            continue
        result = insist(lambda operation=operation: load(operation))
        for fault in faults(operation, result):
            journal.note("fault", f"{operation.source}: {fault}")
        journal.note("acknowledged", operation.number)
        (orders.folder / operation.source).unlink()
        if operation.number % EVERY_SEAL == 0:
            insist(seal)
        orders.think()


def faults(operation: Operation, result) -> list[str]:
    """What the answer says that it must not say."""
    found = []
    entered = result.recorded + result.corrected
    if entered not in (0, len(operation.rows)):
        found.append(f"{entered} of {len(operation.rows)} lines entered")
    if entered + result.unchanged != len(operation.rows):
        found.append(f"{entered} lines entered, {result.unchanged} unchanged, of {len(operation.rows)}")
    if result.rejected != len(operation.faulty):
        found.append(f"{result.rejected} lines refused: {[str(problem) for problem in result.problems][:3]}")
    return found


if __name__ == "__main__":
    from gangmu.shell.cli.session import session

    with session("system"):
        orders = task()
        write(orders, too_early=orders.name.startswith("hasty"))
