"""Long work: everybody sees their own, and can stop it."""

import pytest

from gangmu.foundation.jobs.models import Job
from gangmu.foundation.settings import clock


@pytest.fixture
def running(user):
    return Job.objects.create(
        kind="test.work",
        owner=user,
        key="k1",
        state=Job.State.RUNNING,
        started_at=clock.now(),
        done=30,
        total=120,
        message="Row %(n)d",
        message_params={"n": 30},
    )


def test_an_open_job_shows_how_far_it_is_and_asks_again(running, client):
    page = client.get(f"/ui/jobs/{running.pk}/").content.decode()
    assert f'hx-get="/ui/jobs/{running.pk}/progress/"' in page
    assert 'value="25" max="100"' in page and "Row 30" in page
    piece = client.get(f"/ui/jobs/{running.pk}/progress/").content.decode()
    assert "<html" not in piece and 'hx-trigger="every 2s"' in piece


@pytest.mark.parametrize(
    ("state", "error", "shown"), [("failed", "The file is empty.", "The file is empty."), ("succeeded", "", "100")]
)
def test_an_ended_job_no_longer_asks(running, client, state, error, shown):
    Job.objects.filter(pk=running.pk).update(state=state, error=error, finished_at=clock.now())
    piece = client.get(f"/ui/jobs/{running.pk}/progress/").content.decode()
    assert "hx-get" not in piece and shown in piece


def test_a_job_can_be_asked_to_stop(running, client, key):
    response = client.post(f"/ui/jobs/{running.pk}/cancel/", {"_key": key}, follow=True)
    page = response.content.decode()
    assert "stops as soon as it comes to a safe point" in page and "Stopping …" in page
    assert Job.objects.get(pk=running.pk).cancel_requested


def test_nobody_sees_or_stops_the_work_of_another(running, another, key):
    assert "test.work" not in another.get("/ui/jobs/").content.decode()
    for path in (f"/ui/jobs/{running.pk}/", f"/ui/jobs/{running.pk}/progress/"):
        assert another.get(path).status_code == 404
    assert another.post(f"/ui/jobs/{running.pk}/cancel/", {"_key": key}).status_code == 404


def test_the_list_names_the_work_and_links_to_it(running, client):
    page = client.get("/ui/jobs/?state=running").content.decode()
    assert f'<a href="/ui/jobs/{running.pk}/">test.work</a>' in page
    assert "test.work" not in client.get("/ui/jobs/?state=failed").content.decode()
