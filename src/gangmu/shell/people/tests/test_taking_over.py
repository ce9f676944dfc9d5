"""People from a file: what it would change, what is wrong by line and column, and taking it over."""

import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gangmu.foundation.access.scope import SYSTEM, scope_of
from gangmu.foundation.accounts.models import Credential, User
from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.parties.models import Appointment, Contact, Post
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.shell.people.loading import reading
from gangmu.shell.people.loading.checking import counts, judge
from gangmu.shell.people.loading.recording import take_over
from gangmu.shell.people.models import Intake
from gangmu.shell.people.tests.conftest import browser_of
from gangmu.shell.testing.post import deliver

HEAD = "username,name_zh,name_en,organisation,post,part,telephone,mail,valid_from,valid_to\n"
GOOD = (
    HEAD
    + "wangmin,王敏,Wang Min,P3,填报岗,,13800001234,wm@example.org,2026-11-01,\n"
    + "lilei,李雷,,P1,审核岗,primary,,ll@example.org,,2027-06-30\n"
    + "lilei,李雷,,P1,填报岗,备,,ll@example.org,,2027-06-30\n"
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(text, "utf-8")
    return path


def judged(tmp_path: Path, text: str, scope=SYSTEM, **options):
    return judge(reading.read(written(tmp_path, text)), scope, **options)


def taken(tmp_path: Path, text: str, **options):
    return take_over(judged(tmp_path, text), SYSTEM, by=None, by_mail=False, **options)


@pytest.mark.req("M-5.8.1.2")
def test_people_and_posts_are_taken_over_and_a_second_time_nothing_changes(at_the_office, tmp_path):
    first = taken(tmp_path, GOOD)
    assert first.told() == {"created": 2, "changed": 0, "unchanged": 0, "left_out": 0}
    wang = User.objects.get(username="wangmin")
    assert (wang.name, wang.organisation.code, wang.phone, wang.contact.name_en) == (
        "王敏",
        "P3",
        "13800001234",
        "Wang Min",
    )
    assert str(User.objects.get(username="lilei").valid_to) == "2027-07-01"
    held = {(one.post.name_zh, one.organisation.code, one.role) for one in Appointment.objects.all()}
    assert held == {("填报岗", "P3", "primary"), ("审核岗", "P1", "primary"), ("填报岗", "P1", "backup")}
    assert Contact.objects.count() == 2
    for username, _name, _place, password in first.passwords:
        assert User.objects.get(username=username).check_password(password)
        assert Credential.objects.get(user__username=username).must_change
    again = judged(tmp_path, GOOD)
    assert counts(again) == {"new": 0, "changed": 0, "unchanged": 3, "error": 0}
    assert taken(tmp_path, GOOD).told() == {"created": 0, "changed": 0, "unchanged": 2, "left_out": 0}
    assert Post.objects.count() == 3


def test_a_change_is_told_field_by_field_and_a_blank_changes_nothing(at_the_office, tmp_path):
    taken(tmp_path, GOOD)
    text = HEAD + "wangmin,,,P1,,,13900009999,,,2026-12-31\n"
    [one] = judged(tmp_path, text)
    assert one.changes == [
        ("organisation", "P3", "P1"),
        ("telephone", "13800001234", "13900009999"),
        ("valid_to", "", "2026-12-31"),
    ]
    taken(tmp_path, text)
    wang = User.objects.get(username="wangmin")
    assert (wang.name, wang.email, wang.organisation.code) == ("王敏", "wm@example.org", "P1")
    assert (wang.contact.phone, wang.contact.organisation.code) == ("13900009999", "P1")
    event = Event.objects.filter(kind="accounts.changed").latest("pk")
    assert event.data["changed"]["phone"] == ["13800001234", "13900009999"]


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        (",王敏,,P3,,,,,,", "username", "is blank"),
        ("王敏,王敏,,P3,,,,,,", "username", "Latin letters"),
        ("wang,,,P3,,,,,,", "name_zh", "needs a Chinese or an English name"),
        ("wang,王,,,,,,,,", "organisation", "write the code"),
        ("wang,王,,P9,,,,,,", "organisation", "“P9” is no organisation"),
        ("wang,王,,P3,,,12ab,,,", "telephone", "no telephone number"),
        ("wang,王,,P3,,,,not mail,,", "mail", "no e-mail address"),
        ("wang,王,,P3,,,,,2026/11/1,", "valid_from", "write 2026-11-01"),
        ("wang,王,,P3,,,,,2027-11-01,2027-10-01", "valid_to", "before valid_from"),
        ("wang,王,,P3,,,,,,2026-11-19", "valid_to", "would never be used"),
        ("wang,王,,P3,填报岗,,,,,", "telephone", "needs a telephone number"),
        ("wang,王,,P3,填报岗,chief,1380000000,,,", "part", "neither primary nor backup"),
        ("wang,王,,P3,,backup,1380000000,,,", "post", "is blank"),
    ],
)
def test_a_fault_is_told_by_its_column(at_the_office, tmp_path, line, column, said):
    [one] = judged(tmp_path, HEAD + line + "\n")
    [(at, message)] = one.faults
    assert (at, one.outcome) == (column, "error")
    assert said in message


