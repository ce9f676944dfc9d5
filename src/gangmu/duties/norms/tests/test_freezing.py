"""Editions are loaded once, baselines frozen for good: by the services, and by the database, whoever writes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from gangmu.duties.norms import queries
from gangmu.duties.norms.errors import (
    ChoiceMissing,
    ChoiceRefused,
    ClausesGone,
    EditionInUse,
    NotPossible,
    UnknownCell,
    UnknownClause,
    UnknownStandard,
)
from gangmu.duties.norms.models import Baseline, BaselineEntry, Clause, Edition, Parameter, Reference, Statement
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.services import freeze_baseline, load_edition
from gangmu.duties.norms.tests.made_up import HEAD, TOPICS, written
from gangmu.duties.norms.text import read_standard
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Event
from gangmu.shell.testing.worlds import World, make_world, settle

pytestmark = pytest.mark.usefixtures("english")

LATER_HEAD = HEAD.replace('"2020"', '"2025"')
# two feeds fall away, room grade moves to another letter, answers come sooner
LATER = TOPICS.replace("topic: two-feeds", "topic: four-feeds").replace("5.1.1-a:", "5.1.1-c:").replace(
    "minutes: 15", "minutes: 12"
)  # fmt: skip


@pytest.fixture
def edition(db: None, tmp_path: Path) -> Edition:
    return load_edition(read_standard(written(tmp_path / "x")))


@pytest.fixture
def place(db: None) -> Organisation:
    return Organisation.objects.create(code="T1", name_zh="甲机构", name_en="Institution", kind="group")


def later(folder: Path) -> Edition:
    return load_edition(read_standard(written(folder / "later", LATER_HEAD, LATER)))


def frozen(edition: Edition, place: Organisation, **more: object) -> Baseline:
    made = freeze_baseline(None, place, "core trading", edition, "L2S4", {"facilities": "S1"}, **more)  # type: ignore[arg-type]
    settle()
    return made


@contextmanager
def refused(rule: str) -> Iterator[None]:
    """What is written inside is refused by the database's own rule."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        yield
    told = error.value.__cause__
    assert told is not None
    assert told.diag.constraint_name == rule  # pyright: ignore[reportAttributeAccessIssue]


# Editions -------------------------------------------------------------------------------------------------------------


def test_an_edition_is_loaded_whole_and_once(edition: Edition, tmp_path: Path) -> None:
    standard = queries.standard_of(edition)
    assert list(edition.clauses.values_list("key", flat=True)) == list(standard.entries)
    assert Statement.objects.filter(clause__edition=edition, clause__key="5.1.2-a").get().text_en.startswith("Answers")
    minutes = Parameter.objects.get(clause__edition=edition, clause__key="5.1.2-a", name="minutes")
    assert (minutes.value, minutes.kind) == (15, "minutes")
    sections = Reference.objects.filter(clause__edition=edition, clause__key="5.3.1").values_list("section", flat=True)
    assert list(sections) == ["5.1.1", "5.2.1"]
    before = Event.objects.count()
    assert load_edition(read_standard(written(tmp_path / "again"))).pk == edition.pk
    assert Event.objects.count() == before


def test_an_edition_that_nobody_uses_is_loaded_anew(edition: Edition, tmp_path: Path) -> None:
    changed = load_edition(
        read_standard(written(tmp_path / "new", topics=TOPICS.replace("minutes: 15", "minutes: 14")))
    )
    assert Edition.objects.filter(standard=edition.standard).get().pk == changed.pk
    assert Parameter.objects.get(clause__key="5.1.2-a", name="minutes").value == 14


def test_an_edition_that_a_baseline_stands_on_is_not_changed(edition: Edition, place: Organisation, tmp_path: Path):
    frozen(edition, place)
    other = read_standard(written(tmp_path / "new", topics=TOPICS.replace("minutes: 15", "minutes: 14")))
    with pytest.raises(EditionInUse, match=r"1 baselines stand on that.*“2020\.1”"):
        load_edition(other)
    assert Parameter.objects.get(clause__key="5.1.2-a", name="minutes").value == 15


def test_the_newest_edition_is_current_and_the_old_one_stays(edition: Edition, tmp_path: Path) -> None:
    new = later(tmp_path)
    assert queries.current_edition("X-1").pk == new.pk
    assert queries.edition_named("x-1", "2020").pk == edition.pk
    with pytest.raises(UnknownStandard, match=r"no edition “1999”\. There are: 2020, 2025"):
        queries.edition_named("X-1", "1999")
    with pytest.raises(UnknownStandard, match="There is no standard “X-2”"):
        queries.current_edition("X-2")


def test_a_clause_that_a_new_edition_moved_or_dropped_is_refused_with_where_it_is(edition: Edition, tmp_path: Path):
    new = later(tmp_path)
    with pytest.raises(UnknownClause, match=r"Clause 5\.1\.1-a of edition 2020.*at 5\.1\.1-c"):
        queries.clause(new, "5.1.1-a")
    Clause.objects.filter(edition=edition, key="5.1.1-b").update(key="5.1.1-q")
    with pytest.raises(UnknownClause, match=r"stands in edition 2020 only; edition 2025 has dropped it"):
        queries.clause(new, "5.1.1-q")
    with pytest.raises(UnknownClause, match="There are"):
        queries.clause(new, "9.9-z")


