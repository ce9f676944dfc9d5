"""Curves handed in on a page: tried, shown, confirmed; by who may, of whom they may; or refused with the cell."""

import io
from collections.abc import Iterator

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gangmu.figures.curves.forms import pasted
from gangmu.figures.curves.models import CurveDay
from gangmu.figures.curves.points import LABELS
from gangmu.figures.curves.tests.conftest import WIDE, wide
from gangmu.figures.filing.models import Batch, Fact
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Event
from gangmu.shell.testing.worlds import World

PAGE = "/curves/load/"
DAY = "2026-11-19"


@pytest.fixture
def loaders(world: World) -> Iterator[World]:
    """The group's manager may lock, and so hand in; a role of its own lets the east company's people do it."""
    loader = Role.objects.create(
        code="loader", name_zh="曲线报送", name_en="Loader", site="business", permissions=["figures:view,load"]
    )
    east = Organisation.objects.get(code="R1")
    Assignment.objects.create(user=world.former, role=loader, organisation=east, valid_from="2020-01-01")
    yield world


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


_keys = iter(range(10_000))


def sent(user: User, *lines: str, name: str = "curves.csv", header: str = WIDE, **fields: str) -> Job:
    """A file that was sent, and tried by a worker."""
    content = "\n".join([header, *lines]).encode() + b"\n"
    return tried(user, {"file": SimpleUploadedFile(name, content), "labels": "end", **fields})


def tried(user: User, fields: dict) -> Job:
    answer = browser(user).post(PAGE, {"_key": f"key of a form {next(_keys)}", **fields})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return done(answer["Location"])


def done(address: str) -> Job:
    job = Job.objects.get(pk=int(address.rstrip("/").rpartition("/")[2]))
    running.run(job.pk)
    job.refresh_from_db()
    return job


def confirmed(user: User, job: Job) -> Job:
    answer = browser(user).post(f"{PAGE}{job.pk}/confirm/", {"_key": f"confirming {job.pk} now"})
    return done(answer["Location"])


