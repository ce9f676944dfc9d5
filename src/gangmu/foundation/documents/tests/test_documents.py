"""Files: taken when they are what they say, complete or not there, seen in scope, found by words of any length."""

import io
import os
import zipfile
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.documents import queries, services, storage
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import ContentMissing, DocumentRefused, add_document, download
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.queries import events, history_of
from gangmu.shell.testing.worlds import make_world

PDF = b"%PDF-1.7\n" + b"0" * 100


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_HOME", str(tmp_path / "home"))


@pytest.fixture
def world(db, tmp_path):
    return make_world(tmp_path)


def place(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def add(content: bytes = PDF, name: str = "报告.pdf", *, at: str = "P1", **more) -> Document:
    return add_document(io.BytesIO(content), name=name, by=None, organisation=place(at), **more)


def office(member: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr(member, "<x/>")
    return target.getvalue()


def stored_files() -> list[str]:
    return sorted(path.name for path in storage.folder().rglob("*") if path.is_file() and path.name != ".lock")


def read(document: Document) -> bytes:
    with services.open_document(document) as file:
        return file.read()


def test_a_file_lies_under_its_hash_and_comes_back_as_it_was(world):
    document = add()
    assert storage.path_of(document.sha256).parts[-3:-1] == (document.sha256[:2], document.sha256[2:4])
    assert (document.media_type, document.size, read(document)) == ("application/pdf", len(PDF), PDF)
    assert history_of(document).get().after["name"] == "报告.pdf"


def test_the_same_content_is_stored_once(world):
    assert add().sha256 == add(name="other.pdf").sha256
    assert len(stored_files()) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.png", PDF),
        ("a.docx", b"PK\x03\x04 but not a zip"),
        ("a.docx", office("xl/workbook.xml")),
        ("a.xlsx", PDF),
        ("a.csv", b"a,b\0c"),
        ("a.txt", b"\xff\xfe\x00a"),
        ("a.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(world, name, content):
    with pytest.raises(DocumentRefused, match="a\\."):
        add(content, name)
    assert stored_files() == []


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("表.XLSX", office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.csv", "机组,电量\n".encode("gb18030"), "text/csv"),
        ("a.csv", "机组,电量\n".encode() * 1000, "text/csv"),
        ("a.txt", "一".encode() * 5000, "text/plain"),
        ("a.zip", office("x"), "application/zip"),
    ],
)
def test_files_of_the_known_kinds_are_taken(world, name, content, media_type):
    assert add(content, name).media_type == media_type


@pytest.mark.parametrize(
    "name",
    ["../x.pdf", "a/b.pdf", "a\\b.pdf", "a\x00.pdf", "a\n.pdf", "a\u202efdp.pdf", "\u200b.pdf", ".htaccess",
     "x.pdf.", "con.pdf", "a<b>.pdf", "x" * 197 + ".pdf", "", "x.exe", "x.html", "x.svg", "x"],
)  # fmt: skip
def test_a_name_that_misleads_or_harms_is_refused(world, name):
    with pytest.raises(DocumentRefused):
        add(PDF, name)
    assert stored_files() == []


def test_a_file_over_the_limit_is_refused_before_it_fills_the_disk(world):
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b"%PDF-" + b"0" * ((size or 0) - 5)

    with pytest.raises(DocumentRefused, match="5 MB"):
        add_document(Endless(), name="a.pdf", by=None, organisation=place("P1"), limit=5 * 1024 * 1024)
    assert stored_files() == []


def test_an_upload_that_breaks_off_leaves_nothing(world):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError
            return super().read(10)

    with pytest.raises(ConnectionError):
        add_document(Broken(PDF), name="a.pdf", by=None, organisation=place("P1"))
    assert stored_files() == []
    assert not Document.objects.exists()


def test_what_a_rolled_back_upload_left_is_tidied_up_but_nothing_else(world):
    kept = add()
    with pytest.raises(RuntimeError), transaction.atomic():
        left = add(PDF + b"left")
        raise RuntimeError
    assert stored_files() == sorted([kept.sha256, left.sha256])
    assert services.tidy_up() == 0, "its transaction may still be open"
    for sha256 in stored_files():
        long_ago = storage.path_of(sha256).stat().st_mtime - timedelta(days=2).total_seconds()
        os.utime(storage.path_of(sha256), (long_ago, long_ago))
    assert services.tidy_up() == 1
    assert stored_files() == [kept.sha256]


def test_content_that_is_added_again_is_not_tidied_up_under_the_new_row(world):
    first = add()
    services.remove_document(first)
    path = storage.path_of(first.sha256)
    os.utime(path, (0, 0))
    with storage.receive(io.BytesIO(PDF), 1000) as received:
        received.keep()
    assert services.tidy_up() == 0
    assert path.exists()


def test_everybody_sees_the_documents_of_their_branch_and_their_own(world):
    here, there = add(), add(at="P2")
    mine = add_document(io.BytesIO(PDF), name="mine.pdf", by=world.clerk, owner=world.clerk)
    with acting_as(world.clerk):
        assert set(Document.objects.all()) == {here, mine}
    with acting_as(world.present):
        assert set(Document.objects.all()) == {here}
    with acting_as(world.other):
        assert set(Document.objects.all()) == {there}
    with acting_as(world.nobody):
        assert not Document.objects.exists()


def test_nobody_adds_a_document_where_they_may_not(world):
    with acting_as(world.clerk):
        add()
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(world.other):
        add_document(io.BytesIO(PDF), name="a.pdf", by=world.other, organisation=place("P2"))


def test_a_download_carries_its_chinese_name_and_is_recorded(world):
    document = add(name="月度 报告.pdf")
    with acting_as(world.clerk):
        response = download(document, by=world.clerk)
    assert response.getvalue() == PDF
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E6%9C%88%E5%BA%A6%20%E6%8A%A5%E5%91%8A.pdf"
    )
    assert response["Content-Type"] == "application/pdf"
    event = events(kind="documents.downloaded").get()
    assert (event.by, event.organisation, event.subject) == (
        world.clerk,
        place("P1"),
        f"documents.document:{document.pk}",
    )


def test_missing_or_altered_content_is_told_and_not_sent(world):
    document = add()
    path = storage.path_of(document.sha256)
    path.write_bytes(PDF[:-1] + b"1")
    assert [(one.document, one.is_missing) for one in services.check_contents()] == [(document, False)]
    path.write_bytes(PDF[:-1])
    with pytest.raises(ContentMissing):
        services.open_document(document)
    path.unlink()
    assert [(one.document, one.is_missing) for one in services.check_contents()] == [(document, True)]
    with pytest.raises(ContentMissing):
        download(document, by=world.clerk)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("电量", {"a"}),
        ("电 月报", {"a"}),
        ("月", {"a", "b"}),
        ("REPORT", {"b"}),
        ("量电", set()),
        ("100%", {"c"}),
        ("_", set()),
    ],
)
def test_documents_are_found_by_words_of_any_length(world, search, found):
    add(name="a.pdf", title="一月电量月报")
    add(name="b.pdf", title="二月 Report")
    add(name="c.pdf", title="完成100%")
    assert {document.name[0] for document in queries.documents(search=search)} == found


def test_a_word_of_two_characters_uses_the_index_under_row_security(world):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_document (organisation_id, name, title, media_type, size, sha256, uploaded_at) "
            "SELECT %s, n || '.pdf', '第' || n || '号文件', 'application/pdf', 1, "
            "encode(sha256(n::text::bytea), 'hex'), now() FROM generate_series(1, 3000) n",
            [place("P1").pk],
        )
        cursor.execute("ANALYZE documents_document")
    add(title="检修计划")
    with acting_as(world.clerk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        statement = queries.documents(search="计划").order_by().values("pk").query
        text, values = statement.sql_with_params()
        cursor.execute("EXPLAIN " + text, values)
        assert any("documents_search" in line for (line,) in cursor.fetchall())
        assert queries.documents(search="计划").count() == 1