def test_clauses_are_found_by_words_of_both_languages_by_number_and_by_pinyin(edition: Edition) -> None:
    assert queries.clauses(edition, "cooling redundant") == ["6.1.1-c"]
    assert queries.clauses(edition, "空调") == ["6.1.1-c"]
    assert queries.clauses(edition, "kongtiao") == ["6.1.1-c"]
    assert queries.clauses(edition, "KT") == ["6.1.1-c"]
    assert queries.clauses(edition, "6.1.2") == ["6.1.2-a"]
    assert queries.clauses(edition, "99.99") == ["6.1.2-a"]
    assert queries.clauses(edition, "nothing like this") == []


# Baselines ------------------------------------------------------------------------------------------------------------


def test_a_baseline_is_what_the_cell_resolves_to(edition: Edition, place: Organisation) -> None:
    made = frozen(edition, place)
    resolved = resolve(queries.standard_of(edition), "L2S4", {"facilities": "S1"})
    assert [(one.key, one.origin) for one in queries.held(made)] == [
        (one.entry.key, one.origin) for one in resolved.held
    ]
    assert [one.content for one in queries.held(made)] == resolved.as_json()["entries"]
    assert made.size == len(resolved.held)
    assert queries.frozen(made).held[0].entry == resolved.held[0].entry
    event = Event.objects.get(kind="norms.baseline-frozen")
    assert event.data["sha256"] == made.digest


def test_the_same_frozen_again_is_the_baseline_that_stands(edition: Edition, place: Organisation) -> None:
    made = frozen(edition, place)
    assert frozen(edition, place).pk == made.pk
    other = freeze_baseline(None, place, "core  trading ", edition, "L2S4", {"facilities": "S2"})
    assert other.previous_id == made.pk
    assert queries.latest(place.pk, "core trading", edition.standard_id) == other


