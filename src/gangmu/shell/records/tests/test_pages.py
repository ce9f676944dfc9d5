"""Events and changes as those see them who may read the records of an organisation, and everybody else."""

import pytest
from django.test import Client

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.backend import speak_for
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import History
from gangmu.foundation.records.queries import events, history_of
from gangmu.foundation.records.services import note, note_refusal
from gangmu.shell.testing.worlds import let_in, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


@pytest.fixture
def world(tmp_path):
    """The shared world; the person at the group may read all records."""
    world = make_world(tmp_path)
    Assignment.objects.create(
        user=world.group,
        role=Role.objects.get(code="audit_administrator"),
        organisation=Organisation.objects.get(code="G"),
        valid_from="2020-01-01",
    )
    for user in (world.clerk, world.other, world.present):
        let_in(user)
    return world


def page(user, address: str, status: int = 200, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == status
    return b"".join(response).decode()


def test_events_are_seen_by_the_auditor_and_by_whoever_made_them(world):
    plant = Organisation.objects.get(code="P1")
    note("tests.happened", by=world.clerk, organisation=plant)
    assert "tests.happened" in page(world.group, "/records/events/")
    assert "tests.happened" in page(world.clerk, "/records/events/")
    assert "tests.happened" not in page(world.present, "/records/events/")


def test_an_event_shows_what_was_noted(world):
    plant = Organisation.objects.get(code="P1")
    key = note("documents.downloaded", by=world.clerk, organisation=plant, subject=plant, data={"more": "甲"})
    text = page(world.group, f"/records/events/{key}/")
    for part in ("Document downloaded", "clerk", "Plant Alpha", f"organisation {plant.pk}", "甲"):
        assert part in text
    assert "文档已下载" in page(world.group, f"/records/events/{key}/", language="zh-hans")
    page(world.other, f"/records/events/{key}/", status=404)


def test_a_refusal_is_marked_as_one(world):
    note_refusal("tests.refused-on-a-page", by=world.clerk, organisation=Organisation.objects.get(code="P1"))
    key = events(kind="tests.refused-on-a-page").latest("id").pk
    assert "refused</span>" in page(world.clerk, f"/records/events/{key}/")
    assert "tests.refused-on-a-page" in page(world.clerk, "/records/events/?refused=True")
    assert "tests.refused-on-a-page" not in page(world.clerk, "/records/events/?refused=False")


def test_changes_are_seen_by_the_auditor_alone(world):
    Organisation.objects.filter(code="P2").update(name_en="Beta Two")
    key = history_of(Organisation.objects.get(code="P2"))[0].pk
    assert f"/records/history/{key}/" in page(world.group, "/records/history/")
    assert "/records/history/" in page(world.other, "/records/history/")  # the page is there,
    assert f"/records/history/{key}/" not in page(world.other, "/records/history/")  # its rows are not
    page(world.other, f"/records/history/{key}/", status=404)


def test_a_change_shows_every_value_before_and_after(world):
    Organisation.objects.filter(code="P2").update(name_en="Beta Two")
    plant = Organisation.objects.get(code="P2")
    text = page(world.group, f"/records/history/{history_of(plant)[0].pk}/")
    assert "<del>Plant Beta</del>" in text
    assert "<ins>Beta Two</ins>" in text
    assert "<ins>乙电厂</ins>" not in text


def test_a_secret_is_said_to_have_changed_and_not_shown(world):
    speak_for(world.group.pk)  # one sees what one has changed oneself
    world.clerk.set_password("another long pass phrase 43")
    world.clerk.save()
    text = page(world.group, f"/records/history/{history_of(world.clerk.credential)[0].pk}/")
    assert "changed; not recorded" in text
    assert "argon2" not in text


def test_changes_are_filtered_by_model_operation_row_and_day(world):
    Organisation.objects.filter(code="P2").update(name_en="Beta Two")
    plant = Organisation.objects.get(code="P2")
    latest = History.objects.filter(model="parties.organisation").latest("id")
    shown = page(world.group, f"/records/history/?model=parties.organisation&row={plant.pk}&operation=update")
    assert f"/records/history/{latest.pk}/" in shown
    assert "1 entry" in shown
    assert "Nothing matches" in page(world.group, "/records/history/?first=2020-01-01&last=2020-12-31")


def test_the_lists_can_be_exported(world):
    note("tests.exported", by=world.clerk)
    Organisation.objects.filter(code="P2").update(name_en="Beta Two")
    assert "tests.exported" in page(world.clerk, "/records/events/?export=csv")
    assert "Plant Beta" not in page(world.clerk, "/records/history/?export=csv")
    assert "organisation,changed" in page(world.group, "/records/history/?export=csv")
