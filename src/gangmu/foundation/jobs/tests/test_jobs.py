"""Long work: started once, done in its owner's scope, seen while it runs, stopped, recovered from killed workers."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest
from django.db import connection, transaction
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.jobs import queries, running, services, worker
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.progress import reporting
from gangmu.foundation.jobs.registry import ATTEMPTS
from gangmu.foundation.jobs.tests import jobkinds_for_tests
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.shell.testing.worlds import make_world

WORKER = """
import django
django.setup()
from gangmu.foundation.jobs import worker
from gangmu.foundation.jobs.tests import jobkinds_for_tests
worker.SILENCE = 600.0  # the dead are looked for at its start alone, however slow the machine is
worker.run(wait=False)
"""


@pytest.fixture
def world(committed, tmp_path):
    """The shared world, committed; the person at the group may change organisations."""
    world = make_world(tmp_path)
    Assignment.objects.create(
        user=world.group,
        role=Role.objects.get(code="business_administrator"),
        organisation=Organisation.objects.get(code="G"),
        valid_from="2020-01-01",
    )
    plant = Organisation.objects.get(code="P2")
    Contact.objects.create(organisation=plant, name_en="Plant Beta", phone="1", valid=("2020-01-01", None))
    return world


def start(kind: str, by, key: str = "once", **params) -> Job:
    """Start a job as the web does: in a scoped transaction of its owner."""
    with acting_as(by):
        return services.start(kind, by=by, params=params, key=key)


def rename(by, key: str = "once", **params) -> Job:
    return start("tests.rename", by, key, code="P2", name="Renamed", **params)


def name() -> str:
    return Contact.objects.get(organisation__code="P2").name_en


def run_worker() -> int:
    """A real worker in a process of its own, until nothing is left to do; its exit code."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gangmu.shell.settings", "GANGMU_DB_ROLE": "system"}
    return subprocess.run([sys.executable, "-c", WORKER], env=environment, check=False, timeout=60).returncode


def test_work_is_done_in_its_owners_scope(world):
    job = start("tests.count", world.present)
    assert (job.state, job.percent) == ("waiting", None)
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.percent) == ("succeeded", 3, 3, 100)
    assert job.result == {"organisations": ["P1", "P1U1", "P1U2", "P3", "P3U1", "R2"]}
    with translation.override("en"):
        assert job.said == "Counted organisations"


def test_a_real_worker_does_what_is_queued(world):
    job = rename(world.group)
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, job.result, name()) == ("succeeded", {"renamed": "P2"}, "Renamed")
    assert ProcrastinateJob.objects.get(pk=job.queue_id).status == "succeeded"


def test_the_same_key_starts_one_job(world):
    first = rename(world.group)
    assert rename(world.group) == first
    assert rename(world.group, key="twice") != first
    assert start("tests.count", world.present) != first
    assert ProcrastinateJob.objects.filter(task_name=services.TASK).count() == 3


def test_a_job_whose_transaction_rolls_back_was_never_started(world):
    with pytest.raises(RuntimeError), acting_as(world.group):
        services.start("tests.count", by=world.group, key="once")
        raise RuntimeError
    assert not Job.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=services.TASK).exists()


def test_an_unknown_kind_is_refused_before_anything_is_queued(world):
    with pytest.raises(KeyError):
        start("tests.unheard-of", world.group)


def test_everybody_sees_their_own_jobs_alone(world):
    job = rename(world.group)
    with acting_as(world.present):
        assert not Job.objects.exists()
    with acting_as(world.group):
        assert list(queries.open_jobs_of(world.group)) == [job]


def test_failed_work_leaves_nothing_and_says_why(world):
    job = rename(world.group, end="refuse")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, name()) == ("failed", "Plant Beta")
    with translation.override("en"):
        assert job.problem == "Plant P2 cannot be renamed"


def test_a_fault_in_the_program_leaves_nothing_and_gives_the_number_to_ask_with(world, caplog):
    job = rename(world.group, end="crash")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, name()) == ("failed", "Plant Beta")
    assert str(job.pk) in job.problem
    assert "a fault" in caplog.text


def test_a_waiting_job_that_is_cancelled_never_runs(world):
    job = rename(world.group)
    with acting_as(world.group):
        services.cancel(job, by=world.group)
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, name()) == ("cancelled", "Plant Beta")
    assert ProcrastinateJob.objects.get(pk=job.queue_id).status == "cancelled"


def test_nobody_cancels_the_job_of_somebody_else(world):
    job = rename(world.group)
    with pytest.raises(services.NotYours):
        services.cancel(job, by=world.present)


