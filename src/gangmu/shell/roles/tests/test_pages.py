"""Pages of roles: the three powers do their own part alone, and nobody gives more than they hold."""

import html
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Assignment, Review, ReviewLine, ReviewPart, Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.proof import PROVED
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import World, make_user, make_world, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def world(tmp_path) -> Any:
    with clock.frozen("2026-11-20T07:30+08:00"):
        yield make_world(tmp_path)


@pytest.fixture
def security(world: World) -> User:
    return make_user("security", "G", "security_administrator")


def browser(user: User, language: str = "en") -> Client:
    """A browser in which somebody has just proved who they are."""
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    session = client.session
    session[PROVED] = clock.now().isoformat()
    session.save()
    return client


def page(user: User, path: str, status: int = 200, language: str = "en") -> str:
    answer = browser(user, language).get(path)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return html.unescape(answer.content.decode())


def post(user: User, path: str, status: Any = 302, **data: Any) -> str:
    answer = browser(user).post(path, {"_key": uuid4().hex, **data})
    assert answer.status_code == status, answer.content.decode()[:4000]
    return html.unescape(answer.content.decode())


def form(people: str, role: str, at: str, **more: Any) -> dict[str, Any]:
    given = {"reach": "branch", "first_day": "2026-11-20", "last_day": "", "because": "test"}
    return {"people": people, "role": Role.objects.get(code=role).pk, "at": at, **given, **more}


def events(kind: str) -> list[dict[str, Any]]:
    return [event.data for event in Event.objects.filter(kind=kind).order_by("pk")]


def test_the_security_administrator_gives_any_role_but_to_themselves(world, security, noted):
    post(security, "/roles/assignments/give/", **form("clerk, other", "reviewer", "P1"))
    held = Assignment.objects.filter(role__code="reviewer", organisation__code="P1")
    assert {(one.user.username, one.given_by, one.given_as) for one in held} == {
        ("clerk", security, "security"),
        ("other", security, "security"),
    }
    assert [event["user"] for event in events("access.given")] == ["clerk", "other"]
    text = post(security, "/roles/assignments/give/", 422, **form("security", "viewer", "G"))
    assert "Nobody gives, renews or ends a role of their own." in text
    assert noted() == ["oneself"]


def test_a_second_account_of_the_same_person_is_oneself(world, security):
    person = Contact.objects.create(
        organisation=Organisation.objects.get(code="G"), name_zh="甲", phone="1", valid=("2020-01-01", None)
    )
    User.objects.filter(username__in=["security", "other"]).update(contact=person)
    text = post(security, "/roles/assignments/give/", 422, **form("other", "viewer", "G"))
    assert "Nobody gives, renews or ends a role of their own." in text


@pytest.mark.req("M-5.8.1.2")
def test_nobody_holds_two_of_the_three_powers(world, security, noted):
    make_user("system", "G", "system_administrator")
    text = post(security, "/roles/assignments/give/", 422, **form("system", "audit_administrator", "G"))
    assert "two of the three powers at once: " in text and "audit administrator" in text
    assert noted() == ["three_powers_apart"]
    post(
        security,
        "/roles/assignments/give/",
        **form("other", "audit_administrator", "G", first_day="2027-01-01", last_day="2027-06-30"),
    )
    late = form("other", "system_administrator", "G", first_day="2027-06-30")
    assert "two of the three powers" in post(security, "/roles/assignments/give/", 422, **late)
    post(security, "/roles/assignments/give/", **{**late, "first_day": "2027-07-01"})


@pytest.fixture
def branch(world: World) -> User:
    """An administrator of R2 who holds the clerk's role there, until the end of June."""
    user = make_user("branch", "R2", "branch_administrator")
    days = {"valid_from": "2020-01-01", "valid_to": "2027-07-01"}
    place = Organisation.objects.get(code="R2")
    Assignment.objects.create(user=user, role=Role.objects.get(code="clerk"), organisation=place, **days)
    return user


