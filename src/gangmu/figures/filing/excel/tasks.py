"""Importing a workbook as long work: in its owner's name and scope, all of it together with the job's success."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.excel.faults import Kind
from gangmu.figures.filing.excel.importing import MOST_KEPT_APART, ImportResult, import_workbook
from gangmu.figures.filing.excel.placing import OtherForm, OtherPeriod
from gangmu.figures.filing.excel.starting import IMPORT
from gangmu.foundation.documents import services as documents
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import LONGEST_NAME
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.jobs.running import JobFailed

DOCUMENT_GONE = gettext_noop("The file is not there any more, or you may not see it any more. Upload it again.")
REFUSED = gettext_noop("The workbook was not imported. %(problem)s")
READING = gettext_noop("Reading %(file)s")
MARKING = gettext_noop("Marking what was found in %(file)s")


@job(IMPORT, gettext_noop("Import of a workbook"), idempotent=True)
def import_sheet(
    progress: Progress,
    *,
    document: int,
    form: str,
    period: str = "",
    accept_rounding: bool = False,
    keep_good: bool = False,
    submit: bool = False,
    language: str = "",
) -> dict[str, Any]:
    """Import the workbook of a document. What was found in it becomes a marked copy, a document of the owner's own."""
    file = Document.objects.filter(pk=document).first()
    if file is None:
        raise JobFailed(DOCUMENT_GONE)
    with translation.override(language or None), tempfile.TemporaryDirectory(prefix="gangmu-import-") as folder:
        path = Path(folder) / "sent.xlsx"
        try:
            with documents.open_document(file) as content, path.open("wb") as copy:
                shutil.copyfileobj(content, copy)
            progress.say(READING, file=file.name)
            result = import_workbook(
                path,
                form,
                by=progress.owner,
                name=file.name,
                period=period,
                accept_rounding=accept_rounding,
                keep_good=keep_good,
                submit=submit,
                key=f"import-{progress.job.pk}",
                expect=progress.expect,
                step=progress.advance,
            )
        except OtherForm as other:
            raise JobFailed(REFUSED, problem=str(other), other_form=other.code) from other
        except OtherPeriod as other:
            raise JobFailed(REFUSED, problem=str(other), other_period=other.period) from other
        except (WorkbookRefused, FilingError, documents.ContentMissing) as problem:
            raise JobFailed(REFUSED, problem=str(problem)) from problem
        answer = as_json(result) | {"source": document}
        if result.found:
            progress.say(MARKING, file=file.name)
            answer["document"] = _marked(path, Path(folder) / "marked.xlsx", file.name, result, progress).pk
        return answer


def _marked(path: Path, target: Path, name: str, result: ImportResult, progress: Progress) -> Document:
    from gangmu.figures.filing.excel.marking import mark

    mark(path, target, result.found, str(result).splitlines())
    with target.open("rb") as content:
        return documents.add_document(content, name=marked_name(name), by=progress.owner, owner=progress.owner)


def marked_name(name: str) -> str:
    """What the marked copy of a workbook is called."""
    ending = f".{_('checked')}.xlsx"
    return name.rpartition(".")[0].removesuffix(ending.removesuffix(".xlsx"))[: LONGEST_NAME - len(ending)] + ending


def as_json(result: ImportResult) -> dict[str, Any]:
    """What a job keeps of a result: the counts, and the first things that were found."""
    return {
        "read": result.read,
        "stored": result.stored,
        "unchanged": result.unchanged,
        "sheets": [sheet.pk for sheet in result.sheets[:MOST_KEPT_APART]],
        "submitted": result.submitted,
        "kept_back": result.kept_back,
        "nothing_kept": result.nothing_kept,
        "only_rounding": result.only_rounding,
        "faults": result.faults,
        "roundings": result.count(Kind.ROUNDING),
        "warnings": result.count(Kind.WARNING),
        "found_count": len(result.found),
        "found": [
            [one.kind.value, str(one.place), one.organisation, one.period, one.indicator, one.message]
            for one in result.found[:MOST_KEPT_APART]
        ],
    }
