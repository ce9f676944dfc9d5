"""A published ranking: shown to those to whom it is granted, in the columns that are published, and to nobody else."""

import re
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.utils import translation

from gangmu.figures.publications import queries, services
from gangmu.figures.publications.errors import NotAllowed, NotPublished, NotReady
from gangmu.figures.publications.models import Grant, Publication
from gangmu.figures.tiles.tests.conftest import STANDS_AT, world  # noqa: F401
from gangmu.figures.tiles.tests.test_home_pages import opened, tile
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user

DAY = Period.parse("2026-11-19")


@pytest.fixture
def frozen(world):  # noqa: F811
    with clock.frozen(STANDS_AT):
        yield world


def draft(**changes: Any) -> Publication:
    given: dict[str, Any] = {
        "name_zh": "发电量排名",
        "name_en": "Plants by generation",
        "organisation": Organisation.objects.get(code="G"),
        "indicators": ["generation", "utilisation_hours"],
        "columns": ["company"],
        "grains": ["day", "month"],
        "figures_from": date(2026, 1, 1),
        "valid": Days.until(date(2026, 11, 1), None).valid,
    }
    return Publication(**(given | changes))


def published(to: str = "G", roles: tuple[str, ...] = (), **changes: Any) -> Publication:
    place = Organisation.objects.get(code=to)
    return services.publish(draft(**changes), [place], list(Role.objects.filter(code__in=roles)), by=None, scope=SYSTEM)


def told_to(user: Any, period: Period = DAY) -> list[tuple]:
    with acting_as(user) as scope:
        return [
            (line.place, line.name, line.figures, line.company, line.is_own)
            for one in queries.granted()
            for line in queries.ranking(one, period, scope).lines
        ]


@pytest.mark.req("M-7.2.1")
def test_a_plant_s_people_see_the_whole_group_s_ranking_and_their_own_place_in_it(frozen):
    published()
    with translation.override("en"):
        lines = told_to(frozen.other)  # of plant P2 in region R1; P3 has reported nothing that day
    assert lines == [
        (1, "Plant Alpha", ("10200.5", "11.3"), "West Company", False),
        (2, "Plant Beta", ("200.0", "4.0"), "East Company", True),
    ]


def test_who_is_granted_nothing_sees_nothing_whatever_they_ask(frozen):
    made = published(to="P1")
    assert told_to(frozen.other) == []  # P2 is not P1
    client = Client()
    client.force_login(frozen.other)
    assert client.get(f"/publications/{made.pk}/").status_code == 404
    assert client.get("/publications/9999/").status_code == 404
    assert "Plants by generation" not in client.get("/publications/made/").content.decode()
    with acting_as(frozen.other):
        assert not Publication.objects.exists() and not Grant.objects.exists()
    assert told_to(frozen.clerk) != []  # P1's own people


def test_only_roles_that_are_named_and_only_on_days_on_which_it_holds(frozen):
    made = published(roles=("reviewer",))
    assert told_to(frozen.other) == []
    reviewer = make_user("reviewing", "P2", "reviewer")
    assert len(told_to(reviewer)) == 2
    with clock.frozen("2026-10-31T12:00+08:00"):
        assert told_to(reviewer, Period.parse("2026-10-30")) == []
    services.end(made, date(2026, 11, 19), by=frozen.group, scope=SYSTEM)
    assert told_to(reviewer) == []  # today is the 20th


def test_a_role_that_has_ended_a_disabled_account_and_own_records_alone_open_nothing(frozen):
    published()
    assert told_to(frozen.other)
    Assignment.objects.filter(user=frozen.other).update(reach=Assignment.Reach.OWN_RECORDS)
    assert told_to(frozen.other) == []
    Assignment.objects.filter(user=frozen.other).update(reach=Assignment.Reach.BRANCH, valid_to="2026-11-01")
    assert told_to(frozen.other) == []


def test_the_scope_of_who_reads_it_stays_what_it_was(frozen):
    """The figures come from the publisher's scope; the reader's own is not widened by it."""
    from gangmu.figures.cube.gateway import NotVisible, Question, ask

    published()
    with acting_as(frozen.other) as scope:
        (one,) = queries.granted()
        before = scope.ids("figures")
        assert len(queries.ranking(one, DAY, scope).lines) == 2
        assert scope.ids("figures") == before
        with pytest.raises(NotVisible):
            ask(Question(("generation",), ("P1",), (DAY.code,)), scope)
        assert not Organisation.objects.filter(code="P1").exists()


def test_columns_that_are_not_published_are_not_told(frozen):
    made = published(columns=[], indicators=["generation"])
    page = opened(frozen.other, f"/publications/{made.pk}/")
    assert "Plant Alpha" in page and "10,200.5" in page
    for secret in ("West Company", "P1U1", "/home/P1/", "11.3", "Alpha 1", "indicator=generation"):
        assert secret not in page, secret
    assert 'href="/home/P2/"' in page  # one's own leads home
    assert re.search(r'<tr class="tile-own"><td class="figure">2</td><th scope="row"><a [^>]*>Plant Beta', page)


