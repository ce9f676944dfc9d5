"""Long work on facts."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app

from gangmu.figures.filing.excel.tasks import import_sheet
from gangmu.figures.filing.importing import LoadResult, load_facts
from gangmu.figures.filing.services import LOAD, PERMISSION, lock_due
from gangmu.foundation.documents import services as documents
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.jobs.running import JobFailed
from gangmu.foundation.settings.textfiles import Unreadable

DOCUMENT_GONE = gettext_noop("The file is not there any more, or you may not see it any more. Upload it again.")
NOT_ALLOWED = gettext_noop("Your roles do not include the loading of locked facts any more.")
UNREADABLE = gettext_noop("The file cannot be loaded. %(problem)s")
READING = gettext_noop("Reading %(file)s")


@job(LOAD, gettext_noop("Loading of facts"), idempotent=True, as_system=True)
def load(progress: Progress, *, document: int, correct: str = "", language: str = "") -> dict[str, Any]:
    """Load the facts of a document. The lines that are refused become a document of the owner's own.

    Facts are compared with all that stands, above and below: so this is the system's transaction. What the owner may
    see and change is asked first, and nothing else is touched.
    """
    owner = progress.owner
    with progress.acting() as scope:
        file = Document.objects.filter(pk=document).first()
    if file is None:
        raise JobFailed(DOCUMENT_GONE)
    if not scope.may(PERMISSION):
        raise JobFailed(NOT_ALLOWED)
    with translation.override(language or None), tempfile.TemporaryDirectory(prefix="gangmu-load-") as folder:
        path = Path(folder) / file.name
        try:
            with documents.open_document(file) as content, path.open("wb") as copy:
                shutil.copyfileobj(content, copy)
            progress.expect(path.read_bytes().count(b"\n"))
            progress.say(READING, file=file.name)
            result = load_facts(
                path, by=owner, correct=correct, within=scope.changeable("figures"), step=progress.advance
            )
        except (Unreadable, documents.ContentMissing) as problem:
            raise JobFailed(UNREADABLE, problem=str(problem)) from problem
        return _outcome(result, progress)


def _outcome(result: LoadResult, progress: Progress) -> dict[str, Any]:
    counts = {name: getattr(result, name) for name in ("recorded", "corrected", "unchanged", "rejected")}
    if result.rejected_file is None:
        return counts
    with result.rejected_file.open("rb") as content:
        refused = documents.add_document(
            content, name=result.rejected_file.name, by=progress.owner, owner=progress.owner
        )
    return {**counts, "document": refused.pk}


__all__ = ["import_sheet", "load"]


@app.periodic(cron="*/5 * * * *", periodic_id="filing.lock-due")
@app.task(name="gangmu.filing.lock-due", queueing_lock="gangmu.filing.lock-due")
def lock_due_sheets(timestamp: int) -> None:
    """Lock approved sheets whose time has come."""
    lock_due()
