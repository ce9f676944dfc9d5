"""Importing a workbook as long work: in the owner's scope, cancelled without a trace, submitted where it can be."""

import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from gangmu.figures.filing.excel.starting import start_import
from gangmu.figures.filing.models import Cell, Sheet
from gangmu.figures.filing.tests.books import GOOD, UNITS, filled
from gangmu.figures.filing.tests.small import DAY, NOW, make_small
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import add_document, open_document
from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.services import cancel
from gangmu.foundation.settings import clock


@pytest.fixture
def small(committed, tmp_path):
    with clock.frozen(f"{NOW}+08:00"), translation.override("en"):
        yield make_small(tmp_path)


def start(small, path, by=None, **options) -> Job:
    by = by or small.clerk
    with acting_as(by) as scope:
        document = add_document(io.BytesIO(path.read_bytes()), name="日报.xlsx", by=by, owner=by)
        return start_import(document, form=small.form.code, by=by, scope=scope, key="once", **options)


def done(job: Job) -> Job:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_figures_are_stored_together_with_the_jobs_success(small, tmp_path):
    job = done(start(small, filled(tmp_path / "book.xlsx", small.form)))
    assert job.state == Job.State.SUCCEEDED, job.problem
    assert {name: job.result[name] for name in ("read", "stored", "faults", "found_count")} == {
        "read": 10,
        "stored": 10,
        "faults": 0,
        "found_count": 0,
    }
    assert job.result["sheets"] == [Sheet.objects.get().pk]
    assert "document" not in job.result
    assert (job.done, job.total) == (20, 20)
    assert Cell.objects.filter(edited_by=small.clerk).count() == 10


def test_what_was_found_comes_back_in_the_owners_own_workbook_and_language(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E5": "abc", "G6": 1.234})
    with translation.override("zh-hans"):
        job = start(small, path)
    job = done(job)
    assert (job.result["nothing_kept"], job.result["faults"], job.result["roundings"]) == (True, 2, 1)
    assert [one[:5] for one in job.result["found"]] == [
        ["fault", f"{UNITS}!E5", "P1U1", "2026-11-19", "gen"],
        ["rounding", f"{UNITS}!G6", "P1U2", "2026-11-19", "hours"],
    ]
    with acting_as(small.clerk):
        marked = Document.objects.get(pk=job.result["document"])
        with open_document(marked) as content:
            book = openpyxl.load_workbook(content)
    assert marked.name == "日报.已检查.xlsx"
    assert book.worksheets[0].title == "检查结果"
    comment = book[UNITS]["E5"].comment
    assert comment is not None and "不是数字" in comment.text
    assert Document.objects.filter(pk=job.result["source"]).exists()
    with acting_as(small.colleague):
        assert not Document.objects.filter(pk=marked.pk).exists()


def test_the_marked_workbook_put_right_is_taken(small, tmp_path):
    job = done(start(small, filled(tmp_path / "book.xlsx", small.form, GOOD | {"E5": "abc"})))
    with acting_as(small.clerk), open_document(Document.objects.get(pk=job.result["document"])) as content:
        book = openpyxl.load_workbook(content)
    book[UNITS]["E5"] = 1200.5
    book.save(tmp_path / "mended.xlsx")
    with acting_as(small.clerk) as scope:
        document = add_document(
            io.BytesIO((tmp_path / "mended.xlsx").read_bytes()), name="m.xlsx", by=small.clerk, owner=small.clerk
        )
        again = start_import(document, form=small.form.code, by=small.clerk, scope=scope, key="again")
    assert (done(again).result["stored"], again.result["found"]) == (10, [])


@pytest.mark.parametrize(
    ("content", "said"), [(b"PK\x03\x04 nothing", "damaged or not complete"), (None, "not there any more")]
)
def test_a_file_that_cannot_be_taken_fails_with_the_reason(small, tmp_path, content, said):
    path = filled(tmp_path / "book.xlsx", small.form)
    job = start(small, path)
    document = Document.objects.get(pk=job.params["document"])
    if content is None:
        document.delete()
    else:
        from gangmu.foundation.documents import storage

        kept = storage.path_of(document.sha256)
        kept.chmod(0o600)
        kept.write_bytes(content.ljust(document.size, b"x"))
    assert (done(job).state, Cell.objects.count()) == (Job.State.FAILED, 0)
    assert said in job.problem


def test_another_periods_workbook_fails_and_says_for_which_it_could_be_taken(small, tmp_path):
    job = done(start(small, filled(tmp_path / "book.xlsx", small.form), period="2026-11-18"))
    assert (job.state, job.error_params["other_period"]) == (Job.State.FAILED, DAY.code)
    assert "This workbook is of 2026-11-19; you are filing 2026-11-18" in job.problem


def test_an_import_that_is_cancelled_leaves_nothing(small, tmp_path, monkeypatch):
    monkeypatch.setattr("gangmu.foundation.jobs.progress.INTERVAL", 0)
    job = start(small, filled(tmp_path / "book.xlsx", small.form))
    real = running.services.begin

    def begin_and_ask_to_stop(job_id):
        begun = real(job_id)
        with acting_as(small.clerk):
            cancel(job, by=small.clerk)
        return begun

    monkeypatch.setattr(running.services, "begin", begin_and_ask_to_stop)
    assert (done(job).state, Cell.objects.count(), Sheet.objects.count()) == (Job.State.CANCELLED, 0, 0)


def test_who_files_nowhere_is_told_before_anything_is_queued(small, tmp_path):
    with pytest.raises(PermissionDenied):
        start(small, filled(tmp_path / "book.xlsx", small.form), by=small.world.other)
    assert not Job.objects.exists()