def page(user: User, job: Job) -> str:
    answer = browser(user).get(f"{PAGE}{job.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def values() -> dict[str, int]:
    return dict(Fact.objects.filter(superseded_by=None).values_list("indicator__code", "value"))


def test_a_file_is_tried_shown_and_recorded_once_it_is_confirmed(loaders: World):
    user = loaders.group
    job = sent(user, wide("P1", DAY, range(1, 97)), wide("P3", DAY, [None, *[4] * 95]))
    assert job.state == Job.State.SUCCEEDED, job.problem
    assert not CurveDay.objects.exists() and not Batch.objects.exists() and not Fact.objects.exists()
    told = page(user, job)
    assert "Nothing is recorded yet" in told and "Record 2 days" in told
    assert "Plant Alpha" in told and "1,164.0000" in told and "no daily figures while points are missing" in told
    after = confirmed(user, job)
    assert "The curves are recorded" in page(user, after) and "Record 2 days" not in page(user, after)
    assert CurveDay.objects.count() == 2 and values()["output"] == 11640000
    assert Batch.objects.get().recorded_by == user
    event = Event.objects.filter(kind="curves.loaded").get()
    assert (event.data["recorded"], event.data["figures"], event.data["source"]) == (2, 4, "curves.csv")
    again = browser(user).post(f"{PAGE}{after.pk}/confirm/", {"_key": "an own key of it"}, follow=True)
    assert "Only what was tried" in again.content.decode()
    unchanged = page(user, sent(user, wide("P1", DAY, range(1, 97))))
    assert "All of it stands already" in unchanged and "/confirm/" not in unchanged


def test_faults_are_told_by_cell_and_good_lines_can_be_recorded_without_them(loaders: World):
    bad = wide("P1", DAY, [1] * 95 + ["much"])
    job = sent(loaders.group, wide("P3", DAY, [2] * 96), bad, wide("P9", DAY, [3] * 96), "P1,output")
    told = page(loaders.group, job)
    assert "<code>CU3</code>" in told and "much" in told  # the 99th column of line 3
    assert "<code>A4</code>" in told and "P9" in told
    assert job.result["rejected"] == 3 and "Record 1 day" in told
    after = confirmed(loaders.group, job)
    assert CurveDay.objects.get().organisation.code == "P3"
    refused = Document.objects.get(pk=after.result["document"])
    assert f'href="/documents/{refused.pk}/"' in page(loaders.group, after)
    broken = sent(loaders.group, "x", header="what,is,this")
    assert broken.state == Job.State.FAILED and "cannot be loaded" in page(loaders.group, broken)


def test_another_value_needs_a_reason_which_stands_in_the_log(loaders: World):
    user = loaders.group
    confirmed(user, sent(user, wide("P1", DAY, [1] * 96)))
    told = page(user, sent(user, wide("P1", DAY, [2] * 96)))
    assert "say why it is corrected" in told and "--correct" not in told and "/confirm/" not in told
    job = sent(user, wide("P1", DAY, [2] * 96), correct="meter read again")
    assert "Reason of the correction: meter read again" in page(user, job)
    confirmed(user, job)
    assert Batch.objects.latest("pk").reason == "meter read again" and values()["output"] == 480000


def test_nobody_hands_in_or_learns_of_what_is_not_theirs(loaders: World):
    confirmed(loaders.group, sent(loaders.group, wide("P1U1", DAY, [1] * 96), wide("P1", DAY, [1] * 96)))
    job = sent(loaders.former, wide("P3", DAY, [1] * 96), wide("P2", DAY, [1] * 96))  # R1 has P2 alone
    told = page(loaders.former, job)
    assert "Record 1 day" in told and "“P3” is not known" in told and "Plant Gamma" not in told
    confirmed(loaders.former, job)
    assert {one.organisation.code for one in CurveDay.objects.all()} == {"P1U1", "P2"}
    assert browser(loaders.group).get(f"{PAGE}{job.pk}/").status_code == 404
    assert browser(loaders.group).post(f"{PAGE}{job.pk}/confirm/", {"_key": "a key of mine"}).status_code == 404
    for user in (loaders.clerk, loaders.nobody):  # may see figures, and not load them
        for path in (PAGE, f"{PAGE}template/"):
            assert browser(user).get(path).status_code == 403
        assert browser(user).post(PAGE, {"_key": "a key of a form"}).status_code == 403
    Assignment.objects.filter(user=loaders.former, role__code="loader").delete()
    late = Job.objects.create(kind="curves.load", owner=loaders.former, params=job.params, key="late", site="business")
    running.run(late.pk)
    late.refresh_from_db()
    assert late.state == Job.State.FAILED and "any more" in str(late.problem)


def test_a_day_is_pasted_and_the_template_comes_back(loaders: World):
    user = loaders.group
    given = {"how": "day", "organisation": "P1", "indicator": "output", "day": DAY, "correct": ""}
    job = tried(user, {**given, "values": "\n".join(["1.25"] * 96)})
    assert "30.0000" in page(user, job)
    confirmed(user, job)
    assert values()["output"] == 300000
    few = browser(user).post(PAGE, {**given, "_key": "few of them here", "values": "1\n2\n3"})
    assert few.status_code == 422 and "These are 3 values" in few.content.decode()
    other = browser(user).post(PAGE, {**given, "_key": "not one of mine", "organisation": "P9", "values": "1 " * 96})
    assert other.status_code == 422
    content = b"".join(browser(user).get(f"{PAGE}template/?day={DAY}").streaming_content)  # type: ignore[attr-defined]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:5] == ["organisation", "indicator", "date", "unit", "00:15"] and rows[0][-1] == "24:00"
    assert ["P1", "cleared", DAY, "MWh"] in [row[:4] for row in rows]
    line = next(number for number, row in enumerate(rows, 1) if row[:2] == ["P3", "output"])
    for column in range(5, 101):
        sheet.cell(line, column, 2.5)
    for number in range(len(rows), 1, -1):
        if number != line:
            sheet.delete_rows(number)
    filled = io.BytesIO()
    book.save(filled)
    upload = SimpleUploadedFile("curves.xlsx", filled.getvalue())
    job = tried(user, {"file": upload, "labels": "end"})
    assert (job.result["recorded"], job.result["rejected"]) == (1, 0), job.result
    assert browser(user).post(PAGE, {"_key": "another kind", "file": SimpleUploadedFile("a.pdf", b"%PDF-1.4"),
                                     "labels": "end"}).status_code == 422  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(str, range(1, 97))) + "\n",
        "\r\n".join(map(str, range(1, 97))),
        "\t".join(map(str, range(1, 97))),
        " ".join(map(str, range(1, 97))),
        ", ".join(map(str, range(1, 97))),
        ",".join(map(str, range(1, 97))),
        "\n".join(f"{label}\t{place}" for place, label in enumerate(LABELS, 1)),
    ],
)
def test_ninety_six_values_are_read_however_they_are_pasted(text: str):
    assert pasted(text) == [str(number) for number in range(1, 97)]


def test_blank_lines_are_missing_points_and_what_could_break_a_line_does_not():
    assert pasted("\n".join(["1", "", *["2"] * 93, '3",x']))[1:] == ["", *["2"] * 93, "3”，x"]
    assert pasted("\n".join(f"{label} 5" for label in LABELS[:95])) == ["5"] * 95 + [""]
    for wrong in ("00:20 5\n00:30 5", "00:15 5\n00:15 6"):
        with pytest.raises(ValueError):
            pasted(wrong)