@pytest.mark.parametrize(
    ("cell", "choices", "error", "says"),
    [
        ("L2S4", {}, ChoiceMissing, "leaves open: facilities. Choose for each of them one of S1, S2"),
        ("L2S4", {"facilities": "S9"}, ChoiceRefused, "“S9” is not offered for “facilities”. Offered: S1, S2"),
        ("L2S4", {"facilities": "S1", "roof": "S1"}, ChoiceRefused, "Choices are of: facilities"),
        ("L2S1", {"facilities": "S1"}, ChoiceRefused, "leaves “facilities” not open"),
        ("L9S9", {}, UnknownCell, "no cell “L9S9”"),
        ("", {}, UnknownCell, "one of L2S1, L2S2, L2S3, L2S4, L3S1"),
    ],
)
def test_what_cannot_be_frozen_is_refused_and_nothing_is_left(
    edition: Edition, place: Organisation, cell: str, choices: dict[str, str], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        freeze_baseline(None, place, "core trading", edition, cell, choices)
    assert not Baseline.objects.exists()


def test_a_baseline_needs_a_subject(edition: Edition, place: Organisation) -> None:
    with pytest.raises(NotPossible, match="for which system"):
        freeze_baseline(None, place, "  ", edition, "L2S1", {})


def test_a_new_edition_leaves_an_old_baseline_as_it_is(edition: Edition, place: Organisation, tmp_path: Path) -> None:
    made = frozen(edition, place)
    before = [one.content for one in queries.held(made)]
    assert queries.against_current(made) is None
    later(tmp_path)
    again = Baseline.objects.get(pk=made.pk)
    assert (again.edition_id, again.digest) == (edition.pk, made.digest)
    assert [one.content for one in queries.held(again)] == before
    newer = queries.against_current(again)
    assert newer
    assert {(one.kind, one.topic) for one in newer.differences} == {
        ("figure", "response"), ("gone", "two-feeds"), ("new", "four-feeds"),
    }  # fmt: skip


def test_clauses_that_a_new_edition_drops_are_agreed_to(edition: Edition, place: Organisation, tmp_path: Path) -> None:
    made = frozen(edition, place)
    new = later(tmp_path)
    with pytest.raises(ClausesGone, match=r"2025 no longer has 5\.1\.1-b.*edition 2020") as caught:
        frozen(new, place)
    assert caught.value.keys == ("5.1.1-b",)
    with pytest.raises(NotPossible, match=r"5\.1\.2-a does not fall away.*Falling away: 5\.1\.1-b"):
        frozen(new, place, dropping=["5.1.1-b", "5.1.2-a"])
    followed = frozen(new, place, dropping=["5.1.1-b"])
    assert followed.previous_id == made.pk
    assert Baseline.objects.count() == 2


# What the database refuses --------------------------------------------------------------------------------------------


def test_not_even_the_owner_changes_a_baseline(edition: Edition, place: Organisation) -> None:
    made = frozen(edition, place)
    entry = made.entries.first()
    assert entry
    with refused("a_baseline_is_frozen"):
        Baseline.objects.filter(pk=made.pk).update(cell="L2S1")
    with refused("a_baseline_is_frozen"):
        BaselineEntry.objects.filter(pk=entry.pk).update(content={})
    with refused("a_baseline_is_frozen"):
        BaselineEntry.objects.filter(baseline=made).delete()
    with refused("a_baseline_is_frozen"):
        Baseline.objects.filter(pk=made.pk)._raw_delete("default")
    spare = Clause.objects.exclude(key__in=made.entries.values("key")).filter(edition=edition).first()
    assert spare
    told = {"key": spare.key, "topic": spare.topic, "origin": "own", "content": {}}
    with refused("a_baseline_is_frozen"):
        BaselineEntry.objects.create(baseline=made, clause=spare, position=made.size, **told)


def test_not_even_the_owner_changes_an_edition_in_use(edition: Edition, place: Organisation) -> None:
    free = Clause.objects.filter(edition=edition)
    free.filter(key="4.1-a").update(name_en="General")  # nobody stands on it yet
    frozen(edition, place)
    for change in (
        lambda: free.update(name_en="other"),
        lambda: Statement.objects.filter(clause__edition=edition).update(text_zh="不"),
        lambda: Parameter.objects.filter(clause__edition=edition).update(value=1),
        lambda: Reference.objects.filter(clause__edition=edition).update(section="1"),
        lambda: Edition.objects.filter(pk=edition.pk).update(content={}),
        lambda: Edition.objects.filter(pk=edition.pk)._raw_delete("default"),
        lambda: Clause.objects.create(edition=edition, position=999, key="z", section="5", topic="z", search=""),
    ):
        with refused("an_edition_in_use_stands"):
            change()
    Edition.objects.filter(pk=edition.pk).update(is_current=False)


def test_the_database_takes_no_open_choice_no_half_a_baseline_and_no_clause_of_another_edition(
    edition: Edition, place: Organisation, tmp_path: Path
) -> None:
    told = {"organisation": place, "subject": "s", "edition": edition, "digest": "", "frozen_at": "2026-01-01T00:00Z"}
    row = {"position": 0, "topic": "t", "origin": "own", "content": {}}
    clause = Clause.objects.get(edition=edition, key="4.1-a")
    with refused("a_baseline_is_whole"):
        Baseline.objects.create(size=1, **told)
        settle()
    with refused("a_baseline_leaves_nothing_open"):
        made = Baseline.objects.create(size=1, **told)
        BaselineEntry.objects.create(baseline=made, clause=clause, key="4.1-a", **(row | {"origin": "open"}))
    new = later(tmp_path)
    with refused("a_baseline_is_of_one_edition"):
        made = Baseline.objects.create(size=1, **told)
        other = Clause.objects.get(edition=new, key="4.1-a")
        BaselineEntry.objects.create(baseline=made, clause=other, key="4.1-a", **row)


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    made = make_world(tmp_path)
    role = Role.objects.create(
        code="norms", name_zh="标准", name_en="Norms", site="business", permissions=["norms:view,export,freeze"]
    )
    at = Organisation.objects.get(code="P1")
    Assignment.objects.create(user=made.clerk, role=role, organisation=at, valid_from="2020-01-01")
    return made


def test_the_web_role_freezes_in_scope_alone_and_changes_nothing(edition: Edition, world: World) -> None:
    own, other = Organisation.objects.get(code="P1"), Organisation.objects.get(code="P2")
    with acting_as(world.clerk) as scope:
        made = freeze_baseline(world.clerk, own, "system", edition, "L2S1", {}, scope=scope)
        assert made.frozen_by_name == world.clerk.name
        settle()
        for sql in (
            "UPDATE norms_baseline SET cell = 'L2S2'",
            "DELETE FROM norms_baselineentry",
            "UPDATE norms_baselineentry SET content = '{}'",
            "UPDATE norms_edition SET content = '{}'",
            "UPDATE norms_statement SET text_zh = 'x'",
            "INSERT INTO norms_reference (clause_id, position, subject, section) VALUES (1, 9, '', '')",
        ):
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)
        with pytest.raises(NotPossible, match="Your roles do not let you"):
            freeze_baseline(world.clerk, other, "system", edition, "L2S1", {}, scope=scope)
        told = {"subject": "s", "edition": edition, "digest": "", "size": 1, "frozen_at": "2026-01-01T00:00Z"}
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Baseline.objects.create(organisation=other, **told)


def test_baselines_are_seen_in_scope_alone(edition: Edition, world: World) -> None:
    other = Organisation.objects.get(code="P2")
    made = freeze_baseline(None, other, "system", edition, "L2S1", {})
    settle()
    with acting_as(world.clerk):
        assert not queries.baselines().exists()
        assert not BaselineEntry.objects.exists()
        assert json.loads(json.dumps(queries.standard_of(edition).code)) == "X-1"
    assert queries.baselines().get().pk == made.pk
