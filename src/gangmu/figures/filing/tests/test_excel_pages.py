"""The pages of imports: a workbook sent, what came of it, and once more with another choice."""

import io
import re
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gangmu.figures.filing.models import Cell
from gangmu.figures.filing.tests.books import GOOD, UNITS, filled
from gangmu.figures.filing.tests.small import DAY, NOW, make_small
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.settings import clock


@pytest.fixture
def small(committed, tmp_path):
    with clock.frozen(f"{NOW}+08:00"):
        yield make_small(tmp_path)


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def send(user, content: bytes, name: str = "day.xlsx", status: int = 302, **fields: str) -> str:
    """Sends a workbook; where it leads to, or what the page says."""
    file = SimpleUploadedFile(name, content)
    given = {"_key": uuid4().hex, "form_code": "small_daily", "file": file, **fields}
    response = client_of(user).post("/filing/import/", given)
    assert response.status_code == status, response.content.decode()[:3000]
    return response["Location"] if status == 302 else response.content.decode()


def shown(user, address: str) -> str:
    """The page of an import that a worker has done."""
    job = Job.objects.get(pk=int(address.rstrip("/").split("/")[-1]))
    if job.is_open:
        running.run(job.pk)
    response = client_of(user).get(address)
    assert response.status_code == 200
    return response.content.decode()


def again(user, address: str, **fields: str) -> str:
    response = client_of(user).post(f"{address}again/", {"_key": uuid4().hex, **fields})
    assert response.status_code == 302, response.content.decode()[:3000]
    return response["Location"]


def test_a_workbook_is_sent_and_its_figures_are_in_their_sheet(small, tmp_path):
    assert 'name="file"' in client_of(small.clerk).get("/filing/import/?form=small_daily").content.decode()
    address = send(small.clerk, filled(tmp_path / "book.xlsx", small.form).read_bytes())
    text = shown(small.clerk, address)
    assert "The figures are in their sheets" in text and "10 figures were stored" in text
    assert Cell.objects.filter(edited_by=small.clerk).count() == 10
    assert f'<a href="{address}">' in client_of(small.clerk).get("/ui/jobs/").content.decode(), "found again later"


def test_faults_stand_on_the_page_and_in_the_users_own_workbook_and_the_good_rows_can_be_kept(small, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E5": "abc", "G6": 1.234})
    address = send(small.clerk, path.read_bytes())
    text = shown(small.clerk, address)
    assert "Nothing was stored" in text and f"{UNITS}!E5" in text and "Accept the shown rounding" in text
    link = re.search(r'href="(/filing/import/\d+/marked/)"', text)
    assert link
    marked = b"".join(client_of(small.clerk).get(link[1]))
    comment = openpyxl.load_workbook(io.BytesIO(marked))[UNITS]["E5"].comment
    assert comment is not None and "is not a number" in comment.text
    assert client_of(small.colleague).get(link[1]).status_code == 404
    assert client_of(small.colleague).get(address).status_code == 404
    rounded = again(small.clerk, address, accept_rounding="1")
    assert "Nothing was stored" in shown(small.clerk, rounded)
    kept = again(small.clerk, rounded, keep_good="1")
    assert "7 figures were stored" in shown(small.clerk, kept)
    assert Cell.objects.count() == 7


def test_another_periods_workbook_is_refused_and_taken_for_its_own_on_request(small, tmp_path):
    content = filled(tmp_path / "book.xlsx", small.form).read_bytes()
    address = send(small.clerk, content, period="2026-11-18")
    text = shown(small.clerk, address)
    assert "This workbook is of 2026-11-19; you are filing 2026-11-18" in text
    assert f"Import it as what it is: {DAY.code}" in text
    assert "10 figures were stored" in shown(small.clerk, again(small.clerk, address, as_itself="1"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><table></table></html>", "is a web page or XML table that only has the name of a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        (b"a,b\n1,2\n", "is text (CSV)"),
    ],
)
def test_what_is_no_workbook_is_not_even_kept(small, content, said):
    assert said in send(small.clerk, content, status=422)
    assert not Document.objects.exists() and not Job.objects.exists()


def test_who_files_nowhere_sends_nothing(small, tmp_path):
    content = filled(tmp_path / "book.xlsx", small.form).read_bytes()
    send(small.world.other, content, status=403)
    assert not Job.objects.exists()
