"""Long work on curves."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop

from gangmu.figures.curves.loading import load_curves
from gangmu.figures.curves.uploading import LOAD, as_result, may, within
from gangmu.foundation.documents import services as documents
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.jobs.running import JobFailed
from gangmu.foundation.records.services import note
from gangmu.foundation.settings.textfiles import Unreadable

DOCUMENT_GONE = gettext_noop("The file is not there any more, or you may not see it any more. Upload it again.")
NOT_ALLOWED = gettext_noop("Your roles do not include the loading of figures from files any more.")
UNREADABLE = gettext_noop("The file cannot be loaded. %(problem)s")
READING = gettext_noop("Reading %(file)s")


@job(LOAD, gettext_noop("Loading of curves"), idempotent=True, as_system=True)
def load(
    progress: Progress,
    *,
    document: int,
    trial: bool = True,
    correct: str = "",
    labels: str = "end",
    language: str = "",
) -> dict[str, Any]:
    """Try or record the curves of a document. The lines that are refused become a document of the owner's own.

    Curves are compared with all that stands, above and below: so this is the system's transaction. What the owner may
    see and change is asked first, and nothing else is touched.
    """
    owner = progress.owner
    with progress.acting() as scope:
        file = Document.objects.filter(pk=document).first()
    if file is None:
        raise JobFailed(DOCUMENT_GONE)
    if not may(scope):
        raise JobFailed(NOT_ALLOWED)
    with translation.override(language or None), tempfile.TemporaryDirectory(prefix="gangmu-curves-") as folder:
        path = Path(folder) / file.name
        progress.say(READING, file=file.name)
        try:
            with documents.open_document(file) as content, path.open("wb") as copy:
                shutil.copyfileobj(content, copy)
            found = load_curves(path, by=owner, correct=correct, labels=labels, within=within(scope), trial=trial)
        except (Unreadable, documents.ContentMissing) as problem:
            raise JobFailed(UNREADABLE, problem=str(problem)) from problem
        result = as_result(found)
        if trial:
            return result
        data = {name: result[name] for name in ("recorded", "corrected", "figures", "rejected")}
        note("curves.loaded", by=owner, data={**data, "source": file.name, "batch": found.batch_id, "reason": correct})
        if found.rejected_file is not None:
            with found.rejected_file.open("rb") as content:
                refused = documents.add_document(content, name=found.rejected_file.name, by=owner, owner=owner)
            result["document"] = refused.pk
        return result
