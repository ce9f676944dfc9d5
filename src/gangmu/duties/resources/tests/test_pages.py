"""The pages of the register, as the asker may see them."""

from datetime import date
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gangmu.duties.resources import panels
from gangmu.duties.resources.models import Dependency, Intake, Resource
from gangmu.foundation.records.models import Event


def sent(**values):
    return {"_key": uuid4().hex, **values}


def test_the_list_filters_searches_and_exports(register, world, enter):
    client = enter(world.group)
    page = client.get("/resources/").content.decode()
    assert "Thing APP" in page and "Thing GATE" in page
    feeds = client.get("/resources/?kind=feed").content.decode()
    assert "Thing FEED-A" in feeds and "Thing APP" not in feeds
    assert "Thing APP" not in client.get("/resources/?owner=p1").content.decode()
    assert "Thing SAN" not in client.get("/resources/?supporting=no").content.decode()
    assert "Nothing is registered yet" not in client.get("/resources/?q=GATE").content.decode()
    assert "Thing APP" not in client.get("/resources/?day=2025-12-31").content.decode()
    exported = client.get("/resources/?export=csv")
    text = b"".join(exported.streaming_content).decode("utf-8-sig")
    row = next(line for line in text.splitlines() if ",APP," in line)
    assert row.split(",")[:4] == ["Thing APP", "APP", "information system", "Example Group"]


def test_the_list_takes_the_same_queries_however_long_it_is(register, world, enter, django_assert_max_num_queries):
    client = enter(world.group)
    client.get("/resources/")
    with django_assert_max_num_queries(30):
        client.get("/resources/")


def test_one_resource_says_what_it_needs_and_what_needs_it(register, world, enter):
    client = enter(world.group)
    page = client.get(f"/resources/{register['DB'].pk}/").content.decode()
    assert "1 of 2 suffices" in page and "power" in page
    assert "Thing SAN" in page and "Thing APP" in page
    assert "Directly and through others: 2 resources." in page
    single = page.partition("Whose failure alone takes it along")[2]
    assert "Thing ROOM" in single and "Thing SAN" in single
    assert "Thing FEED-A" not in single
    assert '<svg class="net"' in page
    assert f'href="/resources/{register["DB"].pk}/edit/"' not in page


def test_what_is_outside_the_branch_has_no_name(register, world, enter):
    client = enter(world.present)  # region R2 has plant P1, and sees GATE alone
    assert "Thing APP" not in client.get("/resources/").content.decode()
    page = client.get(f"/resources/{register['GATE'].pk}/").content.decode()
    assert "Outside your branch" in page
    assert "Thing APP" not in page
    assert client.get(f"/resources/{register['APP'].pk}/").status_code == 404
    assert client.get(f"/resources/{register['APP'].pk}/if-fails/").status_code == 404
    assert "Thing APP" not in client.get("/resources/picture/").content.decode()


def test_a_failure_shows_what_goes_along_and_what_is_weakened(register, world, enter):
    client = enter(world.group)
    feed = client.get(f"/resources/{register['FEED-A'].pk}/if-fails/").content.decode()
    assert "Nothing goes along" in feed
    assert "power: 1 left, 1 needed" in feed and "nothing in reserve" in feed
    other = register["FEED-B"].pk
    assert f'href="?with={other}"' in feed
    both = client.get(f"/resources/{register['FEED-A'].pk}/if-fails/?with={other}").content.decode()
    along = both.partition(">Goes along<")[2].partition("Works on, with less behind it")[0]
    assert all(f"Thing {code}" in along for code in ("DB", "APP", "GATE"))
    assert "by way of Thing DB" in along
    room = client.get(f"/resources/{register['ROOM'].pk}/if-fails/?with=abc&with=99999999").content.decode()
    assert "net-failed" in room and "net-lost" in room


def test_the_picture_draws_and_says_the_same(register, world, enter):
    client = enter(world.group)
    page = client.get("/resources/picture/").content.decode()
    assert page.count('class="net-box') == 9
    assert page.count('class="net-line') == Dependency.objects.count()
    assert page.count("net-line-spared") == 4
    assert "The same in words" in page
    assert "From left to right: each box needs those to its right." in page
    only = client.get("/resources/picture/?kind=platform").content.decode()
    assert only.partition("<svg")[2].count("Thing APP") == 0
    assert "Thing ROOM" in only


