"""What no page of ours sends: it is refused or passed over, and is never a fault of the program."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gangmu.foundation.ui import uploads
from gangmu.foundation.ui.models import SavedView
from gangmu.foundation.ui.uploads import Gate

PLACES = ["/organisations/list/", "/documents/", "/ui/jobs/", "/notices/", "/api/v1/organisations"]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("query", ["q=%00", "a%00b=1", "search=x%00"])
def test_a_character_that_cannot_be_stored_is_a_bad_request(client, path, query):
    assert client.get(f"{path}?{query}").status_code == 400


def test_neither_is_it_taken_in_a_path_or_a_form(client, key):
    assert client.get("/organisations/of/P%001/").status_code == 400
    answer = client.post("/ui/views/", {"_key": key, "page": "organisations", "name": "a\0b", "next": "/"})
    assert answer.status_code == 400
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "query", ["page=²", "page=-1", "page=9" + "9" * 40, "per_page=-1", "per_page=x", "sort=user__password"]
)
def test_a_list_passes_over_what_makes_no_sense(client, query):
    assert client.get(f"/ui/list/?{query}").status_code == 200


def test_nobody_has_a_page_of_a_list_as_long_as_they_like(client):
    def rows(size: str) -> int:
        page = client.get(f"/ui/list/?per_page={size}").content.decode()
        return page.partition("<tbody")[2].partition("</tbody>")[0].count("<tr")

    assert rows("50") == 50
    assert {rows("26"), rows("100000")} == {25}


def test_a_ticked_row_has_a_number(client, key):
    answer = client.post("/notices/", {"_key": key, "action": "read", "selected": ["²", "x", "-1"]})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "query", ["day=0001-01-01", "day=9999-12-31", "since=9999-12-31", "day=0001-01-01&since=9999-12-31"]
)
def test_a_day_at_the_edge_of_time_is_refused(client, query):
    assert client.get(f"/organisations/?{query}").status_code == 422


def test_records_have_no_edge_of_time(office, client):
    assert client.get("/records/events/?first=0001-01-01&last=9999-12-31").status_code == 200
    assert client.get("/records/events/?search=x%00").status_code == 400


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "https:evil.example", "foo", "home", "\t//evil.example"]
)
def test_nobody_is_led_elsewhere(client, elsewhere):
    assert client.post("/ui/theme/", {"theme": "dark", "next": elsewhere})["Location"] == "/"
    assert client.get("/sign-in/", {"next": elsewhere})["Location"] == "/"


def test_the_files_of_a_stranger_are_not_kept(db, monkeypatch):
    """Django reads the whole form, files too, before any view, to look for the token against forged requests."""
    passed = []
    keep = Gate.receive_data_chunk
    monkeypatch.setattr(Gate, "receive_data_chunk", lambda *chunk: passed.append(chunk) or keep(*chunk))
    Client().post("/sign-in/", {"username": "x", "file": SimpleUploadedFile("a.txt", b"x" * 100_000)})
    assert not passed


def test_a_body_that_no_view_would_take_is_not_read(client, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)

    def send(path: str, size: int) -> int:
        file = SimpleUploadedFile("a.txt", b"x" * size)
        return client.post(path, {"file": file, "theme": "dark"}).status_code

    assert send("/documents/add/", 2000) == send("/ui/theme/", 2000) == 413
    assert send("/ui/theme/", 10) == 302