def test_periods_that_are_not_published_are_refused(frozen):
    made = published(grains=["month"], figures_from=date(2026, 11, 1))
    with acting_as(frozen.other) as scope:
        (one,) = queries.granted()
        for code in ("2026-11-19", "2026", "2026-10", "2027-01"):
            with pytest.raises(NotPublished):
                queries.ranking(one, Period.parse(code), scope)
        assert queries.ranking(one, Period.parse("2026-11"), scope).lines
    page = opened(frozen.other, f"/publications/{made.pk}/?period=2026-10")
    assert "Plant Alpha" not in page and "2026-11-01" in page
    assert "Plant Alpha" in opened(frozen.other, f"/publications/{made.pk}/")  # the month by itself


@pytest.mark.req("M-7.2.1")
def test_the_tile_stands_on_a_plant_s_home_page_while_it_is_granted(frozen):
    assert not tile(opened(frozen.other, "/home/P2/"), "group-ranking")
    made = published()
    shown = tile(opened(frozen.other, "/home/P2/"), "group-ranking")
    assert "Plant Alpha" in shown and "Plant Beta" in shown and "2 plants" in shown and "tile-own" in shown
    services.end(made, date(2026, 11, 19), by=frozen.group, scope=SYSTEM)
    assert not tile(opened(frozen.other, "/home/P2/"), "group-ranking")


def test_a_leak_planted_is_found(frozen, monkeypatch):
    """Were everybody granted everything, the tests above would say so."""
    published(to="P1")
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT pg_get_functiondef('publications_granted(date)'::regprocedure)")
        (text,) = cursor.fetchone()
        leaking = text.replace("WHERE p.valid @> on_day AND EXISTS", "WHERE p.valid @> on_day OR EXISTS")
        assert leaking != text
        cursor.execute(leaking)
        try:
            assert told_to(frozen.other) != []
        finally:
            cursor.execute(text)


def test_nobody_else_is_asked_about_and_a_stranger_gets_an_error(frozen):
    published()
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gangmu_web")
        cursor.execute("SELECT set_config('gangmu.user_id', '', true)")
        cursor.execute("SELECT * FROM publications_granted(%s)", [date(2026, 11, 20)])
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_only_who_may_issue_figures_publishes_them_and_it_is_recorded(frozen):
    place = Organisation.objects.get(code="G")
    region, own = make_user("regional", "R2", "manager"), Organisation.objects.get(code="R2")
    for user in (frozen.other, frozen.clerk, frozen.present, region):
        whole = draft()
        with acting_as(user) as scope, pytest.raises(NotAllowed):
            services.publish(whole, [place], by=user, scope=scope)
    part = draft(organisation=own)
    with acting_as(region) as scope:
        services.publish(part, [own], by=region, scope=scope)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_event WHERE kind = 'publications.published'")
        assert cursor.fetchone() == (1,)
    # A region's ranking ranks the region's plants alone.
    assert [line[1] for line in told_to(frozen.present)] in (["Plant Alpha"], ["甲电厂"])


def test_what_makes_no_sense_is_refused_in_words(frozen):
    place = Organisation.objects.get(code="G")
    with pytest.raises(NotReady, match="nonsense"):
        services.publish(draft(indicators=["nonsense"]), [place], by=None, scope=SYSTEM)
    with pytest.raises(NotReady):
        services.publish(draft(), [], by=None, scope=SYSTEM)


def test_publishing_and_ending_by_the_pages(frozen):
    client = Client(headers={"accept-language": "en"})
    client.force_login(frozen.group)
    given = {
        "name_zh": "利用小时排名", "name_en": "Hours", "organisation": "G",
        "indicators": "Utilisation hours, generation",
        "order": "most", "columns": ["change"], "grains": ["day"], "at_least": "1", "figures_from": "2026-01-01",
        "to": "G", "first_day": "2026-11-01", "_key": "key-of-one-form",
    }  # fmt: skip
    wrong = client.post("/publications/add/", given | {"indicators": "nothing", "_key": "key-of-another-form"})
    assert wrong.status_code == 422 and b"nothing" in wrong.content
    assert client.post("/publications/add/", given).status_code == 302
    made = Publication.objects.get()
    assert (made.indicators, made.columns, made.made_by_name) == (
        ["utilisation_hours", "generation"], ["change"], frozen.group.name,
    )  # fmt: skip
    assert "Hours" in client.get("/publications/made/").content.decode()
    assert "Plant Beta" in opened(frozen.other, f"/publications/{made.pk}/")
    stranger = Client()
    stranger.force_login(frozen.other)
    assert stranger.get("/publications/add/").status_code == 403
    assert (
        stranger.post(
            f"/publications/{made.pk}/end/", {"last_day": "2026-11-10", "_key": "key-of-a-stranger"}
        ).status_code
        == 404
    )
    ending = {"last_day": "2026-11-19", "_key": "key-of-the-end"}
    assert client.post(f"/publications/{made.pk}/end/", ending).status_code == 302
    assert stranger.get(f"/publications/{made.pk}/").status_code == 404
