"""The audit administrator's pages: who may open them, what they do, and that nobody decides alone."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client

from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import chain, services
from gangmu.foundation.records.alarms import Seen, raise_alarm
from gangmu.foundation.records.export import check_export
from gangmu.foundation.records.models import Alarm, AlarmRule, Event, Hold, Purge, Receiver, Retention, Sign
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.settings import clock
from gangmu.shell.records.telling import tell
from gangmu.shell.records.verifying import verify_and_note
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import let_in, make_user, make_world

PAGES = ["", "events/", "history/", "alarms/", "alarms/rules/", "seals/", "retention/", "receivers/", "export/"]
FORMS = ["retention/ask/", "purges/ask/", "holds/add/"]


@pytest.fixture
def people(committed, tmp_path):
    """The world with two audit administrators, a security and a system administrator, at the back office."""
    world = make_world(tmp_path)
    staff = {
        name: make_user(name, "G", f"{name.rstrip('2')}_administrator") for name in ("audit", "audit2", "security")
    }
    staff["system"] = make_user("system", "G", "system_administrator")
    staff["clerk"] = let_in(world.clerk)
    services.seal_pending()
    with at_site("office"):
        yield staff


def client(user, language="en") -> Client:
    one = Client(headers={"accept-language": language}, raise_request_exception=False)
    one.force_login(user)
    return one


def send(user, path, **data):
    data["_key"] = f"key-{Event.objects.count()}-{path}"[:60].ljust(8, "x")
    return client(user).post(f"/records/{path}", data)


def text(answer) -> str:
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def test_who_may_open_which_page(people):
    opens = {
        "audit": {*PAGES, *FORMS},
        "security": {"events/", "history/", "alarms/", "alarms/rules/"},
        "system": {"events/", "history/", "retention/", "retention/ask/", "purges/ask/"},
        "clerk": {"events/", "history/"},
    }
    for name, pages in opens.items():
        found = {page for page in PAGES + FORMS if client(people[name]).get(f"/records/{page}").status_code == 200}
        assert found == pages, name


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_overview_counts_by_day_kind_and_outcome(people, language):
    note("accounts.signed-in", by=people["clerk"])
    note_refusal("ui.refused", by=people["clerk"], data={"path": "/x/"})
    now = clock.now()
    raise_alarm(Seen(Sign.CHAIN, "chain", 1, now, now))
    page = text(client(people["audit"], language).get("/records/"))
    assert f"first={clock.today()}&amp;last={clock.today()}&amp;refused=True" in page
    assert "Page refused" in page or language != "en"
    assert "office-figure" in page


def test_events_are_found_by_every_filter(people):
    plant = Organisation.objects.get(code="P1")
    mine = note("tests.first", by=people["clerk"], organisation=plant, data={"word": "needle"})

    def shown(query):
        return f"/records/events/{mine}/" in text(client(people["audit"]).get(f"/records/events/?{query}"))

    today = clock.today()
    for query in (
        "person=clerk",
        "where=P1",
        "where=Alpha",
        "q=needle",
        "group=tests.",
        f"first={today}",
        "refused=False",
    ):
        assert shown(query), query
    for query in (
        "person=nobody",
        "where=P2",
        "q=haystack",
        "group=access.",
        "first=2030-01-01",
        "refused=True",
        "ip=10.0.0.1",
    ):
        assert not shown(query), query
    assert not shown("ip=nonsense")


def test_an_event_shows_what_changed_with_it_and_leads_to_trails(people):
    plant = Organisation.objects.get(code="P2")
    from django.db import transaction

    with transaction.atomic():
        Organisation.objects.filter(pk=plant.pk).update(name_en="Beta Two")
        event = note("tests.changed", by=people["clerk"], subject=plant, organisation=plant)
    auditor = client(people["audit"])
    page = text(auditor.get(f"/records/events/{event}/"))
    assert f"/records/things/parties.organisation/{plant.pk}/" in page
    assert f"/records/people/{people['clerk'].pk}/" in page
    assert f"organisation {plant.pk} · changed" in page
    thing = text(auditor.get(f"/records/things/parties.organisation/{plant.pk}/"))
    assert "tests.changed" in thing and "English name" in thing
    person = text(auditor.get(f"/records/people/{people['clerk'].pk}/"))
    assert "tests.changed" in person
    assert client(people["clerk"]).get(f"/records/people/{people['clerk'].pk}/").status_code == 403


def test_the_record_is_verified_as_long_work(people):
    answer = send(people["audit"], "seals/verify/")
    job = Job.objects.get(kind="records.verify")
    assert answer["Location"].endswith(f"/{job.pk}/")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["ok"]) == ("succeeded", True)
    assert "everything holds" in text(client(people["audit"]).get("/records/seals/"))
    assert send(people["security"], "seals/verify/").status_code == 403


def test_a_chain_that_does_not_hold_is_an_alarm_that_is_told(people):
    path = chain.log_path()
    path.write_text("")
    assert not verify_and_note().ok
    alarm = Alarm.objects.get(sign="chain")
    assert set(Notice.objects.filter(kind="records.alarm").values_list("user__username", flat=True)) == {
        "audit",
        "audit2",
        "security",
    }
    assert "seals.log is missing" in text(client(people["audit"]).get(f"/records/alarms/{alarm.pk}/"))
    verify_and_note()
    assert Alarm.objects.filter(sign="chain").count() == 1


def test_an_alarm_is_acknowledged_with_words(people):
    now = clock.now()
    alarm = raise_alarm(Seen(Sign.SCOPE, f"user:{people['clerk'].pk}", 3, now, now, people["clerk"].pk))
    assert alarm is not None
    tell([alarm])
    assert send(people["audit"], f"alarms/{alarm.pk}/", words="").status_code == 422
    assert send(people["security"], f"alarms/{alarm.pk}/", words="A wrong link; mended.").status_code == 302
    alarm.refresh_from_db()
    assert (alarm.note, alarm.acknowledged_by) == ("A wrong link; mended.", people["security"])
    rule = {"sign": "refused-account", "valid_from": clock.today(), "threshold": 3, "window": 30}
    rule |= {"from_hour": 7, "to_hour": 20}
    assert send(people["audit"], "alarms/rules/", **rule).status_code == 200
    assert send(people["security"], "alarms/rules/", **rule).status_code == 302
    assert AlarmRule.objects.get().threshold == 3


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
@pytest.mark.parametrize("table", ["event", "history"])
def test_the_record_is_handed_over_with_its_seals_and_that_is_noted(people, tmp_path, kind, table):
    services.note("tests.out", by=people["clerk"], data={"text": "=1+1"})
    services.seal_pending()
    answer = send(people["audit"], "export/", table=table, kind=kind, query="", reason="inspection")
    assert answer.status_code == 200, text(answer)
    path = tmp_path / "out"
    path.write_bytes(b"".join(answer.streaming_content))
    done = check_export.check(str(path), str(chain.log_path()))
    assert done.faults == [] and done.records > 3
    event = Event.objects.get(kind="records.exported")
    assert (event.data["reason"], event.data["rows"], event.by) == ("inspection", done.records, people["audit"])
    if kind == "csv":
        with zipfile.ZipFile(path) as archive:
            assert "\n=1" not in archive.read(f"records-{table}.csv").decode()
    assert send(people["security"], "export/", table=table, kind=kind, reason="x").status_code == 403


def test_an_export_holds_what_the_filters_of_the_list_say(people):
    services.note("tests.out", by=people["clerk"])
    services.note("tests.in", by=people["audit"])
    answer = send(people["audit"], "export/", table="event", kind="jsonl", query="person=clerk", reason="x")
    lines = [json.loads(line) for line in io.BytesIO(b"".join(answer.streaming_content))]
    found = {line["values"]["kind"] for line in lines if line["record"] == "event"}
    assert "tests.out" in found and "tests.in" not in found
    assert lines[0]["filters"] == {"person": ["clerk"]}
    assert send(people["audit"], "export/", table="event", kind="jsonl", query="", reason="").status_code == 422


def test_retention_is_shortened_by_two_and_lengthened_by_one(people):
    asked = {"code": "exports", "name_zh": "导出", "name_en": "Exports", "table": "event", "kinds": "ui.exported"}
    assert send(people["system"], "retention/ask/", **asked, days=179, reason="disk").status_code == 422
    assert send(people["system"], "retention/ask/", **asked, days=200, reason="disk").status_code == 302
    page = "retention/1/answer/"
    assert send(people["system"], page, agree="yes").status_code == 403
    assert not Retention.objects.exists()
    assert send(people["audit"], page, agree="yes", words="fine").status_code == 302
    assert Retention.objects.get().keep_days == 200
    assert send(people["audit"], "retention/exports/lengthen/", days=190, reason="x").status_code == 422
    assert send(people["audit"], "retention/exports/lengthen/", days=400, reason="x").status_code == 302
    assert Retention.objects.get().keep_days == 400
    assert send(people["audit"], "retention/ask/", **asked, days=300, reason="again").status_code == 302
    refused = send(people["audit"], "retention/2/answer/", agree="yes")
    assert refused.status_code == 422 and "not alone" in text(refused)
    assert send(people["audit2"], "retention/2/answer/", agree="no", words="no").status_code == 302
    assert Retention.objects.get().keep_days == 400
    young = {"retention": Retention.objects.get().pk, "before": clock.today() - timedelta(days=300)}
    assert send(people["audit"], "purges/ask/", **young).status_code == 422
    old = {"retention": Retention.objects.get().pk, "before": clock.today() - timedelta(days=500)}
    assert send(people["audit"], "purges/ask/", **old).status_code == 302
    assert send(people["audit"], "purges/1/answer/", agree="yes").status_code == 422
    assert send(people["audit2"], "purges/1/answer/", agree="yes").status_code == 302
    assert Purge.objects.get().confirmed_by == people["audit2"]


def test_holds_and_receivers(people):
    assert (
        send(people["audit"], "holds/add/", table="event", kind="", organisation="P1", reason="court").status_code
        == 302
    )
    hold = Hold.objects.get()
    assert (hold.organisation.code, hold.placed_by) == ("P1", people["audit"])
    assert send(people["audit2"], f"holds/{hold.pk}/release/", reason="done").status_code == 302
    assert send(people["audit"], "receivers/", name="siem", url="http://x", ca="").status_code == 422
    assert send(people["audit"], "receivers/", name="siem", url="tls://log.example.com:6514", ca="").status_code == 302
    assert Receiver.objects.get().url == "tls://log.example.com:6514"
    assert send(people["system"], "receivers/siem/end/").status_code == 403
    assert "log.example.com" in text(client(people["audit"]).get("/records/receivers/"))
    assert send(people["audit"], "receivers/siem/end/").status_code == 302
    assert Receiver.objects.get().ended_at is not None
    assert {"records.stream-set", "records.stream-ended"} <= set(Event.objects.values_list("kind", flat=True))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_speaks_both_languages(people, language):
    for page in PAGES + FORMS:
        shown = text(client(people["audit"], language).get(f"/records/{page}"))
        title = shown[shown.index("<title>") : shown.index("</title>")]
        assert bool(set(title) & set("审计事件变更告警封印保存期限接收端导出申请设置规则")) is (language != "en"), (
            page,
            title,
        )