@pytest.mark.req("M-7.2.10.2")
@pytest.mark.parametrize(
    ("given", "why"),
    [
        (form, None),
        (lambda *_: form("clerk", "clerk", "P3", last_day=""), "Your own right ends before the assignment would"),
        (lambda *_: form("clerk", "reviewer", "P3"), "which you do not hold yourself"),
        (lambda *_: form("clerk", "clerk", "P2", last_day="2027-06-30"), "Not found"),
        (lambda *_: form("other", "clerk", "P3", last_day="2027-06-30"), "No account in your scope"),
        (lambda *_: form("clerk", "clerk", "P3", first_day="2026-11-19"), "neither given nor ended in the past"),
    ],
)
def test_a_branch_administrator_gives_within_their_own(world, branch, given, why):
    if why is None:
        post(branch, "/roles/assignments/give/", **form("clerk", "clerk", "P3", last_day="2027-06-30"))
        assert Assignment.objects.get(organisation__code="P3", role__code="clerk").given_as == "delegated"
    else:
        assert why in post(branch, "/roles/assignments/give/", 422, **given())
        assert not Assignment.objects.filter(given_as="delegated").exists()


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize("role", ["system_administrator", "audit_administrator", "business_administrator"])
def test_the_others_give_nothing_and_the_refusal_is_recorded(world, role, noted_pages):
    user = make_user("someone", "G", role)
    post(user, "/roles/assignments/give/", 403, **form("clerk", "viewer", "G"))
    post(user, "/roles/add/", 403, code="mine", name_zh="我", name_en="Mine", site="office", whole="access")
    assert not Role.objects.filter(code="mine").exists()
    assert noted_pages() == ["/roles/assignments/give/", "/roles/add/"]


def test_a_role_is_changed_after_what_changes_was_shown(world, security):
    role = Role.objects.get(code="clerk")
    held = ["parties:view", "figures:view", "figures:export", "approvals:view", "documents:view"]
    sent = {
        "name_zh": "填报员",
        "name_en": "Clerk",
        "site": "business",
        "version": role.version,
        "held": [*held, "figures:approve"],
        "offered": ["page:filing:day", "page:filing:sheets"],
        "opened": ["page:filing:sheets"],
    }
    text = post(security, f"/roles/{role.pk}/edit/", 200, **sent)
    assert "1 person in your scope holds this role" in text
    assert "Figures: See what is to be approved of sheets (figures:approve)" in text
    assert "Figures: File: fill in" in text and "page: Where filing stands" in text
    assert Role.objects.get(code="clerk").name_en == "Filling clerk"
    post(security, f"/roles/{role.pk}/edit/", **sent, confirmed="1")
    saved = Role.objects.get(code="clerk")
    assert saved.hides == ["page:filing:day"] and saved.version == role.version + 1
    assert "figures:view,export,approve" in saved.permissions
    (event,) = events("access.role-changed")
    assert event["added"] == ["figures:approve"] and "figures:file" in event["removed"]
    text = post(security, f"/roles/{role.pk}/edit/", 422, **sent, confirmed="1")
    assert "Somebody changed it while you had it open." in text


def test_nobody_adds_to_a_role_of_their_own_and_no_role_mixes_powers(world, security):
    role = Role.objects.get(code="security_administrator")
    sent = {"name_zh": "安", "name_en": "Security", "site": "office", "version": role.version, "whole": ["access"]}
    text = post(security, f"/roles/{role.pk}/edit/", 422, **sent, held=["figures:view"], confirmed="1")
    assert "You hold this role yourself" in text
    text = post(security, f"/roles/{role.pk}/edit/", 422, **sent, held=["records:view"], confirmed="1")
    assert "One role cannot hold parts of several powers" in text
    post(security, f"/roles/{role.pk}/edit/", **sent, confirmed="1")  # taking away is nobody's gain


def test_what_a_role_leaves_out_is_refused_shown_or_not(world, security):
    Role.objects.filter(code="clerk").update(hides=["page:documents:add", "button:filing.submit"])
    with at_site("business"):
        assert "/documents/add/" not in page(world.clerk, "/documents/")
        page(world.clerk, "/documents/add/", 403)
        post(world.clerk, "/documents/add/", 403)
        post(world.clerk, "/filing/sheets/1/submit/", 403)
        assert "Why can it not be seen?" in page(world.clerk, "/documents/add/", 403)
        answer = page(world.clerk, "/roles/why/?address=/documents/add/")
        assert "“Add a document” is left out of: Filling clerk." in answer
    Assignment.objects.create(
        user=world.clerk, role=Role.objects.get(code="manager"), organisation=world.clerk.organisation
    )
    with at_site("business"):
        page(world.clerk, "/documents/add/")  # another role opens it