def test_a_keeper_registers_changes_and_ends(register, keeper, enter):
    client = enter(keeper)
    given = {"code": "NEW", "kind": "system", "name_zh": "新系统", "organisation": "P2", "since": "2026-11-01"}
    wrong = client.post("/resources/add/", sent(**given, attributes="no sign", responsible="nobody-here"))
    assert wrong.status_code == 422
    assert "does not say “name: value”" in wrong.content.decode()
    made = client.post("/resources/add/", sent(**given, attributes="地址：示例路\nowner: IT", responsible="keeper"))
    new = Resource.objects.get(code="NEW")
    assert made["Location"] == f"/resources/{new.pk}/"
    assert new.attributes == {"地址": "示例路", "owner": "IT"}
    assert (new.organisation.code, new.responsible.username, new.valid.lower) == ("P2", "keeper", date(2026, 11, 1))
    taken = client.post("/resources/add/", sent(**{**given, "code": "APP"}))
    assert "This code is taken" in taken.content.decode()

    page = f"/resources/{new.pk}/"
    form = client.get(f"{page}edit/").content.decode()
    assert "新系统" in form.partition("page-subtitle")[2][:80]
    assert "地址: 示例路" in form
    client.post(f"{page}edit/", sent(**{**given, "name_en": "New system", "version": "0"}))
    assert Resource.objects.get(code="NEW").name_en == "New system"
    stale = client.post(f"{page}edit/", sent(**{**given, "name_en": "Other", "version": "0"}))
    assert "Somebody has changed this resource" in stale.content.decode()

    client.post(f"{page}need/", sent(on="DB", since="2026-11-20"))
    one = Dependency.objects.get(resource=new)
    assert one.on.code == "DB"
    offered = client.get(f"/resources/{register['ROOM'].pk}/need/").content.decode()
    assert 'value="APP"' not in offered, "it rests on the room: that would be a circle"
    assert 'value="LB-1"' in offered
    client.post(f"{page}need/{one.pk}/end/", sent(last_day="2026-11-20"))
    one.refresh_from_db()
    assert one.valid.upper == date(2026, 11, 21)
    needed = client.post(f"/resources/{register['DB'].pk}/end/", sent(last_day="2026-11-20"))
    assert needed.status_code == 422 and "Still needed after that day by: APP" in needed.content.decode()
    client.post(f"{page}end/", sent(last_day="2026-11-20"))
    assert Resource.objects.get(code="NEW").valid.upper == date(2026, 11, 21)
    kinds = Event.objects.filter(kind__startswith="resources.", by=keeper).values_list("kind", flat=True)
    assert {"resources.registered", "resources.changed", "resources.needed", "resources.ended"} <= set(kinds)


def test_a_circle_is_refused_on_the_form_with_its_path(register, keeper, enter):
    client = enter(keeper)
    Dependency.objects.filter(resource=register["GATE"]).delete()
    page = client.get(f"/resources/{register['ROOM'].pk}/need/")
    assert 'value="GATE"' in page.content.decode()
    Dependency.objects.create(
        organisation_id=register["GATE"].organisation_id,
        resource=register["GATE"],
        on=register["APP"],
        valid=("2026-11-01", None),
    )  # somebody else, meanwhile
    body = client.post(f"/resources/{register['ROOM'].pk}/need/", sent(on="GATE", since="2026-11-20"))
    assert body.status_code == 422
    assert Dependency.objects.filter(resource=register["ROOM"]).count() == 0


@pytest.mark.parametrize("path", ["add/", "import/", "import/template/", "{}/edit/", "{}/end/", "{}/need/"])
def test_a_reader_changes_nothing(register, world, enter, path):
    client = enter(world.group)
    page = f"/resources/{path.format(register['APP'].pk)}"
    assert client.get(page).status_code == 403
    assert client.post(page, sent()).status_code in (403, 405)


def test_a_file_is_looked_at_and_taken_over(register, keeper, enter):
    client = enter(keeper)
    template = client.get("/resources/import/template/")
    book = openpyxl.load_workbook(BytesIO(b"".join(template.streaming_content)))
    assert book.worksheets[0]["A1"].value == "code"
    text = "code,kind,name_zh,organisation,needs\nN1,device,新一,G,SAN\nROOM,,,,APP\nN2,robot,新二,G,\n"
    upload = SimpleUploadedFile("systems.csv", text.encode())
    response = client.post("/resources/import/", sent(file=upload))
    intake = Intake.objects.get()
    assert response["Location"] == f"/resources/import/{intake.pk}/"
    page = client.get(response["Location"]).content.decode()
    assert "This closes a circle: " in page and "<mark>robot</mark>" in page
    assert not Resource.objects.filter(code="N1").exists()
    client.post(f"{response['Location']}take-over/", sent())
    assert not Resource.objects.filter(code="N1").exists()
    client.post(f"{response['Location']}take-over/", sent(keep_good="1"))
    done = client.get(response["Location"]).content.decode()
    assert "1 resources new, 0 changed, 0 as they were; 1 dependencies new or changed." in done
    assert "2 lines with faults were left out." in done
    assert Dependency.objects.get(resource__code="N1").on.code == "SAN"
    client.post(f"{response['Location']}take-over/", sent(keep_good="1"))
    assert Event.objects.filter(kind="resources.imported").count() == 1


def test_nobody_sees_another_ones_file(register, keeper, world, enter):
    intake = Intake.objects.create(by=keeper, file="x.csv", lines=[])
    assert enter(world.group).get(f"/resources/import/{intake.pk}/").status_code in (403, 404)


def test_the_export_is_noted_and_keeps_to_the_scope(register, world, enter):
    answer = enter(world.present).get("/resources/export/")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    codes = [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert codes == ["GATE"]
    assert "APP" not in [cell for row in book.worksheets[0].iter_rows(min_row=2, values_only=True) for cell in row]
    assert Event.objects.get(kind="resources.exported").data["rows"] == 1


def test_other_rooms_show_their_part(register, world, enter, monkeypatch):
    monkeypatch.setattr(panels, "_panels", {})
    panels.register("late", 20, lambda request, resource: None)
    panels.register("early", 10, lambda request, resource: ("resources/step.html", {"row": resource}))
    page = enter(world.group).get(f"/resources/{register['APP'].pk}/").content.decode()
    assert "Thing APP</a>" in page
