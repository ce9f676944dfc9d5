"""What is done or sent after the page: files, and long work. Each in the scope of whoever asked."""

import re
from pathlib import Path

import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from gangmu.foundation.access.middleware import ScopeMiddleware
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.jobs import registry, running, services
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.parties.models import AttributeValue, Organisation
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.shell.testing.sites import at_site
from matrix.addresses import body
from matrix.people import PLACES, make_people
from matrix.rows import AFTER, BEFORE, MINE

# Lists that can be taken home as a file, and what the clerk of P1 finds in the file.
FILES = {
    "business": {
        "/organisations/list/": ("Plant Alpha", "Alpha 1", "P1U2"),
        "/documents/": (f"{AFTER}document",),
        "/notices/": (f"{MINE}notice",),
        "/ui/jobs/": ("matrix",),
    },
    "office": {
        "/organisations/list/": ("Plant Alpha", "Alpha 1", "P1U2"),
        "/ui/jobs/": ("matrix",),
        "/records/events/": ("matrix.noted",),
        "/records/history/": ("attribute value",),
    },
}
VISIBLE = {
    "clerk": {"P1", "P1U1", "P1U2"},
    "present": {"R2", "P1", "P3", "P1U1", "P1U2", "P3U1"},
    "group": {"G", "R1", "R2", "P1", "P2", "P3", "P1U1", "P1U2", "P2U1", "P3U1"},
    "former": {"R1", "P1", "P2", "P1U1", "P1U2", "P2U1"},
    "other": {"P2", "P2U1"},
    "nobody": set(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_has_rows_finds_them_in_the_file(world, kind):
    people, _rows = world
    for site, files in FILES.items():
        with at_site(site):
            client = people.client("clerk")
            for path, marks in files.items():
                response = client.get(path, {"export": kind})
                assert response.streaming, path  # read to its end after the request has ended
                text = body(response)
                assert [mark for mark in marks if mark not in text] == [], path
                assert "Plant Beta" not in text, path


@pytest.mark.django_db
def test_a_stream_that_reads_after_the_request_is_an_error_not_a_leak(world):
    """Rows of a stream are read when the request's transaction has ended: without a scope of its own there is none."""
    people, _rows = world
    user = people.users["group"]
    request = RequestFactory().get("/")
    request.user, request.session = user, {"_auth_user_id": str(user.pk)}  # type: ignore[attr-defined]

    def rows():
        yield from Organisation.objects.values_list("code", flat=True)

    def scoped_rows():
        with acting_as(user):
            yield from list(Organisation.objects.values_list("code", flat=True))

    def read(source) -> list[str]:
        response = ScopeMiddleware(lambda _request: StreamingHttpResponse(source()))(request)
        with acting_as(None):  # a connection of the web role with nobody's scope, as the server's next request finds it
            return [part.decode() for part in response]

    assert read(rows) == []
    assert set(read(scoped_rows)) == VISIBLE["group"]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of work that looks at everything that it can see."""

    def look(progress: Progress) -> dict:
        return {
            "organisations": sorted(Organisation.objects.values_list("code", flat=True)),
            "values": sorted(set(AttributeValue.objects.values_list("value", flat=True))),
            "jobs": list(Job.objects.values_list("owner_id", flat=True)),
        }

    registered = registry.Kind("matrix.look", "Looking", look, idempotent=False, own_transactions=False)
    monkeypatch.setitem(registry._kinds, "matrix.look", registered)
    return registered.code


@pytest.mark.req("M-5.8.1.3")
def test_long_work_is_done_in_the_scope_of_whoever_started_it(committed, tmp_path: Path, kind):
    with clock.frozen("2026-11-20T07:30"):
        people = make_people(tmp_path)
        unit = Organisation.objects.get(code="P1U1")
        for mark, days in ((BEFORE, ("2020-01-01", "2026-06-01")), (AFTER, ("2026-06-01", None))):
            AttributeValue.objects.create(organisation=unit, name="fuel", value=mark, valid=days)
        jobs = {}
        for name in PLACES:
            user = people.users[name]
            assert user is not None
            with acting_as(user):
                jobs[name] = services.start(kind, by=user, key="look")
        for name, job in jobs.items():
            running.run(job.pk)
            job.refresh_from_db()
            assert job.state == "succeeded", job.problem
            assert set(job.result["organisations"]) == VISIBLE[name], name
            marks = {value for value in job.result["values"] if re.match("MARK", value)}
            assert marks == {"group": {BEFORE, AFTER}, "former": {BEFORE}, "other": set(), "nobody": set()}.get(
                name, {BEFORE, AFTER}
            ), name
            assert set(job.result["jobs"]) == {job.owner_id}, name


@pytest.mark.django_db
def test_an_event_in_the_name_of_somebody_else_is_ones_own(world):
    people, _rows = world
    with acting_as(people.users["other"]):
        note("matrix.forged", by=people.users["group"])
    from gangmu.foundation.records.models import Event

    assert Event.objects.get(kind="matrix.forged").by_id == people.users["other"].pk