def test_the_menu_is_renamed_ordered_hidden_and_goes_back(world, security):
    role = Role.objects.get(code="clerk")
    text = page(security, f"/roles/{role.pk}/menu/")
    names = re.findall(r'name="seen\.([^"]+)"', text)
    assert "documents" in names or "documents.list" in names
    key = "documents" if "documents" in names else "documents.list"
    shown = {f"seen.{name}": "1" for name in names if name != "organisations.tree"}
    link = {"link.zh.0": "江苏电厂", "link.en.0": "Plants", "link.to.0": "/organisations/list/?kind=plant"}
    sent = {**shown, f"en.{key}": "Papers", f"zh.{key}": "资料", f"at.{key}": "1", **link}
    for bad in ("https://example.com/", "//example.com", "/nowhere/", "javascript:alert(1)"):
        text = post(security, f"/roles/{role.pk}/menu/", 422, version=role.version, **{**sent, "link.to.0": bad})
        assert "is no page of the site" in text
    post(security, f"/roles/{role.pk}/menu/", version=role.version, **sent)
    with at_site("business"):
        text = page(world.clerk, "/organisations/list/")
        assert "Papers" in text and 'href="/organisations/list/?kind=plant"' in text
        assert "<span>Organisation tree</span>" not in text
        assert "资料" in page(world.clerk, "/organisations/list/", language="zh-hans")
    post(security, f"/roles/{role.pk}/menu/", version=role.version + 1, defaults="1")
    role.refresh_from_db()
    assert (role.menu, role.hides) == ({}, [])


def test_what_somebody_sees_names_where_it_comes_from(world, security):
    text = page(security, "/roles/seen/?person=clerk&day=2026-11-20")
    assert "Filling clerk · Plant Alpha" in text and "Alpha 1, Alpha 2" in text
    assert "File: fill in, import and submit sheets" in text
    Assignment.objects.create(
        user=world.clerk,
        role=Role.objects.get(code="viewer"),
        organisation=Organisation.objects.get(code="P2"),
        valid_from="2027-01-01",
    )
    text = page(security, "/roles/seen/?person=clerk&day=2027-01-01&other=2026-11-20")
    assert "What differs from 2026-11-20" in text and "Plant Beta" in text
    assert "Nothing differs" in page(security, "/roles/seen/?person=clerk&day=2026-11-20&other=2026-11-19")


def test_why_names_what_is_missing_and_nothing_outside_the_scope(world, security, branch):
    text = page(security, "/roles/why/?person=clerk&address=/reports/power_daily/issue/")
    assert "No role" not in text and "The permission is missing: Figures: Publish rankings and issue reports" in text
    assert "Roles that hold it: Marketing manager." in text and "Who can give it: branch, security." in text
    text = page(security, "/roles/why/?person=clerk&address=/organisations/of/P2/")
    assert "Plant Beta is outside the scope; roles hold at: Plant Alpha." in text
    assert "Nothing stands in the way" in page(security, "/roles/why/?person=clerk&address=/organisations/of/P1/")
    outside = page(branch, "/roles/why/?person=clerk&organisation=P2")
    nowhere = page(branch, "/roles/why/?person=clerk&organisation=P9")
    assert "Plant Beta" not in outside
    assert outside.replace("P2", "P9") == nowhere or "outside your own scope" in outside
    assert "or it lies outside your scope" in page(branch, "/roles/why/?person=former&organisation=P1")


@pytest.fixture
def review(world: World, security: User, branch: User) -> Review:
    post(branch, "/roles/assignments/give/", **form("clerk", "clerk", "P3", last_day="2027-06-30"))
    Assignment.objects.filter(user=branch, role__code="clerk").update(valid_to="2026-12-01")
    post(security, "/roles/reviews/open/")
    return Review.objects.get(quarter="2026-Q4")