def test_lines_that_contradict_each_other_are_told(at_the_office, tmp_path):
    text = (
        HEAD
        + "wang,王,,P3,填报岗,,13800001234,,,\n"
        + "wang,王,,P1,填报岗,backup,13800001234,,,\n"
        + "li,李,,P3,填报岗,,13800009999,,,\n"
        + "Wang,王,,P3,,,13800001234,,,\n"
        + "li,李,,P3,填报岗,,13800009999,,,\n"
    )
    found = {one.line.number: one.faults for one in judged(tmp_path, text)}
    assert found[2] == []
    assert found[3] == [("organisation", "is not as in line 2 of the same person")]
    assert found[4] == [("post", "has a primary holder in line 2 already")]
    assert found[5] == [("username", "differs from line 2 in capitals alone")]
    assert found[6] == [("username", "is the same as line 4")]


def test_a_post_that_is_held_is_not_given_twice(at_the_office, tmp_path):
    taken(tmp_path, GOOD)
    [one] = judged(tmp_path, HEAD + "han,韩梅,,P3,填报岗,,13811112222,,2026-12-01,\n")
    assert one.faults == [("post", "is held by Wang Min (2026-11-01 … ); end that first, or write backup")]
    end = HEAD + "wangmin,,,P3,填报岗,,,,2026-11-01,2026-11-30\n"
    assert taken(tmp_path, end).told()["changed"] == 1
    [one] = judged(tmp_path, HEAD + "han,韩梅,,P3,填报岗,,13811112222,,2026-12-01,\n")
    assert one.outcome == "new"


def test_good_lines_are_kept_where_somebody_says_so(at_the_office, tmp_path):
    text = GOOD + "han,韩梅,,NOWHERE,,,,,,\n"
    kept = taken(tmp_path, text)
    assert kept.told() == {"created": 2, "changed": 0, "unchanged": 0, "left_out": 1}
    assert not User.objects.filter(username="han").exists()


@pytest.mark.req("M-7.2.10.2")
def test_a_branch_administrator_takes_over_the_own_branch_alone(at_the_office, tmp_path):
    scope = scope_of(at_the_office.branch, site="office")
    from gangmu.foundation.access.scope import acting_as

    text = (
        HEAD
        + "one,一,,P3,,,,,,\n"  # may
        + "two,二,,P2,,,,,,\n"  # another branch
        + "former,新名,,P3,,,,,,\n"  # an account out of sight
        + "boss,老板,,P3,填报岗,,13800001234,,,\n"  # posts are not theirs to give
    )
    with acting_as(at_the_office.branch, site="office"):
        found = [one.faults for one in judged(tmp_path, text, scope)]
    assert found[0] == []
    assert found[1][0][0] == "organisation"
    assert found[2] == [("username", "is taken by an account outside your branch; choose another")]
    assert found[3] == [("post", "is not yours to give: you do not change the posts of this organisation")]


def test_the_address_of_a_guarded_account_is_not_changed_by_a_file(at_the_office, tmp_path):
    from gangmu.foundation.access.scope import acting_as

    with acting_as(at_the_office.system, site="office") as scope:
        [one] = judged(tmp_path, HEAD + "secadmin,,,G,,,,mine@example.org,,\n", scope)
    assert one.faults[0][0] == "mail"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (HEAD.encode(), "names nobody"),
        (b"user,place\na,b\n", "unknown column “user”"),
        (b"username\nwang\n", "missing columns: organisation"),
        (b"username;organisation\nwang;P3\n", "Save it as CSV with commas"),
        (b"%PDF-1.7 nothing", "its content is PDF"),
        (b"\x00\x01\x02", "holds binary data"),
        (HEAD.encode() + b"wang,x,,P3,,,,,,\n" * 5001, "more than 5000 lines"),
        (b"a" * (4 * 1024 * 1024 + 1), "larger than 4 MB"),
        (b"PK\x03\x04 no archive", "damaged or not complete"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old format"),
    ],
)
def test_what_is_no_such_file_is_refused_with_a_reason(tmp_path, content, said):
    path = tmp_path / "given"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=said):
        reading.read(path)


