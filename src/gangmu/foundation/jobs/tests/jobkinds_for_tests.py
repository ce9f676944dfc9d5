"""Kinds of job that tests run in this process and in real workers."""

import os
import signal
import threading

from django.db import OperationalError

from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.jobs.running import JobFailed
from gangmu.foundation.parties.models import Contact, Organisation

BEGUN = threading.Event()
GO_ON = threading.Event()


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
    """Renames whoever is to be called at an organisation, and then ends as it is told: fails, or is killed."""
    Contact.objects.filter(organisation__code=code).update(name_en=name)
    match end:
        case "refuse":
            raise JobFailed("Plant %(code)s cannot be renamed", code=code)
        case "crash":
            raise RuntimeError("a fault")
        case "cut off" if progress.job.attempts == 1:
            raise OperationalError("server closed the connection unexpectedly")
        case "killed" if progress.job.attempts == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        case "always killed":
            os.kill(os.getpid(), signal.SIGKILL)
    return {"renamed": code}


@job("tests.hold", "Holding")
def hold(progress: Progress) -> None:
    """Writes, says how far it is, and waits in the middle of its transaction until the test lets it go on."""
    Contact.objects.filter(organisation__code="P2").update(name_en="Renamed")
    progress.expect(2)
    progress.advance()
    progress.flush()
    BEGUN.set()
    GO_ON.wait(20)
    progress.flush()


@job("tests.rename-once", "Renaming once")
def rename_once(progress: Progress, *, code: str, name: str) -> None:
    """May not be repeated, and its worker dies in the middle."""
    Contact.objects.filter(organisation__code=code).update(name_en=name)
    os.kill(os.getpid(), signal.SIGKILL)