@pytest.mark.req("M-7.2.10.2")
def test_a_branch_is_reviewed_line_by_line_and_signed(world, security, branch, review):
    part = ReviewPart.objects.get(review=review, organisation__code="R2")
    lines = {(line.user.username, line.role.code, line.organisation.code): line for line in part.lines.all()}
    given = lines["clerk", "clerk", "P3"]
    assert "shrunk" in given.marks  # the giver's own right was cut meanwhile
    assert "shrunk" not in lines["clerk", "clerk", "P1"].marks
    path = f"/roles/reviews/parts/{part.pk}/"
    text = page(branch, path)
    assert "the giver no longer holds it" in text and "Your own: another reviewer decides." in text
    post(branch, f"{path}decide/", keep_all="1")
    given.refresh_from_db()
    assert given.decision == ""  # what is marked is not kept in the lump
    mine = lines["branch", "clerk", "R2"]
    post(branch, f"{path}decide/", line=[mine.pk], **{f"decision.{mine.pk}": "keep"})
    assert ReviewLine.objects.get(pk=mine.pk).decision == ""
    post(branch, f"{path}sign/", seen="0" * 64)
    assert ReviewPart.objects.get(pk=part.pk).signed_at is None
    ending = {f"decision.{given.pk}": "end", f"last.{given.pk}": "2026-11-30", f"words.{given.pk}": "not needed"}
    post(branch, f"{path}decide/", line=[given.pk], **ending)
    for line in part.lines.filter(user=branch):
        post(security, f"{path}decide/", line=[line.pk], **{f"decision.{line.pk}": "keep"})
    seen = re.search(r'name="seen" value="(\w{64})"', page(branch, path))
    assert seen
    post(branch, f"{path}sign/", seen=seen[1])
    part.refresh_from_db()
    assert (part.signed_by, part.digest) == (branch, seen[1])
    assert Assignment.objects.get(pk=given.assignment_id).valid_to == date(2026, 12, 1)
    (event,) = events("access.review-signed")
    assert event["ended"] == 1 and event["digest"] == seen[1]
    text = page(security, "/roles/reviews/")
    assert "not signed" in text and "branch" in text
    book = openpyxl.load_workbook(BytesIO(b"".join(browser(security).get(f"{path}file/").streaming_content)))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert any("not needed" in row and "branch" in row for row in rows)


def test_what_is_signed_does_not_change_whoever_writes(world, security, review):
    part = ReviewPart.objects.get(review=review, organisation__code="R1")
    path = f"/roles/reviews/parts/{part.pk}/"
    post(security, f"{path}decide/", keep_all="1")
    seen = re.search(r'name="seen" value="(\w{64})"', page(security, path))
    assert seen
    post(security, f"{path}sign/", seen=seen[1])
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        part.lines.update(decision="end", end_on="2026-12-01")
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        ReviewPart.objects.filter(pk=part.pk).update(signed_by=None)


def test_ending_and_renewing(world, security, branch):
    one = Assignment.objects.get(user=world.clerk)
    post(security, f"/roles/assignments/{one.pk}/end/", last_day="2026-12-31", because="moves on")
    text = post(security, f"/roles/assignments/{one.pk}/end/", 422, last_day="2027-12-31", because="longer")
    assert "It ends on an earlier day already" in text
    post(security, f"/roles/assignments/{one.pk}/renew/", last_day="2027-12-31")
    days = Assignment.objects.filter(user=world.clerk).order_by("valid_from").values_list("valid_from", "valid_to")
    assert list(days) == [(date(2020, 1, 1), date(2027, 1, 1)), (date(2027, 1, 1), date(2028, 1, 1))]
    later = Assignment.objects.get(user=world.clerk, valid_from="2027-01-01")
    post(security, "/roles/assignments/", action="end", selected=[one.pk, later.pk])
    assert Assignment.objects.get(user=world.clerk).valid_to == date(2026, 11, 21)
    assert "own" in post(branch, f"/roles/assignments/{_own(branch).pk}/end/", 422, last_day="2026-12-31", because="x")


def test_who_looks_after_a_part_of_the_tree_changes_no_role_of_all(world):
    for place in ("R1", "P2"):
        user = make_user(f"security-{place}", place, "security_administrator")
        text = post(user, "/roles/add/", 422, confirmed="1", **NEW)
        assert "Your roles do not let you change roles" in text
    closed = Organisation.objects.create(code="OLD", name_zh="旧", name_en="Old", kind="region")  # stands nowhere
    Assignment.objects.create(user=user, role=Role.objects.get(code="security_administrator"), organisation=closed)
    assert "Your roles do not let you change roles" in post(user, "/roles/add/", 422, confirmed="1", **NEW)
    make_user("whole", "G", "security_administrator")
    post(User.objects.get(username="whole"), "/roles/add/", confirmed="1", **NEW)
    made = Role.objects.get(code="new")
    assert made.permissions == ["figures:view"]
    post(User.objects.get(username="whole"), f"/roles/{made.pk}/remove/")
    assert not Role.objects.filter(code="new").exists()