def test_a_bomb_and_a_workbook_with_macros_are_not_opened(tmp_path):
    for name, parts, said in (
        ("bomb.xlsx", {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 300_000_000}, "unpacks to more"),
        ("macro.xlsx", {"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"}, "contains macros"),
        ("entity.xlsx", {"xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}, "markup that no workbook needs"),
    ):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in parts.items():
                archive.writestr(member, content)
        with pytest.raises(Unreadable, match=said):
            reading.read(path)


def workbook(rows: list[list]) -> bytes:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_workbook_is_read_as_its_cells_mean_and_formulas_are_faults(at_the_office, tmp_path):
    from datetime import date

    path = tmp_path / "people.xlsx"
    head = ["用户名", "姓名", "组织编码", "岗位", "电话", "开始日期"]
    path.write_bytes(
        workbook(
            [head, ["wang", "王", "P3", "填报岗", 13800001234, date(2026, 11, 1)], ["li", "=A2", "P3", "", "", ""]]
        )
    )
    lines = reading.read(path)
    assert lines[0].fields["telephone"] == "13800001234"
    assert lines[0].fields["valid_from"] == "2026-11-01"
    first, second = judge(lines, SYSTEM)
    assert first.outcome == "new"
    assert ("name_zh", "is a formula; write its value") in second.faults


def give(client, content: bytes, name: str = "people.csv", handing: str = "sheet") -> Intake:
    fields = {"_key": uuid4().hex, "handing": handing, "file": SimpleUploadedFile(name, content)}
    response = client.post("/people/import/", fields)
    assert response.status_code == 302, response.content.decode()[-2000:]
    return Intake.objects.latest("pk")


def work(client, intake: Intake, **fields) -> Job:
    assert client.post(f"/people/import/{intake.pk}/take-over/", {"_key": uuid4().hex, **fields}).status_code == 302
    intake.refresh_from_db()
    assert intake.job is not None
    running.run(intake.job.pk)
    intake.refresh_from_db()
    return Job.objects.get(pk=intake.job_id)


def test_the_pages_lead_from_the_file_to_the_sheet_which_is_fetched_once(committed_office):
    client = browser_of(committed_office.system)
    for kind in ("xlsx", "csv"):
        assert client.get(f"/people/import/template/{kind}/").status_code == 200
    intake = give(client, GOOD.encode())
    address = f"/people/import/{intake.pk}/"
    shown = client.get(address).content.decode()
    assert "Nothing has been written yet" in shown
    assert "审核岗 (a new post)" in shown
    assert not User.objects.filter(username="wangmin").exists()
    assert work(client, intake).state == "succeeded"
    assert intake.result == {"created": 2, "changed": 0, "unchanged": 0, "left_out": 0}
    assert "Fetch the sheet" in client.get(address).content.decode()
    sheet = client.post(f"{address}sheet/")
    book: Any = openpyxl.load_workbook(io.BytesIO(b"".join(sheet)))
    rows = list(book.active.values)
    passwords = {row[0]: row[3] for row in rows[1:]}
    assert User.objects.get(username="wangmin").check_password(passwords["wangmin"])
    assert client.post(f"{address}sheet/").status_code == 302
    intake.refresh_from_db()
    assert intake.sheet == ""
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"accounts.imported", "accounts.sheet-fetched", "accounts.created"} <= kinds
    assert not any(passwords["wangmin"] in str(one.data) for one in Event.objects.all())


def test_a_file_with_faults_is_all_or_nothing_until_somebody_keeps_the_good_lines(committed_office):
    client = browser_of(committed_office.system)
    intake = give(client, (GOOD + "han,韩梅,,NOWHERE,,,,,,\n").encode())
    shown = client.get(f"/people/import/{intake.pk}/").content.decode()
    assert "“NOWHERE” is no organisation that you may see" in shown
    failed = work(client, intake)
    assert failed.state == "failed"
    assert not User.objects.filter(username="wangmin").exists()
    assert "Lines with faults: 1" in client.get(f"/people/import/{intake.pk}/").content.decode()
    assert work(client, intake, keep_good="1").state == "succeeded"
    assert intake.result["left_out"] == 1


def test_one_time_passwords_go_by_mail_where_chosen(committed_office):
    client = browser_of(committed_office.system)
    intake = give(client, GOOD.encode(), handing="mail")
    assert work(client, intake).state == "succeeded"
    assert intake.sheet == ""
    assert deliver() == 2
    without = give(client, (HEAD + "han,韩梅,,P3,,,,,,\n").encode(), handing="mail")
    assert "the one-time password goes there" in client.get(f"/people/import/{without.pk}/").content.decode()


def test_a_file_is_its_givers_alone(at_the_office):
    intake = give(browser_of(at_the_office.system), GOOD.encode())
    stranger = browser_of(at_the_office.branch)
    assert stranger.get(f"/people/import/{intake.pk}/").status_code == 404
    assert stranger.post(f"/people/import/{intake.pk}/sheet/").status_code == 404


def test_what_is_refused_as_a_file_is_told_on_the_page(at_the_office):
    client = browser_of(at_the_office.system)
    fields = {"_key": uuid4().hex, "handing": "sheet", "file": SimpleUploadedFile("x.csv", b"%PDF-1.7")}
    response = client.post("/people/import/", fields)
    assert response.status_code == 422
    assert "its content is PDF" in response.content.decode()
