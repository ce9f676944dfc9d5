"""Documents as each person of the world sees them: list, search, add, file, remove."""

import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gangmu.foundation.documents import storage
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.queries import events
from gangmu.shell.testing.worlds import make_world

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n" + b"0" * 100


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_HOME", str(tmp_path / "home"))
    return make_world(tmp_path)


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def add(title: str, at: str = "P1") -> Document:
    place = Organisation.objects.get(code=at)
    return add_document(io.BytesIO(PDF), name="a.pdf", by=None, organisation=place, title=title)


def send(client: Client, *, at: str = "P1", name: str = "月报.pdf", content: bytes = PDF, title: str = ""):
    fields = {
        "file": SimpleUploadedFile(name, content),
        "organisation": Organisation.objects.get(code=at).pk,
        "title": title,
        "_key": uuid4().hex,
    }
    return client.post("/documents/add/", fields)


def test_everybody_finds_the_documents_of_their_branch(world):
    add("检修计划 Alpha")
    add("检修计划 Beta", at="P2")
    for user, seen in ((world.present, {"Alpha"}), (world.other, {"Beta"}), (world.group, {"Alpha", "Beta"})):
        page = client_of(user).get("/documents/?q=检修").content.decode()
        assert {name for name in ("Alpha", "Beta") if f"检修计划 {name}" in page} == seen
    assert "检修计划" not in client_of(world.nobody).get("/documents/").content.decode()


def test_a_clerk_adds_a_document_and_gets_it_back(world):
    client = client_of(world.clerk)
    answer = send(client, title="一月")
    document = Document.objects.get()
    assert answer["Location"] == f"/documents/{document.pk}/"
    assert (document.uploaded_by, document.title, str(document.organisation.code)) == (world.clerk, "一月", "P1")
    page = client.get(answer["Location"]).content.decode()
    assert "月报.pdf" in page
    file = client.get(f"/documents/{document.pk}/file/")
    assert b"".join(file.streaming_content) == PDF
    assert events(kind="documents.downloaded").get().by == world.clerk


def test_a_file_that_is_refused_comes_back_with_the_reason(world):
    answer = send(client_of(world.clerk), content=b"<html>")
    assert answer.status_code == 422
    assert "is not what its name says" in answer.content.decode()
    assert not Document.objects.exists()


def test_nobody_adds_where_they_may_not(world):
    assert client_of(world.other).get("/documents/add/").status_code == 403
    assert "Add a document" not in client_of(world.other).get("/documents/").content.decode()
    assert send(client_of(world.clerk), at="P2").status_code == 422
    assert not Document.objects.exists()


def test_the_file_of_another_branch_is_not_there(world):
    document = add("Alpha")
    for address in (f"/documents/{document.pk}/", f"/documents/{document.pk}/file/"):
        assert client_of(world.other).get(address).status_code == 404


def test_only_those_who_may_change_it_remove_a_document(world):
    document = add("Alpha")
    address = f"/documents/{document.pk}/remove/"
    assert client_of(world.present).post(address, {"_key": uuid4().hex}).status_code == 403
    assert client_of(world.clerk).post(address, {"_key": uuid4().hex})["Location"] == "/documents/"
    assert not Document.objects.exists()


def test_a_missing_file_says_what_to_do(world):
    document = add("Alpha")
    storage.path_of(document.sha256).unlink()
    assert client_of(world.clerk).get(f"/documents/{document.pk}/file/").status_code == 404
