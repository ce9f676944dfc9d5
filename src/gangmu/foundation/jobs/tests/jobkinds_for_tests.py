"""Kinds of job that tests run in this process and in real workers (`python -m …jobkinds_for_tests`)."""

import os
import signal
from typing import Any

from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.jobs.running import JobFailed
from gangmu.foundation.jobs.services import cancel
from gangmu.foundation.parties.models import Organisation

SEEN: list[Any] = []


@job("tests.count", "Counting")
def count(progress: Progress) -> dict:
    """Counts the organisations that its owner sees."""
    progress.expect(3)
    for _ in range(3):
        progress.advance()
    progress.say("Counted %(what)s", what="organisations")
    return {"organisations": sorted(Organisation.objects.values_list("code", flat=True))}


@job("tests.rename", "Renaming", idempotent=True)
def rename(progress: Progress, *, code: str, name: str, end: str = "") -> dict:
    """Renames an organisation and then ends as it is told: fails, is cancelled, or is killed the first time."""
    Organisation.objects.filter(code=code).update(name_en=name)
    match end:
        case "refuse":
            raise JobFailed("Plant %(code)s cannot be renamed", code=code)
        case "crash":
            raise RuntimeError("a fault")
        case "killed" if progress.job.attempts == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        case "always killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "cancelled":
            SEEN.append(progress.job.pk)
            progress.flush()
    return {"renamed": code}


@job("tests.rename-once", "Renaming once")
def rename_once(progress: Progress, *, code: str, name: str) -> None:
    """May not be repeated, and its worker dies in the middle."""
    Organisation.objects.filter(code=code).update(name_en=name)
    os.kill(os.getpid(), signal.SIGKILL)


__all__ = ["cancel", "count", "rename", "rename_once"]


if __name__ == "__main__":
    import django

    django.setup()
    from gangmu.foundation.jobs import worker

    worker.run(wait=False)