def test_running_work_is_seen_from_outside_and_stops_when_asked(world):
    """The work's transaction is open all the while; progress and the wish to stop pass beside it."""
    job = start("tests.hold", world.group)
    thread = threading.Thread(target=lambda: (running.run(job.pk), connection.close()))
    thread.start()
    assert jobkinds_for_tests.BEGUN.wait(20)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, name()) == ("running", 1, 2, "Plant Beta")
    with acting_as(world.group):
        services.cancel(job, by=world.group)
    jobkinds_for_tests.GO_ON.set()
    thread.join(20)
    job.refresh_from_db()
    assert (job.state, name()) == ("cancelled", "Plant Beta")


@pytest.mark.parametrize("state", ["succeeded", "cancelled"])
def test_cancelling_what_has_ended_changes_nothing(world, state):
    job = rename(world.group)
    if state == "succeeded":
        running.run(job.pk)
    else:
        services.cancel(job, by=world.group)
    assert services.cancel(job, by=world.group).state == state


def forget_heartbeat() -> None:
    """Let time pass for dead workers."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 hour'")


def test_repeatable_work_of_a_killed_worker_is_done_again(world):
    job = rename(world.group, end="killed")
    assert run_worker() == -9
    job.refresh_from_db()
    assert (job.state, job.attempts, name()) == ("running", 1, "Plant Beta")
    forget_heartbeat()
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, name()) == ("succeeded", 2, "Renamed")


def test_work_that_kills_every_worker_is_given_up(world):
    job = rename(world.group, end="always killed")
    for _ in range(ATTEMPTS):
        assert run_worker() == -9
        forget_heartbeat()
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, name()) == ("failed", ATTEMPTS, "Plant Beta")
    assert str(ATTEMPTS) in job.problem


def test_work_that_may_not_be_repeated_is_marked_failed_with_what_to_do(world):
    job = start("tests.rename-once", world.group, code="P2", name="Renamed")
    assert run_worker() == -9
    forget_heartbeat()
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, name()) == ("failed", "Plant Beta")
    with translation.override("en"):
        assert "start it anew" in job.problem
    assert ProcrastinateJob.objects.get(pk=job.queue_id).status == "failed"


def test_a_worker_that_was_given_up_undoes_its_work_when_it_comes_back(world):
    job = rename(world.group)
    mine = services.begin(job.pk)
    assert mine is not None
    assert services.recover(job.queue_id) is True
    services.begin(job.pk)  # another worker has it now
    with pytest.raises(LookupError), transaction.atomic():
        Contact.objects.filter(organisation__code="P2").update(name_en="Renamed")
        services.succeed(mine, None)
    services.end_unsuccessfully(mine, Job.State.FAILED)
    with reporting(mine) as progress, pytest.raises(running.Superseded):
        progress.flush()
    job.refresh_from_db()
    assert (job.state, job.attempts, name()) == ("running", 2, "Plant Beta")


def test_repeatable_work_that_lost_the_database_is_done_again(world):
    """Its worker lives, so nobody is missed; its entry in the queue has ended, the job has not."""
    job = rename(world.group, end="cut off")
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, ProcrastinateJob.objects.get(pk=job.queue_id).status) == ("running", "failed")
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, name()) == ("succeeded", 2, "Renamed")
    assert services.resume_stranded() == []


def test_a_job_that_was_taken_and_not_begun_before_the_database_was_lost_is_begun(world):
    job = rename(world.group)
    ProcrastinateJob.objects.filter(pk=job.queue_id).delete()
    assert services.resume_stranded() == [job.pk]
    assert services.resume_stranded() == []
    assert run_worker() == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, name()) == ("succeeded", 1, "Renamed")


def test_work_that_may_not_be_repeated_fails_when_it_lost_the_database(world):
    job = start("tests.count", world.group)
    assert services.begin(job.pk) is not None
    ProcrastinateJob.objects.filter(pk=job.queue_id).delete()
    assert services.resume_stranded() == []
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", services.STOPPED)


def test_a_worker_seals_what_has_happened(world):
    from gangmu.foundation.jobs import tasks
    from gangmu.foundation.records.models import Seal

    tasks.seal(timestamp=0)
    assert Seal.objects.count() == 1


def test_a_worker_survives_the_loss_of_its_connections(world, caplog):
    """It comes back by itself and does the next job."""
    job = rename(world.group)
    stop = asyncio.Event()

    async def live() -> None:
        working = asyncio.create_task(worker._keep_working(wait=True, stop=stop))
        await asyncio.to_thread(wait_for, job, "succeeded")
        await asyncio.to_thread(cut_connections)
        again = await asyncio.to_thread(rename, world.group, "after")
        await asyncio.to_thread(wait_for, again, "succeeded")
        stop.set()
        await working

    asyncio.run(live())


def wait_for(job: Job, state: str) -> None:
    """Until the database says so; the suite's own time limit ends it otherwise."""
    seen = threading.Event()
    for _ in range(600):
        if Job.objects.get(pk=job.pk).state == state:
            connection.close()
            return
        seen.wait(0.05)
    raise AssertionError(f"job {job.pk} is not {state}")


def cut_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 2
    connection.close()
