"""Recording events, voiding them, and what sheets are proposed from them."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from gangmu.business.power import services
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.proposing import from_event_log
from gangmu.business.power.services import EventRefused, record_event, void_event
from gangmu.business.power.unit_days import What
from gangmu.figures.filing.layouts import layout
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.services.opening import open_sheet
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world

NOW = "2026-11-21T07:30+08:00"
pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.BUSINESS_ZONE)


@pytest.fixture
def world(tmp_path):
    with clock.frozen(NOW):
        yield make_world(tmp_path)


@pytest.fixture
def unit(world):
    return Organisation.objects.get(code="P1U1")


@pytest.fixture
def record(world, unit):
    def record(what: str, when: str, **given) -> UnitEvent:
        with acting_as(world.clerk) as scope:
            return record_event(unit, What(what), at(when), by=world.clerk, scope=scope, **given)

    return record


def test_an_event_is_recorded_once(record):
    first = record("stop", "2026-11-20 23:10", cause="boiler", words=" tube leak ")
    again = record("stop", "2026-11-20 23:10", cause="boiler")
    assert (again.pk, first.words, first.recorded_by_name) == (first.pk, "tube leak", "clerk")
    assert UnitEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "when", "given", "field", "words"),
    [
        ("stop", "2026-11-21 08:00", {"cause": "boiler"}, "happened_at", "future"),
        ("stop", "2019-12-31 23:59", {"cause": "boiler"}, "unit", "did not stand in the tree on 2019-12-31"),
        ("stop", "2026-11-20 08:00", {}, "cause", "Choose a cause"),
        ("stop", "2026-11-20 08:00", {"cause": "heat_supply"}, "cause", "Choose a cause"),
        ("derate", "2026-11-20 08:00", {"cause": "overhaul_a", "available_mw": Decimal(1)}, "cause", "Choose a cause"),
        ("derate", "2026-11-20 08:00", {"cause": "boiler"}, "available_mw", "0 or more"),
        ("derate", "2026-11-20 08:00", {"cause": "boiler", "available_mw": Decimal(600)}, "available_mw", "600"),
        ("start", "2026-11-20 08:00", {"cause": "boiler"}, "cause", "leave it empty"),
        ("start", "2026-11-20 08:00", {"available_mw": Decimal(5)}, "available_mw", "Only a derating"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(record, what, when, given, field, words):
    with pytest.raises(EventRefused, match=words) as refused:
        record(what, when, **given)
    assert refused.value.field == field
    assert not UnitEvent.objects.exists()


def test_events_follow_each_other(record):
    record("start", "2026-11-18 06:00")
    record("stop", "2026-11-20 06:00", cause="turbine")
    with pytest.raises(EventRefused, match=r"does not follow start 2026-11-18 06:00"):
        record("start", "2026-11-19 06:00")
    with pytest.raises(EventRefused, match=r"stop 2026-11-20 06:00, the event after it, would not follow"):
        record("stop", "2026-11-19 06:00", cause="turbine")
    with pytest.raises(EventRefused, match="recorded already"):
        record("derate", "2026-11-20 06:00", cause="turbine", available_mw=Decimal(300))
    record("derate", "2026-11-19 06:00", cause="turbine", available_mw=Decimal(300))
    record("restore", "2026-11-19 12:00")


def test_a_voided_event_stays_with_its_reason_and_makes_room(record, world):
    wrong = record("stop", "2026-11-20 06:00", cause="turbine")
    with acting_as(world.clerk) as scope:
        with pytest.raises(EventRefused, match="Say why"):
            void_event(wrong, reason="  ", by=world.clerk, scope=scope)
        void_event(wrong, reason="it was unit 2", by=world.clerk, scope=scope)
        void_event(wrong, reason="another reason", by=world.clerk, scope=scope)
    wrong.refresh_from_db()
    assert (wrong.void_reason, wrong.voided_by_name, wrong.voided_at) == ("it was unit 2", "clerk", clock.now())
    assert record("stop", "2026-11-20 06:00", cause="boiler").pk != wrong.pk


def test_only_who_files_for_the_unit_records_and_voids(record, world, unit):
    reviewer = make_user("reviewer-p1", "P1", "reviewer")
    event = record("start", "2026-11-20 06:00")
    for stranger in (reviewer, world.other, world.former, world.present, world.nobody):
        with acting_as(stranger) as scope:
            with pytest.raises(PermissionDenied):
                record_event(unit, What.STOP, at("2026-11-20 07:00"), by=stranger, scope=scope, cause="boiler")
            with pytest.raises(PermissionDenied):
                void_event(event, reason="why not", by=stranger, scope=scope)
            assert UnitEvent.objects.exists() is (stranger in (reviewer, world.present))


def test_the_database_lets_nobody_change_or_remove_an_event(record, world):
    event = record("start", "2026-11-20 06:00")
    for statement in (
        "UPDATE power_unitevent SET happened_at = now() WHERE id = %s",
        "UPDATE power_unitevent SET kind = 'stop' WHERE id = %s",
        "DELETE FROM power_unitevent WHERE id = %s",
    ):
        refused = pytest.raises(ProgrammingError, match="permission denied")
        with acting_as(world.clerk), connection.cursor() as cursor, refused, transaction.atomic():
            cursor.execute(statement, [event.pk])
    usual = {"organisation": event.organisation, "recorded_at": clock.now()}
    for wrong in (
        {"kind": "stop", "happened_at": at("2026-11-20 07:00")},
        {"kind": "derate", "happened_at": at("2026-11-20 07:00"), "cause": "boiler"},
        {"kind": "start", "happened_at": at("2026-11-20 06:00")},
        {"kind": "start", "happened_at": at("2026-11-20 07:00"), "voided_at": clock.now()},
        {"kind": "start", "happened_at": at("2026-11-20 07:00"), "available_mw": 5},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            UnitEvent.objects.create(**usual, **wrong)


def test_a_sheet_is_proposed_run_hours_and_states(record, world, unit):
    record("stop", "2026-11-19 20:00", cause="overhaul_c")
    record("start", "2026-11-20 06:20")
    record("derate", "2026-11-20 12:00", cause="fuel_quality", available_mw=Decimal(450))
    record("restore", "2026-11-20 18:00")
    record("stop", "2026-11-20 23:00", cause="boiler")
    other = Organisation.objects.get(code="P1U2")
    with acting_as(world.clerk) as scope:
        sheet = open_sheet("coal_daily", Organisation.objects.get(code="P1"), "2026-11-20", by=world.clerk, scope=scope)
        found = from_event_log(sheet, layout(sheet))
    proposed = {code: found[unit.pk, code] for _pk, code in found}
    assert {code: str(one.value) for code, one in proposed.items()} == {
        "unit_state": "5",
        "run_hours": "16.67",  # 06:20 to 23:00
        "available_hours": "16.67",
        "derated_hours": "1.50",  # 6 h × 150 of 600 MW
    }
    assert (proposed["unit_state"].text, proposed["unit_state"].mark) == ("Forced outage", Mark.DERIVED)
    assert proposed["run_hours"].differs(Decimal("24")) == Decimal("7.33")
    assert not any(key[0] == other.pk for key in found)


# Pages ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(world):
    def page(user, method="get", path="", language="en", **given):
        client = Client(headers={"accept-language": language})
        client.force_login(user)
        return getattr(client, method)(f"/power/events/{path}", given)

    return page


def test_the_clerk_records_and_voids_on_the_pages(page, world, unit):
    form = {"unit": "P1U1", "kind": "stop", "happened_at": "2026-11-20T23:10", "cause": "boiler", "_key": "a" * 16}
    shown = page(world.clerk, path="add/").content.decode()
    assert "P1U2" in shown and "P2U1" not in shown and 'type="datetime-local"' in shown
    refused = page(world.clerk, "post", "add/", **{**form, "cause": ""})
    assert refused.status_code == 422 and "Choose a cause" in refused.content.decode()
    strange = page(world.clerk, "post", "add/", **{**form, "unit": "P2U1"})
    assert strange.status_code == 422
    assert page(world.clerk, "post", "add/", **form).headers["Location"] == "/power/events/?of=P1U1"
    assert page(world.clerk, "post", "add/", **form).status_code == 302  # sent twice by a slow line
    event = UnitEvent.objects.get()
    assert event.happened_at == at("2026-11-20 23:10")
    english = page(world.clerk).content.decode()
    chinese = page(world.clerk, language="zh-hans").content.decode()
    assert "Boiler" in english and "Alpha 1" in english and f"/power/events/{event.pk}/void/" in english
    assert "锅炉设备" in chinese and "停机" in chinese and "机组启停记录" in chinese
    done = page(world.clerk, "post", f"{event.pk}/void/", reason="wrong unit", _key="b" * 16)
    assert done.status_code == 302
    assert "wrong unit" in page(world.clerk).content.decode()
    assert page(world.clerk, "get", f"{event.pk}/void/").status_code == 403


def test_the_list_narrows_by_place_day_and_standing(page, record, world):
    record("start", "2026-11-18 06:00")
    wrong = record("stop", "2026-11-20 06:00", cause="turbine")
    with acting_as(world.clerk) as scope:
        services.void_event(wrong, reason="not so", by=world.clerk, scope=scope)

    def count(**query) -> int:
        body = page(world.group, **query).content.decode()
        return body.count("2026-11-18 06:00") + body.count("2026-11-20 06:00")

    assert count() == 2
    assert (count(of="P1"), count(of="Alpha"), count(of="P2"), count(of="P1U2")) == (2, 2, 0, 0)
    assert (count(kind="stop"), count(cause="turbine"), count(voided="no"), count(voided="yes")) == (1, 1, 1, 1)
    assert (count(since="2026-11-19"), count(until="2026-11-19"), count(until="2026-11-17")) == (1, 1, 0)


def test_others_do_not_see_the_pages_rows(page, record, world):
    event = record("start", "2026-11-18 06:00")
    assert "2026-11-18 06:00" not in page(world.other).content.decode()
    assert page(world.other, path=f"{event.pk}/void/").status_code == 404
    assert page(world.group, path=f"{event.pk}/void/").status_code == 403  # the group files nothing
    assert page(world.group, path="add/").status_code == 403


def test_a_future_that_is_minutes_away_is_a_wrong_clock(record):
    soon = clock.now().astimezone(clock.BUSINESS_ZONE) + timedelta(minutes=3)
    assert record("start", soon.strftime("%Y-%m-%d %H:%M")).pk
