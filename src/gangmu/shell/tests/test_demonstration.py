"""Known passwords stay on the machine where they were made; what is made is worth showing."""

import csv
import os
import signal
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from click import ClickException
from django.db import connection, connections

from gangmu.business.power.demonstration import scenes
from gangmu.business.power.demonstration.figures import model_of, plants_of, read_plants
from gangmu.figures.cube.check import check
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing import consistency
from gangmu.figures.filing.models import Batch, Explanation, Fact, Sheet
from gangmu.figures.filing.queries import standings
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.queries import waiting_for
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell import demonstration
from gangmu.shell.cli.serve import run_command
from gangmu.shell.cli.session import embedded

YESTERDAY = date(2026, 11, 20)


def account(username: str, password: str) -> None:
    user = User(username=username, name=username)
    user.set_password(password)
    user.save()


def run(monkeypatch, host: str) -> bool:
    """Whether `gangmu run` would listen there."""
    served: list[str] = []
    monkeypatch.setattr("gangmu.shell.cli.serve._serve", lambda sites, *_rest: served.append(sites[0].host))
    if host == "0.0.0.0":
        monkeypatch.setenv("GANGMU_ALLOWED_HOSTS", "figures.example.com")
        monkeypatch.setenv("GANGMU_HTTPS", "1")
    with embedded():
        run_command.main(["--host", host], standalone_mode=False)
    return served == [host]


@pytest.mark.django_db
def test_what_the_demonstration_made_is_not_served_to_others(monkeypatch):
    account("plant", demonstration.PASSWORD)
    assert run(monkeypatch, "127.0.0.1")
    with pytest.raises(ClickException, match="plant"):
        run(monkeypatch, "0.0.0.0")
    User.objects.all().delete()
    account("plant", "something that nobody else knows")
    account("somebody", demonstration.PASSWORD)
    assert run(monkeypatch, "0.0.0.0")


@pytest.mark.django_db
def test_a_demonstration_is_not_made_among_real_people(monkeypatch):
    monkeypatch.setenv("GANGMU_DEMONSTRATION", "1")
    account("somebody", "something that nobody else knows")
    with pytest.raises(RuntimeError, match="real people"):
        demonstration.prepare(say=print)
    assert User.objects.count() == 1


def some_organisations(folder: Path) -> Path:
    """The demonstration's file with the plants that play a part and few others."""
    source = resources.files("gangmu.business.power.demonstration").joinpath("organisations.csv").read_text("utf-8")
    rows = list(csv.DictReader(source.splitlines()))
    above = {row["code"]: row["parent"] for row in rows}
    plants = sorted(plants_of(rows), key=lambda plant: plant.code)
    needed = Counter((region, model) for region, model, _scene in scenes.PLAN)
    needed += Counter({("EAST", "coal"): 1, ("EAST", "gas"): 1, ("NORTHWEST", "onshore_wind"): 1})
    kept = {scenes.OWN}
    for plant in plants:
        kind = above[plant.code], model_of(plant)
        if needed[kind] and plant.code != scenes.OWN:
            needed[kind] -= 1
            kept.add(plant.code)
    path = folder / "some.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            row for row in rows if row["parent"] in ("", "DEMO") or row["code"] in kept or row["parent"] in kept
        )
    return path


def make_small(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("GANGMU_DEMONSTRATION", "1")
    monkeypatch.setattr(demonstration, "ORGANISATIONS", str(some_organisations(folder)))
    monkeypatch.setattr(demonstration, "DAYS", 8)


@pytest.fixture
def small(committed, monkeypatch, tmp_path):
    """A small demonstration of eight days, not yet prepared."""
    make_small(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def prepared(committed_once, django_db_blocker, tmp_path_factory):
    """The same, prepared at ten; tests leave it as they found it, but for the last one."""
    with pytest.MonkeyPatch.context() as patched:
        make_small(patched, tmp_path_factory.mktemp("some"))
        with clock.frozen("2026-11-21T10:00+08:00"):
            demonstration.prepare(say=str)
        yield


def counted() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Fact, Sheet, Case, Decision, User, Explanation))


def statuses(code: str) -> list[str]:
    return [sheet.status for sheet in Sheet.objects.filter(organisation__code=code).order_by("period")]