NEW = {"code": "new", "name_zh": "新", "name_en": "New", "site": "business", "version": 0, "held": ["figures:view"]}


def test_what_has_not_begun_is_withdrawn_and_stays_in_the_review(world, security):
    later = form("clerk", "reviewer", "P1", first_day="2027-01-01")
    post(security, "/roles/assignments/give/", **later)
    post(security, "/roles/reviews/open/")
    one = Assignment.objects.get(user=world.clerk, role__code="reviewer")
    post(security, f"/roles/assignments/{one.pk}/end/", last_day="2026-11-20", because="not needed")
    assert not Assignment.objects.filter(pk=one.pk).exists()
    line = ReviewLine.objects.get(user=world.clerk, role__code="reviewer")
    assert line.assignment is None and line.valid_from == date(2027, 1, 1)
    settle()


def test_nobody_learns_of_an_assignment_that_they_do_not_look_after(world, branch, security):
    """Not by trying to end it either: what it says comes after whether one may."""
    theirs = Assignment.objects.get(user=world.other)
    Assignment.objects.filter(pk=theirs.pk).update(valid_to="2026-12-24")
    with acting_as(branch, site="office"), pytest.raises(services.Refused) as refused:
        services.end(theirs, date(2027, 1, 1))
    assert refused.value.reason in ("may_not", "person_elsewhere") and "12-24" not in str(refused.value)


def test_a_changed_line_is_given_anew_with_the_reviewers_right(world, security, review):
    part = ReviewPart.objects.get(review=review, organisation__code="R1")
    path = f"/roles/reviews/parts/{part.pk}/"
    line = part.lines.get(user=world.former)
    narrower = {f"decision.{line.pk}": "change", f"reach.{line.pk}": "own"}
    post(security, f"{path}decide/", line=[line.pk], **narrower)
    post(security, f"{path}decide/", keep_all="1")
    seen = re.search(r'name="seen" value="(\w{64})"', page(security, path))
    assert seen
    post(security, f"{path}sign/", seen=seen[1])
    held = Assignment.objects.filter(user=world.former).order_by("valid_from")
    assert [(one.reach, one.valid_to) for one in held] == [("branch", TODAY), ("own", None)]
    assert held[1].given_by == security and held[1].because == "2026-Q4"


def _own(user: User) -> Assignment:
    return Assignment.objects.filter(user=user).latest("pk")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_speak_both_languages(world, security, review, language):
    role = Role.objects.get(code="manager")
    for path in ("/roles/", f"/roles/{role.pk}/", f"/roles/{role.pk}/edit/", "/roles/compare/?one=clerk&other=manager"):
        text = page(security, path, language=language)
        assert "{{" not in text
        assert ("角色" in text) == (language != "en")
    for path in ("/roles/assignments/", "/roles/assignments/give/", "/roles/seen/?person=clerk", "/roles/reviews/"):
        page(security, path, language=language)
    for path in (
        f"/roles/{role.pk}/menu/",
        "/roles/add/",
        "/roles/why/",
        "/roles/assignments/?state=now&on=2026-11-20",
    ):
        page(security, path, language=language)
    answer = browser(security).get("/roles/assignments/?export=csv")
    assert "clerk (clerk)" in b"".join(answer.streaming_content).decode()


@pytest.fixture
def noted(monkeypatch) -> Callable[[], list[str]]:
    """The refusals of rights that were recorded on the connection of their own."""
    return _recorded(monkeypatch, "gangmu.shell.roles.refusing.note_refusal", "why")


@pytest.fixture
def noted_pages(monkeypatch) -> Callable[[], list[str]]:
    return _recorded(monkeypatch, "gangmu.foundation.ui.errors.note_refusal", "path")


def _recorded(monkeypatch: Any, where: str, key: str) -> Callable[[], list[str]]:
    found: list[str] = []
    monkeypatch.setattr(where, lambda kind, **said: found.append(said["data"][key]))
    return lambda: found
