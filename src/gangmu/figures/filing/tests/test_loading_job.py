"""Loading a document as long work: in the owner's name and scope, all of it together with the job's success."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from gangmu.figures.filing import services
from gangmu.figures.filing.models import Batch, Fact
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import add_document, open_document
from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.services import cancel
from gangmu.foundation.parties.models import Organisation
from gangmu.shell.testing.worlds import make_world

HEADER = "organisation,indicator,period,scenario,value"


@pytest.fixture
def world(committed, tmp_path):
    """The shared world; the people of the group and of the east company may load."""
    with translation.override("en"):
        world = make_world(tmp_path)
        Indicator.objects.create(
            code="gen",
            name_zh="gen",
            name_en="gen",
            unit="MWh",
            precision=2,
            grain="day",
            over_time="sum",
            over_organisations="sum",
        )
        for user, place in ((world.group, "G"), (world.former, "R1")):
            Assignment.objects.create(
                user=user,
                role=Role.objects.get(code="business_administrator"),
                organisation=Organisation.objects.get(code=place),
                valid_from="2020-01-01",
            )
        yield world


def start(by, *lines: str, key: str = "once", correct: str = "") -> Job:
    content = "\n".join([HEADER, *lines]).encode() + b"\n"
    with acting_as(by) as scope:
        document = add_document(io.BytesIO(content), name="facts.csv", by=by, owner=by)
        return services.start_loading(document, by=by, scope=scope, key=key, correct=correct)


def done(job: Job) -> Job:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def values() -> dict[str, int]:
    return {
        fact.organisation.code: fact.value
        for fact in Fact.objects.filter(superseded_by=None).select_related("organisation")
    }


def test_good_lines_enter_and_refused_ones_come_back_as_a_document(world):
    job = done(start(world.group, "P1U1,gen,2026-01-01,actual,1.5", 'P1U2,gen,2026-01-01,actual,"1,000"'))
    assert job.state == Job.State.SUCCEEDED, job.problem
    assert {name: job.result[name] for name in ("recorded", "corrected", "unchanged", "rejected")} == {
        "recorded": 1,
        "corrected": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    assert values() == {"P1U1": 150}
    assert Batch.objects.get().recorded_by == world.group
    with acting_as(world.group):
        refused = Document.objects.get(pk=job.result["document"])
        with open_document(refused) as content:
            assert b'P1U2,gen,2026-01-01,actual,"1,000",3,value,' in content.read()
    with acting_as(world.present):
        assert not Document.objects.exists()


def test_what_lies_outside_the_owners_scope_is_not_known_to_the_file(world):
    job = done(start(world.former, "P2U1,gen,2026-07-01,actual,1", "P3U1,gen,2026-07-01,actual,2"))
    assert (job.result["recorded"], job.result["rejected"]) == (1, 1)
    assert values() == {"P2U1": 100}
    with open_document(Document.objects.get(pk=job.result["document"])) as content:
        assert "“P3U1” is not known." in content.read().decode()


def test_an_organisation_out_of_sight_is_not_named_where_it_stands_in_the_way(world):
    assert done(start(world.group, "G,gen,2026-07-01,actual,9")).result["recorded"] == 1
    job = done(start(world.former, "P2U1,gen,2026-07-01,actual,1"))
    with open_document(Document.objects.get(pk=job.result["document"])) as content:
        assert "another organisation, above or below it, has a fact for this already" in content.read().decode()


def test_a_correction_says_why_and_what_it_replaced_stays(world):
    done(start(world.group, "P1U1,gen,2026-01-01,actual,1"))
    job = done(start(world.group, "P1U1,gen,2026-01-01,actual,2", key="again", correct="meter was read wrongly"))
    assert (job.result["corrected"], values()) == (1, {"P1U1": 200})
    assert Batch.objects.get(kind="correction").reason == "meter was read wrongly"
    assert Fact.objects.count() == 2


def test_who_may_not_load_is_told_before_anything_is_queued(world):
    with pytest.raises(PermissionDenied):
        start(world.clerk, "P1U1,gen,2026-01-01,actual,1")
    assert not Job.objects.exists()


def test_a_right_lost_meanwhile_stops_the_job(world):
    job = start(world.former, "P2U1,gen,2026-01-01,actual,1")
    Assignment.objects.filter(user=world.former, role__code="business_administrator").delete()
    assert (done(job).state, values()) == (Job.State.FAILED, {})
    assert "not include the loading" in job.problem


@pytest.mark.parametrize(("content", "said"), [("a,b\n1,2\n", "cannot be loaded"), (None, "not there any more")])
def test_a_file_that_cannot_be_loaded_fails_with_the_reason(world, content, said):
    with acting_as(world.group) as scope:
        document = add_document(io.BytesIO((content or "x").encode()), name="f.csv", by=world.group, owner=world.group)
        job = services.start_loading(document, by=world.group, scope=scope, key="once")
    if content is None:
        document.delete()
    assert (done(job).state, values()) == (Job.State.FAILED, {})
    assert said in job.problem


def test_a_load_that_is_cancelled_leaves_nothing(world, monkeypatch):
    monkeypatch.setattr("gangmu.foundation.jobs.progress.INTERVAL", 0)
    lines = [
        f"P1U1,gen,{year}-{month:02}-{day:02},actual,1"
        for year in (2021, 2022)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    job = start(world.group, *lines)
    real = running.services.begin

    def begin_and_ask_to_stop(job_id):
        begun = real(job_id)
        with acting_as(world.group):
            cancel(job, by=world.group)
        return begun

    monkeypatch.setattr(running.services, "begin", begin_and_ask_to_stop)
    assert (done(job).state, values()) == (Job.State.CANCELLED, {})
    assert not Batch.objects.exists()


def test_refused_lines_speak_the_language_of_whoever_started_the_load(world):
    with translation.override("zh-hans"):
        job = start(world.group, "P1U2,gen,2026-01-01,actual,1.234")
    done(job)
    with open_document(Document.objects.get(pk=job.result["document"])) as content:
        assert "的小数位数超过该指标的 2 位" in content.read().decode()