def test_every_account_of_the_demonstration_finds_something_to_do(prepared):
    """Prepared, and again on the same day: real plants, made figures, sheets at every stage; cube = database."""
    with clock.frozen("2026-11-21T10:00+08:00"):
        people = {account.username: User.objects.get(username=account.username) for account in demonstration.ACCOUNTS}
        waiting = {name: len(list(waiting_for(user))) for name, user in people.items()}
        parts = [scene.stages[0] for _region, _model, scene in scenes.PLAN]
        assert waiting["review"] == 1
        assert waiting["region"] == parts.count(scenes.Stage.AT_THE_REGION)
        assert waiting["group"] == parts.count(scenes.Stage.AT_THE_GROUP)
        assert statuses(scenes.OWN)[-3:] == ["submitted", "returned", "open"]
        said = Explanation.objects.filter(sheet__period=YESTERDAY).values_list("words", flat=True)
        assert {scene.change.words for _region, _model, scene in scenes.PLAN if scene.change} <= set(said)
        late = {one.organisation.code: one for one in standings(SYSTEM, "day", Period.day(YESTERDAY)) if one.is_late}
        assert len(late) == parts.count(scenes.Stage.MISSING) + parts.count(scenes.Stage.BEGUN) + 1
        missing = [one for one in late.values() if one.status == "missing"]
        assert missing and all(one.holder and one.holder.phone for one in missing)  # there is somebody to call
        assert demonstration.known_passwords() == sorted(people)
        assert [str(finding) for finding in check()] == []
        assert consistency.findings() == []
        before = counted()
        demonstration.prepare(say=str)
        assert counted() == before


def test_a_figure_of_yesterday_was_filed_and_approved_by_somebody(prepared):
    with clock.frozen("2026-11-21T10:00+08:00"):
        sheet = Sheet.objects.filter(period=YESTERDAY, status="approved").earliest("pk")
        case = Case.objects.get(kind="filing.sheet", subject_id=sheet.pk)
        said = list(Decision.objects.filter(case=case).order_by("number").values_list("action", "decided_by"))
        assert [action for action, _by in said] == ["submit", "approve", "approve", "approve"]
        assert len({by for _action, by in said}) == 4
        (row,) = ask(Question(["generation"], ["DEMO"], [str(YESTERDAY)], at_least="group"), SYSTEM).rows
        assert row.value and row.reported < row.expected


def test_what_an_earlier_version_has_prepared_is_not_continued(prepared, monkeypatch):
    with clock.frozen("2026-11-21T10:00+08:00"):
        monkeypatch.setattr(demonstration, "SOURCE", "another version")
        before = counted()
        with pytest.raises(RuntimeError, match="earlier version"):
            demonstration.prepare(say=str)
        assert counted() == before


def test_plants_are_read_from_the_database_as_from_the_file(prepared):
    """Models make the same figures of both."""
    with clock.frozen("2026-11-21T10:00+08:00"):
        made = {plant.code: plant for plant in demonstration._plants(YESTERDAY)}
        assert made == {plant.code: plant for plant in read_plants(Path(demonstration.ORGANISATIONS))}


def test_the_next_day_goes_on_where_the_last_one_ended(prepared):
    with clock.frozen("2026-11-21T10:00+08:00"):
        facts, _sheets, cases, *_rest = counted()
        begun = Sheet.objects.get(organisation__code=scenes.OWN, period=YESTERDAY).pk
    with clock.frozen("2026-11-23T10:00+08:00"):
        demonstration.prepare(say=str)
        periods = [
            str(day) for day in Fact.objects.filter(period__gt=YESTERDAY).values_list("period", flat=True).distinct()
        ]
        assert sorted(periods) == ["2026-11-21", "2026-11-22"]
        assert Sheet.objects.get(pk=begun).status == "open"  # what somebody has begun stays theirs
        assert statuses(scenes.OWN)[-1] == "open"
        assert Case.objects.count() > cases
        assert Fact.objects.count() > facts
        assert [str(finding) for finding in check()] == []
        before = counted()
        demonstration.prepare(say=str)
        assert counted() == before


def test_something_is_late_before_nine_too(small):
    """What is due at nine is not late at five; two plants have not filed the day before."""
    with clock.frozen("2026-11-21T05:00+08:00"):
        demonstration.prepare(say=str)
        assert not any(one.is_late for one in standings(SYSTEM, "day", Period.day(YESTERDAY)))
        late = [one for one in standings(SYSTEM, "day", Period.day(date(2026, 11, 19))) if one.status == "missing"]
        assert len(late) == 2
        assert not Sheet.objects.filter(submitted_at__gt=clock.now()).exists()


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(2, id="while figures are made", marks=pytest.mark.prove),
        pytest.param(3, id="while sheets are filed"),
    ],
)
def test_a_preparation_that_was_killed_begins_again(small, step):
    """kill -9 in the middle of the first load: nothing of it is left, and the next start makes everything."""
    connections.close_all()
    child = os.fork()
    if not child:
        words: list[str] = []

        def say(text: str) -> None:
            words.append(text)
            if len(words) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        with clock.frozen("2026-11-21T10:00+08:00"):
            demonstration.prepare(say=say)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with clock.frozen("2026-11-21T10:00+08:00"):
        assert (Organisation.objects.count(), User.objects.count(), Batch.objects.count()) == (0, 0, 0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'filing_fact'")
            assert cursor.fetchone() == (3,)
        demonstration.prepare(say=str)
        assert Sheet.objects.filter(period=YESTERDAY, status="approved").exists()
